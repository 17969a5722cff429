//! The words after one of the prompt's own.

use std::ops::RangeInclusive;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::log::Wanted;
use super::words::Own;
use super::{Prompt, name};
use crate::command::session::line_numbers;
use crate::text::diagnostic::{Diagnostic, Source, Span, usage};
use crate::text::words::{Word, is_name, line};
use crate::words::Sentence;

/// The words after one of the prompt's own.
pub struct Arguments {
    words: Vec<Word<'static>>,
    /// Where the word itself stands.
    own: Span,
}

pub type Argued<T> = Result<T, Box<Diagnostic>>;

impl Arguments {
    pub(super) fn read(
        prompt: &mut Prompt<'_>,
        text: &str,
        number: u32,
    ) -> Result<Arguments, Vec<Diagnostic>> {
        let source: Source = prompt.compiler.sources.add(&name(number), text);
        let mut problems = Vec::new();
        let words = line(&source.text, source.base(), 0, &mut problems).words;
        let mut words: Vec<_> = words.into_iter().map(Word::into_owned).collect();
        if problems.iter().any(Diagnostic::is_error) || words.is_empty() {
            return Err(problems);
        }
        let own = words.remove(0).span;
        Ok(Arguments { words, own })
    }

    /// Takes a switch out from among the words; was it there?
    pub fn switch(mut self, name: &str) -> (Arguments, bool) {
        let before = self.words.len();
        self.words.retain(|w| w.bare() != Some(name));
        let given = self.words.len() < before;
        (self, given)
    }

    /// Refuses a word that looks like a switch; those that there are have been taken out.
    pub fn no_more_switches(&self, own: &Own) -> Argued<()> {
        let switch = |word: &&Word| word.bare().is_some_and(|text| text.len() > 1 && text.starts_with('-'));
        // What stands between slashes is text.
        let before =
            self.words.iter().take_while(|word| !word.bare().is_some_and(|text| text.starts_with('/')));
        match before.into_iter().find(switch) {
            None => Ok(()),
            Some(word) => Err(self.wrong(
                own,
                Some(word),
                say!(
                    en "`{name}` has no option `{option}`",
                    es "`{name}` no tiene la opción `{option}`",
                    name = own.name,
                    option = word.bare().unwrap_or_default()
                ),
            )),
        }
    }

    pub fn wrong(&self, own: &Own, at: Option<&Word>, message: Sentence) -> Box<Diagnostic> {
        let span = at.map_or(self.own, |w| w.span);
        Box::new(Diagnostic::new(span, message).help(usage(own.usage)))
    }

    pub fn none(&self, own: &Own) -> Argued<()> {
        match self.words.first() {
            None => Ok(()),
            Some(word) => Err(self.wrong(
                own,
                Some(word),
                say!(en "`{name}` takes no words", es "`{name}` no lleva palabras", name = own.name),
            )),
        }
    }

    pub fn path(&self, own: &Own) -> Argued<PathBuf> {
        let Some(word) = self.words.first() else {
            return Err(self.wrong(
                own,
                None,
                say!(en "`{name}` needs a file", es "`{name}` requiere un archivo", name = own.name),
            ));
        };
        match word.literal() {
            Some(bytes) if !bytes.is_empty() && !bytes.contains(&0) => {
                Ok(PathBuf::from(std::ffi::OsString::from_vec(bytes.to_vec())))
            }
            _ => Err(self.wrong(
                own,
                Some(word),
                say!(en "a file's name is due here", es "aquí va el nombre de un archivo"),
            )),
        }
    }

    pub fn range(&self, own: &Own, word: &Word) -> Argued<RangeInclusive<u32>> {
        line_numbers(word.bare()).map_err(|why| self.wrong(own, Some(word), why))
    }

    pub fn at_most(&self, own: &Own, most: usize) -> Argued<()> {
        match self.words.get(most) {
            None => Ok(()),
            Some(word) => Err(self.wrong(
                own,
                Some(word),
                say!(
                    en "too many words for `{name}`",
                    es "demasiadas palabras para `{name}`",
                    name = own.name
                ),
            )),
        }
    }

    /// A number, if there is one.
    pub fn only_number(&self, own: &Own) -> Argued<Option<u32>> {
        self.at_most(own, 1)?;
        let Some(word) = self.words.first() else { return Ok(None) };
        match word.bare().and_then(|text| text.parse().ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(self.wrong(
                own,
                Some(word),
                say!(en "a line's number is due here", es "aquí va el número de una línea"),
            )),
        }
    }

    /// The name of a socket, if there is one.
    pub fn only_name(&self, own: &Own) -> Argued<Option<String>> {
        self.at_most(own, 1)?;
        self.no_more_switches(own)?;
        let Some(word) = self.words.first() else { return Ok(None) };
        match word.bare().map(|text| text.trim_start_matches('$')) {
            Some(name) if is_name(name) => Ok(Some(name.to_string())),
            _ => Err(self.wrong(
                own,
                Some(word),
                say!(en "a socket's name is due here", es "aquí va el nombre de un socket"),
            )),
        }
    }

    /// What `history` is to show; the text between slashes may hold blanks.
    pub fn wanted(&self, own: &Own, rest: &str, outs: bool) -> Argued<Wanted> {
        self.no_more_switches(own)?;
        let mut wanted = Wanted { numbers: 0..=u32::MAX, part: None, outs };
        if let Some((from, to)) = rest.find('/').zip(rest.rfind('/')).filter(|(from, to)| from < to) {
            wanted.part = Some(rest[from + 1..to].to_string());
        }
        for word in &self.words {
            match word.bare() {
                Some(text) if text.starts_with('/') && wanted.part.is_some() => break,
                _ => wanted.numbers = self.range(own, word)?,
            }
        }
        Ok(wanted)
    }

    pub fn only_path(&self, own: &Own) -> Argued<PathBuf> {
        self.no_more_switches(own)?;
        self.at_most(own, 1)?;
        self.path(own)
    }

    /// Line numbers and ranges of them, in the order in which they were typed; none is none.
    pub fn ranges(&self, own: &Own) -> Argued<Vec<RangeInclusive<u32>>> {
        self.words.iter().map(|word| self.range(own, word)).collect()
    }

    pub fn path_and_range(&self, own: &Own) -> Argued<(PathBuf, RangeInclusive<u32>)> {
        self.no_more_switches(own)?;
        self.at_most(own, 2)?;
        let path = self.path(own)?;
        let numbers = match self.words.get(1) {
            Some(word) => self.range(own, word)?,
            None => 0..=u32::MAX,
        };
        Ok((path, numbers))
    }
}
