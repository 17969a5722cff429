//! Python read as sockbook: the fixtures of tests/python_text. Each `.py` becomes the lines of the `.sock` beside it
//! (`BLESS=1` writes them; read them), and both print the same, where nothing of it is left unsaid.

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Arguments, Failed, Trial};
use sockbook::python::{MarkKind, Reader};

fn main() {
    let arguments = Arguments::from_args();
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir("tests/python_text").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut trials = Vec::new();
    for path in paths.into_iter().filter(|p| p.extension().is_some_and(|e| e == "py")) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let own = path.clone();
        trials.push(
            Trial::test(format!("{name}::lines"), move || lines(&own))
                .with_ignored_flag(cfg!(not(feature = "python"))),
        );
        let without = cfg!(any(without = "python3", not(feature = "python")));
        trials.push(Trial::test(format!("{name}::prints"), move || prints(&path)).with_ignored_flag(without));
    }
    assert!(trials.len() > 100, "fixtures are missing in tests/python_text");
    libtest_mimic::run(&arguments, trials).exit();
}

/// The lines, each below the mark that it has.
fn read(path: &Path) -> Result<(String, bool), Failed> {
    let text = std::fs::read_to_string(path)?;
    let reading = Reader::new().read(&text).map_err(|mistake| format!("{mistake:?}"))?;
    let mut out = String::new();
    let mut whole = true;
    for line in &reading.lines {
        if let Some(mark) = &line.mark {
            let kind = match mark.kind {
                MarkKind::Unsaid => "unsaid",
                MarkKind::Changed => "changed",
            };
            let indent = line.text.len() - line.text.trim_start().len();
            out.push_str(&format!("{}#- {kind}: {}\n", " ".repeat(indent), mark.why.english()));
            whole &= mark.kind == MarkKind::Changed || line.text.trim_start().starts_with('#');
        }
        out.push_str(&line.text);
        out.push('\n');
    }
    Ok((out, whole))
}

fn lines(path: &Path) -> Result<(), Failed> {
    let (got, _) = read(path)?;
    let beside = path.with_extension("sock");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&beside, &got)?;
    }
    let want = std::fs::read_to_string(&beside).unwrap_or_default();
    match want.lines().zip(got.lines()).find(|(want, got)| want != got) {
        None if want.lines().count() == got.lines().count() => Ok(()),
        differ => Err(format!("{}: {differ:?}; the lines now:\n{got}", beside.display()).into()),
    }
}

fn said(program: &str, path: &Path) -> Result<String, Failed> {
    // Files that it names are in a folder of the run's own.
    let folder = tempfile::tempdir()?;
    let output = Command::new(program).arg(path.canonicalize()?).current_dir(folder.path()).output()?;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        return Err(format!("{program} {} {:?}\n{out}{err}", path.display(), output.status.code()).into());
    }
    Ok(out.into_owned())
}

fn prints(path: &Path) -> Result<(), Failed> {
    let (_, whole) = read(path)?;
    if !whole {
        // What is unsaid ends the script there, by its name.
        let output =
            Command::new(env!("CARGO_BIN_EXE_sockbook")).arg(path.with_extension("sock")).output()?;
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        return if output.status.code() == Some(1) && err.contains("Python ") {
            Ok(())
        } else {
            Err(err.into())
        };
    }
    let theirs = said("python3", path)?;
    let ours = said(env!("CARGO_BIN_EXE_sockbook"), &path.with_extension("sock"))?;
    if theirs.is_empty() {
        return Err(format!("{} prints nothing", path.display()).into());
    }
    if theirs != ours {
        return Err(format!("python said\n{theirs}sockbook said\n{ours}").into());
    }
    Ok(())
}
