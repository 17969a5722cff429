//! Cells that are Python: shown as the lines of sockbook that they stand for, then run.

use super::check::Checker;
use super::log::{self, Entry, Script};
use super::{Ended, Prompt, name, pasted};
use crate::command;
use crate::python::{self, MarkKind, Reader, Reading};
use crate::render::colour;
use crate::text::diagnostic::{Diagnostic, Span};
use crate::text::forms;

/// Whether a text that is typed or pasted, with the prompts of a notebook or without, is Python.
pub fn is_cell(text: &str) -> bool {
    python::is_python(&pasted::plain(text))
}

/// Whether more lines of a Python text are to come: a bracket or a quote is open, a line ends in `:`, or the last line
/// stands in a block, which an empty line ends as in Python's own prompt.
pub fn is_open(text: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or_default();
    if last.trim().is_empty() {
        return false;
    }
    match Reader::new().read(text) {
        Ok(_) => last.starts_with([' ', '\t']) && text.contains('\n') && python::is_python(text),
        Err(mistake) => mistake.open && begins_python(text),
    }
}

/// Whether a line belongs to the Python above it: to what is open, to a block by its blanks, or as the block's next arm.
pub fn belongs(above: &str, line: &str) -> bool {
    let first = line.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let inside = line.starts_with([' ', '\t']) || matches!(first, "else" | "elif" | "except" | "finally");
    is_open(above) && (inside || Reader::new().read(above).is_err())
}

/// Whether the first line is Python's beginning of a block, or has an open bracket.
fn begins_python(text: &str) -> bool {
    let first = text.trim_start().lines().next().unwrap_or_default().trim_end();
    first.ends_with([':', '(', '[', '{', ',', '\\'])
        || text.contains("\"\"\"")
        || first.contains('(')
        || text.contains('\n')
}

/// The blanks that a line of Python begins with which comes after this text; nothing where it is none.
pub fn indent(text: &str) -> Option<String> {
    let last = text.rsplit('\n').next().unwrap_or_default();
    if !is_open(text) {
        return None;
    }
    let blanks: String = last.chars().take_while(|c| c.is_whitespace()).collect();
    let deeper = last.trim_end().ends_with(':');
    let leaves =
        matches!(last.split_whitespace().next(), Some("return" | "break" | "continue" | "pass" | "raise"));
    Some(match (deeper, leaves) {
        (true, _) => blanks + "    ",
        (false, true) => blanks.get(4..).unwrap_or_default().to_string(),
        (false, false) => blanks,
    })
}

impl Prompt<'_> {
    /// The lines for a cell that is Python and no sockbook; nothing for any other.
    pub(super) fn python_cell(&mut self, text: &str) -> Option<Reading> {
        if !python::is_python(text) || super::words::recognise(text).is_some() {
            return None;
        }
        let checker = Checker::new(&self.compiler);
        if checker.faults(text).is_empty() {
            return None;
        }
        let mut reader = self.python.clone();
        let reading = reader.read(text).ok()?;
        // A line without a call or a block (`x = y`), and a socket's command as a function (`send(a, "hi")`), may be
        // either language with a mistake in it: where nothing stands for it, the mistake is told as sockbook's.
        let either = !python::is_plainly_python(text) || calls_command(text);
        let unsaid =
            |line: &python::Line| line.mark.as_ref().is_some_and(|mark| mark.kind == MarkKind::Unsaid);
        if either && (reading.lines.iter().any(unsaid) || !checker.faults(&reading.text()).is_empty()) {
            return None;
        }
        self.python = reader;
        Some(reading)
    }

    /// Shows the lines of a Python cell, and runs them under one number.
    pub(super) fn run_python(&mut self, text: &str, reading: &Reading) -> Ended {
        let number = self.number;
        self.number += 1;
        self.remember_background();
        self.shown = log::Shown::default();
        self.moved = None;
        self.above.set(None);
        self.output().has_written();
        let made = reading.text();
        for line in reading.lines.iter().filter(|line| !is_comment(&line.text) || line.mark.is_some()) {
            let mark = line.mark.as_ref().map(|mark| format!("  # {}", mark.why.show(self.lang())));
            let shown = format!("  {}{}", line.text, mark.unwrap_or_default());
            let (gate, colour) = (&self.session.caller.gate, self.style().colour);
            // What is lost is seen to at the next prompt.
            let _ = self.output().styled_line(gate, &shown, colour::FAINT, colour);
        }
        let (ended, worked) = match self.python_program(text, reading, &made, number) {
            Some(ended) => (ended, ended == Ended::Well),
            None => (Ended::Failed, false),
        };
        self.session.note_sockets(number, &made);
        if !matches!(ended, Ended::Leave(_)) {
            // Python that is only a comment here (`import socket`) stands there once.
            let python = if reading.lines.iter().all(|line| is_comment(&line.text)) { "" } else { text };
            let script: String = python.lines().map(|line| format!("# {line}\n")).chain([made]).collect();
            let script = script.trim_end().to_string();
            let shown = self.shown.clone();
            let kept = worked.then(|| Script::Text(script.clone()));
            let entry =
                Entry { number, text: script, worked, looking: false, shown, port: None, script: kept };
            self.log.push(entry);
        }
        ended
    }

    /// Compiles and runs the lines; what is wrong is shown at the Python line. Nothing where they cannot run.
    fn python_program(&mut self, text: &str, reading: &Reading, made: &str, number: u32) -> Option<Ended> {
        let own = name(number);
        let python = self.compiler.sources.add(&own, text);
        let places = places(text, python.base() as usize);
        let at = |from: usize| places.get(from.saturating_sub(1)).copied().unwrap_or_default();
        let unsaid = reading.lines.iter().filter(|line| {
            line.mark.as_ref().is_some_and(|mark| mark.kind == MarkKind::Unsaid) && !is_comment(&line.text)
        });
        let refused: Vec<Diagnostic> = unsaid
            .filter_map(|line| {
                line.mark.as_ref().map(|mark| Diagnostic::new(at(line.from), mark.why.clone()))
            })
            .collect();
        if !refused.is_empty() {
            self.refuse(&refused);
            return None;
        }
        let spans: Vec<Span> = reading.lines.iter().map(|line| at(line.from)).collect();
        self.compiler.sources.stands_for(made, &spans);
        let base = self.compiler.sources.next() as usize;
        let program = self.compile(&own, made)?;
        // As in a notebook, the value of the last line alone is shown, if it stands by itself.
        let last = made.trim_end().rsplit('\n').next().unwrap_or_default();
        let alone = !last.starts_with(' ') && !is_comment(last) && !is_assignment(last);
        let end = base + made.trim_end().len();
        let typed = if alone { Span::new(end - last.len(), end) } else { Span::new(end, end) };
        Some(self.execute(&program, typed, number))
    }
}

/// `send(a, "hi")`: a command of sockets, called as a function.
fn calls_command(text: &str) -> bool {
    let row = text.trim_start().split_once('(').and_then(|(name, _)| command::find(name));
    row.is_some_and(|row| row.shape.on_socket)
}

/// Where each line of a text lies, without the blanks around it.
fn places(text: &str, base: usize) -> Vec<Span> {
    let mut at = base;
    let mut places = Vec::new();
    for line in text.split('\n') {
        let start = at + line.len() - line.trim_start().len();
        places.push(Span::new(start, start.max(at + line.trim_end().len())));
        at += line.len() + 1;
    }
    places
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// Whether a line gives a name a value: `x = recv`, `a, b = accept`.
fn is_assignment(line: &str) -> bool {
    let first = line.split(' ').next().unwrap_or_default();
    matches!(first, forms::BINDS | forms::SHARES)
        || line.split_once(" = ").is_some_and(|(names, _)| names.split(", ").all(crate::text::words::is_name))
}

#[cfg(feature = "python")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_waits_for_its_rest() {
        for (text, open) in [
            ("for i in range(3):", true),
            ("for i in range(3):\n    print(i)", true),
            ("for i in range(3):\n    print(i)\n", false),
            ("print(1)", false),
            ("print(1,", true),
            ("x = [1,\n2", true),
            ("while True:\n    pass\nprint(2)", false),
            ("def f():\n    if x:\n", false),
            ("recv 10", false),
            ("print \"one\ntwo\"", false),
            ("x = \"\"\"one\ntwo", true),
        ] {
            assert_eq!(is_open(text), open, "{text:?}");
        }
        assert_eq!(indent("for i in x:").as_deref(), Some("    "));
        assert_eq!(indent("for i in x:\n    print(i)").as_deref(), Some("    "));
        assert_eq!(indent("recv"), None);
    }
}
