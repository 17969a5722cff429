//! Files and standard input: what a script reads and writes beside its sockets.

use std::path::PathBuf;

use super::param::{Data, FilePath, Got, LARGEST_DATA, Param, Payload, Text};
use super::row::{Command, Does, Kind, command};
use super::words::{OptionSpec, Words};
use crate::net::file;
use crate::session::Session;
use crate::session::names::Scope;
use crate::text::diagnostic::{Diagnostic, Span};
use crate::value::Value;
use crate::value::errno::{Class, Code};
use crate::value::outcome::{CallError, Detail, Outcome, Progress, Reply};

pub const ROWS: &[Command] = &[
    command!(Bytes, "readfile", read_file, (path: FilePath),
        One(en "the bytes" es "los bytes"),
        en "the bytes of a file"
        es "los bytes de un archivo",
        c "open(2), read(2), close(2)", rust "std::fs::read", python "open(path, 'rb').read()",
        errors ["ENOENT", "EACCES", "EISDIR", "EFBIG"],
        note en "`${here}` is the folder of the script, `${tmpdir}` one that is removed at its end."
             es "`${here}` es la carpeta del script, `${tmpdir}` una que se borra al final.",
        like "writefile ${tmpdir}/nota \"hola\\n\"\nreadfile ${tmpdir}/nota"),
    command!(Bytes, "writefile", write_file, (append: Append, path: FilePath, data: Data), Nothing,
        en "write a file: what it held is replaced, or with `--append` stays before it"
        es "escribe un archivo: reemplaza lo que contenía o, con `--append`, lo agrega al final",
        c "open(2), write(2), close(2)", rust "std::fs::write", python "open(path, 'wb').write(data)",
        errors ["ENOENT", "EACCES", "EISDIR", "ENOSPC"],
        like "writefile ${tmpdir}/nota \"hola\\n\"\nwritefile --append ${tmpdir}/nota \"chao\\n\"\nreadfile ${tmpdir}/nota"),
    command!(Session, "input", input, (text: Option<Text>),
        One(en "the line" es "la línea"),
        en "show TEXT and take a line of standard input, without its end"
        es "muestra TEXT y toma una línea de la entrada estándar, sin su fin",
        c "write(2), read(2)", rust "Stdin::read_line", python "line = input(text)",
        errors ["EOFError"], does [Asks],
        note en "At the end of the input, and in a test, it is an EOFError; so it is where the script itself is the input."
             es "Al final de la entrada, y en una prueba, es un EOFError; también donde el propio script es la entrada.",
        like "try\n    name = input \"your name: \"\n    print hola $name\nexcept EOFError\n    print \"nobody is there\"\nend"),
];

fn read_file(session: &mut Session, path: PathBuf) -> Reply {
    let deadline = session.deadline(None, None);
    Outcome::value(Value::bytes(file::read(&mut session.caller, &path, LARGEST_DATA, deadline)?))
}

fn write_file(session: &mut Session, append: bool, path: PathBuf, data: Payload<'_>) -> Reply {
    let deadline = session.deadline(None, None);
    let opened = file::create(&mut session.caller, &path, append, deadline)
        .map_err(|halt| super::param::blamed(halt, "path"))?;
    file::write(&mut session.caller, &opened, &path, &data, deadline).map_err(|(written, mut halt)| {
        if let Some(done) = halt.done_mut() {
            let path = path.display().to_string();
            done.progress = Some(Progress::Filed { path, bytes: written as u64 });
        }
        halt
    })?;
    Outcome::nothing()
}

/// `input` where no line can come, because the script itself is standard input.
pub fn refuse_input(row: &Command, scope: &Scope, span: Span) -> Option<Diagnostic> {
    if !scope.is_input || !row.does(Does::Asks) {
        return None;
    }
    let message = say!(
        en "`{name}` reads standard input, which here is the script itself",
        es "`{name}` lee la entrada estándar, que aquí es el propio script",
        name = row.name
    );
    Some(Diagnostic::new(span, message).help(phrase!(
        en "give the script as a file: `sockbook FILE`",
        es "pasa el script como archivo: `sockbook FILE`"
    )))
}

fn input(session: &mut Session, text: Option<String>) -> Reply {
    let line = session.input_line(text.as_deref().unwrap_or(""))?;
    let line = line.ok_or_else(|| {
        let why =
            phrase!(en "standard input has no more lines", es "la entrada estándar no tiene más líneas");
        CallError::new("read", Code::Class(Class::EOFError), Detail::Text(why.into())).advice(phrase!(
            en "it ended; where the script itself is standard input, give it as a file: `sockbook FILE`",
            es "terminó; donde el propio script es la entrada estándar, pásalo como archivo: `sockbook FILE`"
        ))
    })?;
    Outcome::value(Value::bytes(line))
}

/// `--append`
#[derive(Debug)]
struct Append(bool);

impl Param for Append {
    type Value<'a> = bool;
    const KIND: Kind = Kind::Options;
    const USAGE: &'static str = "";
    const OPTIONS: &'static [OptionSpec] = &[OptionSpec {
        name: "--append",
        value: None,
        about: phrase!(
            en "after what the file holds",
            es "después de lo que contiene el archivo"
        ),
    }];

    fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
        Some(Append(words.switch("--append").is_some()))
    }

    fn get(&self, _: &mut Session) -> Got<bool> {
        Ok(self.0)
    }
}
