//! What came of the `subtest`s of a script, for its reports.

use std::sync::Arc;
use std::time::Duration;

use super::{Session, lock};
use crate::text::diagnostic::Span;
use crate::value::outcome::{Halt, SocketFacts};
use crate::value::process::Process;
use crate::value::way::Leg;
use crate::words::Phrase;

/// A `subtest` that has run.
#[derive(Debug)]
pub struct Subtest {
    /// Its text, behind those of the `subtest`s around it.
    pub title: String,
    /// Its first line.
    pub span: Span,
    /// From its first line to its `end`.
    pub took: Duration,
    /// How it ended.
    pub end: End,
}

/// What is told of a `subtest` that was cut.
pub const CUT: Phrase = phrase!(en "the script ended in it", es "el script terminó en ella");

/// How a `subtest` ended.
#[derive(Debug)]
pub enum End {
    /// Its last line has run, or one of its lines left it.
    Passed,
    /// It failed, or was skipped.
    Failed {
        /// Why.
        halt: Box<Halt>,
        /// The sockets as they stood.
        standing: Vec<SocketFacts>,
        /// The programs as they stood.
        programs: Vec<Arc<Process>>,
    },
    /// The script ended in it.
    Cut {
        /// In this line.
        span: Option<Span>,
    },
}

impl Subtest {
    /// Was it skipped?
    pub fn is_skipped(&self) -> bool {
        matches!(&self.end, End::Failed { halt, .. } if matches!(**halt, Halt::Skip { .. }))
    }

    /// Did it fail? One that was skipped did not; one in which the script ended has not come to its end.
    pub fn has_failed(&self) -> bool {
        match &self.end {
            End::Failed { halt, .. } => !matches!(**halt, Halt::Skip { .. }),
            End::Cut { .. } => true,
            _ => false,
        }
    }
}

impl Session {
    /// From here on a failed `subtest` ends nothing, and is kept.
    pub fn begin_subtests(&mut self) {
        *lock(&self.shared.subtests) = Some(Vec::new());
    }

    /// Is a failed `subtest` kept? At the prompt its error is shown like any other.
    pub fn keeps_subtests(&self) -> bool {
        lock(&self.shared.subtests).is_some()
    }

    /// Keeps what came of one.
    pub fn keep_subtest(&mut self, subtest: Subtest) {
        let Some(kept) = &mut *lock(&self.shared.subtests) else { return };
        if matches!(subtest.end, End::Failed { .. }) {
            self.stack.failed.push(kept.len());
        }
        kept.push(subtest);
    }

    /// This thread leaves a line around the `subtest`s that failed in it after so many others.
    pub fn subtests_leave(&mut self, others: usize, leg: impl Fn() -> Leg) {
        let Some(kept) = &mut *lock(&self.shared.subtests) else { return };
        for at in self.stack.failed.iter().skip(others) {
            if let Some(Subtest { end: End::Failed { halt, .. }, .. }) = kept.get_mut(*at) {
                halt.leaves(&leg);
            }
        }
    }

    /// Has a `subtest` failed because of this program's end?
    pub fn is_told_in_subtest(&self, program: &Arc<Process>) -> bool {
        let kept = lock(&self.shared.subtests);
        let mut ends = kept.iter().flatten().map(|subtest| &subtest.end);
        ends.any(|end| match end {
            End::Failed { halt, .. } => {
                matches!(&**halt, Halt::Died { process, .. } if Arc::ptr_eq(process, program))
            }
            _ => false,
        })
    }

    /// What came of them all, in the order in which they ended.
    pub fn take_subtests(&mut self) -> Vec<Subtest> {
        lock(&self.shared.subtests).take().unwrap_or_default()
    }
}
