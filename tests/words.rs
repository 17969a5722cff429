//! The languages of the program: what has a sentence in one has it in the other.

use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(sources(&path)),
            false => found.push(path),
        }
    }
    found
}

/// So many sentences have no Spanish yet. The number only falls: a new sentence is written with `say!`.
const UNTRANSLATED: usize = 300;

#[test]
fn what_has_no_spanish_gets_less() {
    let mut count = 0;
    for path in sources(Path::new("src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        count += text.matches("untranslated!(").count();
    }
    assert!(count <= UNTRANSLATED, "{count} sentences have no Spanish, and {UNTRANSLATED} had none before");
}
