//! The one table. Dispatch, usage, help, completion, suggestions and the documents are questions put to it.

pub(crate) mod bytes;
pub(crate) mod condition;
pub(crate) mod expectations;
pub(crate) mod expr;
mod frame;
pub(crate) mod jobs;
pub(crate) mod life;
pub(crate) mod names;
pub(crate) mod options;
pub(crate) mod param;
mod receive;
pub(crate) mod receiving;
pub(crate) mod row;
pub(crate) mod send;
pub(crate) mod session;
pub(crate) mod syntax;
pub(crate) mod words;

use std::sync::LazyLock;

use row::Command;

use crate::text::forms::{FORMS, Form};
use crate::text::hash::NameMap;

/// The rows, in the order of the help.
static TABLES: [&[Command]; 9] = [
    life::ROWS,
    send::ROWS,
    receiving::ROWS,
    options::ROWS,
    names::ROWS,
    bytes::ROWS,
    jobs::ROWS,
    expectations::ROWS,
    session::ROWS,
];

/// Every command, in the order of the help.
pub fn all() -> impl Iterator<Item = &'static Command> {
    TABLES.into_iter().flatten()
}

/// The command of this name, or of this other name.
pub fn find(name: &str) -> Option<&'static Command> {
    INDEX.get(name).copied()
}

/// Names and other names to rows.
static INDEX: LazyLock<NameMap<&'static str, &'static Command>> = LazyLock::new(|| {
    all()
        .flat_map(|row| std::iter::once(&row.name).chain(row.aliases).map(move |name| (*name, row)))
        .collect()
});

/// All words a line can begin with, for suggestions and completion.
pub fn openings() -> impl Iterator<Item = &'static str> {
    // What is part of a block stands last: it is meant less often.
    let (parts, forms): (Vec<&Form>, Vec<&Form>) = FORMS.iter().partition(|form| form.is_part());
    all().map(|c| c.name).chain(forms.into_iter().chain(parts).map(|f| f.name))
}

#[cfg(test)]
mod table {
    use super::row::Group;
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_name_stands_twice() {
        let mut seen = HashSet::new();
        for name in
            all().flat_map(|c| std::iter::once(&c.name).chain(c.aliases)).chain(FORMS.iter().map(|f| &f.name))
        {
            assert!(seen.insert(*name), "{name} stands twice");
        }
    }

    #[test]
    fn optional_words_come_last() {
        for row in all() {
            let words: Vec<bool> =
                row.params.iter().filter(|p| !p.usage.is_empty()).map(|p| p.optional).collect();
            assert!(words.is_sorted(), "{}: {:?}", row.name, words);
        }
    }

    #[test]
    fn every_row_says_what_it_stands_for() {
        for row in all() {
            let calls = !matches!(row.group, Group::Tests | Group::Session | Group::Bytes | Group::Jobs);
            let named = !row.c.en.is_empty() && !row.rust.en.is_empty() && !row.python.is_empty();
            assert!(named || !calls, "{} has no call", row.name);
            for summary in [row.summary.en, row.summary.es] {
                assert!(!summary.ends_with('.') && !summary.is_empty(), "{}", row.name);
            }
            assert!(!row.example.is_empty(), "{} has no example", row.name);
            for error in row.errors {
                assert!(crate::value::errno::Caught::from_name(error).is_some(), "{}: {error}", row.name);
            }
        }
    }
}
