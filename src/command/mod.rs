//! The one table. Dispatch, usage, help, completion, suggestions and the documents are questions put to it.

pub(crate) mod arithmetic;
pub(crate) mod bytes;
mod coding;
pub(crate) mod condition;
pub(crate) mod expectations;
pub(crate) mod expr;
pub(crate) mod files;
pub(crate) mod formula;
mod frame;
pub(crate) mod inner;
pub(crate) mod jobs;
pub(crate) mod life;
mod lists;
pub(crate) mod message;
pub(crate) mod names;
pub(crate) mod options;
pub(crate) mod param;
pub(crate) mod programs;
mod receive;
pub(crate) mod receiving;
pub(crate) mod row;
pub(crate) mod send;
pub mod session;
pub(crate) mod syntax;
mod value;
pub(crate) mod words;

pub use lists::{flat, items_of, other_count};
use row::Command;
pub use value::row as value_row;

use crate::text::forms::{FORMS, Form};
use crate::text::hash::hash;

/// The rows, in the order of the help.
static TABLES: [&[Command]; 14] = [
    life::ROWS,
    send::ROWS,
    message::ROWS,
    receiving::ROWS,
    options::ROWS,
    names::ROWS,
    bytes::ROWS,
    coding::ROWS,
    lists::ROWS,
    files::ROWS,
    jobs::ROWS,
    programs::ROWS,
    expectations::ROWS,
    session::ROWS,
];

/// Every command, in the order of the help.
pub fn all() -> impl Iterator<Item = &'static Command> {
    TABLES.into_iter().flatten()
}

/// The command of this name, or of this other name.
pub fn find(name: &str) -> Option<&'static Command> {
    let mut at = first_place(name);
    while let Some((known, row)) = INDEX[at] {
        if known == name {
            return Some(row);
        }
        at = (at + 1) % PLACES;
    }
    None
}

/// Names and other names to rows: a hash table that is filled when the program is built, so that a start costs nothing.
/// A name stands in the first free place from its own on.
static INDEX: [Option<(&str, &Command)>; PLACES] = {
    let mut index = [None; PLACES];
    let (mut table, mut at) = (0, 0);
    while table < TABLES.len() {
        if at == TABLES[table].len() {
            (table, at) = (table + 1, 0);
            continue;
        }
        let row = &TABLES[table][at];
        enter(&mut index, row.name, row);
        let mut other = 0;
        while other < row.aliases.len() {
            enter(&mut index, row.aliases[other], row);
            other += 1;
        }
        at += 1;
    }
    index
};

/// A power of two, more than twice as many as there are names.
const PLACES: usize = 512;

const fn first_place(name: &str) -> usize {
    hash(name.as_bytes()) as usize % PLACES
}

const fn enter(
    index: &mut [Option<(&'static str, &'static Command)>; PLACES],
    name: &'static str,
    row: &'static Command,
) {
    let mut at = first_place(name);
    while index[at].is_some() {
        at = (at + 1) % PLACES;
    }
    index[at] = Some((name, row));
}

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
