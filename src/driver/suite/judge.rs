//! The watcher of a test: it keeps what is printed and holds answers against what comes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value as Json;

use crate::driver::transcript::shown;
use crate::engine::look::look;
use crate::engine::{Event, Watch};
use crate::render::json;
use crate::session::Session;
use crate::text::answers::matches;
use crate::text::diagnostic::{Sources, Span};
use crate::text::literal;
use crate::text::tree::Answer;
use crate::value::outcome::{Fact, Halt, Miss, MissKind};

/// Output beyond this is not kept: a loop can print for ever.
const MOST_OUTPUT: usize = 1 << 20;
/// Nor are more commands than these for a report: a loop can run for ever, too.
const MOST_COMMANDS: usize = 10_000;

#[derive(Default)]
pub struct Judge {
    seen: Mutex<Seen>,
    /// Answers are being written, not checked.
    blessing: bool,
    /// A report wants every command, and this says where each stands.
    sources: Option<Arc<Sources>>,
}

/// What has come so far.
#[derive(Default)]
pub struct Seen {
    pub output: String,
    /// What came for each answer, by its place; every time it came.
    pub came: BTreeMap<Span, Vec<Vec<String>>>,
    /// What came for lines without an answer, by the line's place: only while blessing.
    pub bare: BTreeMap<Span, Vec<Vec<String>>>,
    /// The commands as JSON, where a report wants them.
    pub commands: Vec<Json>,
}

impl Watch for Judge {
    fn wants(&self, _: &Session, answer: Option<&Answer>) -> bool {
        answer.is_some() || self.blessing || self.sources.is_some()
    }

    fn done(&self, session: &mut Session, event: &Event<'_>) -> Result<(), Box<Halt>> {
        if let Some(sources) = &self.sources {
            let command = json::event(event, event.result.ok().map(|o| look(session, o).0).as_ref(), sources);
            let mut seen = self.seen();
            if seen.commands.len() < MOST_COMMANDS {
                seen.commands.push(command);
            }
        }
        let Ok(outcome) = event.result else { return Ok(()) };
        let prints = !outcome.has_result() && !matches!(outcome.fact, Fact::Nothing);
        // What nobody holds against anything is not looked at.
        if !prints && event.answer.is_none() && !self.blessing {
            return Ok(());
        }
        let text = shown(session, outcome);
        if prints && let Some(text) = &text {
            self.seen().print(text);
        }
        let got: Vec<String> = text.iter().flat_map(|t| t.lines()).map(literal::visible).collect();
        match event.answer {
            Some(answer) => {
                let holds = matches(&answer.lines, &got);
                self.seen().came.entry(answer.span).or_default().push(got.clone());
                if !holds && !self.blessing {
                    let kind = MissKind::Answer { wanted: answer.lines.clone(), got };
                    return Err(Box::new(Halt::Miss(Miss { span: Some(answer.span), kind })));
                }
            }
            None if self.blessing => self.seen().bare.entry(event.span).or_default().push(got),
            None => {}
        }
        Ok(())
    }

    fn flush(&self) {}
}

impl Judge {
    pub fn new(blessing: bool, sources: Option<Arc<Sources>>) -> Judge {
        Judge { seen: Mutex::default(), blessing, sources }
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn print(&mut self, text: &str) {
        if self.output.len() < MOST_OUTPUT {
            self.output.push_str(text);
            self.output.push('\n');
        }
    }
}
