//! The table as help: for the prompt, for `sockbook help`, and as Markdown for the README.

use std::fmt::Write as _;

use crate::command::row::{Command, Gives, Group};
use crate::command::{all, find};
use crate::net::options::table::{self as options, SocketOption};
use crate::text::forms::{self, FORMS, Form};
use crate::value::errno::Caught;

/// Help on one command, or the list of all.
pub fn help(topic: Option<&str>) -> String {
    match topic {
        None => overview(),
        Some(name) => match (find(name), forms::find(name)) {
            (Some(row), _) => command(row),
            (None, Some(form)) => form_text(form),
            (None, None) if options::find(name).is_some() => {
                options::find(name).map_or_else(String::new, option)
            }
            (None, None) => format!("`{name}` is a `def` of this session"),
        },
    }
}

fn overview() -> String {
    let mut out = String::new();
    for group in Group::ALL {
        let rows = all().filter(|c| c.group == group).map(|c| (c.name, c.summary));
        let forms = listed(group).map(|f| (f.name, f.summary));
        let rows: Vec<_> = rows.chain(forms).collect();
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{}", group.title());
        for (name, summary) in rows {
            let _ = writeln!(out, "  {name:<14} {summary}");
        }
        out.push('\n');
    }
    out.push_str("`help COMMAND` or `COMMAND?` says more: usage, the calls, errors, an example.");
    out
}

/// The keywords under a heading that are not part of another one's block.
fn listed(group: Group) -> impl Iterator<Item = &'static Form> {
    FORMS.iter().filter(move |form| form.group == group && !form.is_part())
}

fn gives(gives: Gives) -> Option<String> {
    match gives {
        Gives::Nothing => None,
        Gives::One(what) => Some(what.to_string()),
        Gives::Pair(one, two) => Some(format!("{one}, {two}")),
    }
}

/// Everything the table says of a command.
pub fn command(row: &Command) -> String {
    let mut out = format!("{}\n\n  usage   {}\n", row.summary, row.usage());
    let mut field = |name: &str, text: &str| {
        if !text.is_empty() {
            let _ = writeln!(out, "  {name:<7} {text}");
        }
    };
    field("also", &row.aliases.join(", "));
    field("gives", &gives(row.gives).unwrap_or_default());
    field("C", row.c);
    field("Rust", row.rust);
    field("Python", row.python);
    if !row.note.is_empty() {
        let _ = writeln!(out, "\n{}", wrap(row.note, 92));
    }
    let options: Vec<_> = row.options().collect();
    if !options.is_empty() {
        out.push_str("\noptions\n");
        for option in options {
            let usage = option.value.map_or(option.name.to_string(), |v| format!("{} {v}", option.name));
            let _ = writeln!(out, "  {usage:<20} {}", option.about);
        }
    }
    if !row.errors.is_empty() {
        out.push_str("\nerrors\n");
        for error in row.errors {
            let _ = writeln!(out, "  {error:<16} {}", error_why(row, error));
        }
    }
    let _ = write!(out, "\nexample\n{}", indent(row.example));
    out
}

/// What an error of this command usually means.
fn error_why(row: &Command, error: &str) -> String {
    let call = row.c.split(['(', ' ', '4']).next().unwrap_or("");
    match Caught::from_name(error) {
        Some(Caught::Code(code)) => {
            code.why(call).map_or_else(|| code.words().english(), |why| why.en.to_string())
        }
        Some(Caught::Class(class)) => {
            let code = crate::value::errno::Code::Class(class);
            code.why(call).map_or("a name that cannot be looked up", |why| why.en).to_string()
        }
        None => String::new(),
    }
}

/// Everything the option table says of an option.
fn option(option: &SocketOption) -> String {
    let mut out = format!("{}\n\n", option.summary.en);
    let mut field = |name: &str, text: &str| {
        if !text.is_empty() {
            let _ = writeln!(out, "  {name:<7} {text}");
        }
    };
    if option.is_set() {
        field("set", format!("setsockopt {} {}", option.name, option.value_usage().english()).trim_end());
    }
    if option.is_read() {
        field("read", &format!("getsockopt {}", option.name));
    }
    let others: Vec<&str> = option.names().skip(1).filter(|n| *n != option.constant).collect();
    field("also", &others.join(", "));
    field("C", &format!("{} {}", option.level_name, option.constant));
    field("Rust", &option.method());
    field("on", option.on.words().en);
    field("systems", option.platforms.en);
    let _ = write!(out, "\nexample\n{}", indent(&option.lines()));
    out
}

fn form_text(form: &Form) -> String {
    let mut out = format!("{}\n\n  usage   {}\n  Python  {}\n", form.summary, form.usage(), form.python);
    if !form.note.is_empty() {
        let _ = writeln!(out, "\n{}", wrap(form.note, 92));
    }
    if !form.example.is_empty() {
        let _ = write!(out, "\nexample\n{}", indent(form.example));
    }
    out.trim_end().to_string()
}

fn indent(text: &str) -> String {
    text.lines().map(|l| format!("  {l}")).collect::<Vec<_>>().join("\n")
}

fn wrap(text: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut();
        match line {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_string()),
        }
    }
    lines.join("\n")
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
                row.summary.replace('|', "\\|"),
                code(row.rust),
                code(row.python)
            );
        }
        for form in listed(group) {
            let usage = form.usage().replace('|', "\\|");
            let _ = writeln!(out, "| `{usage}` | {} | | {} |", form.summary, code(form.python));
        }
    }
    out
}

/// The language, as sections of the manual page.
pub fn man_language() -> String {
    let mut out = String::from(".SH LANGUAGE\n");
    let lines = [
        "A line is a command: [NAMES =] [SOCKET.]COMMAND WORD\u{2026} [&]. Words are split as a shell does.",
        "Quoted text is bytes, with the escapes of Python; ${name} puts a value in. A line that begins with \
         #> is the answer of the command above it, which `sockbook test` checks.",
    ];
    lines.iter().for_each(|line| out.push_str(&format!(".PP\n{}\n", roff(line))));
    for group in Group::ALL {
        let rows = all().filter(|c| c.group == group);
        let rows: Vec<String> = rows.map(man_command).collect();
        let forms = FORMS.iter().filter(|f| f.group == group);
        let forms: Vec<String> = forms.map(|f| man_entry(&f.usage(), f.summary, &[])).collect();
        if !rows.is_empty() || !forms.is_empty() {
            let _ = write!(out, ".SS {}\n{}{}", roff(group.title()), rows.concat(), forms.concat());
        }
    }
    out
}

fn man_command(row: &Command) -> String {
    let call = if row.c.is_empty() { String::new() } else { format!(" ({})", row.c) };
    let options: Vec<(String, String)> = row
        .options()
        .map(|o| (o.value.map_or(o.name.to_string(), |v| format!("{} {v}", o.name)), o.about.to_string()))
        .collect();
    let words = row.syntax().words();
    man_entry(&format!("{}{words}", row.name), &format!("{}{call}", row.summary), &options)
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
