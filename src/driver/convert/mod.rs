//! `sockbook convert`: Python and notebooks as scripts, scripts as Python, as notebooks and as pages.
//!
//! Files are told apart by their endings. The result is written whole or not at all, and over no file that is there unless
//! `--force` is given. What one side has no words for is told on standard error, and stands in the result as a comment.

mod notebook;
mod outputs;
mod page;
mod program;
mod script;

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Result;

use self::outputs::Outputs;
use crate::driver::config;
use crate::driver::failure::failure;
use crate::driver::files;
use crate::driver::fixture::Fixtures;
use crate::driver::output::{self, complain};
use crate::driver::run::{self, Options};
use crate::engine::Compiler;
use crate::python::back;
use crate::text::diagnostic::first_of;
use crate::text::literal::one_line;
use crate::text::parse;
use crate::words::{Lang, Sentence, one_of};

/// What the command line says.
#[derive(clap::Args)]
pub struct ConvertArguments {
    /// A script, a Python program or a notebook: .sock, .py or .ipynb
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What it becomes: sock, python, ipynb, markdown, or a file by its ending (`-` is standard output)
    #[arg(long, value_name = "FORMAT|FILE")]
    to: Option<String>,
    /// The file to write (`-` is standard output); without it FILE with another ending
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
    /// Run the script first: its outputs and its ladder go into the notebook or the page
    #[arg(long)]
    run: bool,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Script,
    Python,
    Notebook,
    Page,
}

impl Format {
    /// The names of `--to`, and the endings of files; the first of them is the one that a new file gets.
    const ALL: &[(Format, &[&str], &[&str])] = &[
        (Format::Script, &["sock", "sockbook"], &["sock"]),
        (Format::Python, &["python", "py"], &["py"]),
        (Format::Notebook, &["ipynb", "notebook"], &["ipynb"]),
        (Format::Page, &["markdown", "md"], &["md", "markdown"]),
    ];

    fn named(name: &str) -> Option<Format> {
        Format::ALL.iter().find(|row| row.1.contains(&name)).map(|row| row.0)
    }

    fn of_file(path: &Path) -> Option<Format> {
        let ending = path.extension()?.to_str()?;
        Format::ALL.iter().find(|row| row.2.contains(&ending)).map(|row| row.0)
    }

    fn ending(self) -> &'static str {
        Format::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.2[0])
    }
}

/// What came of it.
struct Converted {
    text: String,
    /// What is to be known of it, a line of the source each: told on standard error.
    told: Vec<Told>,
}

/// A line of the source that was not converted as it stands.
struct Told {
    file: String,
    line: usize,
    why: Sentence,
}

const STDOUT: &str = "-";

/// Where the result goes.
enum Place {
    StandardOutput,
    File(PathBuf),
}

/// The script that a notebook becomes; what is wrong with it, where it is none.
pub fn of_notebook(name: &str, text: &str, lang: Lang) -> Result<String> {
    notebook::to_script(name, text, lang).map(|converted| converted.text)
}

/// Converts a file; 1 where the script is run and fails, 2 where the file has mistakes or nothing could be written.
pub fn main(arguments: &ConvertArguments, lang: Lang) -> Result<i32> {
    let name = one_line(&arguments.file.to_string_lossy());
    let Some(from) = Format::of_file(&arguments.file).filter(|from| *from != Format::Page) else {
        return Err(failure(say!(
            en "{name}: `convert` reads files that end in .sock, .py or .ipynb",
            es "{name}: `convert` lee archivos que terminan en .sock, .py o .ipynb",
            name
        )));
    };
    let (to, place) = goal(arguments, from)?;
    if from == to {
        return Err(failure(say!(
            en "{name} is {what} already", es "{name} ya es {what}", name, what = described(to)
        )));
    }
    if from != Format::Script && to != Format::Script {
        return Err(failure(say!(
            en "{name} becomes a script first: `--to sock`, and that is converted further",
            es "{name} se convierte primero en un script: `--to sock`, y ese se sigue convirtiendo",
            name
        )));
    }
    if arguments.run && !matches!(to, Format::Notebook | Format::Page) {
        return Err(failure(say!(
            en "`--run` is for notebooks and pages, which have outputs",
            es "`--run` es para cuadernos y páginas, que llevan salidas"
        )));
    }
    if let Place::File(path) = &place
        && !arguments.force
        && std::fs::symlink_metadata(path).is_ok()
    {
        let there = one_line(&path.to_string_lossy());
        return Err(failure(say!(
            en "{there} is there already; `--force` writes over it",
            es "{there} ya existe; `--force` lo sobrescribe",
            there
        )));
    }
    let text = read(&arguments.file)?;
    let converted = match from {
        Format::Script => match of_script(arguments, &text, to, lang)? {
            Ok(converted) => converted,
            Err(code) => return Ok(code),
        },
        Format::Python => script::of_python(&name, &text, lang)?,
        _ => notebook::to_script(&name, &text, lang)?,
    };
    for told in &converted.told {
        let warning = phrase!(en "warning", es "advertencia").show(lang);
        let file = one_line(&told.file);
        complain(format_args!("{warning}: {file}:{}: {}", told.line, told.why.show(lang)));
    }
    match place {
        Place::StandardOutput => output::say(converted.text.trim_end_matches('\n'))?,
        Place::File(path) => {
            let name = one_line(&path.to_string_lossy());
            files::write(&path, &converted.text).map_err(|e| failure(files::cannot_write(&name, &e)))?;
            if std::io::stderr().is_terminal() {
                complain(format_args!("{name}"));
            }
        }
    }
    Ok(0)
}

fn described(format: Format) -> Sentence {
    match format {
        Format::Script => phrase!(en "a script", es "un script"),
        Format::Python => phrase!(en "a Python program", es "un programa de Python"),
        Format::Notebook => phrase!(en "a notebook", es "un cuaderno"),
        Format::Page => phrase!(en "a page", es "una página"),
    }
    .into()
}

/// The format of the result and where it goes.
fn goal(arguments: &ConvertArguments, from: Format) -> Result<(Format, Place)> {
    let usual = if from == Format::Script { Format::Python } else { Format::Script };
    let place = |path: &Path| match path.as_os_str() == STDOUT {
        true => Place::StandardOutput,
        false => Place::File(path.into()),
    };
    let of_file = |path: &Path| {
        let shown = one_line(&path.to_string_lossy());
        let known = || one_of(["sock", "py", "ipynb", "md"].map(|e| format!("`.{e}`")));
        Format::of_file(path).ok_or_else(|| {
            failure(say!(
                en "what {shown} is to be shows from no ending: {known}, or `--to FORMAT`",
                es "ninguna terminación dice qué debe ser {shown}: {known}, o `--to FORMAT`",
                shown, known = known()
            ))
        })
    };
    let named = arguments.to.as_deref().map(|to| (to, Format::named(to)));
    Ok(match (named, &arguments.output) {
        (Some((_, Some(format))), Some(output)) => (format, place(output)),
        (Some((_, Some(format))), None) => {
            (format, Place::File(arguments.file.with_extension(format.ending())))
        }
        (Some((STDOUT, None)), None) => (usual, Place::StandardOutput),
        (Some((file, None)), None) => (of_file(Path::new(file))?, place(Path::new(file))),
        (Some((to, None)), Some(_)) => {
            let to = one_line(to);
            let known = one_of(["sock", "python", "ipynb", "markdown"].map(|name| format!("`{name}`")));
            return Err(failure(say!(
                en "there is no format `{to}`; there are {known}",
                es "no existe el formato `{to}`; existen {known}",
                to, known
            )));
        }
        (None, Some(output)) if output.as_os_str() == STDOUT => (usual, Place::StandardOutput),
        (None, Some(output)) => (of_file(output)?, place(output)),
        (None, None) => (usual, Place::File(arguments.file.with_extension(usual.ending()))),
    })
}

fn read(path: &Path) -> Result<String> {
    // A device or a pipe is no file of these; a regular one is read whole.
    let mut bytes = Vec::new();
    let name = one_line(&path.to_string_lossy());
    let opened = std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes));
    opened.map_err(|e| failure(files::about(&name, &e)))?;
    files::utf8(bytes, &name).map_err(failure)
}

/// A script as a program, a notebook or a page; or the exit code, where it has mistakes or fails.
fn of_script(
    arguments: &ConvertArguments,
    text: &str,
    to: Format,
    lang: Lang,
) -> Result<Result<Converted, i32>> {
    let name = arguments.file.to_string_lossy().into_owned();
    let mut fixtures = Fixtures::default();
    let above = fixtures.of(&arguments.file);
    let options = Options {
        vars: config::find()?.vars.into_iter().chain(run::variables(&[])?).collect(),
        exports: fixtures.names(above).into_iter().map(|name| (name, None)).collect(),
        lang,
        ..Options::default()
    };
    let mut compiler = Compiler::new(run::scope(&options, None));
    if !compiler.sources.fits(text.len()) {
        return Err(failure(files::too_long(&one_line(&name))));
    }
    let (compiled, problems) = compiler.compile(&name, text, &mut files::read);
    if compiled.is_none() {
        let style = run::style(lang);
        for problem in first_of(problems).iter().filter(|p| p.is_error()) {
            complain(format_args!("{}\n", problem.draw(&compiler.sources, style)));
        }
        return Ok(Err(2));
    }
    let Some(source) = compiler.sources.first().cloned() else { return Ok(Err(2)) };
    let statements = parse(&source, &mut Vec::new());
    let outputs = match arguments.run {
        false => Outputs::of_answers(&source, &statements),
        true => match Outputs::of_run(&arguments.file, &source, &statements, lang)? {
            Some(outputs) => outputs,
            None => return Ok(Err(1)),
        },
    };
    if to == Format::Page {
        let text = page::of_script(&source, &statements, &outputs);
        return Ok(Ok(Converted { text, told: Vec::new() }));
    }
    let written = back::write(&compiler.sources, &statements, lang);
    let text = match to {
        Format::Notebook => notebook::of_script(text, &written, &outputs),
        _ => program::text(text, &written),
    };
    let unsaid = written.unsaid.into_iter();
    let told = unsaid.map(|unsaid| Told { file: unsaid.file, line: unsaid.line, why: unsaid.why }).collect();
    Ok(Ok(Converted { text, told }))
}
