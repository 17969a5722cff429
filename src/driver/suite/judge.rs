//! The watcher of a test: it keeps what is printed and holds answers against what comes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value as Json;

use crate::driver::transcript::shown;
use crate::engine::look::look;
use crate::engine::{Event, Watch};
use crate::net::gate::Gate;
use crate::render::json;
use crate::session::Session;
use crate::text::answers::{filled, lines_of, matches};
use crate::text::diagnostic::{Source, Sources, Span};
use crate::text::tree::Answer;
use crate::value::outcome::{Fact, Halt, Miss, MissKind};

/// Output beyond this is not kept: a loop can print for ever.
const MOST_OUTPUT: usize = 1 << 20;
/// Nor are more commands than these for a report: a loop can run for ever, too.
const MOST_COMMANDS: usize = 10_000;

#[derive(Default)]
pub struct Judge {
    seen: Mutex<Seen>,
    /// The script whose answers are being written, not checked.
    blessing: Option<Source>,
    /// A report wants every command, and this says where each stands.
    sources: Option<Arc<Sources>>,
}

/// What has come so far.
#[derive(Default)]
pub struct Seen {
    pub output: String,
    /// What came for each answer that was reached, by its place.
    pub came: BTreeMap<Span, Came>,
    /// What came for lines without an answer, by the line's place: only while blessing.
    pub bare: BTreeMap<Span, Vec<Vec<String>>>,
    /// The commands as JSON, where a report wants them.
    pub commands: Vec<Json>,
}

/// What came for an answer.
#[derive(Default)]
pub struct Came {
    /// Each time: only while blessing.
    pub times: Vec<Vec<String>>,
    /// How often it did not hold.
    pub missed: usize,
}

impl Watch for Judge {
    fn wants(&self, _: &Session, answer: Option<&Answer>) -> bool {
        answer.is_some() || self.blessing.is_some() || self.sources.is_some()
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
        if !prints && event.answer.is_none() && self.blessing.is_none() {
            return Ok(());
        }
        let text = shown(session, outcome);
        if prints && let Some(text) = &text {
            self.seen().print(text);
        }
        // Only the script itself is written; the answers of a file that it sources are checked.
        let blessing = self.blessing.as_ref().is_some_and(|script| script.holds(event.span));
        if event.answer.is_none() && !blessing {
            return Ok(());
        }
        let got = text.as_deref().map_or(Vec::new(), lines_of);
        let mut seen = self.seen();
        let Some(answer) = event.answer else {
            seen.bare.entry(event.span).or_default().push(got);
            return Ok(());
        };
        let came = seen.came.entry(answer.span).or_default();
        let wanted = wanted(answer, session);
        if matches(&wanted, &got) {
            if blessing {
                came.times.push(got);
            }
            return Ok(());
        }
        came.missed += 1;
        if blessing {
            came.times.push(got);
            return Ok(());
        }
        let kind = MissKind::Answer { wanted, got };
        Err(Box::new(Halt::Miss(Miss { span: Some(answer.span), kind })))
    }

    fn flush(&self, _: &Gate) {}
}

/// The lines of an answer, the text of known names in place of `${NAME}`.
fn wanted(answer: &Answer, session: &mut Session) -> Vec<String> {
    if !answer.lines.iter().any(|line| line.contains("${")) {
        return answer.lines.clone();
    }
    let mut known = BTreeMap::new();
    for (name, value) in session.named() {
        let value = session.look(&value).unwrap_or(value);
        known.insert(name, value.to_text());
    }
    filled(&answer.lines, |name| known.get(name).cloned())
}

impl Judge {
    pub fn new(blessing: Option<Source>, sources: Option<Arc<Sources>>) -> Judge {
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
