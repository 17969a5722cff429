//! The languages of the program: what has a sentence in one has it in the other.

mod common;

use std::path::Path;

use common::files;

/// So many sentences have no Spanish yet. The number only falls: a new sentence is written with `say!`.
const UNTRANSLATED: usize = 1;

#[test]
fn what_has_no_spanish_gets_less() {
    let mut count = 0;
    for path in files(Path::new("src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        count += text.matches("untranslated!(").count();
    }
    assert!(count <= UNTRANSLATED, "{count} sentences have no Spanish, and {UNTRANSLATED} had none before");
}
