//! The house in order: a file uses only floors below its own.

mod common;

use std::path::Path;

use common::{files, scripts};

/// The floors, from the ground up: folders, and files that stand on a floor of their own. Modules of one line may
/// use each other.
const FLOORS: &[&[&str]] = &[
    &["words"],
    &["text"],
    &["value"],
    &["net"],
    &["picture"],
    &["session"],
    &["command"],
    &["engine"],
    &["python"],
    &["render", "manual"],
    &["driver::output"],
    &["driver::failure"],
    &["driver::transcript", "driver::files", "driver::terminal", "driver::usage"],
    &["driver::fixture"],
    &["driver::config", "driver::held"],
    &["driver::run"],
    &["driver::around"],
    &["driver::prompt", "driver::suite"],
    &["driver::check", "driver::convert", "driver::course", "driver::fmt", "driver::init"],
    &["driver::lsp"],
    &["driver::cli", "driver::probes"],
];

/// The floor of `folder::file::item`.
fn floor(path: &str) -> Option<usize> {
    let parts: Vec<&str> = path.split("::").collect();
    let two = parts[..parts.len().min(2)].join("::");
    FLOORS.iter().position(|f| f.contains(&two.as_str()) || f.contains(&parts[0]))
}

#[test]
fn nobody_reaches_upstairs() {
    let mut wrong = Vec::new();
    for path in files(Path::new("src")) {
        let inside = path.strip_prefix("src").unwrap();
        let module = inside.with_extension("").display().to_string().replace('/', "::");
        if matches!(module.as_str(), "main" | "lib" | "build" | "order") || module == "driver::mod" {
            continue;
        }
        let own = floor(&module).unwrap_or_else(|| panic!("{module} has no floor in tests/tidy.rs"));
        let text = std::fs::read_to_string(&path).unwrap();
        // Tests may look anywhere.
        let text = text.split("#[cfg(test)]").next().unwrap();
        for (at, line) in text.lines().enumerate() {
            for used in line.split("crate::").skip(1) {
                let used: String =
                    used.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect();
                if floor(&used).is_some_and(|f| f > own) {
                    wrong.push(format!("{}:{}: {module} uses {used}", path.display(), at + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_says_what_it_holds() {
    for path in files(Path::new("src")).into_iter().filter(|p| p.extension().is_some_and(|e| e == "rs")) {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} does not begin with what it holds", path.display());
    }
}

#[test]
fn control_sequences_have_one_place() {
    for path in files(Path::new("src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        // The rest of a file is its tests.
        let code = text.split("#[cfg(test)]").next().unwrap();
        let place = path.ends_with("driver/terminal.rs");
        assert!(place || !code.contains(r"\x1b["), "{} writes to the terminal itself", path.display());
    }
}

#[test]
fn every_command_occurs_in_a_case() {
    let cases: Vec<String> = scripts(Path::new("tests/cases"))
        .into_iter()
        .map(|p| std::fs::read_to_string(p).unwrap_or_default())
        .collect();
    let occurs = |name: &str| {
        cases
            .iter()
            .flat_map(|text| text.lines())
            .filter(|l| !l.trim_start().starts_with('#'))
            .any(|line| line.split([' ', '.', '?']).any(|word| word == name))
    };
    let rows = sockbook::command::all().map(|c| c.name);
    let forms = sockbook::text::forms::FORMS.iter().map(|f| f.name);
    let missing: Vec<&str> = rows.chain(forms).filter(|n| !occurs(n)).collect();
    assert!(missing.is_empty(), "no case uses {missing:?}");
}

/// What a command or a keyword is stands in its row (`Command::does`, `Form::role`); no other code compares its name. What
/// writes a script in another language has a form of it for each command: that is its table.
#[test]
fn nothing_asks_a_command_or_a_keyword_for_its_name() {
    let rows = sockbook::command::all().flat_map(|c| std::iter::once(&c.name).chain(c.aliases));
    let forms = sockbook::text::forms::FORMS.iter().map(|f| f.name);
    let is_word = |name: &&str| name.starts_with(|c: char| c.is_ascii_alphabetic());
    // `row.name == "send"`, `command.text != "send"`, `find("send")`, `matches!(row.name, "send" | …)`.
    let before = [
        "row.name == ",
        "row.name != ",
        "row.name, ",
        "command.text == ",
        "command.text != ",
        "command.text, ",
        "command::find(",
    ];
    let asked = |name: &'static str| before.map(|b| (name, format!("{b}\"{name}\"")));
    let asked: Vec<_> = rows.copied().chain(forms).filter(is_word).flat_map(asked).collect();
    let mut wrong = Vec::new();
    for path in files(Path::new("src")).into_iter().filter(|path| !path.starts_with("src/python/back")) {
        let text = std::fs::read_to_string(&path).unwrap();
        for (at, line) in text.split("#[cfg(test)]").next().unwrap().lines().enumerate() {
            // Most lines hold none of it.
            let near = before.iter().any(|b| line.contains(b));
            if let Some((name, _)) = asked.iter().find(|(_, asked)| near && line.contains(asked)) {
                wrong.push(format!("{}:{}: asks for `{name}`", path.display(), at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "a row's field should say it:\n{}", wrong.join("\n"));
}

/// A line of code with the word stands in one of two files, and there are so many: a new one is argued here.
#[test]
fn unsafe_code_is_counted() {
    // Calls that no crate in the tree has, each with its reason above it, which clippy demands; gate.rs: handlers of
    // signals and their timer.
    const ALLOWED: &[(&str, usize)] = &[("src/net/gate.rs", 5), ("src/net/kernel.rs", 44)];
    for path in files(Path::new("src")).into_iter().filter(|p| p.extension().is_some_and(|e| e == "rs")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let is_code = |line: &&str| {
            let line = line.trim_start();
            let words = line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe");
            words && !line.starts_with("//") && !line.contains('"')
        };
        let count = text.lines().filter(is_code).count();
        let allowed = ALLOWED.iter().find(|(name, _)| path.ends_with(name)).map_or(0, |(_, count)| *count);
        assert_eq!(count, allowed, "{}", path.display());
    }
}
