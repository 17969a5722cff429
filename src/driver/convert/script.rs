//! Python as a script in cells.

use anyhow::Result;

use super::{Converted, Told};
use crate::driver::failure::failure;
use crate::python::Reader;
use crate::text::lesson;
use crate::words::Lang;

/// The first line of a script.
pub const SHEBANG: &str = "#!/usr/bin/env sockbook\n";

/// A Python program, in cells where it is.
pub fn of_python(name: &str, text: &str, lang: Lang) -> Result<Converted> {
    let mut reader = Reader::new();
    let mut out = String::from(SHEBANG);
    let mut told = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let cells = lesson::cells(text, &[]);
    for cell in &cells {
        let body = &text[cell.body.clone()];
        let before = text[..cell.body.start].matches('\n').count();
        marker(cell.is_text, cell.title, cells.len() > 1 && cell.body.start > 0, &mut out);
        if cell.is_text {
            out.push_str(body);
            continue;
        }
        let lines = read(&mut reader, name, body, before, lang, &mut told)?;
        out.push_str(&lines);
    }
    Ok(Converted { text: out, told })
}

/// Adds the line that begins a cell.
pub fn marker(is_text: bool, title: &str, in_cells: bool, out: &mut String) {
    if !in_cells {
        return;
    }
    while out.ends_with("\n\n\n") {
        out.pop();
    }
    if !out.ends_with("\n\n") {
        out.push('\n');
    }
    out.push_str(if is_text { "# %% [markdown]" } else { "# %%" });
    let mut title = title.trim();
    // What says that a cell is text is no title of one that is not.
    while let Some(rest) = ["[markdown]", "[md]"]
        .iter()
        .find_map(|kind| title.strip_prefix(kind).or_else(|| title.strip_suffix(kind)))
        .filter(|_| !is_text)
    {
        title = rest.trim();
    }
    if !title.is_empty() {
        out.push(' ');
        out.push_str(title);
    }
    out.push('\n');
}

/// The lines that stand for a piece of Python that begins behind so many lines; each mark as a comment above its line.
pub fn read(
    reader: &mut Reader,
    name: &str,
    text: &str,
    before: usize,
    lang: Lang,
    told: &mut Vec<Told>,
) -> Result<String> {
    let reading = reader.read(text).map_err(|mistake| {
        let (line, column, why) = (before + mistake.line, mistake.column, mistake.why);
        failure(say!(en "{name}:{line}:{column}: {why}", es "{name}:{line}:{column}: {why}", name, line, column, why))
    })?;
    let mut out = String::new();
    for line in &reading.lines {
        if let Some(mark) = &line.mark {
            let indent = line.text.len() - line.text.trim_start().len();
            let why = mark.why.show(lang);
            out.push_str(&format!("{:indent$}# {why}\n", ""));
            told.push(Told { file: name.into(), line: before + line.from, why: mark.why.clone() });
        }
        out.push_str(&line.text);
        out.push('\n');
    }
    Ok(out)
}
