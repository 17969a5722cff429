//! The table as help: for the prompt, for `sockbook help`, and as Markdown for the README.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::topics;
use crate::command::row::{Command, Gives, Group};
use crate::command::{all, find};
use crate::net::options::table::{self as options, SocketOption};
use crate::render::table::wrapped;
use crate::text::forms::{self, FORMS, Form};
use crate::value::errno::{Caught, Code};
use crate::value::outcome::SocketFacts;
use crate::words::{Lang, Phrase, Sentence};

/// What a line of a help page is called.
const USAGE: Phrase = phrase!(en "usage", es "uso");
const ALSO: Phrase = phrase!(en "also", es "también");
const GIVES: Phrase = phrase!(en "gives", es "da");
const SET: Phrase = phrase!(en "set", es "fijar");
const READ: Phrase = phrase!(en "read", es "leer");
const ON: Phrase = phrase!(en "on", es "para");
const SYSTEMS: Phrase = phrase!(en "systems", es "sistemas");
const C: Phrase = Phrase::same("C");
const RUST: Phrase = Phrase::same("Rust");
const PYTHON: Phrase = Phrase::same("Python");

/// A help page as it grows.
struct Page {
    lang: Lang,
    /// How wide running text is.
    width: usize,
    text: String,
}

impl Page {
    fn new(lang: Lang, width: usize, summary: Phrase) -> Page {
        Page { lang, width: width.min(WIDTH), text: format!("{}\n\n", summary.show(lang)) }
    }

    /// `  usage   bind HOST PORT`; nothing where there is nothing to show.
    fn field(&mut self, name: Phrase, text: &str) {
        const FIELDS: [Phrase; 7] = [USAGE, ALSO, GIVES, SET, READ, SYSTEMS, PYTHON];
        let width = FIELDS.iter().map(|field| field.show(self.lang).width()).max().unwrap_or(0);
        if !text.is_empty() {
            let name = name.show(self.lang);
            let _ = writeln!(self.text, "  {name:<width$} {text}");
        }
    }

    fn note(&mut self, note: Phrase) {
        let note = note.show(self.lang);
        if !note.is_empty() {
            let _ = writeln!(self.text, "\n{}", wrapped(note, self.width));
        }
    }

    fn heading(&mut self, heading: Phrase) {
        let _ = writeln!(self.text, "\n{}", heading.show(self.lang));
    }

    fn example(&mut self, example: &str) {
        if !example.is_empty() {
            self.heading(phrase!(en "example", es "ejemplo"));
            self.text.push_str(&indent(example));
        }
    }

    fn end(self) -> String {
        self.text.trim_end().to_string()
    }
}

/// How wide running text is at most: longer lines are hard to read.
pub const WIDTH: usize = 92;

/// Help on one command, or the list of all; running text is at most `width` columns wide.
pub fn help(topic: Option<&str>, sockets: &[SocketFacts], lang: Lang, width: usize) -> String {
    let Some(name) = topic else { return overview(lang, width) };
    if let Some(row) = find(name) {
        return command(row, lang, width);
    }
    if let Some(form) = forms::find(name) {
        return form_text(form, lang, width);
    }
    if let Some(row) = options::find(name) {
        return option(row, lang, width);
    }
    topics::page(name, sockets, lang, width).unwrap_or_else(|| {
        say!(en "`{name}` is a `def` of this session", es "`{name}` es un `def` de esta sesión", name)
            .show(lang)
    })
}

fn overview(lang: Lang, width: usize) -> String {
    let mut out = String::new();
    for group in Group::ALL {
        let rows = all().filter(|c| c.group == group).map(|c| (c.name, c.summary));
        let forms = listed(group).map(|f| (f.name, f.summary));
        let rows: Vec<_> = rows.chain(forms).collect();
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{}", group.title().show(lang));
        for (name, summary) in rows {
            let _ = writeln!(out, "  {name:<14} {}", summary.show(lang));
        }
        out.push('\n');
    }
    let more = phrase!(
        en "`help COMMAND` or `COMMAND?` says more: usage, the calls, errors, an example. So do `help ECONNREFUSED` (any \
            error), `help TIME_WAIT` (any state), `help states`, `help keys` and `help blocks`.",
        es "`help COMMAND` o `COMMAND?` dice más: uso, llamadas, errores, un ejemplo. También `help ECONNREFUSED` (todo error), \
            `help TIME_WAIT` (todo estado), `help states`, `help keys` y `help blocks`."
    );
    out + &wrapped(more.show(lang), width.min(WIDTH))
}

/// The keywords under a heading that are not part of another one's block.
fn listed(group: Group) -> impl Iterator<Item = &'static Form> {
    FORMS.iter().filter(move |form| form.group == group && !form.is_part())
}

fn gives(gives: Gives, lang: Lang) -> String {
    match gives {
        Gives::Nothing => String::new(),
        Gives::One(what) => what.show(lang).to_string(),
        Gives::Pair(one, two) => format!("{}, {}", one.show(lang), two.show(lang)),
    }
}

/// Everything the table says of a command.
pub fn command(row: &Command, lang: Lang, width: usize) -> String {
    let mut page = Page::new(lang, width, row.summary);
    page.field(USAGE, &row.usage());
    page.field(ALSO, &row.aliases.join(", "));
    page.field(GIVES, &gives(row.gives, lang));
    page.field(C, row.c.show(lang));
    page.field(RUST, row.rust.show(lang));
    page.field(PYTHON, row.python);
    page.note(row.note);
    if row.options().next().is_some() {
        page.heading(phrase!(en "options", es "opciones"));
        for option in row.options() {
            let _ = writeln!(page.text, "  {:<20} {}", option.usage(), option.about.show(lang));
        }
    }
    if !row.errors.is_empty() {
        page.heading(phrase!(en "errors", es "errores"));
        for error in row.errors {
            let _ = writeln!(page.text, "  {error:<16} {}", error_why(row, error).show(lang));
        }
    }
    page.example(row.example);
    page.end()
}

/// What an error of this command usually means.
fn error_why(row: &Command, error: &str) -> Sentence {
    let call = row.c.en.split(['(', ' ', '4']).next().unwrap_or("");
    match Caught::from_name(error) {
        Some(Caught::Code(code)) => {
            code.own_why(row.name).or_else(|| code.why(call)).map_or_else(|| code.words(), Sentence::from)
        }
        Some(Caught::Class(class)) => {
            let any = phrase!(en "a name that cannot be looked up", es "un nombre que no se puede resolver");
            Code::Class(class).why(call).unwrap_or(any).into()
        }
        None => Sentence::plain(""),
    }
}

/// Everything the option table says of an option.
fn option(option: &SocketOption, lang: Lang, width: usize) -> String {
    let mut page = Page::new(lang, width, option.summary);
    if option.is_set() {
        let usage = format!("setsockopt {} {}", option.name, option.value_usage().show(lang));
        page.field(SET, usage.trim_end());
    }
    if option.is_read() {
        page.field(READ, &format!("getsockopt {}", option.name));
    }
    let others: Vec<&str> = option.names().skip(1).filter(|n| *n != option.constant).collect();
    page.field(ALSO, &others.join(", "));
    page.field(C, &format!("{} {}", option.level_name, option.constant));
    page.field(RUST, &option.method());
    page.field(ON, option.on.words().show(lang));
    page.field(SYSTEMS, option.platforms.show(lang));
    page.example(&option.lines());
    page.end()
}

fn form_text(form: &Form, lang: Lang, width: usize) -> String {
    let mut page = Page::new(lang, width, form.summary);
    page.field(USAGE, &form.usage());
    page.field(PYTHON, form.python);
    page.note(form.note);
    page.example(form.example);
    page.end()
}

fn indent(text: &str) -> String {
    text.lines().map(|l| format!("  {l}")).collect::<Vec<_>>().join("\n")
}

/// The README's table of commands.
pub fn markdown() -> String {
    let mut out = String::from("| command | what it does | the call | in Python |\n|---|---|---|---|\n");
    let code =
        |text: &str| if text.is_empty() { String::new() } else { format!("`{}`", text.replace('|', "\\|")) };
    for group in Group::ALL {
        for row in all().filter(|c| c.group == group) {
            let usage = row.short_usage().replace('|', "\\|");
            let _ = writeln!(
                out,
                "| `{usage}` | {} | {} | {} |",
                row.summary.en.replace('|', "\\|"),
                code(row.rust.en),
                code(row.python)
            );
        }
        for form in listed(group) {
            let usage = form.usage().replace('|', "\\|");
            let _ = writeln!(out, "| `{usage}` | {} | | {} |", form.summary.en, code(form.python));
        }
    }
    out
}

/// The language, as sections of the manual page.
pub fn man_language(lang: Lang) -> String {
    let heading = phrase!(en "LANGUAGE", es "LENGUAJE");
    let mut out = format!(".SH {}\n", heading.show(lang));
    let lines = [
        phrase!(
            en "A line is a command: [NAMES =] [SOCKET.]COMMAND WORD\u{2026} [&]. Words are split as a \
                shell does.",
            es "Una línea es un comando: [NAMES =] [SOCKET.]COMMAND WORD\u{2026} [&]. Las palabras se separan como \
                en un shell."
        ),
        phrase!(
            en "Quoted text is bytes, with the escapes of Python; ${name} puts a value in. A line that begins with \
                #> is the answer of the command above it, which `sockbook test` checks.",
            es "Un texto entre comillas son bytes, con los escapes de Python; ${name} inserta un valor. Una línea que \
                empieza con #> es la respuesta del comando de arriba, que `sockbook test` comprueba."
        ),
    ];
    lines.iter().for_each(|line| out.push_str(&format!(".PP\n{}\n", roff(line.show(lang)))));
    for group in Group::ALL {
        let rows = all().filter(|c| c.group == group);
        let rows: Vec<String> = rows.map(|row| man_command(row, lang)).collect();
        let forms = FORMS.iter().filter(|f| f.group == group);
        let forms: Vec<String> = forms.map(|f| man_entry(&f.usage(), f.summary.show(lang), &[])).collect();
        if !rows.is_empty() || !forms.is_empty() {
            let _ =
                write!(out, ".SS {}\n{}{}", roff(group.title().show(lang)), rows.concat(), forms.concat());
        }
    }
    out
}

fn man_command(row: &Command, lang: Lang) -> String {
    let call = match row.c.show(lang) {
        "" => String::new(),
        call => format!(" ({call})"),
    };
    let options: Vec<(String, String)> =
        row.options().map(|o| (o.usage(), o.about.show(lang).to_string())).collect();
    let words = row.syntax().words();
    man_entry(&format!("{}{words}", row.name), &format!("{}{call}", row.summary.show(lang)), &options)
}

/// A paragraph of the manual page: what is typed, what it does, its options.
pub fn man_entry(usage: &str, about: &str, options: &[(String, String)]) -> String {
    let mut out = format!(".TP\n\\fB{}\\fR\n{}\n", roff_words(usage), roff(about));
    if !options.is_empty() {
        out.push_str(".RS\n");
        for (option, about) in options {
            let _ = write!(out, ".TP\n\\fB{}\\fR\n{}\n", roff_words(option), roff(about));
        }
        out.push_str(".RE\n");
    }
    out
}

/// Text as troff reads it: no line of it is a request, no character of it an escape.
fn roff(text: &str) -> String {
    let plain = roff_words(text);
    if plain.starts_with(['.', '\'']) { format!("\\&{plain}") } else { plain }
}

fn roff_words(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-").replace('\n', " ").replace('\u{2026}', "...")
}
