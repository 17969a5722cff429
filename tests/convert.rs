//! Scripts as Python, notebooks and pages: what they print, and what they are.
//!
//! Each lesson, each of scripts/classics, each case of tests/cases/ok and each script of tests/convert is converted, run
//! under python3, and prints and ends as it does in sockbook. What Python cannot say, or says otherwise, stands with its reason in tests/convert/excluded.txt: it is
//! converted, and the program is Python. The Python of tests/python_text becomes a script and Python again, and prints the
//! same three times. Adding a case is adding a file.

mod common;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::scripts;
use libtest_mimic::{Arguments, Failed, Trial};

type Check = fn() -> Result<(), Failed>;

const EXCLUDED: &str = "tests/convert/excluded.txt";

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    let excluded = excluded();
    let mut known: Vec<&String> = excluded.keys().collect();
    for folder in ["scripts/course", "scripts/curso", "scripts/classics", "tests/cases/ok", "tests/convert"] {
        for path in scripts(Path::new(folder)) {
            let name = path.display().to_string();
            // What one file sources or two terminals share is no program by itself.
            if path
                .file_name()
                .is_some_and(|file| file.to_string_lossy().starts_with('_') || file == "fixture.sock")
            {
                continue;
            }
            known.retain(|excluded| **excluded != name);
            if excluded.contains_key(&name) {
                let path = path.clone();
                trials.push(Trial::test(format!("{name} (excluded)"), move || converts(&path)));
                continue;
            }
            let path = path.clone();
            trials.push(
                Trial::test(name, move || prints_the_same(&path))
                    .with_ignored_flag(cfg!(without = "python3")),
            );
        }
    }
    for path in scripts(Path::new("scripts/course")) {
        let name = format!("notebook of {}", path.display());
        trials.push(Trial::test(name, move || is_a_notebook(&path)));
    }
    let mut fixtures: Vec<PathBuf> =
        std::fs::read_dir("tests/python_text").unwrap().map(|entry| entry.unwrap().path()).collect();
    fixtures.sort();
    for path in fixtures.into_iter().filter(|path| path.extension().is_some_and(|e| e == "py")) {
        let name = path.display().to_string();
        known.retain(|excluded| **excluded != name);
        let ignored = cfg!(any(without = "python3", not(feature = "python"))) || excluded.contains_key(&name);
        trials.push(
            Trial::test(format!("{name} and back"), move || goes_round(&path)).with_ignored_flag(ignored),
        );
    }
    let own: &[(&str, Check)] = &[
        ("a_file_that_is_there_stays", a_file_that_is_there_stays),
        ("what_makes_no_sense_is_refused", what_makes_no_sense_is_refused),
        ("a_run_gives_a_notebook_its_outputs", a_run_gives_a_notebook_its_outputs),
        ("a_page_has_prose_code_and_outputs", a_page_has_prose_code_and_outputs),
        ("what_python_does_not_say_is_told", what_python_does_not_say_is_told),
        ("marks_name_the_file_of_the_line", marks_name_the_file_of_the_line),
        ("a_notebook_becomes_a_script", a_notebook_becomes_a_script),
        ("a_notebook_is_read_cell_by_cell", a_notebook_is_read_cell_by_cell),
    ];
    for (name, test) in own {
        let ignored = name.starts_with("a_notebook") && cfg!(not(feature = "python"));
        trials.push(Trial::test(*name, *test).with_ignored_flag(ignored));
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
            let (name, reason) =
                line.split_once(": ").unwrap_or_else(|| panic!("{EXCLUDED}: no reason in {line}"));
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

/// A file in a folder of its own, in which the files beside the script are too.
struct Beside(PathBuf, #[expect(dead_code, reason = "the folder goes with it")] tempfile::TempDir);

impl Beside {
    fn of(path: &Path, ending: &str) -> Beside {
        let folder = tempfile::tempdir().unwrap();
        let here = path.parent().unwrap().canonicalize().unwrap();
        for entry in std::fs::read_dir(&here).unwrap() {
            let name = entry.unwrap().file_name();
            std::os::unix::fs::symlink(here.join(&name), folder.path().join(&name)).unwrap();
        }
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        Beside(folder.path().join(format!("converted-{stem}.{ending}")), folder)
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
fn masked(text: &str, any_order: bool) -> Vec<String> {
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
    if any_order {
        lines.sort();
    }
    lines
}

fn prints_the_same(path: &Path) -> Result<(), Failed> {
    let program = Beside::of(path, "py");
    let told = convert(path, &program.0, &[])?;
    let ours = sockbook(&["run"], path);
    let theirs = Command::new("timeout").args(["60", "python3"]).arg(&program.0).output()?;
    // Threads and programs print in any order.
    let source = std::fs::read_to_string(path)?;
    let any_order = ["spawn ", "process ", " &\n", "sleep "].iter().any(|word| source.contains(word));
    let (want, got) = (masked(&text(&ours.stdout), any_order), masked(&text(&theirs.stdout), any_order));
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

/// Python as a script, and that as Python again, prints what the first one does.
fn goes_round(path: &Path) -> Result<(), Failed> {
    let (script, again) = (Beside::of(path, "round.sock"), Beside::of(path, "again.py"));
    convert(path, &script.0, &[])?;
    let told = convert(&script.0, &again.0, &[])?;
    // Files that it names are in a folder of the run's own.
    let run = |path: &Path| -> std::io::Result<Output> {
        let folder = tempfile::tempdir()?;
        let mut command = Command::new("timeout");
        command.args(["60", "python3"]).arg(path.canonicalize()?).current_dir(folder.path());
        command.stdin(std::process::Stdio::null()).output()
    };
    let (first, last) = (run(path)?, run(&again.0)?);
    let any_order = std::fs::read_to_string(path)?.contains("hread");
    let (want, got) = (masked(&text(&first.stdout), any_order), masked(&text(&last.stdout), any_order));
    let ended = first.status.code().is_some_and(|code| code != 124);
    if ended && first.status.code() == last.status.code() && want == got {
        return Ok(());
    }
    let err = text(&last.stderr);
    Err(format!(
        "{told}\nfirst\n{}\nagain {:?}\n{}\n{err}",
        want.join("\n"),
        last.status.code(),
        got.join("\n")
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
        if cell["cell_type"] == "code"
            && (!cell["outputs"].is_array() || cell.get("execution_count").is_none())
        {
            return wrong("a code cell has outputs and a count");
        }
    }
    Ok(())
}

/// A folder with files in it.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Runs `sockbook` in a folder: the exit code, what it prints and what it complains of.
fn run(folder: &tempfile::TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sockbook"))
        .args(arguments)
        .current_dir(folder.path())
        .env_remove("SOCKBOOK_LANG")
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn check(holds: bool, why: impl std::fmt::Debug) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(format!("{why:?}").into()) }
}

fn a_file_that_is_there_stays() -> Result<(), Failed> {
    let place = folder(&[("a.sock", "print hola\n"), ("a.py", "mine\n"), ("wrong.sock", "nonsense\n")]);
    let kept = || std::fs::read_to_string(place.path().join("a.py")).unwrap();
    let refused = run(&place, &["convert", "a.sock"]);
    check(
        refused.0 == Some(2) && refused.2.contains("`--force` writes over it") && kept() == "mine\n",
        &refused,
    )?;
    // One with mistakes writes over nothing.
    let wrong = run(&place, &["convert", "wrong.sock", "-o", "a.py", "--force"]);
    check(wrong.0 == Some(2) && wrong.2.contains("wrong.sock:1:1") && kept() == "mine\n", &wrong)?;
    let written = run(&place, &["convert", "a.sock", "--force"]);
    check(
        written == (Some(0), String::new(), String::new()) && kept().contains("print(\"hola\")"),
        &written,
    )?;
    let files = std::fs::read_dir(place.path()).unwrap().count();
    check(files == 3, files)
}

fn what_makes_no_sense_is_refused() -> Result<(), Failed> {
    let place = folder(&[
        ("a.sock", "print hola\n"),
        ("a.txt", ""),
        ("b.py", "print(1)\n"),
        ("bad.ipynb", "{"),
        ("no.ipynb", "{}"),
    ]);
    for (arguments, want) in [
        (&["a.txt"][..], "`convert` reads files that end in .sock, .py or .ipynb"),
        (&["a.sock", "--to", "sock"], "a.sock is a script already"),
        (&["a.sock", "--to", "x.doc"], "shows from no ending"),
        (&["a.sock", "--to", "doc", "-o", "x.py"], "there is no format `doc`"),
        (&["b.py", "--to", "ipynb"], "becomes a script first"),
        (&["a.sock", "--to", "python", "--run"], "`--run` is for notebooks and pages"),
        (&["lost.sock"], "no such file or directory"),
        (&["bad.ipynb"], "this is no JSON"),
        (&["no.ipynb"], "this notebook has no cells"),
    ] {
        let told = run(&place, &[&["convert"], arguments].concat());
        check(told.0 == Some(2) && told.1.is_empty() && told.2.contains(want), (arguments, &told))?;
    }
    let shown = run(&place, &["convert", "a.sock", "--to", "-"]);
    check(shown.0 == Some(0) && shown.1.ends_with("print(\"hola\")\n"), &shown)
}

fn a_run_gives_a_notebook_its_outputs() -> Result<(), Failed> {
    let script =
        "# %% One\na, b = socketpair\na.sendall hola\nprint $(b.recv)\n\n# %% Two\nprint \"50%\" done\n";
    let place = folder(&[("a.sock", script), ("fails.sock", "fail no\n")]);
    let told = run(&place, &["convert", "a.sock", "--to", "ipynb", "--run"]);
    check(told.0 == Some(0), &told)?;
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(place.path().join("a.ipynb"))?)?;
    check_structure(&json)?;
    let cells = json["cells"].as_array().unwrap();
    let printed = |at: usize| cells[at]["outputs"][0]["text"][0].as_str().unwrap_or("").to_string();
    check(printed(1) == "hola\n" && printed(2) == "50% done\n", cells)?;
    let picture = &cells[2]["outputs"][1]["data"]["image/svg+xml"];
    check(picture[0].as_str().is_some_and(|line| line.starts_with("<svg")), picture)?;
    // A script that fails gives nothing.
    let failed = run(&place, &["convert", "fails.sock", "--to", "ipynb", "--run"]);
    check(failed.0 == Some(1) && !place.path().join("fails.ipynb").exists(), &failed)
}

fn a_page_has_prose_code_and_outputs() -> Result<(), Failed> {
    let script = "# %% [markdown]\n# # Title\n#\n# Prose.\n\n# %% Code\na, b = socketpair\na.sendall \"```\"\nb.recv\n#> 3 bytes  \"```\"\nprint x\n#>   ````\na.close\n";
    let place = folder(&[("a.sock", script)]);
    let page = run(&place, &["convert", "a.sock", "--to", "markdown", "-o", "-"]);
    let want = "# Title\n\nProse.\n\n### Code\n\n```sock\na, b = socketpair\na.sendall \"```\"\nb.recv\n```\n\n```text\n3 bytes  \"```\"\n```\n\n```sock\nprint x\n```\n\n`````text\n  ````\n`````\n\n```sock\na.close\n```\n";
    check(page.1 == want, &page)
}

fn what_python_does_not_say_is_told() -> Result<(), Failed> {
    let script = "a, b = socketpair\nif ${a.fd} < 0\n    a.sendmsg hola\nend\noptions a\nprint fin\n";
    let place = folder(&[("a.sock", script)]);
    let told = run(&place, &["convert", "a.sock"]);
    let want = "warning: a.sock:3: `sendmsg` has no counterpart in Python's standard library\nwarning: a.sock:5: `options` is about sockbook's session\n";
    check(told == (Some(0), String::new(), want.into()), &told)?;
    let spanish = run(&place, &["convert", "a.sock", "--lang", "es", "--to", "-"]);
    check(spanish.2.starts_with("advertencia: a.sock:3: `sendmsg` no tiene equivalente"), &spanish)?;
    check(spanish.1.contains("#     `options` trata de la sesión de sockbook"), &spanish)?;
    if cfg!(without = "python3") {
        return Ok(());
    }
    // It raises only where it is reached.
    let ran = Command::new("python3").arg(place.path().join("a.py")).output()?;
    check(text(&ran.stdout) == "fin\n" && ran.status.success(), &ran)?;
    // And nothing of the script takes it.
    let script =
        "a, b = socketpair\ntry\n    a.sendmsg hola --ttl 5\nexcept\n    print taken\nend\nprint on\n";
    std::fs::write(place.path().join("b.sock"), script)?;
    run(&place, &["convert", "b.sock"]);
    let ran = Command::new("python3").arg(place.path().join("b.py")).output()?;
    let told = text(&ran.stderr);
    let told = told.lines().last().unwrap_or_default();
    check(ran.status.code() == Some(1) && ran.stdout.is_empty(), &ran)?;
    check(told == "Untranslated: a.sendmsg hola --ttl 5", told)
}

fn a_notebook_becomes_a_script() -> Result<(), Failed> {
    let notebook = serde_json::json!({
        "nbformat": 4, "nbformat_minor": 2, "metadata": {},
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": ["# Sockets\n", "\n", "Two ends."]},
            {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "x = 5\nprint(x)\nprint(x + 1)",
             "outputs": [{"output_type": "stream", "name": "stdout", "text": "5\n6\n"}]},
            {"cell_type": "code", "metadata": {}, "execution_count": 2, "source": ["%time\n", "print('[..]')"],
             "outputs": [{"output_type": "stream", "name": "stdout", "text": ["[..]\n"]}]},
        ],
    });
    let place = folder(&[("a.ipynb", &notebook.to_string())]);
    let told = run(&place, &["convert", "a.ipynb"]);
    check(told.0 == Some(0) && told.2.contains("a line for Jupyter"), &told)?;
    let script = std::fs::read_to_string(place.path().join("a.sock"))?;
    check(script.contains("# %% [markdown]\n# # Sockets\n#\n# Two ends.\n"), &script)?;
    check(script.contains("print $x\n#> 5\n") && script.contains("#> [[]..]\n"), &script)?;
    let tested = run(&place, &["test", "a.sock"]);
    check(tested.0 == Some(0), &tested)
}

fn marks_name_the_file_of_the_line() -> Result<(), Failed> {
    // Two files of one name, and one whose name is no name of Python.
    let place = folder(&[
        ("a.sock", "source x/lib.sock\nsource y/lib.sock\nsource \"x\\nprint 7.sock\"\n"),
        ("x\nprint 7.sock", "print three\n"),
    ]);
    for (name, text) in [("x", "print one\n"), ("y", "a, b = socketpair\n\noptions a\nprint two\n")] {
        std::fs::create_dir(place.path().join(name))?;
        std::fs::write(place.path().join(name).join("lib.sock"), text)?;
    }
    let told = run(&place, &["convert", "a.sock"]);
    let want = "warning: y/lib.sock:3: `options` is about sockbook's session\n";
    check(told == (Some(0), String::new(), want.into()), &told)?;
    if cfg!(without = "python3") {
        return Ok(());
    }
    let ran = Command::new("python3").arg(place.path().join("a.py")).output()?;
    check(text(&ran.stdout) == "one\ntwo\nthree\n", &ran)
}

fn a_notebook_is_read_cell_by_cell() -> Result<(), Failed> {
    let notebook = serde_json::json!({
        "nbformat": 4, "nbformat_minor": 2, "metadata": {},
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": "%% b\rtext"},
            {"cell_type": "code", "metadata": {"title": "[markdown] x"}, "execution_count": 1, "outputs": [],
             "source": "x = \"\"\"a\n%b\n\"\"\"\nprint(x,\n      7\n      % 4)\n!ls"},
        ],
    });
    let place = folder(&[("a.ipynb", &notebook.to_string())]);
    let told = run(&place, &["convert", "a.ipynb"]);
    let want = "warning: a.ipynb:7: (cell 2) a line for Jupyter, and no Python\n";
    check(told == (Some(0), String::new(), want.into()), &told)?;
    let script = std::fs::read_to_string(place.path().join("a.sock"))?;
    check(script.contains("# %% [markdown]\n# \\%% b\n# text\n\n# %% x\nlet x = \"a\\n%b\\n\"\n"), &script)?;
    check(run(&place, &["run", "a.sock"]).1 == "a\n%b\n 3\n", &script)
}
