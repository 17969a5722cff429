//! Files: paths, and what is received into one.

use std::path::PathBuf;

use super::{Got, Param, blamed, wrong};
use crate::command::expr::Expr;
use crate::command::syntax::{Kind, OptionSpec};
use crate::command::words::Words;
use crate::session::Session;
use crate::text::diagnostic::Diagnostic;
use crate::value::Value;
use crate::value::errno::Class;

/// A file's name.
#[derive(Debug)]
pub struct FilePath(Expr);

impl Param for FilePath {
    type Value<'a> = PathBuf;
    const KIND: Kind = Kind::Path;
    const USAGE: &'static str = "PATH";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        Expr::letters(words, word).map(FilePath)
    }

    fn get(&self, session: &mut Session) -> Got<PathBuf> {
        path_of(&self.0, session)
    }
}

pub(super) fn path_of(expr: &Expr, session: &mut Session) -> Got<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    let bytes = expr.bytes(session)?;
    if bytes.contains(&0) {
        return Err(wrong(Class::ValueError, phrase!(en "a path", es "una ruta"), &Value::Bytes(bytes)));
    }
    Ok(PathBuf::from(std::ffi::OsString::from_vec(bytes.to_vec())))
}

/// `--to PATH`, `--append`: what is received goes to a file.
#[derive(Debug)]
pub struct To(Option<(Expr, bool)>);

/// A file to receive into.
#[derive(Debug, Clone)]
pub struct Sink {
    pub path: PathBuf,
    pub append: bool,
}

impl Param for To {
    type Value<'a> = Option<Sink>;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[
        OptionSpec {
            name: "--to",
            value: Some("PATH"),
            about: phrase!(
                en "into this file, not into memory",
                es "hacia este archivo, no a la memoria"
            ),
        },
        OptionSpec {
            name: "--append",
            value: None,
            about: phrase!(
                en "with `--to`: after what the file holds",
                es "con `--to`: después de lo que contiene el archivo"
            ),
        },
    ];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        let append = words.switch("--append");
        match (words.option("--to"), append) {
            (Some(word), append) => {
                words.note("to", word.span);
                Expr::letters(words, word).map(|e| To(Some((e, append.is_some()))))
            }
            (None, Some(span)) => {
                words.report(Diagnostic::new(
                    span,
                    say!(en "`--append` goes with `--to PATH`", es "`--append` va con `--to PATH`"),
                ));
                None
            }
            (None, None) => Some(To(None)),
        }
    }

    fn get(&self, session: &mut Session) -> Got<Option<Sink>> {
        match &self.0 {
            None => Ok(None),
            Some((path, append)) => {
                let path = path_of(path, session).map_err(|h| blamed(h, "to"))?;
                Ok(Some(Sink { path, append: *append }))
            }
        }
    }
}
