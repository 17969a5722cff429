//! What ends a message: one text, one of several, or what a regular expression matches.

use std::sync::Arc;

use regex::bytes::Regex;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};

use super::pattern::{LARGEST_PATTERN, no_pattern, pattern_of};
use super::{Got, Param};
use crate::command::expr::Expr;
use crate::command::syntax::{Kind, OptionSpec};
use crate::command::words::Words;
use crate::session::Session;
use crate::text::diagnostic::{Diagnostic, Span};
use crate::value::errno::Class;
use crate::value::outcome::{CallError, Detail};
use crate::value::{Bytes, Value};
use crate::words::{Sentence, foreign};

/// The delimiters of a line.
#[derive(Debug)]
pub struct Delimiters {
    words: Box<[Expr]>,
    regex: bool,
    /// What they come to, where all of them are known from the text.
    known: Option<Ends>,
}

/// What ends a message.
#[derive(Clone, Debug)]
pub enum Ends {
    One(Bytes),
    Several(Arc<Several>),
}

/// Several delimiters, or patterns: an automaton that is fed each byte as it comes.
#[derive(Debug)]
pub struct Several {
    automaton: DFA,
    of: Of,
}

#[derive(Debug)]
enum Of {
    Texts(Vec<Bytes>),
    Patterns(Vec<Regex>),
}

impl Param for Delimiters {
    type Value<'a> = Ends;
    const KIND: Kind = Kind::Words;
    const USAGE: &'static str = "DELIM…";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--regex",
        value: None,
        about: phrase!(
            en "each DELIM is a regular expression over bytes",
            es "cada DELIM es una expresión regular sobre bytes"
        ),
    }];

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let regex = words.switch("--regex").is_some();
        let first = words.require(name)?;
        let mut span = first.span;
        let (mut exprs, mut good, mut next) = (Vec::new(), true, Some(first));
        while let Some(word) = next {
            span = span.to(word.span);
            let expr = words.refuse_name(word).and_then(|()| Expr::letters(words, word));
            if let Some(text) = expr.as_ref().and_then(Expr::literal).filter(|_| regex) {
                good &= check_pattern(words, word.span, &text.to_bytes());
            }
            exprs.push(expr);
            next = words.next();
        }
        words.note(name, span);
        let words: Box<[Expr]> = exprs.into_iter().collect::<Option<Vec<_>>>().filter(|_| good)?.into();
        let texts: Option<Vec<Bytes>> = words.iter().map(|w| w.literal().map(Value::to_bytes)).collect();
        // What is wrong with all of them together is said when the line runs.
        let known = texts.and_then(|texts| Ends::of(texts, regex).ok());
        Some(Delimiters { words, regex, known })
    }

    fn get(&self, session: &mut Session) -> Got<Ends> {
        if let Some(known) = &self.known {
            return Ok(known.clone());
        }
        let mut texts = Vec::with_capacity(self.words.len());
        for word in &self.words {
            match word.get(session)? {
                Value::List(items) => texts.extend(items.iter().map(Value::to_bytes)),
                value => texts.push(session.look(&value)?.to_bytes()),
            }
        }
        Ok(Ends::of(texts, self.regex)?)
    }
}

fn check_pattern(words: &mut Words<'_>, span: Span, text: &[u8]) -> bool {
    match sound_pattern(text) {
        Ok(_) => true,
        Err(why) => {
            words.report(Diagnostic::new(span, no_pattern()).help(why));
            false
        }
    }
}

/// A pattern that always matches something: what matches nothing would end a message before its first byte.
fn sound_pattern(text: &[u8]) -> Result<Regex, Sentence> {
    let regex = pattern_of(text)?;
    let shortest = syntax::parse_with(regex.as_str(), &over_bytes()).ok();
    match shortest.and_then(|hir| hir.properties().minimum_len()) {
        Some(0) => {
            Err(say!(en "it matches where there is nothing, too", es "también calza donde no hay nada"))
        }
        _ => Ok(regex),
    }
}

fn over_bytes() -> syntax::Config {
    syntax::Config::new().unicode(false).utf8(false)
}

fn refused(why: Sentence) -> CallError {
    CallError::class(Class::ValueError, Detail::Text(why)).blame("delimiter")
}

impl Ends {
    fn of(texts: Vec<Bytes>, regex: bool) -> Result<Ends, CallError> {
        if !regex && texts.iter().any(|text| text.is_empty()) || texts.is_empty() {
            let wanted = phrase!(en "a delimiter", es "un delimitador");
            let found = Sentence::plain(if texts.is_empty() { "[]" } else { "\"\"" });
            return Err(
                CallError::class(Class::ValueError, Detail::NotA { wanted, found }).blame("delimiter")
            );
        }
        if let ([one], false) = (texts.as_slice(), regex) {
            return Ok(Ends::One(one.clone()));
        }
        let (of, sources) = if regex {
            let made: Result<Vec<Regex>, Sentence> = texts.iter().map(|t| sound_pattern(t)).collect();
            let made = made.map_err(|why| {
                refused(say!(en "{what}: {why}", es "{what}: {why}", what = no_pattern(), why))
            })?;
            let sources = made.iter().map(|regex| regex.as_str().to_string()).collect();
            (Of::Patterns(made), sources)
        } else {
            let letters = |text: &Bytes| -> String { text.iter().map(|b| format!("\\x{b:02x}")).collect() };
            let sources: Vec<String> = texts.iter().map(letters).collect();
            (Of::Texts(texts), sources)
        };
        let automaton = DFA::builder()
            .configure(DFA::config().match_kind(MatchKind::All))
            .syntax(over_bytes())
            .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(LARGEST_PATTERN)))
            .build_many(&sources)
            .map_err(|e| refused(foreign(&e.to_string())))?;
        Ok(Ends::Several(Arc::new(Several { automaton, of })))
    }
}

/// Looks for the end of a message in bytes that come piece by piece. It is the same wherever the pieces are cut: as if
/// each byte came alone.
pub enum Search<'a> {
    One {
        delimiter: &'a [u8],
        /// The last bytes, in which it may have begun.
        tail: Vec<u8>,
    },
    Several(Box<Automaton<'a>>),
}

/// An automaton on its way through a message.
pub struct Automaton<'a> {
    ends: &'a Several,
    cache: Cache,
    state: LazyStateID,
    /// All that came before.
    before: Vec<u8>,
}

/// Where a message ends: behind so many of the bytes that came last, with a delimiter of this length.
pub struct End {
    pub taken: usize,
    pub delimiter: usize,
}

impl<'a> Search<'a> {
    /// A search that has seen nothing.
    pub fn new(ends: &'a Ends) -> Got<Search<'a>> {
        match ends {
            Ends::One(delimiter) => Ok(Search::One { delimiter, tail: Vec::new() }),
            Ends::Several(several) => {
                let mut cache = several.automaton.create_cache();
                let begin = start::Config::new().anchored(Anchored::No);
                let state = several
                    .automaton
                    .start_state(&mut cache, &begin)
                    .map_err(|e| refused(foreign(&e.to_string())))?;
                Ok(Search::Several(Box::new(Automaton { ends: several, cache, state, before: Vec::new() })))
            }
        }
    }

    /// For one text alone.
    pub fn text(delimiter: &'a [u8]) -> Search<'a> {
        Search::One { delimiter, tail: Vec::new() }
    }

    /// What is to stand before the next bytes that are shown to it.
    pub fn tail(&self) -> &[u8] {
        match self {
            Search::One { tail, .. } => tail,
            Search::Several(_) => &[],
        }
    }

    /// Looks at the next bytes, behind the tail.
    pub fn look(&mut self, looked: &[u8]) -> Got<Option<End>> {
        match self {
            Search::One { delimiter, tail } => {
                let end = memchr::memmem::find(looked, delimiter)
                    .map(|at| End { taken: at + delimiter.len() - tail.len(), delimiter: delimiter.len() });
                if end.is_none() {
                    let keep = looked.len().min(delimiter.len() - 1);
                    tail.clear();
                    tail.extend_from_slice(&looked[looked.len() - keep..]);
                }
                Ok(end)
            }
            Search::Several(automaton) => Ok(automaton.look(looked)?),
        }
    }
}

impl Automaton<'_> {
    fn look(&mut self, new: &[u8]) -> Result<Option<End>, CallError> {
        let dfa = &self.ends.automaton;
        let gave_up = |e: regex_automata::hybrid::CacheError| refused(foreign(&e.to_string()));
        let known = self.before.len();
        crate::value::extend(&mut self.before, new)?;
        for (at, &byte) in new.iter().enumerate() {
            self.state = dfa.next_state(&mut self.cache, self.state, byte).map_err(gave_up)?;
            // A match is known one step late, and perhaps only by what comes behind it.
            let here = dfa.next_eoi_state(&mut self.cache, self.state).map_err(gave_up)?;
            if (self.state.is_match() || here.is_match())
                && let Some((end, delimiter)) = self.ends.of.end(&self.before[..known + at + 1])
            {
                return Ok(Some(End { taken: end.saturating_sub(known), delimiter }));
            }
        }
        Ok(None)
    }
}

impl Of {
    /// Where the first match ends, and its length: of several that end there, the longest.
    fn end(&self, bytes: &[u8]) -> Option<(usize, usize)> {
        match self {
            Of::Texts(texts) => {
                let fitting = texts.iter().filter(|text| bytes.ends_with(text)).map(|text| text.len());
                fitting.max().map(|longest| (bytes.len(), longest))
            }
            Of::Patterns(patterns) => {
                let found = patterns.iter().filter_map(|pattern| pattern.find(bytes));
                let first = found.min_by_key(|m| (m.end(), m.start()))?;
                Some((first.end(), first.len()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is taken and what ended it, with the bytes shown in pieces of this length.
    fn ended(ends: &Ends, data: &[u8], piece: usize) -> Option<(usize, usize)> {
        let mut search = Search::new(ends).ok()?;
        let mut before = 0;
        for new in data.chunks(piece) {
            let looked = [search.tail(), new].concat();
            if let Some(end) = search.look(&looked).ok()? {
                return Some((before + end.taken, end.delimiter));
            }
            before += new.len();
        }
        None
    }

    #[test]
    fn the_end_is_the_same_however_the_bytes_come() {
        let texts = |list: &[&str]| list.iter().map(|t| Arc::new(t.as_bytes().to_vec().into())).collect();
        for (delimiters, regex, data, want) in [
            (&["\r\n"][..], false, "ab\r\ncd", Some((4, 2))),
            (&["\n", "\r\n"], false, "ab\r\ncd", Some((4, 2))),
            (&["abcd", "bc"], false, "abcd", Some((3, 2))),
            (&["x", "y"], false, "aaa", None),
            (&[r"^\d{3} .*\r\n"], true, "250-one\r\n250 two\r\nmore", None),
            (&[r"(?m)^\d{3} .*\r\n"], true, "250-one\r\n250 two\r\nmore", Some((18, 9))),
            (&[r"\d+;"], true, "ab12;34;", Some((5, 3))),
            (&[r"b\B", "zz"], true, "abz", Some((2, 1))),
            (&["ok$"], true, "is ok and more", Some((5, 2))),
            (&["[$#] $"], true, "user@host:~$ ", Some((13, 2))),
        ] {
            let Ok(ends) = Ends::of(texts(delimiters), regex) else { panic!("{delimiters:?}") };
            for piece in 1..=data.len() {
                assert_eq!(ended(&ends, data.as_bytes(), piece), want, "{delimiters:?} by {piece}");
            }
        }
        assert!(Ends::of(texts(&["a*"]), true).is_err() && Ends::of(texts(&["", "a"]), false).is_err());
    }
}
