//! A sentence in every language of the program: its texts side by side, with named holes for what differs from
//! time to time.
//!
//! A text is written once for each language, where it is needed, and the compiler sees that none is missing and that
//! each uses every hole:
//!
//! ```text
//! say!(en "`{name}` is given twice", es "`{name}` aparece dos veces", name)
//! say!(en "`{option}` can only be read", es "`{option}` solo se puede leer", option = option.name)
//! phrase!(en "an integer", es "un entero")
//! ```
//!
//! A hole is filled with anything that can be shown, or with another sentence, which then speaks the same language.
//! The language is chosen when a sentence is shown: [`Sentence::show`].

use std::fmt::Display;

use super::{Lang, Noun};

/// A text without holes, in every language: what a table's row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// English.
    pub en: &'static str,
    /// Spanish.
    pub es: &'static str,
}

impl Phrase {
    /// What every language says in the same way: a name, a keyword.
    pub const fn same(text: &'static str) -> Phrase {
        Phrase { en: text, es: text }
    }

    /// The text in one language.
    pub fn show(&self, lang: Lang) -> &'static str {
        lang.words().phrase(self)
    }
}

/// A text with its holes filled, ready to be shown in any language. Made by `say!`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sentence {
    /// In every language.
    Said(Box<Said>),
    /// Worked out for each language, in the order of the table.
    Each(Vec<String>),
    /// What stands outside all languages: a path, a command line, the text of another program.
    Plain(String),
}

/// A text in every language, and what its holes are filled with. Each hole has a name, which stands in braces in the
/// text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    text: Phrase,
    holes: Vec<(&'static str, Hole)>,
}

/// What a hole of a text is filled with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hole {
    /// A number, a name, a path: the same in every language.
    Data(String),
    /// A part that has a language itself.
    Said(Sentence),
    /// So many of something.
    Counted(Counted),
    /// Words of which one is expected.
    OneOf(Vec<String>),
}

impl Hole {
    fn show(&self, lang: Lang) -> String {
        match self {
            Hole::Data(data) => data.clone(),
            Hole::Said(sentence) => sentence.show(lang),
            Hole::Counted(counted) => lang.words().count(counted.n, counted.noun),
            Hole::OneOf(words) => lang.words().one_of(&words.iter().map(String::as_str).collect::<Vec<_>>()),
        }
    }
}

/// So many of something, in figures: "1 byte", "2 bytes".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// How many.
    pub n: u64,
    /// Of what.
    pub noun: Noun,
}

/// "1 byte", "2 bytes", as a hole of a sentence.
pub fn counted(n: usize, noun: Noun) -> Counted {
    Counted { n: n as u64, noun }
}

/// "`a`, `b` or `c`", as a hole of a sentence.
pub fn one_of<S: Into<String>>(words: impl IntoIterator<Item = S>) -> OneOf {
    OneOf(words.into_iter().map(Into::into).collect())
}

/// Words of which one is expected.
#[derive(Clone, Debug)]
pub struct OneOf(Vec<String>);

/// "`a`, `b` or `c`", with the language's "or".
pub(super) fn listed(words: &[&str], or: &str) -> String {
    let ticked: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match ticked.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [start @ .., last] => format!("{} {or} {last}", start.join(", ")),
    }
}

impl Sentence {
    /// What is no language's: a command line, a path, the words of another program.
    pub fn plain(text: impl Into<String>) -> Sentence {
        Sentence::Plain(text.into())
    }

    /// A text with its holes filled; `say!` makes it.
    pub fn said(text: Phrase, holes: Vec<(&'static str, Hole)>) -> Sentence {
        Sentence::Said(Box::new(Said { text, holes }))
    }

    /// What `text` says in each language.
    pub fn of(text: impl Fn(Lang) -> String) -> Sentence {
        Sentence::Each(Lang::all().map(text).collect())
    }

    /// The sentence in one language.
    pub fn show(&self, lang: Lang) -> String {
        match self {
            Sentence::Plain(text) => text.clone(),
            Sentence::Each(texts) => texts.get(lang.index()).cloned().unwrap_or_default(),
            Sentence::Said(said) => fill(said.text.show(lang), |name| {
                said.holes.iter().find(|hole| hole.0 == name).map(|hole| hole.1.show(lang))
            }),
        }
    }

    /// The sentence as data: what JSON and `.message` hold in any session.
    pub fn english(&self) -> String {
        self.show(Lang::EN)
    }
}

impl From<Phrase> for Sentence {
    fn from(text: Phrase) -> Sentence {
        Sentence::said(text, Vec::new())
    }
}

impl From<Counted> for Sentence {
    fn from(counted: Counted) -> Sentence {
        let holes = vec![("counted", counted.fill())];
        Sentence::said(Phrase::same("{counted}"), holes)
    }
}

/// What can fill a hole: all that can be shown, and sentences, which cannot be shown without a language.
pub trait Fill {
    /// What is put into the hole.
    fn fill(&self) -> Hole;
}

impl<T: Display + ?Sized> Fill for T {
    fn fill(&self) -> Hole {
        Hole::Data(self.to_string())
    }
}

impl Fill for Sentence {
    fn fill(&self) -> Hole {
        Hole::Said(self.clone())
    }
}

impl Fill for Phrase {
    fn fill(&self) -> Hole {
        Hole::Said(Sentence::from(*self))
    }
}

impl Fill for Counted {
    fn fill(&self) -> Hole {
        Hole::Counted(*self)
    }
}

impl Fill for OneOf {
    fn fill(&self) -> Hole {
        Hole::OneOf(self.0.clone())
    }
}

/// The template with each `{name}` replaced. Two braces stand for one, as in `format!`.
fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        let hole = after.split_once('}').filter(|_| brace == "{" && !after.starts_with('{'));
        match hole.and_then(|(name, after)| Some((value(name)?, after))) {
            Some((value, after)) => {
                out.push_str(&value);
                rest = after;
            }
            None => {
                out.push_str(brace);
                rest = after.strip_prefix(brace).unwrap_or(after);
            }
        }
    }
    out + rest
}

/// A [`Sentence`] in every language, its holes filled: `say!(en "…{x}…", es "…{x}…", x)`, or `x = EXPRESSION`.
macro_rules! say {
    (en $en:literal, es $es:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        // Compares the holes with the names: one without a name, and a name without a hole, do not compile.
        #[allow(dead_code)]
        #[deny(unused_variables)]
        fn texts_have_the_holes_named($($name: &str),*) -> [String; 2] {
            [say!(@text $en), say!(@text $es)]
        }
        $crate::words::sentence::Sentence::said(
            $crate::words::sentence::Phrase { en: $en, es: $es },
            vec![$((stringify!($name), say!(@hole $name $(= $value)?))),*],
        )
    }};
    (@text $text:literal) => { format!($text) };
    (@hole $name:ident) => { $crate::words::sentence::Fill::fill(&$name) };
    (@hole $name:ident = $value:expr) => { $crate::words::sentence::Fill::fill(&$value) };
}

/// A [`Phrase`] in every language, for a constant or a table's row.
macro_rules! phrase {
    (en $en:literal, es $es:literal $(,)?) => {
        $crate::words::sentence::Phrase { en: $en, es: $es }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_speaks_each_language() {
        let what = phrase!(en "socket", es "socket de red");
        let name = "x{y}";
        let told = say!(en "no {what} `{name}` {{{n}}}", es "`{name}` ({n}) no es {what}", what, name, n = 5);
        assert_eq!(told.show(Lang::EN), "no socket `x{y}` {5}");
        assert_eq!(told.show(Lang::ES), "`x{y}` (5) no es socket de red");
        let outer = say!(en "first: {told}", es "primero: {told}", told);
        assert_eq!(outer.show(Lang::ES), "primero: `x{y}` (5) no es socket de red");
        assert_eq!(Sentence::plain("as it is: {}").show(Lang::ES), "as it is: {}");
    }
}
