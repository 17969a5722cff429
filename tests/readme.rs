//! The README is true: its scripts run, its output is what comes, its table is the program's. So are the scripts of the
//! language's page.

use std::process::Command;

use sockbook::text::answers::{Typed, generalise, matches};

const LANGUAGE: &str = "docs/language.md";

fn readme() -> String {
    std::fs::read_to_string("README.md").unwrap()
}

/// A fenced block, with the lines before it.
struct Fence {
    /// The page's line, as editors count.
    line: usize,
    kind: String,
    /// The last comment above it, with nothing but blank lines between.
    mark: String,
    text: String,
}

fn fences() -> Vec<Fence> {
    fences_of(&readme())
}

fn fences_of(page: &str) -> Vec<Fence> {
    let mut found = Vec::new();
    let mut mark = String::new();
    let mut lines = page.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let text = lines.by_ref().map(|(_, l)| l).take_while(|l| *l != "```").map(|l| format!("{l}\n"));
            let text = text.collect();
            found.push(Fence { line: at + 1, kind: kind.into(), mark: std::mem::take(&mut mark), text });
        } else if let Some(comment) = line.strip_prefix("<!-- ").and_then(|l| l.strip_suffix(" -->")) {
            mark = comment.to_string();
        } else if !line.is_empty() {
            mark.clear();
        }
    }
    found
}

/// A shell's command line with the binary in the place of `sockbook`; both outputs, as a terminal shows them.
fn shell(line: &str, stdin: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input");
    std::fs::write(&input, stdin).unwrap();
    // Sockets are shown with their numbers: what the test was started with open takes none of them.
    let closed = "exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-";
    let script = format!("{closed}; sockbook() {{ \"$SOCKBOOK\" \"$@\"; }}; {line} 2>&1");
    let output = Command::new("sh")
        .args(["-c", &script])
        .env("SOCKBOOK", env!("CARGO_BIN_EXE_sockbook"))
        .env_remove("SOCKBOOK_LANG")
        .stdin(std::fs::File::open(&input).unwrap())
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[track_caller]
fn assert_shown(fence: &Fence, typed: &str, got: &str) {
    let typed = Typed::of(typed);
    let lines = |text: &str| {
        text.trim_end().lines().map(|l| squeezed(&generalise(l, &typed, None))).collect::<Vec<_>>()
    };
    let (wanted, came) = (lines(&fence.text), lines(got));
    assert!(
        matches(&wanted, &came),
        "README.md:{}: this is shown\n{}\nand this came\n{got}",
        fence.line,
        fence.text
    );
}

/// A table's columns are as wide as its ports: one blank is as good as three.
fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn its_scripts_run() {
    let scripts: Vec<Fence> = fences().into_iter().filter(|f| f.kind == "sock").collect();
    assert!(!scripts.is_empty());
    let folder = tempfile::tempdir().unwrap();
    for fence in scripts {
        let path = folder.path().join(format!("readme-{}.sock", fence.line));
        std::fs::write(&path, &fence.text).unwrap();
        let (code, said) = shell(&format!("sockbook test --timeout 1m --limit 3m {}", path.display()), "");
        assert_eq!(code, Some(0), "README.md:{}\n{said}", fence.line);
    }
}

#[test]
fn the_scripts_of_the_languages_page_run() {
    let page = std::fs::read_to_string(LANGUAGE).unwrap();
    let fences = fences_of(&page);
    let folder = tempfile::tempdir().unwrap();
    for fence in &fences {
        assert_eq!(fence.kind, "sock", "{LANGUAGE}:{}: each of its blocks is a script", fence.line);
        std::fs::write(folder.path().join(format!("line-{}.sock", fence.line)), &fence.text).unwrap();
    }
    let scripts = folder.path().display();
    for line in [
        format!("sockbook check {scripts}"),
        format!("sockbook fmt --check {scripts}"),
        format!("sockbook test --timeout 1m --limit 3m {scripts}"),
    ] {
        let (code, said) = shell(&line, "");
        assert_eq!(code, Some(0), "{LANGUAGE}: {line}\n{said}");
        assert!(!said.contains("warning:"), "{LANGUAGE}: {line}\n{said}");
    }
}

/// Its sections are those of its table, in order, and what it points to is there.
#[test]
fn the_languages_page_leads_where_it_says() {
    assert!(readme().contains(&format!("]({LANGUAGE})")), "the README leads to it");
    let page = std::fs::read_to_string(LANGUAGE).unwrap();
    let anchor = |title: &str| {
        let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'));
        format!("#{}", kept.collect::<String>().to_lowercase().replace(' ', "-"))
    };
    let sections: Vec<String> = page.lines().filter_map(|l| l.strip_prefix("## ")).map(anchor).collect();
    let links: Vec<&str> = page.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    let (inside, outside): (Vec<&str>, Vec<&str>) = links.iter().partition(|l| l.starts_with('#'));
    assert_eq!(inside, sections);
    assert!(!outside.is_empty());
    for link in outside {
        assert!(std::path::Path::new("docs").join(link).exists(), "{link}");
    }
}

#[test]
fn its_commands_show_what_it_shows() {
    let marked: Vec<Fence> = fences().into_iter().filter(|f| f.mark.starts_with("run: ")).collect();
    assert!(!marked.is_empty());
    for fence in marked {
        let line = fence.mark.trim_start_matches("run: ");
        let (code, said) = shell(line, "");
        assert!(matches!(code, Some(0..=2)), "README.md:{}: {line}\n{said}", fence.line);
        assert_shown(&fence, line, &said);
    }
}

#[test]
fn its_session_is_one() {
    let sessions: Vec<Fence> = fences().into_iter().filter(|f| f.mark == "session").collect();
    assert!(!sessions.is_empty());
    for fence in sessions {
        let typed =
            fence.text.lines().filter_map(|l| l.strip_prefix("In [")?.split_once("]: ")).map(|(_, l)| l);
        let typed: String = typed.map(|l| format!("{l}\n")).collect();
        let (code, said) = shell("sockbook --echo", &typed);
        assert_eq!(code, Some(0), "README.md:{}\n{said}", fence.line);
        assert_shown(&fence, &typed, &said);
    }
}

#[test]
fn its_table_is_the_programs() {
    const MARKS: (&str, &str) = ("<!-- commands -->\n", "<!-- /commands -->");
    let (_, table) = shell("sockbook help --markdown", "");
    let readme = readme();
    let (before, rest) = readme.split_once(MARKS.0).expect("the README has `<!-- commands -->`");
    let (now, after) = rest.split_once(MARKS.1).expect("the README has `<!-- /commands -->`");
    if now == table {
        return;
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write("README.md", format!("{before}{}{table}{}{after}", MARKS.0, MARKS.1)).unwrap();
        return;
    }
    let line = now.lines().zip(table.lines()).find(|(a, b)| a != b);
    panic!(
        "the README's table of commands is out of date; `BLESS=1 cargo test --test readme` writes it anew\n\
         the first difference: {line:#?}"
    );
}
