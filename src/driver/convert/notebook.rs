//! Notebooks of Jupyter (nbformat 4): a script as one, and one as a script.
//!
//! A cell that was made of a script keeps the script's own lines in its metadata, with a checksum of the Python beside
//! them: as long as the Python is as it was written, the lines are the cell.

use std::collections::VecDeque;

use anyhow::Result;
use serde_json::{Value, json};

use super::outputs::Outputs;
use super::script::{self, SHEBANG};
use super::{Converted, Told};
use crate::command::row::Does;
use crate::driver::failure::failure;
use crate::python::Reader;
use crate::python::back::Written;
use crate::text::answers;
use crate::text::literal::one_line;
use crate::text::tree::{Line, Statement};
use crate::words::Lang;

/// Where a cell's metadata has what it was made of.
const OURS: &str = "sockbook";

/// A script as a notebook whose cells are Python.
pub fn of_script(script: &str, written: &Written, outputs: &Outputs) -> String {
    let mut cells = Vec::new();
    let mut number = 0;
    let id = |cells: &Vec<Value>| format!("cell-{}", cells.len() + 1);
    let prelude = [written.imports.as_str(), written.helpers.as_str()];
    let prelude: Vec<&str> = prelude.into_iter().filter(|text| !text.is_empty()).collect();
    if !prelude.is_empty() {
        let source = prelude.join("\n\n").trim_end().to_string();
        let metadata = json!({
            "jupyter": {"source_hidden": true},
            OURS: {"lines": "", "sum": sum(&source)},
        });
        number += 1;
        cells.push(code_cell(id(&cells), metadata, number, &source, Vec::new()));
    }
    for cell in &written.cells {
        if cell.is_text {
            let metadata = match cell.title.is_empty() {
                true => json!({}),
                false => json!({"title": cell.title}),
            };
            cells.push(json!({
                "cell_type": "markdown",
                "id": id(&cells),
                "metadata": metadata,
                "source": lines(&cell.text),
            }));
            continue;
        }
        let own = script[cell.source.clone()].trim_matches('\n');
        let own = own.strip_prefix(SHEBANG.trim_end()).unwrap_or(own).trim_start_matches('\n');
        if cell.text.is_empty() && own.is_empty() {
            continue;
        }
        let mut metadata = json!({OURS: {"lines": own, "sum": sum(&cell.text)}});
        if !cell.title.is_empty() {
            metadata["title"] = json!(cell.title);
        }
        let shown = outputs.of(cell.source.start).map(
            |text| json!({"output_type": "stream", "name": "stdout", "text": lines(&format!("{text}\n"))}),
        );
        number += 1;
        cells.push(code_cell(id(&cells), metadata, number, &cell.text, shown.into_iter().collect()));
    }
    if let Some(ladder) = &outputs.ladder {
        let picture = json!({
            "output_type": "display_data",
            "data": {"image/svg+xml": lines(ladder), "text/plain": ["<ladder>"]},
            "metadata": {},
        });
        let last = cells.iter_mut().rfind(|cell| cell["cell_type"] == "code");
        if let Some(outputs) = last.and_then(|cell| cell["outputs"].as_array_mut()) {
            outputs.push(picture);
        }
    }
    let notebook = json!({
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    });
    // As Jupyter writes it.
    let mut out = Vec::new();
    let form = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let mut writer = serde_json::Serializer::with_formatter(&mut out, form);
    let _ = serde::Serialize::serialize(&notebook, &mut writer);
    out.push(b'\n');
    String::from_utf8_lossy(&out).into_owned()
}

fn code_cell(id: String, metadata: Value, number: usize, source: &str, outputs: Vec<Value>) -> Value {
    let count = if outputs.is_empty() { Value::Null } else { json!(number) };
    json!({
        "cell_type": "code",
        "execution_count": count,
        "id": id,
        "metadata": metadata,
        "outputs": outputs,
        "source": lines(source),
    })
}

/// A text as notebooks hold it: its lines, each with its end.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn sum(text: &str) -> String {
    format!("{:08x}", crc32fast::hash(text.as_bytes()))
}

/// A text of a notebook: a string, or its lines.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    }
}

/// A notebook as a script in cells.
pub fn to_script(name: &str, text: &str, lang: Lang) -> Result<Converted> {
    let notebook: Value = serde_json::from_str(text).map_err(|e| {
        let (line, column) = (e.line(), e.column());
        failure(say!(
            en "{name}:{line}:{column}: this is no JSON, and a notebook is",
            es "{name}:{line}:{column}: esto no es JSON, y un cuaderno lo es",
            name, line, column
        ))
    })?;
    let old = &notebook["worksheets"][0]["cells"];
    let Some(cells) = notebook["cells"].as_array().or_else(|| old.as_array()) else {
        return Err(failure(say!(
            en "{name}: this notebook has no cells", es "{name}: este cuaderno no tiene celdas", name
        )));
    };
    let mut reader = Reader::new();
    let mut out = String::from(SHEBANG);
    let mut told = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        let source = text_of(if cell["source"].is_null() { &cell["input"] } else { &cell["source"] });
        let title = one_line(cell["metadata"]["title"].as_str().unwrap_or(""));
        let title = title.as_str();
        if cell["cell_type"] != "code" {
            script::marker(true, title, true, &mut out);
            // Whatever ends a line there ends one here.
            for line in source.replace("\r\n", "\n").split_terminator(['\n', '\r']) {
                out.push_str(if line.is_empty() { "#" } else { "# " });
                // No cell begins in a text.
                if line.trim_start().starts_with("%%") {
                    out.push('\\');
                    out.push_str(line.trim_start());
                } else {
                    out.push_str(line);
                }
                out.push('\n');
            }
            continue;
        }
        let ours = &cell["metadata"][OURS];
        let kept = ours["lines"].as_str().filter(|_| ours["sum"].as_str() == Some(&sum(&source)));
        if let Some(lines) = kept {
            if !lines.is_empty() {
                let is_head = at <= 1
                    && title.is_empty()
                    && lines.lines().all(|line| line.starts_with('#') || line.is_empty());
                script::marker(false, title, !is_head, &mut out);
                out.push_str(lines);
                out.push('\n');
            }
            continue;
        }
        script::marker(false, title, true, &mut out);
        let of_cell = format!("{name}[{}]", at + 1);
        let (python, magics) = without_magics(&source);
        let mut marks = Vec::new();
        let lines = script::read(&mut reader, &of_cell, &python, 0, lang, &mut marks)?;
        for line in magics {
            let why = say!(en "a line for Jupyter, and no Python", es "una línea para Jupyter, y no Python");
            marks.push(Told { file: String::new(), line, why });
        }
        told.extend(marks.into_iter().map(|mark| {
            let (cell, why) = (at + 1, mark.why);
            Told {
                file: name.into(),
                line: mark.line,
                why: say!(en "(cell {cell}) {why}", es "(celda {cell}) {why}", cell, why),
            }
        }));
        out.push_str(&with_answers(&lines, &printed(&cell["outputs"])));
    }
    Ok(Converted { text: out, told })
}

/// A cell without the lines that are Jupyter's own (`%…`, `!…`), which are comments then; and their numbers. A line in
/// the middle of a statement, in a text of several lines or in brackets, is Python's.
fn without_magics(source: &str) -> (String, Vec<usize>) {
    let mut numbers = Vec::new();
    let mut out = String::new();
    let mut open = Open::default();
    for (at, line) in source.lines().enumerate() {
        let is_magic = !open.goes_on() && line.trim_start().starts_with(['%', '!']);
        if is_magic {
            numbers.push(at + 1);
            out.push_str("# ");
        } else {
            open.read(line);
        }
        out.push_str(line);
        out.push('\n');
    }
    (out, numbers)
}

/// What is open at the end of a line of Python.
#[derive(Default)]
struct Open {
    /// The quotes of a text that goes on in the next line.
    quotes: Option<&'static str>,
    brackets: usize,
    backslash: bool,
}

impl Open {
    fn goes_on(&self) -> bool {
        self.quotes.is_some() || self.brackets > 0 || self.backslash
    }

    fn read(&mut self, line: &str) {
        self.backslash = false;
        let mut at = 0;
        while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
            let c = rest.chars().next().unwrap_or(' ');
            at += c.len_utf8();
            if c == '\\' {
                self.backslash = rest.len() == 1;
                at += rest[1..].chars().next().map_or(0, char::len_utf8);
                continue;
            }
            match self.quotes {
                Some(quotes) if rest.starts_with(quotes) => {
                    self.quotes = None;
                    at += quotes.len() - 1;
                }
                Some(_) => {}
                None if c == '#' => break,
                None => {
                    let found = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|q| rest.starts_with(q));
                    if let Some(quotes) = found {
                        self.quotes = found;
                        at += quotes.len() - 1;
                    }
                    self.brackets += usize::from(matches!(c, '(' | '[' | '{'));
                    self.brackets = self.brackets.saturating_sub(usize::from(matches!(c, ')' | ']' | '}')));
                }
            }
        }
        // Quotes that stand alone end with their line, unless a backslash takes it on.
        if !self.backslash {
            self.quotes = self.quotes.filter(|quotes| quotes.len() == 3);
        }
    }
}

/// What a cell printed, in lines.
fn printed(outputs: &Value) -> Vec<String> {
    let outputs = outputs.as_array().map_or(&[][..], Vec::as_slice);
    let streams =
        outputs.iter().filter(|output| output["output_type"] == "stream" && output["name"] != "stderr");
    let text: String = streams.map(|output| text_of(&output["text"])).collect();
    if text.is_empty() { Vec::new() } else { answers::lines_of(&text) }
}

fn prints(line: &Line<'_>) -> bool {
    crate::command::find(&line.command.text).is_some_and(|row| row.does(Does::Prints))
}

/// Lines with what they printed as answers: where each line of it belongs to one `print`, or all of it to the only one.
fn with_answers(lines: &str, printed: &[String]) -> String {
    let mut sources = crate::text::diagnostic::Sources::default();
    if printed.is_empty() || !sources.fits(lines.len()) {
        return lines.to_string();
    }
    let source = sources.add("", lines);
    let statements = crate::text::parse(&source, &mut Vec::new());
    let is_print = |statement: &Statement<'_>| matches!(statement, Statement::Line(line) if prints(line));
    let prints: Vec<usize> =
        statements.iter().filter(|s| is_print(s)).map(|s| (s.span().end - source.base()) as usize).collect();
    // What prints in a block, or in a thread, may print any of the lines.
    let in_blocks = statements.iter().any(|s| matches!(s, Statement::Block(_))) && lines.contains("print");
    let mut rest: VecDeque<&String> = printed.iter().collect();
    let each = match prints.len() {
        _ if in_blocks => return lines.to_string(),
        1 => printed.len(),
        n if n == printed.len() => 1,
        _ => return lines.to_string(),
    };
    let mut out = String::new();
    let mut at = 0;
    for end in prints {
        let end = lines[end..].find('\n').map_or(lines.len(), |n| end + n + 1);
        out.push_str(&lines[at..end]);
        for line in rest.drain(..each.min(rest.len())) {
            let line = answers::escaped(line);
            out.push_str(&format!("#> {line}\n"));
        }
        at = end;
    }
    out.push_str(&lines[at..]);
    out
}
