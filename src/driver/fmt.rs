//! `sockbook fmt`: scripts brought into the one layout.

use std::path::PathBuf;

use anyhow::Result;

use crate::driver::failure::failure;
use crate::driver::files;
use crate::driver::output::{Lines, complain, say};
use crate::driver::run;
use crate::driver::suite;
use crate::text::diagnostic::{Diagnostic, Sources};
use crate::text::layout::format;
use crate::text::literal;
use crate::words::Lang;

/// A diff longer than this says how long it is.
const LINES_SHOWN: usize = 40;

/// Lays out the scripts, or with `check` says which are not and how they would change. A file with
/// mistakes is left alone: 2. With `check`, 1 where something would change.
pub fn main(paths: &[PathBuf], check: bool, lang: Lang) -> Result<i32> {
    if paths.iter().any(|p| p.as_os_str() == "-") {
        if paths.len() > 1 {
            return Err(failure(phrase!(
                en "standard input (`-`) is laid out by itself",
                es "la entrada estándar (`-`) se ordena por sí sola"
            )));
        }
        let text = run::read_stdin()?;
        let Some(new) = laid_out(&text.name, &text.text, lang)? else { return Ok(2) };
        if !check {
            if let Some(lines) = new.strip_suffix('\n') {
                say(lines)?;
            }
            return Ok(0);
        }
        let mut lines = Lines::default();
        show(&mut lines, &text.name, &text.text, &new, lang);
        return Ok(lines.exit_code(i32::from(new != text.text)));
    }
    let mut lines = Lines::default();
    let (mut wrong, mut changed) = (false, 0u64);
    for path in suite::find(paths)? {
        let name = path.to_string_lossy().into_owned();
        let text = match files::read(&path) {
            Ok(text) => text,
            Err(why) => {
                complain(format_args!("error: {}\n", why.show(lang)));
                wrong = true;
                continue;
            }
        };
        let Some(new) = laid_out(&name, &text, lang)? else {
            wrong = true;
            continue;
        };
        if new == text {
            continue;
        }
        changed += 1;
        if check {
            show(&mut lines, &name, &text, &new, lang);
        } else {
            files::write(&path, &new).map_err(|e| failure(files::cannot_write(&name, &e)))?;
            lines.say(literal::one_line(&name));
        }
    }
    Ok(lines.exit_code(if wrong { 2 } else { i32::from(check && changed > 0) }))
}

/// The text in the one layout; its mistakes go to standard error.
fn laid_out(name: &str, text: &str, lang: Lang) -> Result<Option<String>> {
    let mut sources = Sources::default();
    if !sources.fits(text.len()) {
        return Err(failure(files::too_long(name)));
    }
    match format(&sources.add(name, text)) {
        Ok(new) => Ok(Some(new)),
        Err(problems) => {
            let style = run::style(lang);
            for problem in problems.iter().filter(|p| Diagnostic::is_error(p)) {
                complain(format_args!("{}\n", problem.draw(&sources, style)));
            }
            Ok(None)
        }
    }
}

fn show(out: &mut Lines, name: &str, old: &str, new: &str, lang: Lang) {
    let lines = changes(old, new, lang);
    if lines.is_empty() {
        return;
    }
    let name = literal::one_line(name);
    out.say(format_args!("--- {name}\n+++ {name}"));
    for line in lines.iter().take(LINES_SHOWN) {
        out.say(line);
    }
    if lines.len() > LINES_SHOWN {
        out.say(lang.words().more_lines((lines.len() - LINES_SHOWN) as u64));
    }
}

/// The lines that go and the lines that come, under the number of the first of each run.
///
/// Layout moves few lines: what two texts share is found by looking a little ahead.
fn changes(old: &str, new: &str, lang: Lang) -> Vec<String> {
    const AHEAD: usize = 12;
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let mut out = Vec::new();
    let (mut a, mut b) = (0, 0);
    while a < old.len() || b < new.len() {
        if a < old.len() && b < new.len() && old[a] == new[b] {
            (a, b) = (a + 1, b + 1);
            continue;
        }
        // The nearest place from which both go on alike.
        let near = (1..=2 * AHEAD).find_map(|far| {
            let alike = |skip: &usize| {
                let (x, y) = (a + skip, b + far - skip);
                x < old.len() && y < new.len() && old[x] == new[y] && !old[x].trim().is_empty()
            };
            (0..=far).find(alike).map(|skip| (skip, far - skip))
        });
        let (gone, come) = near.unwrap_or((old.len() - a, new.len() - b));
        out.push(say!(en "@@ line {n}", es "@@ línea {n}", n = a + 1).show(lang));
        out.extend(old[a..a + gone].iter().map(|line| shown('-', line, lang)));
        out.extend(new[b..b + come].iter().map(|line| shown('+', line, lang)));
        (a, b) = (a + gone, b + come);
    }
    out
}

/// A line of the diff; what cannot be seen at its end is made visible.
fn shown(sign: char, line: &str, lang: Lang) -> String {
    let Some(body) = line.strip_suffix('\n') else {
        let no_end = phrase!(en "(no line end)", es "(sin fin de línea)").show(lang);
        return format!("{sign}{} {no_end}", literal::one_line(line));
    };
    let text = literal::one_line(body);
    let kept = text.trim_end_matches(' ');
    format!("{sign}{kept}{}", "·".repeat(text.len() - kept.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_short() {
        for (old, new, want) in [
            ("a\nb\n", "a\nb\n", vec![]),
            ("a\n b \nc\n", "a\nb\nc\n", vec!["@@ line 2", "- b·", "+b"]),
            ("a\n\n\nb", "a\n\nb\n", vec!["@@ line 3", "-", "-b (no line end)", "+b"]),
            ("a\r\n", "a\n", vec!["@@ line 1", "-a\\r", "+a"]),
        ] {
            assert_eq!(changes(old, new, Lang::EN), want, "{old:?}");
        }
    }
}
