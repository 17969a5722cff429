//! Words with their places: `shlex` decides where one begins and ends, we decode what stands in it.
//!
//! Two passes over a line. The first decodes each literal once, from the text itself (so that
//! `"\\n"` and `"\n"` stay apart and every mistake has its place), and writes a plain form of the
//! line in which each literal is the same short quoted word. The second is `shlex`, over that form:
//! its words and ours must be the same ones. A line of words that can be read in one way only, which
//! is most lines, needs no second opinion, and its words are the script's own text.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::ops::Range;

use crate::text::diagnostic::{Diagnostic, Span};
use crate::text::{forms, literal};

/// A word: what stands in it, where it stands, and whether any of it was quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word<'t> {
    /// Where it stands, quotes included.
    pub span: Span,
    content: Content<'t>,
    /// Quoted text is bytes and never an option, an operator, a number by itself or a keyword.
    pub quoted: bool,
    /// Bare text stands beside quoted text in it: `f"…"`, `"…".encode()`.
    pub glued: bool,
}

/// Most words are one part, and need no memory of their own for it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Content<'t> {
    One(Part<'t>),
    Many(Vec<Part<'t>>),
}

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<'t> {
    /// As it stands in the script.
    Text(&'t str),
    /// Decoded, or put together.
    Bytes(Vec<u8>),
    /// A value that is put in.
    Value(Box<Reference>),
    /// `$(COMMAND …)`: a command whose result stands here.
    Call(Box<Substitution<'t>>),
}

/// `$(COMMAND WORD…)` or `$(COMMAND WORD…).property`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Substitution<'t> {
    /// Where all of it stands.
    pub span: Span,
    /// What stands between the parentheses.
    pub inside: Span,
    /// The words of the command.
    pub words: Vec<Word<'t>>,
    /// What is asked of its result, each after a dot.
    pub properties: Vec<(String, Span)>,
}

/// `$name.property`, `${name.property}` or `${name:-text}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where it stands.
    pub span: Span,
    /// The name of the value.
    pub name: String,
    /// What is asked of it, each after a dot.
    pub properties: Vec<(String, Span)>,
    /// The text after `:-`, as a shell has it: what stands here where nothing gives the name a value.
    pub default: Option<String>,
}

impl<'t> Word<'t> {
    /// A word that stands in the script as it is.
    fn plain(span: Span, text: &'t str, quoted: bool) -> Word<'t> {
        Word { span, content: Content::One(Part::Text(text)), quoted, glued: false }
    }

    fn new(span: Span, mut parts: Vec<Part<'t>>, quoted: bool) -> Word<'t> {
        let content = match (parts.len(), parts.pop()) {
            (1, Some(only)) => Content::One(only),
            (_, last) => {
                parts.extend(last);
                Content::Many(parts)
            }
        };
        Word { span, content, quoted, glued: false }
    }

    /// A bare word that stands nowhere in the script.
    pub fn made(span: Span, text: &str) -> Word<'static> {
        Word { span, content: Content::One(Part::Bytes(text.into())), quoted: false, glued: false }
    }

    /// `$name.property`, as if it stood there.
    pub fn value_of(span: Span, path: &str) -> Option<Word<'static>> {
        if !is_path(path) {
            return None;
        }
        let reference = reference(path, span.start, span);
        Some(Word {
            span,
            content: Content::One(Part::Value(Box::new(reference))),
            quoted: false,
            glued: false,
        })
    }

    /// What stands in it, in order.
    pub fn parts(&self) -> &[Part<'t>] {
        match &self.content {
            Content::One(part) => std::slice::from_ref(part),
            Content::Many(parts) => parts,
        }
    }

    /// The text of a bare word without values in it.
    pub fn bare(&self) -> Option<&str> {
        match &self.content {
            _ if self.quoted => None,
            Content::One(Part::Text(text)) => Some(text),
            Content::One(Part::Bytes(bytes)) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// As [`Word::bare`], for as long as the script's text is there.
    pub fn bare_text(&self) -> Option<Cow<'t, str>> {
        match &self.content {
            Content::One(Part::Text(text)) if !self.quoted => Some(Cow::Borrowed(text)),
            _ => self.bare().map(|text| Cow::Owned(text.to_string())),
        }
    }

    /// Is it this bare word?
    pub fn is(&self, text: &str) -> bool {
        self.bare() == Some(text)
    }

    /// The bytes of a word without values in it, quoted or not.
    pub fn literal(&self) -> Option<&[u8]> {
        match self.parts() {
            [Part::Text(text)] => Some(text.as_bytes()),
            [Part::Bytes(bytes)] => Some(bytes),
            [] => Some(&[]),
            _ => None,
        }
    }

    /// What the script itself has of it: a word that nothing had to be done to.
    pub fn verbatim(&self) -> Option<&'t str> {
        match &self.content {
            Content::One(Part::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The value that is the whole word: `$x`, `${x}`.
    pub fn value(&self) -> Option<&Reference> {
        match self.parts() {
            [Part::Value(r)] if !self.quoted => Some(r),
            _ => None,
        }
    }

    /// The command whose result is the whole word: `$(recv)`.
    pub fn call(&self) -> Option<&Substitution<'t>> {
        match self.parts() {
            [Part::Call(call)] => Some(call),
            _ => None,
        }
    }

    /// The same word without these letters at its beginning.
    pub fn without_prefix(&self, prefix: &str) -> Option<Word<'t>> {
        let mut parts = self.parts().to_vec();
        let rest = match parts.first()? {
            Part::Text(text) => Part::Text(text.strip_prefix(prefix)?),
            Part::Bytes(bytes) => Part::Bytes(bytes.strip_prefix(prefix.as_bytes())?.to_vec()),
            Part::Value(_) | Part::Call(_) => return None,
        };
        match rest.bytes() {
            Some([]) if parts.len() > 1 => drop(parts.remove(0)),
            _ => parts[0] = rest,
        }
        let span = Span { start: self.span.start + prefix.len() as u32, ..self.span };
        Some(Word::new(span, parts, self.quoted))
    }

    /// The same word, for which no text need be kept.
    pub fn into_owned(self) -> Word<'static> {
        let own = |part| match part {
            Part::Text(text) => Part::Bytes(text.as_bytes().to_vec()),
            Part::Bytes(bytes) => Part::Bytes(bytes),
            Part::Value(reference) => Part::Value(reference),
            Part::Call(call) => Part::Call(Box::new(Substitution {
                words: call.words.into_iter().map(Word::into_owned).collect(),
                properties: call.properties,
                ..Substitution {
                    words: Vec::new(),
                    properties: Vec::new(),
                    span: call.span,
                    inside: call.inside,
                }
            })),
        };
        let content = match self.content {
            Content::One(part) => Content::One(own(part)),
            Content::Many(parts) => Content::Many(parts.into_iter().map(own).collect()),
        };
        Word { span: self.span, content, quoted: self.quoted, glued: self.glued }
    }
}

impl Reference {
    /// `${name.property}`
    pub fn braced(&self) -> String {
        let properties: String = self.properties.iter().map(|(name, _)| format!(".{name}")).collect();
        format!("${{{}{properties}}}", self.name)
    }
}

impl Part<'_> {
    /// Its bytes; none of a value.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Part::Text(text) => Some(text.as_bytes()),
            Part::Bytes(bytes) => Some(bytes),
            Part::Value(_) | Part::Call(_) => None,
        }
    }
}

/// The words of one line (which may span several, by `\`, quotes and here-documents).
#[derive(Debug)]
pub struct Words<'t> {
    /// The words, in order.
    pub words: Vec<Word<'t>>,
    /// A comment at the end, `#` and all.
    pub comment: Option<Span>,
    /// Where its here-documents begin; `end` where it has none.
    pub body: usize,
    /// Where the next line begins.
    pub end: usize,
    /// Something here could not be read; it has been reported.
    pub broken: bool,
    /// The words are not known: a quote was open to the end of the text, or what looks like one is none.
    pub unclosed: bool,
}

/// Room for the words of most lines.
const USUAL_WORDS: usize = 8;

/// `${` and all that may follow it to its `}`.
const LONGEST_PATH: usize = 1024;

/// Is this a name one may give?
pub fn is_name(text: &str) -> bool {
    let first = text.as_bytes().first();
    first.is_some_and(|b| !b.is_ascii_digit()) && text.bytes().all(|b| NAMING[usize::from(b)])
}

/// Does it hold nothing but what names, and the dots between them, may hold?
pub fn is_dotted(text: &str) -> bool {
    text.bytes().all(|b| NAMING[usize::from(b)] || b == b'.')
}

/// Do the words of a line hold expressions or a condition, in which parentheses are words of their own?
pub fn hold_expression(words: &[Word<'_>]) -> bool {
    let mut words = words.iter();
    let Some(first) = words.next() else { return false };
    match first.bare() {
        // A value that stands alone on its line begins so.
        None => true,
        Some("(") => true,
        Some("else") => words.next().is_some_and(|w| w.is("if")),
        Some("fails") => words.any(begins_expression),
        Some(text) => forms::takes_expression(text) || starts_number(text),
    }
}

/// Is it the name of a command whose words are an expression?
fn begins_expression(word: &Word<'_>) -> bool {
    word.bare().is_some_and(forms::takes_expression)
}

/// Does a bare word begin as a number does?
pub fn starts_number(text: &str) -> bool {
    text.strip_prefix('-').unwrap_or(text).starts_with(|c: char| c.is_ascii_digit())
}

/// What may stand in a name.
const NAMING: [bool; 256] = {
    let mut naming = [false; 256];
    let mut byte = 0;
    while byte < naming.len() {
        naming[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    naming
};

/// Where a bare word ends that begins this text.
fn bare_end(text: &[u8]) -> usize {
    text.iter().position(|&c| ODD[usize::from(c)]).unwrap_or(text.len())
}

/// Where text in quotes ends that goes on here, on the same line and without a value in it. An escaped quote is taken for
/// the end too; the text then ends in a lone backslash, which [`quoted_part`] refuses.
fn quoted_end(quote: u8, inside: &[u8]) -> Option<usize> {
    let end = memchr::memchr(quote, inside)?;
    memchr::memchr2(b'$', b'\n', &inside[..end]).is_none().then_some(end)
}

/// What stands in quotes, without a value in it; none where an escape is faulty.
fn quoted_part(inside: &str) -> Option<Part<'_>> {
    let mut rest = inside.as_bytes();
    let Some(mut at) = memchr::memchr(b'\\', rest) else { return Some(Part::Text(inside)) };
    let mut out = Vec::with_capacity(rest.len());
    loop {
        out.extend_from_slice(&rest[..at]);
        at += literal::escape(&rest[at..], &mut out).ok()?;
        rest = &rest[at..];
        match memchr::memchr(b'\\', rest) {
            Some(next) => at = next,
            None => break,
        }
    }
    out.extend_from_slice(rest);
    Some(Part::Bytes(out))
}

/// A value that begins this text, `$name` or `${name}`: where its path stands, and where it ends.
fn value_end(text: &[u8]) -> Option<(Range<usize>, usize)> {
    let braced = text.get(1) == Some(&b'{');
    let from = 1 + usize::from(braced);
    let length = text[from..].iter().position(|&c| !NAMING[usize::from(c)] && c != b'.');
    let to = length.map_or(text.len(), |length| from + length);
    match braced {
        true => (text.get(to) == Some(&b'}')).then_some((from..to, to + 1)),
        false => Some((from..to, to)),
    }
}

/// Does a word end before this text?
fn is_end(rest: &[u8]) -> bool {
    matches!(rest, [] | [b' ' | b'\n' | b'\t', ..] | [b'\r', b'\n', ..])
}

/// Reads the line that begins at `at`.
pub fn line<'t>(text: &'t str, base: u32, at: usize, problems: &mut Vec<Diagnostic>) -> Words<'t> {
    line_into(Vec::with_capacity(USUAL_WORDS), text, base, at, &mut Lost::default(), problems)
}

/// The lines of a text as the language has them, each with its first byte: one that goes on in the next, or has a
/// here-document, is one. What cannot be read is passed over.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, Words<'_>)> {
    let (mut next, mut lost) = (0, Lost::default());
    std::iter::from_fn(move || {
        let at = next;
        let problems = &mut Vec::new();
        let read = (at < text.len())
            .then(|| line_into(Vec::with_capacity(USUAL_WORDS), text, 0, at, &mut lost, problems))?;
        next = text.ceil_char_boundary(read.end.max(at + 1));
        Some((at, read))
    })
}

/// The ends of here-documents that no later line of a text has, so that each is looked for once: how it reads, and whether
/// it may be indented.
#[derive(Debug, Default)]
pub struct Lost(HashSet<(String, bool)>);

/// As [`line()`], into the memory of an empty list.
pub fn line_into<'t>(
    words: Vec<Word<'t>>,
    text: &'t str,
    base: u32,
    at: usize,
    lost: &mut Lost,
    problems: &mut Vec<Diagnostic>,
) -> Words<'t> {
    let mut reader = Reader {
        lost,
        whole: text,
        text: text.as_bytes(),
        base: base as usize,
        at,
        plain: None,
        words,
        documents: Vec::new(),
        comment: None,
        problems,
        body: at,
        broken: false,
        unclosed: false,
        misread: false,
        long: None,
        inside: 0,
        tail: Cell::default(),
        plain_words: Cell::new(0),
    };
    reader.read();
    Words {
        words: reader.words,
        comment: reader.comment,
        body: reader.body,
        end: reader.at,
        broken: reader.broken,
        unclosed: reader.unclosed || reader.misread,
    }
}

/// A here-document that was announced and whose lines are still to come.
struct Document {
    word: usize,
    delimiter: String,
    span: Span,
    strip: bool,
    raw: bool,
}

struct Reader<'t, 'p> {
    whole: &'t str,
    lost: &'p mut Lost,
    /// The same as bytes, up to where the reading has to stop.
    text: &'t [u8],
    base: usize,
    at: usize,
    /// What `shlex` is shown; nothing as long as every word can be read in one way only.
    plain: Option<String>,
    words: Vec<Word<'t>>,
    documents: Vec<Document>,
    comment: Option<Span>,
    problems: &'p mut Vec<Diagnostic>,
    body: usize,
    broken: bool,
    unclosed: bool,
    /// A character only looked like another, so that words end where they should not.
    misread: bool,
    /// The first quoted text of this line that goes over a line's end: where it begins, and how many
    /// problems there were.
    long: Option<(usize, usize)>,
    /// In how many `$(` this place is: a `)` outside quotes ends the innermost.
    inside: usize,
    /// Of the bare text that was looked at last: a word of very many `)` is looked through once.
    tail: Cell<Tail>,
    /// So many words of a line that begins with `fails` are known to begin no expression.
    plain_words: Cell<usize>,
}

/// Text up to the next blank, which ends in `)` from `closing` on.
#[derive(Clone, Copy, Default)]
struct Tail {
    from: usize,
    closing: usize,
    end: usize,
}

/// Commands in commands in commands: beyond this it is a mistake.
const DEEPEST_CALL: usize = 20;

impl<'t> Reader<'t, '_> {
    fn span(&self, from: usize, to: usize) -> Span {
        Span::new(self.base + from, self.base + to)
    }

    fn report(&mut self, problem: Diagnostic) {
        self.broken = true;
        self.problems.push(problem);
    }

    fn rest(&self) -> &'t [u8] {
        &self.text[self.at.min(self.text.len())..]
    }

    /// The length of the line end here, if there is one.
    fn line_end(&self) -> Option<usize> {
        match self.rest() {
            [b'\n', ..] => Some(1),
            [b'\r', b'\n', ..] => Some(2),
            [b'\r'] => Some(1),
            _ => None,
        }
    }

    fn read(&mut self) {
        let start = self.at;
        while self.at < self.text.len() {
            match self.rest() {
                [b' ' | b'\t', ..] => self.at += 1,
                [b'\n' | b'\r', ..] if self.line_end().is_some() => {
                    self.at += self.line_end().unwrap_or(1);
                    break;
                }
                [b'\\', b'\n', ..] => self.at += 2,
                [b'\\', b'\r', b'\n', ..] => self.at += 3,
                [b'#', ..] => {
                    let end = memchr::memchr(b'\n', self.rest()).map_or(self.text.len(), |n| self.at + n);
                    let last = if self.text[..end].ends_with(b"\r") { end - 1 } else { end };
                    self.comment = Some(self.span(self.at, last));
                    // Lines that end in nothing else would be part of the comment.
                    let returned = memchr::memchr(b'\r', &self.text[self.at..last]).map(|n| self.at + n);
                    if let Some(at) = returned.filter(|&at| !self.text[at..last].trim_ascii().is_empty()) {
                        self.report(lone_return(self.span(at, at + 1)));
                    }
                    self.at = end;
                }
                _ => {
                    if self.quick_word() {
                        continue;
                    }
                    self.show_words();
                    if self.word().is_err() {
                        self.skip_line();
                        break;
                    }
                }
            }
        }
        self.body = self.at;
        if !self.documents.is_empty() {
            self.documents();
        }
        self.agree(start);
    }

    /// Reads a word that can be read in one way only, with a blank behind it: bare text, text in quotes from end to end,
    /// a value. False where there is more to it.
    fn quick_word(&mut self) -> bool {
        let rest = self.rest();
        let Some(whole) = self.whole.get(self.at..) else { return false };
        let (content, length) = match *rest {
            // Parentheses may be words of their own.
            [b'(' | b')', ..] | [b'<', b'<', ..] => return false,
            [quote @ (b'"' | b'\''), ref inside @ ..] => {
                let Some(end) = quoted_end(quote, inside).filter(|end| is_end(&inside[end + 1..])) else {
                    return false;
                };
                let Some(part) = quoted_part(&whole[1..1 + end]) else { return false };
                (part, end + 2)
            }
            [b'$', ..] => {
                let Some((path, end)) = value_end(rest).filter(|(_, end)| is_end(&rest[*end..])) else {
                    return false;
                };
                let (from, path) = (path.start, &whole[path]);
                if !is_path(path) || end > LONGEST_PATH {
                    return false;
                }
                let reference = self.reference(path, self.at + from, self.span(self.at, self.at + end));
                (Part::Value(Box::new(reference)), end)
            }
            _ => {
                let end = bare_end(rest);
                if !is_end(&rest[end..]) || rest[..end].ends_with(b")") {
                    return false;
                }
                (Part::Text(&whole[..end]), end)
            }
        };
        let quoted = matches!(rest[0], b'"' | b'\'');
        let span = self.span(self.at, self.at + length);
        let word = Word { span, content: Content::One(content), quoted, glued: false };
        if let Some(plain) = &mut self.plain {
            show(plain, &word);
        }
        self.words.push(word);
        self.at += length;
        true
    }

    /// `shlex` is to be asked about this line: shows it the words before.
    fn show_words(&mut self) {
        if self.plain.is_none() {
            const USUAL: usize = 64;
            let mut plain = String::with_capacity(USUAL);
            self.words.iter().for_each(|word| show(&mut plain, word));
            self.plain = Some(plain);
        }
    }

    /// Adds to what `shlex` is shown.
    fn show(&mut self, text: &str) {
        if let Some(plain) = &mut self.plain {
            plain.push_str(text);
        }
    }

    /// After a mistake: on with the next line.
    fn skip_line(&mut self) {
        self.at = memchr::memchr(b'\n', self.rest()).map_or(self.text.len(), |n| self.at + n + 1);
    }

    /// One word. `Err` means that its end is not known.
    fn word(&mut self) -> Result<(), ()> {
        let start = self.at;
        let mut parts = Parts::default();
        let (mut quoted, mut bare_text) = (false, false);
        if self.rest().starts_with(b"<<") && self.document_word(start) {
            return Ok(());
        }
        let expression = self.inside == 0 && self.in_expression();
        if expression && matches!(self.rest(), [b'(' | b')', ..]) {
            self.at += 1;
            let text = &self.whole[start..self.at];
            self.show(text);
            self.show(" ");
            self.words.push(Word::plain(self.span(start, self.at), text, false));
            return Ok(());
        }
        loop {
            if self.line_end().is_some() {
                break;
            }
            let first = self.at == start;
            match self.rest() {
                [] | [b' ' | b'\t', ..] => break,
                [b')', ..] if self.inside > 0 || expression && self.closes(self.at) => break,
                [b'\\', b'\n', ..] | [b'\\', b'\r', b'\n', ..] => break,
                [b'\r', ..] => {
                    self.report(lone_return(self.span(self.at, self.at + 1)));
                    self.at += 1;
                }
                [b'\\', ..] => {
                    let length = 1 + self.rest().get(1).map_or(0, |_| 1);
                    let span = self.span(self.at, self.at + length);
                    self.report(
                        Diagnostic::new(
                            span,
                            say!(
                                en "a backslash outside quotes",
                                es "una barra invertida fuera de comillas"
                            ),
                        )
                        .help(say!(
                            en "put the text in quotes: \"hi\\n\"",
                            es "pon el texto entre comillas: \"hi\\n\""
                        )),
                    );
                    self.at += 1;
                }
                [prefix @ (b'r' | b'x' | b'b'), b'"' | b'\'', ..] if first => {
                    let prefix = *prefix;
                    self.at += 1;
                    quoted = true;
                    self.literal(prefix, &mut parts)?;
                }
                [b'"' | b'\'', ..] => {
                    quoted = true;
                    self.literal(b'"', &mut parts)?;
                }
                [b'$', b'{', ..] => {
                    self.show("''");
                    self.braced(&mut parts);
                }
                [b'$', b'(', ..] if first => self.substitution(&mut parts)?,
                [b'$', ..] => self.bare_value(start, &mut parts),
                _ => {
                    let rest = self.rest();
                    let ends = |at: usize| match rest[at] {
                        b')' => self.inside > 0 || expression && self.closes(self.at + at),
                        c => b" \t\r\n\\\"'$".contains(&c),
                    };
                    let length = (0..rest.len()).position(ends).unwrap_or(rest.len()).max(1);
                    let bare = &rest[..length];
                    self.show(&String::from_utf8_lossy(bare));
                    self.refuse_lookalike(bare);
                    bare_text = true;
                    parts.bytes(bare);
                    self.at += length;
                }
            }
        }
        self.show(" ");
        let span = self.span(start, self.at);
        let glued = quoted && bare_text;
        self.words.push(Word { glued, ..Word::new(span, parts.0, quoted) });
        Ok(())
    }

    /// Is this a line in which parentheses are words of their own?
    fn in_expression(&self) -> bool {
        match self.words.first() {
            None => self.rest().starts_with(b"("),
            // Each word is asked once, however many there are.
            Some(first) if first.is("fails") => {
                let from = self.plain_words.get().min(self.words.len());
                let plain = self.words[from..].iter().take_while(|word| !begins_expression(word)).count();
                self.plain_words.set(from + plain);
                from + plain < self.words.len()
            }
            Some(_) => hold_expression(&self.words),
        }
    }

    /// Do only more `)` stand between this one and the end of its word?
    fn closes(&self, at: usize) -> bool {
        let mut tail = self.tail.get();
        if !(tail.from..tail.end).contains(&at) {
            let rest = &self.text[at..];
            let length = rest.iter().position(|c| b" \t\r\n".contains(c)).unwrap_or(rest.len());
            let others = rest[..length].iter().rposition(|&c| c != b')').map_or(0, |last| last + 1);
            tail = Tail { from: at, closing: at + others, end: at + length };
            self.tail.set(tail);
        }
        at >= tail.closing
    }

    /// `$(COMMAND WORD…)` and its properties; `self.at` is at the `$`. `Err`: its end is not known.
    fn substitution(&mut self, parts: &mut Parts<'t>) -> Result<(), ()> {
        let open = self.at;
        if self.inside >= DEEPEST_CALL {
            let span = self.span(open, open + 2);
            let message = say!(
                en "more than {most} commands inside one another",
                es "más de {most} comandos unos dentro de otros",
                most = DEEPEST_CALL
            );
            self.report(Diagnostic::new(span, message));
            return Err(());
        }
        self.show("''");
        self.at += 2;
        let inside = self.at;
        let outer = (std::mem::take(&mut self.words), self.plain.take());
        self.inside += 1;
        let closed = self.inner_words(open);
        self.inside -= 1;
        let words = std::mem::replace(&mut self.words, outer.0);
        self.plain = outer.1;
        closed?;
        let end = self.at;
        self.at += 1;
        let mut properties = Vec::new();
        while let [b'.', more @ ..] = self.rest() {
            let length = more.iter().take_while(|c| NAMING[usize::from(**c)]).count();
            if length == 0 {
                break;
            }
            let (from, to) = (self.at + 1, self.at + 1 + length);
            properties.push((self.whole[from..to].to_string(), self.span(from, to)));
            self.at = to;
        }
        let at_end = match self.rest() {
            [] | [b' ' | b'\t' | b'\n' | b'\r', ..] => true,
            [b')', ..] => self.inside > 0 || self.in_expression() && self.closes(self.at),
            _ => false,
        };
        if !at_end {
            let stop = self.rest().iter().position(|c| b" \t\r\n".contains(c));
            let to = stop.map_or(self.text.len(), |n| self.at + n);
            let problem = Diagnostic::new(
                self.span(open, to),
                say!(en "`$(…)` is a word by itself", es "`$(…)` es una palabra por sí sola"),
            );
            self.report(problem.help(say!(
                en "name its result first, `x = COMMAND`, and write `${{x}}` inside a longer word",
                es "dale antes un nombre a su resultado, `x = COMMAND`, y escribe `${{x}}` dentro de una palabra más larga"
            )));
            self.at = to;
        }
        let (span, inside) = (self.span(open, self.at), self.span(inside, end));
        parts.0.push(Part::Call(Box::new(Substitution { span, inside, words, properties })));
        Ok(())
    }

    /// The words up to the `)` that ends this `$(`, which begins at `open`.
    fn inner_words(&mut self, open: usize) -> Result<(), ()> {
        let before = self.problems.len();
        let start = self.at;
        let mut documents = self.documents.len();
        loop {
            match self.rest() {
                [b' ' | b'\t', ..] => self.at += 1,
                [b'\\', b'\n', ..] => self.at += 2,
                [b'\\', b'\r', b'\n', ..] => self.at += 3,
                [b')', ..] => {
                    self.agree(start);
                    return Ok(());
                }
                [] | [b'#', ..] => break,
                _ if self.line_end().is_some() => break,
                _ => {
                    self.show_words();
                    self.word()?;
                    if self.documents.len() > documents {
                        documents = self.documents.len();
                        let span = self.words.last().map_or(self.span(open, open + 2), |w| w.span);
                        self.report(Diagnostic::new(
                            span,
                            say!(
                                en "no here-document stands in `$(…)`",
                                es "en `$(…)` no va un documento incrustado"
                            ),
                        ));
                    }
                }
            }
        }
        // What was found behind it may have been meant otherwise.
        self.problems.truncate(before);
        let line = memchr::memchr(b'\n', &self.text[open..]).map_or(self.text.len(), |n| open + n);
        let span = self.span(open, line.max(open + 1).min(self.text.len()));
        let problem =
            Diagnostic::new(span, say!(en "this `$(` is never closed", es "este `$(` nunca se cierra"));
        self.report(problem.unfinished().help(say!(
            en "a command in a line ends with `)`, on the same line",
            es "un comando dentro de una línea termina con `)`, en la misma línea"
        )));
        self.unclosed = true;
        self.at = open;
        Err(())
    }

    /// Reports the first character of bare text that only looks like another, or that is not seen.
    fn refuse_lookalike(&mut self, bare: &[u8]) {
        if bare.is_ascii() || self.misread {
            return;
        }
        let text = String::from_utf8_lossy(bare);
        let Some((at, c, like)) = text.char_indices().find_map(|(at, c)| Some((at, c, lookalike(c)?))) else {
            return;
        };
        let span = self.span(self.at + at, self.at + at + c.len_utf8());
        self.report(lookalike_problem(span, c, like));
        self.misread = true;
    }

    /// A quoted literal; `self.at` is at its opening quote.
    fn literal(&mut self, kind: u8, parts: &mut Parts<'t>) -> Result<(), ()> {
        self.show("'q'");
        let (open, before) = (self.at, self.problems.len());
        let quote = self.text[open];
        self.at += 1;
        let inside = self.at;
        let mut out = Vec::new();
        loop {
            let rest = self.rest();
            match rest {
                [] => {
                    self.never_closed(open, before);
                    return Err(());
                }
                [c, ..] if *c == quote => break,
                [b'\\', ..] if kind == b'r' => {
                    let length = rest.len().min(2);
                    out.extend_from_slice(&rest[..length]);
                    self.at += length;
                }
                [b'\\', ..] if kind != b'x' => self.escape(&mut out),
                [b'$', b'{', ..] if kind != b'r' && kind != b'x' => {
                    parts.bytes(&std::mem::take(&mut out));
                    self.braced(parts);
                }
                _ => {
                    let stop = |&c: &u8| c == quote || c == b'\\' || c == b'$';
                    let length = rest[1..].iter().position(stop).map_or(rest.len(), |n| n + 1);
                    out.extend_from_slice(&rest[..length]);
                    self.at += length;
                }
            }
        }
        if self.long.is_none() && self.text[open..self.at].contains(&b'\n') {
            self.long = Some((open, before));
        }
        if kind == b'x' {
            match literal::hex_bytes(&out) {
                Ok(bytes) => out = bytes,
                Err(flaw) => {
                    let span = self.span(inside + flaw.at.start, inside + flaw.at.end);
                    self.report(Diagnostic::new(span, flaw.what).help(flaw.help));
                }
            }
        }
        // An empty literal is a word too.
        if parts.0.is_empty() {
            parts.0.reserve_exact(1);
            parts.0.push(Part::Bytes(out));
        } else {
            parts.bytes(&out);
        }
        self.at += 1;
        Ok(())
    }

    /// Reports a quote that is open to the end of the text, and goes back to it. Where an earlier one
    /// of this line went over a line's end, that is the one: it was closed by what should open.
    fn never_closed(&mut self, open: usize, before: usize) {
        let (first, before) = self.long.unwrap_or((open, before));
        // What was found behind it was misread.
        self.problems.truncate(before);
        let line = memchr::memchr(b'\n', &self.text[first..]).map_or(self.text.len(), |n| first + n);
        let span = self.span(first, line.max(first + 1).min(self.text.len()));
        let close = char::from(self.text[first]);
        self.report(
            Diagnostic::new(span, say!(en "this quote is never closed", es "esta comilla nunca se cierra"))
                .help(say!(en "end the text with `{close}`", es "termina el texto con `{close}`", close))
                .incomplete(),
        );
        self.unclosed = true;
        self.at = first;
    }

    fn escape(&mut self, out: &mut Vec<u8>) {
        match literal::escape(self.rest(), out) {
            Ok(length) => self.at += length,
            Err(flaw) => {
                let span = self.span(self.at + flaw.at.start, self.at + flaw.at.end);
                self.report(Diagnostic::new(span, flaw.what).help(flaw.help));
                self.at += flaw.at.end.max(1);
            }
        }
    }

    /// `${name.property}`, `${name:-text}`; `self.at` is at the `$`.
    fn braced(&mut self, parts: &mut Parts<'t>) {
        // The brace that closes a name is near; a longer look would be one at all of the text each time.
        let rest = &self.rest()[..self.rest().len().min(LONGEST_PATH)];
        let end = rest.iter().position(|&c| c == b'}' || c == b'\n');
        let inside = end.filter(|&n| rest[n] == b'}').and_then(|n| std::str::from_utf8(&rest[2..n]).ok());
        let length = end.map_or(2, |n| n + 1);
        let (path, default) = match inside.map(|i| i.split_once(":-")) {
            Some(Some((path, default))) => (Some(path), Some(default.to_string())),
            _ => (inside, None),
        };
        match path {
            Some(path) if is_path(path) => {
                let nested = default.as_deref().is_some_and(|text| text.contains("${"));
                let length = length + usize::from(nested && rest.get(length) == Some(&b'}'));
                let span = self.span(self.at, self.at + length);
                if let Some(text) = default.as_deref().filter(|text| has_value(text)) {
                    self.report(no_text(span, path, text));
                }
                let reference = Reference { default, ..self.reference(path, self.at + 2, span) };
                parts.value(reference);
                self.at += length;
            }
            _ => {
                let span = self.span(self.at, self.at + if inside.is_some() { length } else { 2 });
                let problem = Diagnostic::new(
                    span,
                    say!(
                        en "`${{` begins a value, and this is not a name in braces",
                        es "`${{` inicia un valor, y esto no es un nombre entre llaves"
                    ),
                )
                .help(say!(
                    en "write `${{name}}`, or `\\${{` for the two characters themselves",
                    es "escribe `${{name}}`, o `\\${{` para los dos caracteres mismos"
                ));
                // The brace may still be closed.
                self.report(if inside.is_some() { problem } else { problem.unfinished() });
                self.at += 2;
            }
        }
    }

    /// `$name` outside quotes, which must be a word by itself.
    fn bare_value(&mut self, start: usize, parts: &mut Parts<'t>) {
        let rest = self.rest();
        let run = rest[1..]
            .iter()
            .position(|&c| !(c.is_ascii_alphanumeric() || c == b'_' || c == b'.'))
            .map_or(rest.len(), |n| n + 1);
        let name = String::from_utf8_lossy(&rest[1..run]).into_owned();
        let ends = match rest.get(run) {
            None => true,
            Some(b')') => self.inside > 0 || self.in_expression() && self.closes(self.at + run),
            Some(c) => b" \t\r\n".contains(c),
        };
        let whole = self.at == start && ends;
        self.show("''");
        if whole && is_path(&name) {
            parts.value(self.reference(&name, self.at + 1, self.span(self.at, self.at + run)));
        } else {
            let end =
                rest.iter().position(|c| b" \t\r\n".contains(c)).map_or(self.text.len(), |n| self.at + n);
            let span = self.span(start, end);
            let word = String::from_utf8_lossy(&self.text[start..end]).into_owned();
            let signed = matches!(&self.text[start..self.at], b"-" | b"~")
                && ends
                && is_path(&name)
                && self.in_expression();
            let problem = if rest.starts_with(b"$(") {
                Diagnostic::new(
                    span,
                    say!(en "`$(…)` is a word by itself", es "`$(…)` es una palabra por sí sola"),
                )
                .help(say!(
                    en "name its result first, `x = COMMAND`, and write `${{x}}` inside a longer word",
                    es "dale antes un nombre a su resultado, `x = COMMAND`, y escribe `${{x}}` dentro de una palabra más larga"
                ))
            } else if signed {
                let sign = String::from_utf8_lossy(&self.text[start..self.at]).into_owned();
                Diagnostic::new(
                    span,
                    say!(
                        en "operators have blanks around them",
                        es "los operadores llevan espacios alrededor"
                    ),
                )
                .help(say!(en "write `{sign} ${name}`", es "escribe `{sign} ${name}`", sign, name))
            } else if self.at == start
                && is_path(&name)
                && self.in_expression()
                && rest[run..].first().is_some_and(|c| b"+-*/%&|^<>=!".contains(c))
            {
                let more = &rest[run..];
                let end = more.iter().position(|c| !b"+-*/%&|^<>=!".contains(c)).unwrap_or(more.len());
                let operator = String::from_utf8_lossy(&more[..end]).into_owned();
                Diagnostic::new(
                    span,
                    say!(
                        en "operators have blanks around them",
                        es "los operadores llevan espacios alrededor"
                    ),
                )
                .help(say!(
                    en "write `${name} {operator} …`",
                    es "escribe `${name} {operator} …`",
                    name, operator
                ))
            } else if name.is_empty() {
                Diagnostic::new(
                    span,
                    say!(en "a lone `$` outside quotes", es "un `$` solo, fuera de comillas"),
                )
                .help(say!(en "quote it: \"$\"", es "ponlo entre comillas: \"$\""))
            } else {
                Diagnostic::new(
                    span,
                    say!(
                        en "`$name` is a word by itself",
                        es "`$name` es una palabra por sí sola"
                    ),
                )
                .help(say!(
                    en "inside a longer word write `{braces}`",
                    es "dentro de una palabra más larga escribe `{braces}`",
                    braces = braces(&word)
                ))
            };
            self.report(problem);
            // Behind a sign it stays a value, so that nothing else is said of the sign.
            if signed {
                parts.value(self.reference(&name, self.at + 1, self.span(self.at, self.at + run)));
            }
            // Inside `$(…)` the `)` is what follows.
            self.at = if self.inside > 0 { (self.at + run).max(self.at + 1) } else { end };
            return;
        }
        self.at += run;
    }

    fn reference(&self, path: &str, at: usize, span: Span) -> Reference {
        reference(path, (self.base + at) as u32, span)
    }

    /// `<<END`: the word is filled when the line is done. False: not a here-document at all.
    fn document_word(&mut self, start: usize) -> bool {
        let rest = self.rest();
        let strip = rest.get(2) == Some(&b'-');
        let from = if strip { 3 } else { 2 };
        let ends = |c: &u8| b" \t\r\n\\".contains(c) || *c == b')' && self.inside > 0;
        let length = rest[from..].iter().position(ends).unwrap_or(rest.len() - from);
        let tag = String::from_utf8_lossy(&rest[from..from + length]).into_owned();
        let bytes = tag.as_bytes();
        let quoted =
            bytes.len() >= 2 && (bytes[0] == b'\'' || bytes[0] == b'"') && bytes[bytes.len() - 1] == bytes[0];
        let delimiter = if quoted { tag[1..tag.len() - 1].to_string() } else { tag.clone() };
        if !is_name(&delimiter) {
            return false;
        }
        self.at = start + from + length;
        let span = self.span(start, self.at);
        self.show("'q' ");
        self.documents.push(Document {
            word: self.words.len(),
            delimiter,
            span,
            strip,
            raw: quoted && bytes[0] == b'\'',
        });
        self.words.push(Word::new(span, Vec::new(), true));
        true
    }

    /// The lines of the here-documents that this line announced.
    fn documents(&mut self) {
        for document in std::mem::take(&mut self.documents) {
            let first = self.at;
            let mut lines: Vec<(usize, usize)> = Vec::new();
            let end = (document.delimiter.clone(), document.strip);
            let (mut closed, known) = (false, self.lost.0.contains(&end));
            while !known && self.at < self.text.len() {
                let end = memchr::memchr(b'\n', self.rest()).map_or(self.text.len(), |n| self.at + n);
                let last = if self.text[self.at..end].ends_with(b"\r") { end - 1 } else { end };
                let line = (self.at, last);
                self.at = (end + 1).min(self.text.len());
                let shown = &self.text[line.0..line.1];
                let shown = if document.strip { shown.trim_ascii_start() } else { shown };
                if shown == document.delimiter.as_bytes() {
                    closed = true;
                    break;
                }
                lines.push(line);
            }
            if !closed {
                let name = &document.delimiter;
                let problem = Diagnostic::new(
                    document.span,
                    say!(
                        en "this here-document is never closed",
                        es "este documento incrustado nunca se cierra"
                    ),
                )
                .help(say!(
                    en "end it with a line that holds only `{name}`",
                    es "termínalo con una línea que contenga solo `{name}`",
                    name
                ))
                .incomplete();
                self.report(problem);
                self.lost.0.insert(end);
                // What follows was meant as commands more often than as text.
                self.at = first;
                continue;
            }
            let parts = self.document_parts(&document, &lines);
            if let Some(word) = self.words.get_mut(document.word) {
                *word = Word::new(word.span, parts, true);
            }
        }
    }

    fn document_parts(&mut self, document: &Document, lines: &[(usize, usize)]) -> Vec<Part<'t>> {
        let indent = |&(from, to): &(usize, usize)| {
            let line = &self.text[from..to];
            (!line.trim_ascii().is_empty()).then(|| line.len() - line.trim_ascii_start().len())
        };
        let strip = if document.strip { lines.iter().filter_map(indent).min().unwrap_or(0) } else { 0 };
        let after = self.at;
        let mut parts = Parts::default();
        for &(from, to) in lines {
            let from = (from + strip).min(to);
            if document.raw {
                parts.bytes(&self.text[from..to]);
            } else {
                let (mut out, whole) = (Vec::new(), self.text);
                // An escape at the end of a line must not reach into the next.
                self.text = &whole[..to];
                self.at = from;
                while self.at < to {
                    match self.rest() {
                        [b'\\'] => {
                            self.at += 1;
                            out.push(b'\\');
                        }
                        [b'\\', ..] => self.escape(&mut out),
                        [b'$', b'{', ..] => {
                            parts.bytes(&std::mem::take(&mut out));
                            self.braced(&mut parts);
                        }
                        [c, ..] => {
                            out.push(*c);
                            self.at += 1;
                        }
                        [] => break,
                    }
                }
                self.text = whole;
                parts.bytes(&out);
            }
            parts.bytes(b"\n");
        }
        self.at = after;
        if parts.0.is_empty() {
            parts.0.push(Part::Bytes(Vec::new()));
        }
        parts.0
    }

    /// Holds our words to `shlex`'s.
    fn agree(&mut self, start: usize) {
        let Some(plain) = &self.plain else { return };
        if self.broken || plain.is_empty() {
            return;
        }
        let mut shell = shlex::Shlex::new(plain);
        let count = shell.by_ref().count();
        if shell.had_error || count != self.words.len() {
            let span = self.span(start, self.at);
            self.report(Diagnostic::new(
                span,
                say!(
                    en "the words of this line cannot be told apart",
                    es "no se pueden distinguir las palabras de esta línea"
                ),
            ));
        }
    }
}

/// Bytes that end a bare word, or make more of it than text.
const ODD: [bool; 256] = {
    let mut odd = [false; 256];
    let bytes = b" \t\r\n\\\"'$";
    let mut at = 0;
    while at < bytes.len() {
        odd[bytes[at] as usize] = true;
        at += 1;
    }
    // What is not ASCII is looked at: it may be a typographic quote.
    let mut byte = 0x80;
    while byte < odd.len() {
        odd[byte] = true;
        byte += 1;
    }
    odd
};

/// What a character outside quotes is taken for at a glance.
#[derive(Clone, Copy)]
enum Like {
    Quote,
    Apostrophe,
    Dash,
    Blank,
    Nothing,
}

/// Typographic quotes and dashes, blanks that do not separate words, characters that are not seen.
fn lookalike(c: char) -> Option<Like> {
    Some(match c {
        '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{ff02}' | '\u{2033}' => Like::Quote,
        '\u{2018}'..='\u{201b}' | '\u{2039}' | '\u{203a}' | '\u{ff07}' | '\u{2032}' | '\u{b4}' => {
            Like::Apostrophe
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => Like::Dash,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Like::Blank,
        '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => Like::Nothing,
        _ => return None,
    })
}

fn lookalike_problem(span: Span, c: char, like: Like) -> Diagnostic {
    let code = format!("U+{:04X}", c as u32);
    let itself = c.escape_unicode();
    let (plain, help) = match like {
        Like::Quote => ("\"", say!(en "text is quoted with `\"` or `'`", es "el texto va entre `\"` o `'`")),
        Like::Apostrophe => {
            ("'", say!(en "text is quoted with `\"` or `'`", es "el texto va entre `\"` o `'`"))
        }
        Like::Dash => (
            "-",
            say!(en "write `-`, or quote it if it is text", es "escribe `-`, o entre comillas si es texto"),
        ),
        Like::Blank => {
            let message = say!(en "{code} is a blank that separates no words", es "{code} es un espacio que no separa palabras", code);
            return Diagnostic::new(span, message).help(say!(
                en "write a plain blank; in quotes it is `{itself}`", es "escribe un espacio normal; entre comillas es `{itself}`", itself
            ));
        }
        Like::Nothing => {
            let message = say!(en "{code} is a character that is not seen", es "{code} es un carácter que no se ve", code);
            return Diagnostic::new(span, message).help(say!(
                en "take it out; in quotes it is `{itself}`", es "quítalo; entre comillas es `{itself}`", itself
            ));
        }
    };
    let message = say!(en "{code} `{c}` only looks like `{plain}`", es "{code} `{c}` solo se parece a `{plain}`", code, c, plain);
    Diagnostic::new(span, message).help(help)
}

/// A carriage return outside quotes that no line feed follows.
fn lone_return(span: Span) -> Diagnostic {
    Diagnostic::new(
        span,
        say!(
            en "a carriage return that does not end a line",
            es "un retorno de carro que no termina una línea"
        ),
    )
    .help(say!(
        en "lines end in LF or CR LF; in text write `\\r`, in quotes",
        es "las líneas terminan en LF o CR LF; en un texto escribe `\\r`, entre comillas"
    ))
}

/// A word that can be read in one way only, as `shlex` is shown it: each literal is the same short quoted one.
fn show(plain: &mut String, word: &Word<'_>) {
    plain.push_str(match word.verbatim() {
        _ if word.quoted => "'q'",
        Some(text) => text,
        None => "''",
    });
    plain.push(' ');
}

/// The parts of a word as they grow; neighbouring bytes become one part.
#[derive(Default)]
struct Parts<'t>(Vec<Part<'t>>);

impl Parts<'_> {
    fn bytes(&mut self, more: &[u8]) {
        if more.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(Part::Bytes(bytes)) => bytes.extend_from_slice(more),
            _ => self.0.push(Part::Bytes(more.to_vec())),
        }
    }

    fn value(&mut self, reference: Reference) {
        // The empty text of `""` before a value is nothing to keep.
        if let Some(Part::Bytes(bytes)) = self.0.last()
            && bytes.is_empty()
        {
            self.0.pop();
        }
        self.0.push(Part::Value(Box::new(reference)));
    }
}

/// The reference that a path is, whose first letter stands at `at`.
fn reference(path: &str, at: u32, span: Span) -> Reference {
    let mut names = path.split('.');
    let name = names.next().unwrap_or_default().to_string();
    let mut from = at + name.len() as u32;
    let properties = names
        .map(|p| {
            let property = (p.to_string(), Span { start: from + 1, end: from + 1 + p.len() as u32 });
            from += 1 + p.len() as u32;
            property
        })
        .collect();
    Reference { span, name, properties, default: None }
}

/// `name`, `name.property`, `1`, `_`, `_7`.
fn is_path(text: &str) -> bool {
    let mut names = text.split('.');
    let first = names.next().unwrap_or_default();
    let number = !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit());
    (number || is_name(first))
        && names.all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// Does a default have what puts a value into other words: `$name`, `${…`, `$(…`?
fn has_value(default: &str) -> bool {
    let begins = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || "_{(".contains(c));
    default.split('$').skip(1).any(begins)
}

/// A default is its letters: a value in it would be none.
fn no_text(span: Span, name: &str, default: &str) -> Diagnostic {
    let is_whole = |text: &str| text.strip_prefix('$').is_some_and(is_path);
    // Braces close at the first that does.
    let closed = if default.contains("${") { format!("{default}}}") } else { default.to_string() };
    let plain = closed.replacen("${", "$", 1).replacen('}', "", 1);
    let value = match () {
        () if is_whole(&plain) => plain,
        () if closed.starts_with("$(") => closed,
        () => format!("\"{}\"", braces(&closed)),
    };
    let message = say!(
        en "the default in `${{{name}:-…}}` is text, and `{value}` is none",
        es "lo que va por defecto en `${{{name}:-…}}` es texto, y `{value}` no lo es",
        name,
        value
    );
    let help = say!(
        en "take it without: `let x = ${{{name}:-}}`, and below it the lines `if $x empty`, `let x = {value}`, `end`",
        es "tómalo sin eso: `let x = ${{{name}:-}}`, y debajo las líneas `if $x empty`, `let x = {value}`, `end`",
        name,
        value
    );
    Diagnostic::new(span, message).help(help)
}

/// `$h:$p` as `${h}:${p}`.
fn braces(word: &str) -> String {
    let mut out = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let length =
            rest.bytes().position(|b| !(b.is_ascii_alphanumeric() || b == b'_')).unwrap_or(rest.len());
        if length == 0 {
            out.push('$');
        } else {
            out.push_str(&format!("${{{}}}", &rest[..length]));
            rest = &rest[length..];
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Sentence;

    fn read(text: &str) -> (Vec<Word<'_>>, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let words = line(text, 0, 0, &mut problems).words;
        (words, problems)
    }

    /// The words as text, a value as `<name.property>`.
    fn texts(text: &str) -> Vec<String> {
        let (words, problems) = read(text);
        assert_eq!(problems, [], "{text}");
        let part = |p: &Part| match p {
            Part::Text(t) => t.to_string(),
            Part::Bytes(b) => literal::text(b),
            Part::Call(c) => format!("<({})>", c.words.len()),
            Part::Value(r) => {
                let mut name = r.name.clone();
                r.properties.iter().for_each(|(p, _)| name.push_str(&format!(".{p}")));
                r.default.iter().for_each(|d| name.push_str(&format!(":-{d}")));
                format!("<{name}>")
            }
        };
        words.iter().map(|w| w.parts().iter().map(part).collect()).collect()
    }

    fn problem(text: &str) -> String {
        let (_, problems) = read(text);
        let first = problems.first().expect(text);
        format!("{} @{}", first.message.english(), &text[first.span.start as usize..first.span.end as usize])
    }

    #[test]
    fn words_are_split_and_decoded() {
        for (input, want) in [
            ("sock.recv 4096 # all", vec!["sock.recv", "4096"]),
            (r#"sendall "\\n""#, vec!["sendall", "\\n"]),
            (r"sendall 'a\nb'", vec!["sendall", "a\nb"]),
            (r#"sendall "\x41\0""#, vec!["sendall", "A\0"]),
            (r#"sendall "$4\r\n""#, vec!["sendall", "$4\r\n"]),
            (r#"sendall '{"a": 1}'"#, vec!["sendall", r#"{"a": 1}"#]),
            (r#"r"a\n" x"68 69" b"c""#, vec!["a\\n", "hi", "c"]),
            (r#"GET"a b"c"#, vec!["GETa bc"]),
            ("a#b \"\" c", vec!["a#b", "", "c"]),
            ("print $x ${y.len} \"${z} $z\"", vec!["print", "<x>", "<y.len>", "<z> $z"]),
            ("connect ${h}:80 $4", vec!["connect", "<h>:80", "<4>"]),
            ("bind ${1:-localhost} \"${p:-}\"", vec!["bind", "<1:-localhost>", "<p:->"]),
            ("a \\\n  b", vec!["a", "b"]),
            ("a \\\r\n  b\r\n", vec!["a", "b"]),
            ("\"two\nlines\"", vec!["two\nlines"]),
            ("sendall <<END\na\\t${x}\nb\nEND\n", vec!["sendall", "a\t<x>\nb\n"]),
            ("sendall <<-END\n    a\n      b\n    END\n", vec!["sendall", "a\n  b\n"]),
            ("sendall <<'END'\na\\t${x}\nEND\n", vec!["sendall", "a\\t${x}\n"]),
            ("sendall <<END\r\na\r\nEND\r\n", vec!["sendall", "a\n"]),
            ("sendall <<END\\\n b\na\nEND\n", vec!["sendall", "a\n", "b"]),
        ] {
            assert_eq!(texts(input), want, "{input}");
        }
    }

    /// A word that can be read in one way only is read at once; inside `$(…)` every word is read part by part.
    #[test]
    fn a_word_is_the_same_by_both_ways_of_reading() {
        for word in [
            "x",
            "s.recv",
            "-1",
            "a#b",
            "''",
            "\"\"",
            "\"a b\"",
            r#""a\"b""#,
            r#""a\" b""#,
            r"'a\' b\\'",
            r"'it\'s'",
            r#""\\""#,
            r#""\\\"""#,
            r"'a\n'",
            r#""\x41\0\u{e9}\r\n""#,
            "\"ñ\"",
            "$x",
            "$1",
            "$_",
            "$x.y.z",
            "${x}",
            "${x.y}",
            "${1}",
            "\"${x} $y\"",
            "${x:-1}",
            "a${x}",
            "r'\\n'",
            "x'00'",
            "\"a\"b",
        ] {
            let own = |text: &str| {
                let (words, problems) = read(text);
                assert_eq!(problems, [], "{text}");
                let inner = match words[0].call() {
                    Some(call) => call.words.clone(),
                    None => words,
                };
                let [_, word] = &inner[..] else { panic!("{text}: {inner:?}") };
                let part = |p: &Part| match p {
                    Part::Value(r) => (r.name.clone(), r.properties.iter().map(|(p, _)| p.clone()).collect()),
                    other => (literal::text(other.bytes().unwrap_or_default()), Vec::new()),
                };
                let parts: Vec<(String, Vec<String>)> = word.parts().iter().map(part).collect();
                let length = word.span.end - word.span.start;
                (parts, word.quoted, word.glued, length, word.literal().map(<[u8]>::to_vec))
            };
            assert_eq!(own(&format!("a {word}")), own(&format!("$(a {word})")), "{word}");
        }
    }

    #[test]
    fn mistakes_have_their_place() {
        for (input, want) in [
            (r#"send "a\qb""#, r"unknown escape `\q` @\q"),
            (r"send hi\n", r"a backslash outside quotes @\n"),
            (r#"send "open"#, "this quote is never closed @\"open"),
            (r#"send x"0""#, "an odd number of hex digits @0"),
            ("connect $h:$p", "`$name` is a word by itself @$h:$p"),
            ("connect a$b", "`$name` is a word by itself @a$b"),
            ("print \"${}\"", "`${` begins a value, and this is not a name in braces @${}"),
            ("send <<END\nx\n", "this here-document is never closed @<<END"),
        ] {
            assert_eq!(problem(input), want, "{input}");
        }
        assert_eq!(
            read("connect $h:$p").1[0].help.as_ref().map(Sentence::english).as_deref(),
            Some("inside a longer word write `${h}:${p}`")
        );
    }

    #[test]
    fn an_open_quote_does_not_hide_the_rest_of_the_file() {
        let mut problems = Vec::new();
        let text = "send \"open\nclose\n";
        let words = line(text, 0, 0, &mut problems);
        assert_eq!(&text[words.end..], "close\n");
        assert!(problems[0].incomplete);
    }

    #[test]
    fn odd_lines_split_as_shlex_splits_them() {
        for input in [
            "", "a b", " a\tb ", "a#b", "#c", "a #c", "'a b'c", "\"a b\"", "''", "a''b", "a;b", "{ }", "*",
            "~", "é ü", "a=b", "-x --y", "<>", "a|b", "\"#\"", "a\u{b}b",
        ] {
            assert_eq!(Some(texts(input)), shlex::split(input), "{input}");
        }
    }
}
