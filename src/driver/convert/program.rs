//! A written program as the text of a `.py` file, in cells where the script is.

use crate::python::back::{Cell, Written};

/// In its first two lines Python looks for the encoding of a file, in any comment: no text of a script stands there.
const TOP: &str = "#!/usr/bin/env python3\n\n";

/// The whole file. `script`: what it was made of.
pub fn text(script: &str, written: &Written) -> String {
    let mut out = String::from(TOP);
    let mut cells = written.cells.iter().peekable();
    let in_cells =
        written.cells.len() > 1 || written.cells.iter().any(|cell| cell.is_text || !cell.title.is_empty());
    // What says what the script is stays at the top.
    let first = cells.next_if(|cell| !cell.is_text && only_comments(&cell.text) && script.starts_with('#'));
    if let Some(cell) = first
        && !cell.text.is_empty()
    {
        out.push_str(&cell.text);
        out.push_str("\n\n");
    }
    for part in [&written.imports, &written.helpers] {
        if !part.is_empty() {
            out.push_str(part);
            out.push('\n');
        }
    }
    if !written.helpers.is_empty() {
        out.push('\n');
    }
    for cell in cells {
        out.push_str(&marked(cell, in_cells));
        out.push('\n');
    }
    out.truncate(out.trim_end_matches('\n').len());
    out.push('\n');
    out
}

fn only_comments(text: &str) -> bool {
    text.lines().all(|line| line.is_empty() || line.starts_with('#'))
}

/// A cell with its marker, in the percent format.
fn marked(cell: &Cell, in_cells: bool) -> String {
    let title = if cell.title.is_empty() { String::new() } else { format!(" {}", cell.title) };
    match (cell.is_text, in_cells) {
        (true, _) => {
            let lines = cell
                .text
                .lines()
                .map(|line| if line.is_empty() { "#\n".into() } else { format!("# {line}\n") });
            format!("# %% [markdown]{title}\n{}", lines.collect::<String>())
        }
        (false, true) => format!("# %%{title}\n{}\n", cell.text),
        (false, false) => format!("{}\n", cell.text),
    }
}
