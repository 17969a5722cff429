//! The results of the prompt's lines, `$_7`: the latest ones, so that a session of days stays as small as one of minutes.

use std::collections::BTreeMap;

use crate::value::Value;

/// So many bytes of results are kept, and so many results; the latest always.
const MOST_BYTES: usize = 256 << 20;
const MOST: usize = 10_000;

/// The results by the numbers of their lines, each with the other of its pair.
#[derive(Default)]
pub struct Outs {
    kept: BTreeMap<u32, (Value, Value)>,
    bytes: usize,
    /// The highest number whose result was let go; 0 is none.
    gone: u32,
    told: bool,
}

impl Outs {
    pub fn get(&self, number: u32) -> Option<&(Value, Value)> {
        self.kept.get(&number)
    }

    /// Keeps a result, and lets the oldest go where there are too many.
    pub fn insert(&mut self, number: u32, result: (Value, Value)) {
        self.bytes += size(&result);
        if let Some(old) = self.kept.insert(number, result) {
            self.bytes -= size(&old);
        }
        while self.kept.len() > MOST || self.bytes > MOST_BYTES && self.kept.len() > 1 {
            let Some((number, old)) = self.kept.pop_first() else { break };
            self.bytes -= size(&old);
            self.gone = self.gone.max(number);
        }
    }

    /// Was the result of this line there, and let go?
    pub fn had(&self, number: u32) -> bool {
        (1..=self.gone).contains(&number) && !self.kept.contains_key(&number)
    }

    /// The highest number whose result was let go, the first time that it is asked for.
    pub fn first_gone(&mut self) -> Option<u32> {
        let new = self.gone > 0 && !self.told;
        self.told |= new;
        new.then_some(self.gone)
    }
}

fn size((value, second): &(Value, Value)) -> usize {
    // What is too large to be counted counts as all that may be kept.
    let size = |value: &Value| value.size().unwrap_or(MOST_BYTES).min(MOST_BYTES);
    size(value) + size(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_let_go() {
        let mut outs = Outs::default();
        let large = || (Value::bytes(vec![0; MOST_BYTES / 4]), Value::Nothing);
        (1..=3).for_each(|number| outs.insert(number, large()));
        assert_eq!((outs.had(1), outs.first_gone()), (false, None));
        outs.insert(4, large());
        assert!(outs.had(1) && outs.get(1).is_none() && outs.get(2).is_some());
        assert_eq!((outs.first_gone(), outs.first_gone()), (Some(1), None));
        // The latest is kept however large it is.
        outs.insert(5, (Value::bytes(vec![0; MOST_BYTES + 100]), Value::Nothing));
        assert!(outs.get(5).is_some() && outs.get(4).is_none());
        (6..=20_000).for_each(|number| outs.insert(number, (Value::Int(1), Value::Nothing)));
        assert!(outs.kept.len() <= MOST && outs.bytes < MOST * 100);
    }
}
