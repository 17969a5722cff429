//! What the cells of a script show: from its answers, or from a run of it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::driver::failure::failure;
use crate::driver::files;
use crate::text::diagnostic::Source;
use crate::text::lesson::{self, Cell};
use crate::text::literal::one_line;
use crate::text::tree::Statement;
use crate::words::Lang;

/// The outputs of a script, cell by cell.
#[derive(Debug, Default)]
pub struct Outputs {
    /// What each code cell shows, by the place where its lines begin; without the last line end.
    shown: Vec<(usize, String)>,
    /// The ladder of the run, as SVG.
    pub ladder: Option<String>,
    /// The script was run: its answers are replaced by what it printed.
    pub is_run: bool,
}

/// Where the statements of a script stand.
pub fn places(source: &Source, statements: &[Statement<'_>]) -> Vec<std::ops::Range<usize>> {
    let base = source.base() as usize;
    statements.iter().map(|s| s.span().start as usize - base..s.span().end as usize - base).collect()
}

impl Outputs {
    /// What a cell shows; nothing for one that shows nothing.
    pub fn of(&self, start: usize) -> Option<&str> {
        self.shown.iter().find(|(at, _)| *at == start).map(|(_, text)| text.as_str())
    }

    /// The answers of lines that print: what a run of the script shows.
    pub fn of_answers(source: &Source, statements: &[Statement<'_>]) -> Outputs {
        let places = places(source, statements);
        let mut outputs = Outputs::default();
        for cell in code_cells(source, &places) {
            let mut lines = Vec::new();
            for (statement, place) in statements.iter().zip(&places) {
                if let Statement::Line(line) = statement
                    && cell.body.contains(&place.start)
                    && let Some(answer) = &line.answer
                    && crate::command::find(&line.command.text)
                        .is_some_and(|row| row.gives == crate::command::row::Gives::Nothing)
                {
                    lines.extend(answer.lines.iter().cloned());
                }
            }
            if !lines.is_empty() {
                outputs.shown.push((cell.body.start, lines.join("\n")));
            }
        }
        outputs
    }

    /// Runs the script, in a process of its own; nothing where it fails, which it has told on standard error then.
    pub fn of_run(
        path: &Path,
        source: &Source,
        statements: &[Statement<'_>],
        lang: Lang,
    ) -> Result<Option<Outputs>> {
        let places = places(source, statements);
        let cells = code_cells(source, &places);
        let mark = format!("sockbook-{:032x}", rand_mark());
        let folder = tempfile::tempdir().map_err(|e| failure(files::about("tmp", &e)))?;
        let picture = folder.path().join("ladder.svg");
        let mut text = String::new();
        let mut at = 0;
        for cell in &cells {
            text.push_str(&source.text[at..cell.body.end]);
            if !text.ends_with('\n') && !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&format!("print \"{mark}\"\n"));
            at = cell.body.end;
        }
        text.push_str(&source.text[at..]);
        text.push_str(&format!("\ndiagram --svg \"{}\"\n", picture.display()));
        let name = one_line(&path.to_string_lossy());
        let cannot = |e: std::io::Error| failure(files::about(&name, &e));
        let here = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut child = Command::new(std::env::current_exe().map_err(cannot)?)
            .args(["--lang", lang.code(), "run", "-"])
            .current_dir(here)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(cannot)?;
        let input = child.stdin.take();
        let writer = std::thread::spawn(move || input.map(|mut input| input.write_all(text.as_bytes())));
        let output = child.wait_with_output().map_err(cannot)?;
        // A script that ended early has not read all of it.
        let _ = writer.join();
        if !output.status.success() {
            return Ok(None);
        }
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        let marker = format!("{mark}\n");
        let pieces = shown.split(marker.as_str());
        let shown = cells.iter().zip(pieces).filter(|(_, text)| !text.is_empty());
        let shown =
            shown.map(|(cell, text)| (cell.body.start, text.trim_end_matches('\n').to_string())).collect();
        let ladder = files::read_if_there(&picture).map_err(failure)?;
        Ok(Some(Outputs { shown, ladder, is_run: true }))
    }
}

fn code_cells<'t>(source: &'t Source, places: &[std::ops::Range<usize>]) -> Vec<Cell<'t>> {
    lesson::cells(&source.text, places).into_iter().filter(|cell| !cell.is_text).collect()
}

/// A number that no script prints by chance.
fn rand_mark() -> u128 {
    use std::hash::{BuildHasher as _, RandomState};
    u128::from(RandomState::new().hash_one(0)) << 64 | u128::from(RandomState::new().hash_one(1))
}
