//! Scripts as Python, notebooks and pages: what they print, and what they are.
//!
//! Each lesson, each of scripts/classics and each case of tests/cases/ok is converted, run under python3, and prints what
//! sockbook prints. What Python cannot say, or says otherwise, stands with its reason in tests/convert/excluded.txt: it is
//! converted, and the program is Python. The Python of tests/python_text becomes a script and Python again, and prints the
//! same three times. Adding a case is adding a file.

mod common;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::scripts;
use libtest_mimic::{Arguments, Failed, Trial};

const EXCLUDED: &str = "tests/convert/excluded.txt";

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    let excluded = excluded();
    let mut known: Vec<&String> = excluded.keys().collect();
    for folder in ["scripts/course", "scripts/curso", "scripts/classics", "tests/cases/ok"] {
        for path in scripts(Path::new(folder)) {
            let name = path.display().to_string();
            // What one file sources or two terminals share is no program by itself.
            if path.file_name().is_some_and(|file| file.to_string_lossy().starts_with('_') || file == "fixture.sock") {
                continue;
            }
            known.retain(|excluded| **excluded != name);
            if excluded.contains_key(&name) {
                let path = path.clone();
                trials.push(Trial::test(format!("{name} (excluded)"), move || converts(&path)));
                continue;
            }
            let path = path.clone();
            trials.push(Trial::test(name, move || prints_the_same(&path)).with_ignored_flag(cfg!(without = "python3")));
        }
    }
    for path in scripts(Path::new("scripts/course")) {
        let name = format!("notebook of {}", path.display());
        trials.push(Trial::test(name, move || is_a_notebook(&path)));
    }
    let lost: Vec<String> = known.into_iter().cloned().collect();
    trials.push(Trial::test("every_exclusion_names_a_script", move || match lost.is_empty() {
        true => Ok(()),
        false => Err(format!("{EXCLUDED}: {lost:?}").into()),
    }));
    libtest_mimic::run(&arguments, trials).exit();
}

/// The scripts that are not compared, with the reason.
fn excluded() -> HashMap<String, String> {
    let text = std::fs::read_to_string(EXCLUDED).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, reason) = line.split_once(": ").unwrap_or_else(|| panic!("{EXCLUDED}: no reason in {line}"));
            (name.to_string(), reason.to_string())
        })
        .collect()
}

fn sockbook(arguments: &[&str], path: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sockbook"))
        .args(arguments)
        .arg(path)
        .env_remove("SOCKBOOK_LANG")
        .env_remove("LANG")
        .output()
        .expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A file in a folder of its own beside the script, from where the script's other files are found.
struct Beside(PathBuf);

impl Beside {
    fn of(path: &Path, ending: &str) -> Beside {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Beside(path.with_file_name(format!(".convert-{}-{name}.{ending}", std::process::id())))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn convert(path: &Path, to: &Path, more: &[&str]) -> Result<String, Failed> {
    let output = Command::new(env!("CARGO_BIN_EXE_sockbook"))
        .arg("convert")
        .arg(path)
        .args(more)
        .arg("-o")
        .arg(to)
        .env_remove("SOCKBOOK_LANG")
        .output()?;
    match output.status.code() {
        Some(0) => Ok(text(&output.stderr)),
        code => Err(format!("convert {code:?}\n{}", text(&output.stderr)).into()),
    }
}

/// It becomes a program that Python reads, marks and all.
fn converts(path: &Path) -> Result<(), Failed> {
    let program = Beside::of(path, "py");
    convert(path, &program.0, &[])?;
    if cfg!(without = "python3") {
        return Ok(());
    }
    let script = "import ast, sys; ast.parse(open(sys.argv[1]).read())";
    let output = Command::new("python3").args(["-c", script]).arg(&program.0).output()?;
    if output.status.success() { Ok(()) } else { Err(text(&output.stderr).into()) }
}

/// Numbers of ports, descriptors and processes, times, and sizes that the kernel chooses are no two times the same.
fn masked(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| {
            let is_digit = |c: char| c.is_ascii_digit();
            let pieces = line.split_inclusive(|c: char| !is_digit(c));
            pieces
                .map(|piece| {
                    let digits = piece.chars().take_while(|c| is_digit(*c)).count();
                    if digits >= 4 { format!("#{}", &piece[digits..]) } else { piece.to_string() }
                })
                .collect::<String>()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    // Threads print in any order.
    lines.sort();
    lines
}

fn prints_the_same(path: &Path) -> Result<(), Failed> {
    let program = Beside::of(path, "py");
    let told = convert(path, &program.0, &[])?;
    let ours = sockbook(&["run"], path);
    let theirs = Command::new("timeout").args(["60", "python3"]).arg(&program.0).output()?;
    let (want, got) = (masked(&text(&ours.stdout)), masked(&text(&theirs.stdout)));
    if ours.status.code() == theirs.status.code() && want == got {
        return Ok(());
    }
    Err(format!(
        "{told}sockbook {:?}\n{}\npython {:?}\n{}\n{}",
        ours.status.code(),
        want.join("\n"),
        theirs.status.code(),
        got.join("\n"),
        text(&theirs.stderr)
    )
    .into())
}

/// It is valid nbformat 4.5, and a script again that has the same lines.
fn is_a_notebook(path: &Path) -> Result<(), Failed> {
    let notebook = Beside::of(path, "ipynb");
    convert(path, &notebook.0, &[])?;
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&notebook.0)?)?;
    check_structure(&json)?;
    let back = Beside::of(path, "back.sock");
    convert(&notebook.0, &back.0, &[])?;
    let kept = |path: &Path| -> Result<Vec<String>, Failed> {
        let text = std::fs::read_to_string(path)?;
        let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty() && *line != "# %%");
        Ok(lines.map(str::to_string).collect())
    };
    let (want, got) = (kept(path)?, kept(&back.0)?);
    if want != got {
        let first = want.iter().zip(&got).find(|(a, b)| a != b);
        return Err(format!("{} lines became {}: {first:?}", want.len(), got.len()).into());
    }
    if cfg!(without = "nbformat") {
        return Ok(());
    }
    let script = "import sys, nbformat; nbformat.validate(nbformat.read(sys.argv[1], as_version=4))";
    let output = Command::new("python3").args(["-W", "error", "-c", script]).arg(&notebook.0).output()?;
    if output.status.success() { Ok(()) } else { Err(text(&output.stderr).into()) }
}

fn check_structure(notebook: &serde_json::Value) -> Result<(), Failed> {
    let wrong = |what: &str| Err(Failed::from(what));
    if notebook["nbformat"] != 4 || notebook["nbformat_minor"] != 5 {
        return wrong("the format is 4.5");
    }
    if notebook["metadata"]["kernelspec"]["name"] != "python3" {
        return wrong("the kernel is Python's");
    }
    let Some(cells) = notebook["cells"].as_array() else { return wrong("it has cells") };
    let mut ids: Vec<&str> = Vec::new();
    for cell in cells {
        let Some(id) = cell["id"].as_str() else { return wrong("a cell has an id") };
        if ids.contains(&id) || id.is_empty() || id.len() > 64 {
            return wrong("an id is one cell's");
        }
        ids.push(id);
        if !cell["source"].is_array() || !cell["metadata"].is_object() {
            return wrong("a cell has a source and metadata");
        }
        if cell["cell_type"] == "code" && (!cell["outputs"].is_array() || cell.get("execution_count").is_none()) {
            return wrong("a code cell has outputs and a count");
        }
    }
    Ok(())
}
