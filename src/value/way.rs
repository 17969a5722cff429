//! The way to a failure: the lines that were on their way when it came, the innermost first.
//!
//! It is written down only while a halt leaves a `def`, a loop, a `source` or a thread; a line that runs costs nothing.

use std::sync::Arc;

use super::Value;
use crate::text::diagnostic::Span;

/// A line that the failure left.
#[derive(Clone, Debug)]
pub struct Leg {
    /// The line: the call of the `def`, the loop's first, the `source`, the `spawn`.
    pub span: Span,
    pub kind: LegKind,
}

#[derive(Clone, Debug)]
pub enum LegKind {
    /// A `def` was called, and its arguments are these.
    Call { def: Arc<str>, arguments: Vec<(Arc<str>, Value)> },
    /// A file was read in.
    Source,
    /// A round of a loop, from 1, with the values of its names.
    Round { number: u64, values: Vec<(Arc<str>, Value)> },
    /// A block of its own thread.
    Thread { name: Arc<str> },
}

/// The legs of a way. Of a deep recursion the middle is left out.
#[derive(Clone, Debug, Default)]
pub struct Way {
    legs: Vec<Leg>,
    left_out: usize,
}

/// So many legs are kept: half of them from either end.
const MOST: usize = 12;

impl Way {
    /// The failure leaves this line too.
    pub fn push(&mut self, leg: Leg) {
        if self.legs.len() >= MOST {
            self.legs.remove(MOST / 2);
            self.left_out += 1;
        }
        self.legs.push(leg);
    }

    /// The line that it left last.
    pub fn last_mut(&mut self) -> Option<&mut Leg> {
        self.legs.last_mut()
    }

    /// The outermost first.
    pub fn legs(&self) -> impl DoubleEndedIterator<Item = &Leg> + ExactSizeIterator {
        self.legs.iter().rev()
    }

    /// How many legs of the middle are left out, and before which of [`Way::legs`] they were.
    pub fn gap(&self) -> Option<(usize, usize)> {
        (self.left_out > 0).then(|| (self.legs.len() - MOST / 2, self.left_out))
    }

    pub fn is_empty(&self) -> bool {
        self.legs.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_long_way_is_left_out() {
        let mut way = Way::default();
        for n in 0..100 {
            let span = Span::new(n, n + 1);
            way.push(Leg { span, kind: LegKind::Source });
        }
        let starts: Vec<u32> = way.legs().map(|leg| leg.span.start).collect();
        assert_eq!((starts.len(), starts[0], starts[11]), (MOST, 99, 0));
        let (at, left_out) = way.gap().unwrap();
        assert_eq!((starts[at - 1], starts[at], left_out), (94, 5, 88));
    }
}
