//! What is wrong with the user's text, and where: a message, a place, a way out.

mod brief;

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, Title};

use crate::text::literal;
use crate::words::{Lang, Phrase, Sentence};

/// A stretch of text in bytes, counted over all files of a script (see [`Sources`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
}

impl Span {
    /// From `start` up to, but not with, `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Span { start: start as u32, end: end as u32 }
    }

    /// From the start of this one to the end of the other.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// One text: a file, the lines of `-c`, or what was typed at `In [n]`.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its file, or what stands for one: `<stdin>`.
    pub name: Arc<str>,
    /// All of it.
    pub text: Arc<String>,
    base: u32,
    /// Where its lines begin, filled at the first question for a place.
    lines: Arc<OnceLock<Vec<u32>>>,
}

impl Source {
    /// The text under `span`, or nothing where the span does not lie in this source.
    pub fn slice(&self, span: Span) -> &str {
        let at = |n: u32| n.saturating_sub(self.base) as usize;
        self.text.get(at(span.start)..at(span.end)).unwrap_or("")
    }

    /// Where its bytes begin in the numbering of all sources.
    pub fn base(&self) -> u32 {
        self.base
    }

    /// Does the span lie in this text?
    pub fn holds(&self, span: Span) -> bool {
        self.base <= span.start && span.end as usize <= self.base as usize + self.text.len()
    }

    /// The line, from 1, in which the byte `at` stands, and where that line begins.
    fn line_at(&self, at: usize) -> (usize, usize) {
        let lines = self.lines.get_or_init(|| {
            let after = memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|n| n as u32 + 1);
            std::iter::once(0).chain(after).collect()
        });
        let line = lines.partition_point(|&begin| begin as usize <= at);
        (line, lines.get(line.saturating_sub(1)).map_or(0, |&begin| begin as usize))
    }
}

/// A piece of a text, which it keeps alive: what a script says stands in memory once.
pub struct Excerpt {
    text: Arc<String>,
    from: u32,
    to: u32,
}

impl Excerpt {
    /// The piece of `text` that `piece` is; nothing where it is no piece of it.
    pub fn of(text: &Arc<String>, piece: &str) -> Option<Excerpt> {
        let from = (piece.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
        let to = from + piece.len();
        // What lies in its memory is a piece of it.
        if to > text.len() {
            return None;
        }
        Some(Excerpt { text: text.clone(), from: u32::try_from(from).ok()?, to: u32::try_from(to).ok()? })
    }

    /// Its text as bytes.
    pub fn bytes(&self) -> &[u8] {
        self.whole().unwrap_or_default()
    }

    /// Its bytes, which are there.
    pub fn whole(&self) -> Option<&[u8]> {
        self.text.as_bytes().get(self.from as usize..self.to as usize)
    }
}

impl std::fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        String::from_utf8_lossy(self.bytes()).fmt(f)
    }
}

/// All texts of a session, laid end to end so that one number names a place in any of them.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
    /// Texts that were made from others, by where they lie.
    made: Vec<Made>,
}

/// A text that was made from another: what is found in it is shown in that other.
#[derive(Clone, Debug)]
struct Made {
    from: u32,
    /// For each line: where it ends, and what it was made from.
    lines: Vec<(u32, Span)>,
}

/// A place as people say it; line and column count from 1, the column in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The source's name.
    pub file: Arc<str>,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// Texts beyond this are refused: a place is a 32-bit number.
pub const LONGEST_TEXT: usize = 1 << 30;

impl Sources {
    /// Adds a text and returns it with its place in the whole.
    pub fn add(&mut self, name: &str, text: impl Into<String>) -> Source {
        self.share(name, Arc::new(text.into()))
    }

    /// As [`Sources::add`], of a text that others have too.
    pub fn share(&mut self, name: &str, text: Arc<String>) -> Source {
        // One byte apart, so that the end of one text is never the start of the next.
        let base = self.next();
        let source = Source { name: name.into(), text, base, lines: Arc::default() };
        self.files.push(source.clone());
        source
    }

    /// Where the text that is added next will begin.
    pub fn next(&self) -> u32 {
        self.files.last().map_or(0, |f| f.base + f.text.len() as u32 + 1)
    }

    /// The text that is added next was made from others that are here: its lines stand for these spans, one each.
    pub fn stands_for(&mut self, text: &str, spans: &[Span]) {
        let from = self.next();
        let mut end = from;
        let lines = text.split('\n').zip(spans).map(|(line, span)| {
            end += line.len() as u32 + 1;
            (end, *span)
        });
        let made = Made { from, lines: lines.collect() };
        self.made.push(made);
    }

    /// Where a span is shown: of a text that was made from another, in that one.
    pub fn seen(&self, span: Span) -> Span {
        let after = self.made.partition_point(|made| made.from <= span.start);
        let made = after.checked_sub(1).and_then(|at| self.made.get(at));
        let line =
            made.and_then(|made| made.lines.get(made.lines.partition_point(|(end, _)| *end <= span.start)));
        line.map_or(span, |(_, from)| *from)
    }

    /// Room for one more text of this length?
    pub fn fits(&self, length: usize) -> bool {
        let used = self.files.last().map_or(0, |f| f.base as usize + f.text.len() + 1);
        length < LONGEST_TEXT && used + length < u32::MAX as usize
    }

    /// The text that was added first: the script itself.
    pub fn first(&self) -> Option<&Source> {
        self.files.first()
    }

    /// All of them, in the order in which they were added: the script first.
    pub fn files(&self) -> &[Source] {
        &self.files
    }

    /// The whole text of this name.
    pub fn named(&self, name: &str) -> Option<&str> {
        self.files.iter().find(|source| &*source.name == name).map(|source| source.text.as_str())
    }

    /// The source that holds this span.
    pub fn source(&self, span: Span) -> Option<&Source> {
        let after = self.files.partition_point(|f| f.base <= span.start);
        self.files.get(after.checked_sub(1)?)
    }

    /// File, line and column of a span.
    pub fn place(&self, span: Span) -> Option<Place> {
        let span = self.seen(span);
        let source = self.source(span)?;
        let at = ((span.start - source.base) as usize).min(source.text.len());
        let (line, start) = source.line_at(at);
        let column = source.text.get(start..at).map_or(at - start, |t| t.chars().count()) + 1;
        Some(Place { file: source.name.clone(), line, column })
    }

    /// The text under a span, empty where it names no text.
    pub fn text(&self, span: Span) -> &str {
        self.source(span).map_or("", |s| s.slice(span))
    }

    /// The whole line in which the span begins, without its end, and where it lies.
    pub fn line_of(&self, span: Span) -> Option<(&Source, Range<usize>)> {
        let span = self.seen(span);
        let source = self.source(span)?;
        let at = ((span.start - source.base) as usize).min(source.text.len());
        let bytes = source.text.as_bytes();
        let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |n| n + 1);
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |n| at + n);
        Some((source, start..end))
    }
}

/// How grave a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The script does not run.
    Error,
    /// It runs, and may not mean what it says.
    Warning,
}

/// One mistake in the user's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// What kind of warning it is, for editors and for looking it up; mistakes have none.
    pub code: Option<&'static str>,
    /// The word at fault.
    pub span: Span,
    /// What is wrong.
    pub message: Sentence,
    /// The way out.
    pub help: Option<Sentence>,
    /// More text could mend it: an open quote, an open block.
    pub incomplete: bool,
    /// More words on the line could mend it: while it is being typed it is no mistake yet.
    pub unfinished: bool,
    /// May a line that is typed later make what it names?
    pub later: Later,
}

/// Of a mistake: is it that something is not there, which a line that is typed later could make?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Later {
    /// It is another mistake.
    #[default]
    No,
    /// A `def` that follows may be of this name.
    Likely,
    /// A name is near, or a line above is due.
    Unlikely,
}

/// A mistake for each blank (`____`) of a text that is an exercise: it cannot run before they are filled in.
pub fn blanks(source: &Source) -> Vec<Diagnostic> {
    let found = super::lesson::blanks(&source.text);
    let (base, of) = (source.base() as usize, found.len());
    let one = |(at, blank): (usize, &Range<usize>)| {
        let span = Span::new(base + blank.start, base + blank.end);
        let message = say!(
            en "blank {at} of {of}: write here what is missing",
            es "hueco {at} de {of}: escribe aquí lo que falta",
            at = at + 1,
            of
        );
        Diagnostic::new(span, message)
    };
    found.iter().enumerate().map(one).collect()
}

impl Diagnostic {
    /// An error at `span`.
    pub fn new(span: Span, message: impl Into<Sentence>) -> Self {
        Diagnostic {
            severity: Severity::Error,
            code: None,
            span,
            message: message.into(),
            help: None,
            incomplete: false,
            unfinished: false,
            later: Later::No,
        }
    }

    /// A warning at `span`; `code` names its kind.
    pub fn warning(code: &'static str, span: Span, message: impl Into<Sentence>) -> Self {
        Diagnostic { severity: Severity::Warning, code: Some(code), ..Diagnostic::new(span, message) }
    }

    /// The same, of what is named and is not there.
    #[must_use]
    pub fn later(mut self, later: Later) -> Self {
        self.later = later;
        self
    }

    /// The same with a way out.
    pub fn help(mut self, help: impl Into<Sentence>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds "did you mean …?" where one of the candidates is near `word`.
    pub fn suggest<'a>(self, word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        match suggest(word, candidates) {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// The same, at the end of a text that may go on: the prompt then waits for more.
    pub fn incomplete(mut self) -> Self {
        self.incomplete = true;
        self
    }

    /// The same, where more words on the line would mend it.
    pub fn unfinished(mut self) -> Self {
        self.unfinished = true;
        self
    }

    /// Does it keep the script from running?
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The message, the line and the caret, ready to print.
    pub fn draw(&self, sources: &Sources, style: Style) -> String {
        let level = match self.severity {
            Severity::Error => error(style.lang),
            Severity::Warning => warning(style.lang),
        };
        let notes: Vec<Note> =
            self.help.iter().map(|help| Note::Help(shortened(help.show(style.lang)))).collect();
        let message = shortened(self.message.show(style.lang));
        if let Some(brief) = style.brief {
            let (name, colour) = match self.severity {
                Severity::Error => (ERROR, brief::ERROR),
                Severity::Warning => (WARNING, brief::WARNING),
            };
            return brief.draw((name, colour), &message, Some(self.span), &notes, sources, style);
        }
        let title = level.primary_title(literal::visible(&message));
        let title = match self.code {
            Some(code) => title.id(code),
            None => title,
        };
        draw_under(title, Some(self.span), &notes, sources, style)
    }
}

/// A sentence that names a word of megabytes, without the middle of it.
fn shortened(text: String) -> String {
    /// In bytes; longer than any sentence about words of usual length.
    const LONGEST: usize = 2000;
    if text.len() <= LONGEST {
        return text;
    }
    let (to, from) =
        (text.floor_char_boundary(LONGEST / 2), text.ceil_char_boundary(text.len() - LONGEST / 2));
    format!("{}…{}", &text[..to], &text[from..])
}

/// So many findings of a text are shown: the others follow from them more often than not.
pub const SHOWN: usize = 100;

/// The first [`SHOWN`] findings, and one that says how many more there are.
pub fn first_of(mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let more = problems.len().saturating_sub(SHOWN);
    if let Some(next) = problems.get_mut(SHOWN) {
        let message = say!(en "{more} more from here on", es "{more} más a partir de aquí", more);
        *next = Diagnostic { severity: next.severity, ..Diagnostic::new(next.span, message) };
        problems.truncate(SHOWN + 1);
    }
    problems
}

/// How findings are drawn: for which terminal, in which language.
#[derive(Clone, Copy)]
pub struct Style {
    /// With colours.
    pub colour: bool,
    /// The language of the text.
    pub lang: Lang,
    /// Where people type: in few lines. Else in the layout that compilers use.
    pub brief: Option<Brief>,
}

/// A finding where people type: the mark, what is wrong, and the way out, each a line.
#[derive(Clone, Copy, Debug)]
pub struct Brief {
    /// How wide the terminal is.
    pub columns: usize,
    /// The line of this text stands on the screen right above, behind so many columns: the mark goes below it.
    pub above: Option<(Span, usize)>,
}

const ERROR: Phrase = phrase!(en "error", es "error");
const WARNING: Phrase = phrase!(en "warning", es "advertencia");
const NOTE: Phrase = phrase!(en "note", es "nota");
const HELP: Phrase = phrase!(en "help", es "ayuda");

/// What an error is called before its headline.
fn error(lang: Lang) -> Level<'static> {
    Level::ERROR.with_name(ERROR.show(lang))
}

fn warning(lang: Lang) -> Level<'static> {
    Level::WARNING.with_name(WARNING.show(lang))
}

/// "did you mean `near`?"
pub fn did_you_mean(near: &str) -> Sentence {
    say!(en "did you mean `{near}`?", es "¿quisiste decir `{near}`?", near)
}

/// A line under the caret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// What else is known.
    Fact(String),
    /// The way out.
    Help(String),
}

impl Note {
    fn visible(&self) -> Note {
        match self {
            Note::Fact(text) => Note::Fact(literal::visible(text)),
            Note::Help(text) => Note::Help(literal::visible(text)),
        }
    }
}

/// Draws any finding in the one layout: headline, place, line, caret, what else is known, way out.
pub fn draw(message: &str, span: Option<Span>, notes: &[Note], sources: &Sources, style: Style) -> String {
    match style.brief {
        Some(brief) => brief.draw((ERROR, brief::ERROR), message, span, notes, sources, style),
        None => {
            let title = error(style.lang).primary_title(literal::visible(message));
            draw_under(title, span, notes, sources, style)
        }
    }
}

fn draw_under(
    title: Title<'_>,
    span: Option<Span>,
    notes: &[Note],
    sources: &Sources,
    style: Style,
) -> String {
    let renderer = if style.colour { Renderer::styled() } else { Renderer::plain() };
    let mut group = Group::with_title(title);
    if let Some(span) = span.map(|span| sources.seen(span))
        && let Some(source) = sources.source(span)
    {
        group = group.element(snippet(source, span));
    }
    for note in notes {
        // Names and bytes from anywhere may stand in it.
        group = group.element(match note.visible() {
            Note::Fact(text) => Level::NOTE.with_name(NOTE.show(style.lang)).message(text),
            Note::Help(text) => Level::HELP.with_name(HELP.show(style.lang)).message(text),
        });
    }
    renderer.render(&[group])
}

/// The line the span begins in, with its mark. Only that line is handed on: drawing stays cheap in a
/// file of any size.
fn snippet<'a>(source: &Source, span: Span) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let Marked { number, line, mark } = marked(source, span);
    // A line can be a megabyte long, and can hold what a terminal must not see.
    let (line, range) = presentable(line, mark, 160);
    Snippet::source(line)
        .line_start(number)
        .path(literal::one_line(&source.name))
        .annotation(AnnotationKind::Primary.span(range))
}

/// The line that a span begins in, with its number, and which part of it is in the span.
struct Marked<'s> {
    number: usize,
    line: &'s str,
    mark: Range<usize>,
}

fn marked(source: &Source, span: Span) -> Marked<'_> {
    let bytes = source.text.as_bytes();
    let start = ((span.start - source.base) as usize).min(bytes.len());
    let end = ((span.end.max(span.start) - source.base) as usize).min(bytes.len());
    let first = memchr::memrchr(b'\n', &bytes[..start]).map_or(0, |n| n + 1);
    let last = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |n| start + n);
    let end = end.clamp(start, last);
    let number = memchr::memchr_iter(b'\n', &bytes[..first]).count() + 1;
    let line = source.text.get(first..last).unwrap_or("").trim_end_matches('\r');
    let clip = |at: usize| (at - first).min(line.len());
    Marked { number, line, mark: clip(start)..clip(end) }
}

/// The part of a line that is shown, so many bytes to both sides of where its mark begins, its control characters made
/// visible, with the mark moved along.
fn presentable(line: &str, mark: Range<usize>, around: usize) -> (String, Range<usize>) {
    let mut from = mark.start.saturating_sub(around);
    if from < 8 {
        from = 0;
    }
    let mut to = (mark.start + around).min(line.len());
    while !line.is_char_boundary(from) {
        from -= 1;
    }
    while !line.is_char_boundary(to) {
        to += 1;
    }
    let mut out = String::new();
    let mut marked = 0..0;
    if from > 0 {
        out.push('…');
    }
    for (at, c) in line[from..to].char_indices() {
        if from + at == mark.start {
            marked.start = out.len();
        }
        if from + at == mark.end {
            marked.end = out.len();
        }
        match c {
            '\t' => out.push('\t'),
            c => literal::push_visible(c, &mut out),
        }
    }
    if mark.start >= to {
        marked.start = out.len();
    }
    if mark.end >= to || marked.end < marked.start {
        marked.end = out.len();
    }
    if to < line.len() {
        out.push('…');
    }
    (out, marked)
}

/// [`did_you_mean`] for the candidate nearest to `word`, if one is near enough.
pub fn suggest<S: AsRef<str>>(word: &str, candidates: impl IntoIterator<Item = S>) -> Option<Sentence> {
    nearest(word, candidates).map(|near| did_you_mean(near.as_ref()))
}

/// The candidate with the fewest letters typed, dropped, changed or swapped, the first of several that
/// are as near; `None` where all differ by more than a typing error would explain. Case does not count.
pub fn nearest<S: AsRef<str>>(word: &str, candidates: impl IntoIterator<Item = S>) -> Option<S> {
    // Only the first of very many candidates: a script can define a million names.
    const CANDIDATES: usize = 1000;
    let wanted = word.to_lowercase();
    let length = wanted.chars().count();
    let limit = match length {
        0 => return None,
        1..=3 => 1,
        4..=5 => 2,
        _ => 3,
    };
    let mut best: Option<(usize, S)> = None;
    for candidate in candidates.into_iter().take(CANDIDATES) {
        // The distance is at least the difference of the lengths, and a character has at most four bytes.
        if candidate.as_ref().len() > 4 * (length + limit) {
            continue;
        }
        let other = candidate.as_ref().to_lowercase();
        let other_length = other.chars().count();
        let nearer = best.as_ref().map_or(limit + 1, |(distance, _)| *distance).min(other_length);
        if length.abs_diff(other_length) >= nearer {
            continue;
        }
        let distance = strsim::osa_distance(&wanted, &other);
        if distance < nearer {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// "usage: COMMAND WORD…"
pub fn usage(usage: impl Into<String>) -> Sentence {
    let usage = usage.into();
    say!(en "usage: {usage}", es "uso: {usage}", usage)
}

/// "there are `a`, `b` or `c`": what may stand here.
pub fn there_are<'a>(words: impl IntoIterator<Item = &'a str>) -> Sentence {
    say!(en "there are {words}", es "puede ser {words}", words = crate::words::one_of(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style { colour: false, lang: Lang::EN, brief: None };

    #[test]
    fn the_nearest_word_is_found() {
        let words = ["stream", "dgram", "seqpacket", "raw"];
        assert_eq!(nearest("steam", words), Some("stream"));
        assert_eq!(nearest("dgarm", words), Some("dgram"));
        assert_eq!(nearest("zebra", words), None);
        assert_eq!(nearest("x", ["y"]), None);
    }

    #[test]
    fn a_place_counts_lines_and_characters() {
        let mut sources = Sources::default();
        sources.add("a", "one\ntwo\n");
        let second = sources.add("b.sock", "é x\nsocket\n");
        let at = |n| sources.place(Span::new(n, n + 1)).map(|p| (p.line, p.column));
        let base = second.base() as usize;
        assert_eq!(at(base + 3), Some((1, 3)));
        assert_eq!(at(base + 5), Some((2, 1)));
        assert_eq!(at(0), Some((1, 1)));
        assert_eq!(sources.text(Span::new(base + 5, base + 11)), "socket");
    }

    #[test]
    fn the_caret_stands_under_the_word() {
        let mut sources = Sources::default();
        sources.add("echo.sock", "socket inet steam\n");
        let finding = Diagnostic::new(Span::new(12, 17), Sentence::plain("`steam` is not a socket type"))
            .suggest("steam", ["stream"]);
        let drawn = finding.draw(&sources, PLAIN);
        assert!(drawn.contains("echo.sock:1:13"), "{drawn}");
        assert!(drawn.contains("            ^^^^^"), "{drawn}");
        assert!(drawn.contains("did you mean `stream`?"), "{drawn}");
    }

    #[test]
    fn a_line_of_a_megabyte_is_cut_and_control_characters_are_shown() {
        let mut sources = Sources::default();
        let text = format!("{} \u{1b}[31m bad", "x".repeat(1 << 20));
        sources.add("f", &text);
        let at = text.len() - 3;
        let drawn = Diagnostic::new(Span::new(at, at + 3), Sentence::plain("no")).draw(&sources, PLAIN);
        assert!(drawn.len() < 1500 && !drawn.contains('\u{1b}'), "{drawn}");
    }
}
