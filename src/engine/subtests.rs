//! `subtest TEXT … end`: what fails in one is kept for the reports, and the script goes on behind it.

use std::time::Instant;

use super::program;
use super::run::{Flow, Runner, placed};
use crate::command::param::Param;
use crate::net::process::settle;
use crate::session::subtests::{End, Subtest};
use crate::text::diagnostic::Span;
use crate::text::literal::one_line;
use crate::value::outcome::Halt;
use crate::value::way::Leg;

impl Runner<'_> {
    pub(super) fn subtest(&mut self, span: Span, subtest: &program::Subtest) -> Result<Flow, Box<Halt>> {
        let title = subtest.title.get(self.session).map_err(|halt| placed(halt, span))?;
        let outer = self.session.stack.title.clone();
        self.session.stack.title = match outer.is_empty() {
            true => one_line(&title),
            false => format!("{outer} / {}", one_line(&title)),
        };
        // No `except` around it is asked: what fails in it is its own.
        let catching =
            if self.session.keeps_subtests() { std::mem::take(&mut self.session.stack.catching) } else { 0 };
        let begun = Instant::now();
        let ran = self.run(&subtest.body);
        let took = begun.elapsed();
        self.session.stack.catching += catching;
        let title = std::mem::replace(&mut self.session.stack.title, outer);
        if !self.session.keeps_subtests() {
            return ran;
        }
        let (end, flow) = match ran {
            Ok(flow) => (End::Passed, Ok(flow)),
            Err(halt) => match *halt {
                Halt::Error(_)
                | Halt::Miss(_)
                | Halt::Fail { .. }
                | Halt::Died { .. }
                | Halt::Skip { .. } => (self.failed(halt), Ok(Flow::Next)),
                _ => (End::Cut { span: halt.line() }, Err(halt)),
            },
        };
        self.session.keep_subtest(Subtest { title, span, took, end });
        flow
    }

    /// The lines around a `subtest` that failed belong to its way too: it stopped at the `subtest`, and they end later.
    /// Those that failed before `others` did are not inside this line.
    pub(super) fn subtests_leave(&mut self, others: usize, leg: impl Fn() -> Leg) {
        if others < self.session.stack.failed.len() {
            self.session.subtests_leave(others, leg);
        }
    }

    /// What is told of a `subtest` that did not pass, with the sockets and the programs as they stand.
    fn failed(&mut self, mut halt: Box<Halt>) -> End {
        if matches!(*halt, Halt::Skip { .. }) {
            return End::Failed { halt, standing: Vec::new(), programs: Vec::new() };
        }
        self.stand(&mut halt);
        let standing = self.take_standing().unwrap_or_default();
        let programs = self.session.processes();
        programs.iter().for_each(|p| settle(&self.session.caller, p));
        // The death of a program is told once, but the next `subtest` is not to wait for it either.
        if let Halt::Died { process, .. } = &*halt {
            process.judge_end();
            self.session.caller.roster.died(process, &self.session.caller.gate);
        }
        End::Failed { halt, standing, programs }
    }
}
