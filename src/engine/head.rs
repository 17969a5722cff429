//! The `test` lines at a script's top: how it is to be run, and what reports call it. The compiler checks them,
//! and the suite reads them before anything runs.

use std::time::Duration;

use crate::command;
use crate::command::row::Does;
use crate::text::diagnostic::{Diagnostic, Source, Span, there_are};
use crate::text::forms::{EXPORT, Keyword, SOURCE, Sought, TEST, holds};
use crate::text::literal::one_line;
use crate::text::parse::Parser;
use crate::text::tree::{Line, Statement};
use crate::text::words::Word;
use crate::value::duration_of;
use crate::words::{Phrase, Sentence};

/// What the `test` lines of a script say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// `test limit D`
    pub limit: Option<Duration>,
    /// `test tag NAME…`
    pub tags: Vec<String>,
    /// `test alone [NAME]`: nothing else runs beside it, or nothing else of that name.
    pub alone: Option<Alone>,
    /// `test fails TEXT`: it is known to fail, and this is why.
    pub fails: Option<String>,
    /// `test title TEXT`
    pub title: Option<String>,
    /// `test points N`
    pub points: Option<u32>,
}

/// What may not run beside a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alone {
    /// Anything else.
    Wholly,
    /// Another script with this name.
    Named(String),
}

/// What stands after `test`.
const PARTS: [&str; 6] = ["limit", "tag", "alone", "fails", "title", "points"];

/// The most tags of one script: each is compared with the others.
const MOST_TAGS: usize = 1000;

/// The most points of one script: a sum of very many stays a number.
const MOST_POINTS: u32 = 1_000_000;

impl Head {
    /// The `test` lines at the beginning of a text; what is wrong with them is reported when the script is compiled.
    pub fn of(source: &Source) -> Head {
        let mut head = Head::default();
        // Most scripts have none, and need not be read for that.
        if !holds(&source.text, &TEST) {
            return head;
        }
        let mut parser = Parser::new(source);
        while let Some(mut statement) = parser.next(&mut Vec::new()) {
            let Statement::Line(line) = &statement else { break };
            if line.keyword != Some(Keyword::Test) {
                break;
            }
            let _ = head.read(line, &mut Vec::new());
            parser.recycle(&mut statement);
        }
        head
    }

    /// Takes in one `test` line; its mistakes go to `problems`.
    pub fn read(&mut self, line: &Line<'_>, problems: &mut Vec<Diagnostic>) -> Option<()> {
        self.part(line).map_err(|problem| problems.push(problem)).ok()
    }

    fn part(&mut self, line: &Line<'_>) -> Result<(), Diagnostic> {
        let usage = || crate::text::diagnostic::usage(Keyword::Test.row().line());
        let Some((part, words)) = line.words.split_first() else {
            let missing = say!(
                en "`test` says how a script is run, and here is nothing after it",
                es "`test` dice cómo se ejecuta un script, y aquí no hay nada después"
            );
            return Err(Diagnostic::new(line.command.span, missing).help(usage()).unfinished());
        };
        let name = part.bare().unwrap_or("");
        let twice = match name {
            "limit" => self.limit.is_some(),
            "alone" => self.alone.is_some(),
            "fails" => self.fails.is_some(),
            "title" => self.title.is_some(),
            "points" => self.points.is_some(),
            _ => false,
        };
        if twice {
            let message = say!(
                en "`test {name}` stands twice",
                es "`test {name}` aparece dos veces",
                name
            );
            return Err(Diagnostic::new(part.span, message));
        }
        match name {
            "limit" => {
                let (word, text) = one(part, words)?;
                let limit = duration_of(&text).filter(|limit| !limit.is_zero());
                let wanted = phrase!(en "a duration, like `5s`", es "una duración, como `5s`");
                self.limit = Some(limit.ok_or_else(|| not_a(word, &text, wanted))?);
            }
            "points" => {
                let (word, text) = one(part, words)?;
                let points = text.parse().ok().filter(|n| *n <= MOST_POINTS);
                let wanted = phrase!(en "a number of points", es "un número de puntos");
                self.points = Some(points.ok_or_else(|| not_a(word, &text, wanted))?);
            }
            "fails" => self.fails = Some(one_line(&one(part, words)?.1)),
            "title" => self.title = Some(one_line(&one(part, words)?.1)),
            "alone" => {
                self.alone = Some(match words {
                    [] => Alone::Wholly,
                    words => Alone::Named(one(part, words)?.1),
                });
            }
            "tag" => {
                if words.is_empty() {
                    return Err(needs_a_word(part));
                }
                for word in words {
                    let tag = literal(word)?;
                    // In `--filter` it is a word.
                    if tag.is_empty() || tag.contains(|c: char| c.is_whitespace() || "()\"".contains(c)) {
                        let wanted = phrase!(
                            en "a tag: one word without parentheses",
                            es "una etiqueta: una palabra sin paréntesis"
                        );
                        return Err(not_a(word, &tag, wanted));
                    }
                    if self.tags.len() == MOST_TAGS {
                        let message = say!(
                            en "more than {most} tags",
                            es "más de {most} etiquetas",
                            most = MOST_TAGS
                        );
                        return Err(Diagnostic::new(word.span, message));
                    }
                    if !self.tags.contains(&tag) {
                        self.tags.push(tag);
                    }
                }
            }
            _ => {
                let message = say!(
                    en "`test` knows no `{name}`",
                    es "`test` no conoce `{name}`",
                    name = part.bare().map_or_else(|| part_text(part), str::to_string)
                );
                return Err(Diagnostic::new(part.span, message).help(there_are(PARTS)));
            }
        }
        Ok(())
    }
}

/// The files that the `source` lines of a text name, as they are named there.
pub fn sourced(source: &Source) -> Vec<String> {
    words_of(source, &SOURCE, |line| line.keyword == Some(Keyword::Source))
}

/// The names that the `export` lines of a text give.
pub fn exported(source: &Source) -> Vec<String> {
    words_of(source, &EXPORT, |line| {
        line.socket.is_none() && command::find(&line.command.text).is_some_and(|row| row.does(Does::Exports))
    })
}

/// The words of the lines that are wanted, in all of a text that holds `hint`.
fn words_of(source: &Source, hint: &Sought, wanted: impl Fn(&Line<'_>) -> bool) -> Vec<String> {
    fn look(statement: &Statement<'_>, wanted: &dyn Fn(&Line<'_>) -> bool, found: &mut Vec<String>) {
        match statement {
            Statement::Line(line) if wanted(line) => {
                let text = |word: &Word<'_>| Some(std::str::from_utf8(word.literal()?).ok()?.to_string());
                found.extend(line.words.iter().filter_map(text));
            }
            Statement::Line(_) => {}
            Statement::Block(block) => {
                block.arms.iter().flat_map(|arm| &arm.body).for_each(|inner| look(inner, wanted, found));
            }
        }
    }
    let mut found = Vec::new();
    if !holds(&source.text, hint) {
        return found;
    }
    let mut parser = Parser::new(source);
    while let Some(mut statement) = parser.next(&mut Vec::new()) {
        look(&statement, &wanted, &mut found);
        parser.recycle(&mut statement);
    }
    found
}

fn part_text(word: &Word<'_>) -> String {
    word.literal().map_or_else(|| "$…".into(), |bytes| String::from_utf8_lossy(bytes).into_owned())
}

/// The one word behind a part.
fn one<'w, 't>(part: &Word<'_>, words: &'w [Word<'t>]) -> Result<(&'w Word<'t>, String), Diagnostic> {
    match words {
        [word] => Ok((word, literal(word)?)),
        [] => Err(needs_a_word(part)),
        [_, more, ..] => {
            let last = words.last().map_or(more.span, |word| word.span);
            let name = part.bare().unwrap_or("").to_string();
            let message = say!(
                en "`test {name}` takes one word",
                es "`test {name}` lleva una sola palabra",
                name
            );
            let help = phrase!(
                en "text of several words stands in quotes",
                es "un texto de varias palabras va entre comillas"
            );
            Err(Diagnostic::new(more.span.to(last), message).help(help))
        }
    }
}

fn needs_a_word(part: &Word<'_>) -> Diagnostic {
    let name = part.bare().unwrap_or("").to_string();
    let message =
        say!(en "`test {name}` needs a word after it", es "`test {name}` requiere una palabra después", name);
    Diagnostic::new(part.span, message)
        .help(crate::text::diagnostic::usage(Keyword::Test.row().line()))
        .unfinished()
}

fn literal(word: &Word<'_>) -> Result<String, Diagnostic> {
    let text = word.literal().and_then(|bytes| std::str::from_utf8(bytes).ok());
    text.map(str::to_string).ok_or_else(|| {
        let message = phrase!(
            en "a `test` line is read before anything runs: its words are no values",
            es "una línea `test` se lee antes de ejecutar nada: sus palabras no son valores"
        );
        Diagnostic::new(word.span, message)
    })
}

fn not_a(word: &Word<'_>, text: &str, wanted: Phrase) -> Diagnostic {
    let text = one_line(text);
    let message: Sentence = say!(en "`{text}` is not {wanted}", es "`{text}` no es {wanted}", text, wanted);
    Diagnostic::new(word.span, message)
}

/// `test` where it may not stand.
pub(super) fn misplaced(span: Span) -> Diagnostic {
    let message = phrase!(
        en "`test` stands at the top of a script, before its first command",
        es "`test` va al comienzo de un script, antes de su primer comando"
    );
    Diagnostic::new(span, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::diagnostic::Sources;

    fn head(text: &str) -> Head {
        Head::of(&Sources::default().add("t", text))
    }

    #[test]
    fn the_top_of_a_script_says_how_it_runs() {
        let read = head(
            "#!/usr/bin/env sockbook\n# about\ntest limit 5s\ntest tag slow net\ntest tag net\ntest alone port-80\n\
             test fails 'issue 12'\ntest title \"a title\"\ntest points 3\nprint x\ntest limit 9s\n",
        );
        assert_eq!(read.limit, Some(Duration::from_secs(5)));
        assert_eq!(read.tags, ["slow", "net"]);
        assert_eq!(read.alone, Some(Alone::Named("port-80".into())));
        assert_eq!(read.fails.as_deref(), Some("issue 12"));
        assert_eq!(read.title.as_deref(), Some("a title"));
        assert_eq!(read.points, Some(3));
        assert_eq!(head("test alone\n").alone, Some(Alone::Wholly));
        let source = Sources::default()
            .add("t", "source a.sock\nif 1 < 2\n  source \"b c.sock\"\nend\nexport one two\n");
        assert_eq!(sourced(&source), ["a.sock", "b c.sock"]);
        assert_eq!(exported(&source), ["one", "two"]);
        assert_eq!(head("print \"test limit 5s\"\n"), Head::default());
    }
}
