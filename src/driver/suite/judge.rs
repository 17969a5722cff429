//! The watcher of a test: it keeps what is printed and holds answers against what comes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value as Json;

use crate::driver::transcript::Shown;
use crate::engine::look::look;
use crate::engine::{Event, Watch};
use crate::net::gate::Gate;
use crate::render::json;
use crate::session::Session;
use crate::text::answers::{filled, lines_of, matches};
use crate::text::diagnostic::{Source, Sources, Span};
use crate::text::secrets::hide;
use crate::text::tree::Answer;
use crate::value::outcome::{Fact, Halt, Miss, MissKind};
use crate::words::Lang;

/// Output beyond this is not kept: a loop can print for ever.
const MOST_OUTPUT: usize = 1 << 20;
/// Nor are more commands than these for a report: a loop can run for ever, too.
const MOST_COMMANDS: usize = 10_000;

pub struct Judge {
    seen: Mutex<Seen>,
    /// The run's language; a script may choose another for its lines.
    lang: Lang,
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
    pub bare: BTreeMap<Span, Vec<Texts>>,
    /// How many answers held in one language and no other, by the language's place in the table.
    held: Vec<usize>,
    /// The commands as JSON, where a report wants them.
    pub commands: Vec<Json>,
}

/// What came for an answer.
#[derive(Default)]
pub struct Came {
    /// Each time: only while blessing.
    pub times: Vec<Texts>,
    /// How often it did not hold.
    pub missed: usize,
}

/// What a line showed, in every language.
pub struct Texts {
    /// The language that the script itself chose for the line.
    chosen: Option<Lang>,
    each: Vec<Vec<String>>,
}

impl Texts {
    fn of(shown: &Shown<'_>, chosen: Option<Lang>) -> Texts {
        let each = Lang::all().map(|lang| lines(shown, lang)).collect();
        Texts { chosen, each }
    }

    /// The lines in the language that the script chose, or else in this one.
    pub fn lines(&self, lang: Lang) -> &Vec<String> {
        &self.each[self.chosen.unwrap_or(lang).index()]
    }
}

/// The lines that are shown in a language; none where there is nothing to show.
fn lines(shown: &Shown<'_>, lang: Lang) -> Vec<String> {
    shown.text(lang).as_deref().map_or(Vec::new(), |text| lines_of(&hide(text)))
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
        // Lines without an expected answer are not rendered.
        if !prints && event.answer.is_none() && self.blessing.is_none() {
            return Ok(());
        }
        let lang = session.settings.lang;
        let chosen = (lang != self.lang).then_some(lang);
        let shown = Shown::of(session, outcome);
        if prints && let Some(text) = &shown.text(lang) {
            self.seen().print(&hide(text), outcome.ends_line());
        }
        // Only the script itself is written; the answers of a file that it sources are checked.
        let blessing = self.blessing.as_ref().is_some_and(|script| script.holds(event.span));
        if event.answer.is_none() && !blessing {
            return Ok(());
        }
        let Some(answer) = event.answer else {
            let texts = Texts::of(&shown, chosen);
            self.seen().bare.entry(event.span).or_default().push(texts);
            return Ok(());
        };
        let wanted = wanted(answer, session);
        // A text that has a line end of its own is printed with an empty line behind it, which an answer may have or not.
        let is_longer = matches!(&outcome.fact, Fact::Printed(text) if text.ends_with('\n'));
        let holds_in = |lang: Lang| {
            let mut came = lines(&shown, lang);
            matches(&wanted, &came)
                || is_longer && {
                    came.push(String::new());
                    matches(&wanted, &came)
                }
        };
        let holds = if blessing {
            // Each language is tried: what only one of them says tells which the file is in.
            let held: Vec<Lang> = Lang::all().filter(|lang| holds_in(*lang)).collect();
            if let [only] = held[..] {
                self.seen().holds_only_in(only);
            }
            !held.is_empty()
        } else if holds_in(lang) {
            true
        } else if let Some(other) = Lang::all().find(|other| *other != lang && holds_in(*other)) {
            self.seen().holds_only_in(other);
            true
        } else {
            false
        };
        let mut seen = self.seen();
        let speaks = chosen.unwrap_or_else(|| seen.language(self.lang));
        let came = seen.came.entry(answer.span).or_default();
        if blessing {
            came.times.push(Texts::of(&shown, chosen));
        }
        came.missed += usize::from(!holds);
        if holds || blessing {
            return Ok(());
        }
        let kind = MissKind::Answer { wanted, got: lines(&shown, speaks) };
        Err(Box::new(Halt::Miss(Miss { span: Some(answer.span), ..Miss::new(kind) })))
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
        known.insert(name, hide(&value.to_text()).into_owned());
    }
    filled(&answer.lines, |name| known.get(name).cloned())
}

impl Judge {
    /// A judge of a run in this language.
    pub fn new(lang: Lang, blessing: Option<Source>, sources: Option<Arc<Sources>>) -> Judge {
        Judge { seen: Mutex::default(), lang, blessing, sources }
    }

    /// What was printed is told of the last run only.
    pub fn forget_output(&self) {
        let mut seen = self.seen();
        seen.output.clear();
        seen.commands.clear();
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn holds_only_in(&mut self, lang: Lang) {
        self.held.resize(Lang::all().count(), 0);
        self.held[lang.index()] += 1;
    }

    /// The language that the file's answers are in, as far as they tell; else the run's.
    pub fn language(&self, of_run: Lang) -> Lang {
        let count = |lang: Lang| self.held.get(lang.index()).copied().unwrap_or(0);
        Lang::all().fold(of_run, |most, lang| if count(lang) > count(most) { lang } else { most })
    }

    fn print(&mut self, text: &str, ends_line: bool) {
        if self.output.len() < MOST_OUTPUT {
            self.output.push_str(text);
            self.output.push_str(if ends_line { "\n" } else { "" });
        }
    }
}
