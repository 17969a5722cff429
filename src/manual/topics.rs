//! Help on what is no command: errors and their classes, the states of sockets, keys, blocks.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use crate::command::all;
use crate::picture::states;
use crate::python::{self, table};
use crate::render::error::classes;
use crate::render::table::wrapped;
use crate::text::forms::{FORMS, Group};
use crate::value::errno::{Caught, Class, Code};
use crate::value::outcome::SocketFacts;
use crate::value::state::{self, STATES, State};
use crate::words::{Lang, Phrase};

/// How wide running text is.
const WIDTH: usize = 76;

/// A page that is no command's, with its name.
struct Topic {
    name: &'static str,
    page: fn(Lang) -> String,
}

const TOPICS: &[Topic] = &[
    Topic { name: "keys", page: keys },
    Topic { name: "blocks", page: blocks },
    Topic { name: "python", page: python },
    Topic { name: "states", page: |lang| states(None, &[], lang) },
];

/// The page of a topic, if it is one; `sockets` are those of the session, which stand in the pages of states.
/// Running text is at most `width` columns wide.
pub fn page(name: &str, sockets: &[SocketFacts], lang: Lang, width: usize) -> Option<String> {
    text(name, sockets, lang).map(|text| wrapped(&text, width.min(WIDTH)))
}

/// The same, its paragraphs each a line.
fn text(name: &str, sockets: &[SocketFacts], lang: Lang) -> Option<String> {
    if let Some(topic) = TOPICS.iter().find(|topic| topic.name == name) {
        return Some((topic.page)(lang));
    }
    match Caught::from_name(name) {
        Some(Caught::Code(code)) => return Some(code_page(code, lang)),
        Some(Caught::Class(class)) => return Some(class_page(class, lang)),
        None => {}
    }
    state::find(name).map(|state| states(Some(state), sockets, lang))
}

/// A line of a page: what it is about, and a text.
fn row(out: &mut String, name: &str, width: usize, text: &str) {
    let fill = " ".repeat(width.saturating_sub(name.width()));
    let _ = writeln!(out, "  {name}{fill}  {text}");
}

fn heading(out: &mut String, text: Phrase, lang: Lang) {
    let _ = writeln!(out, "\n{}", text.show(lang));
}

const WHY: Phrase = phrase!(en "why it comes", es "por qué ocurre");
const COMMANDS: Phrase = phrase!(en "commands that meet it", es "comandos que lo encuentran");
const CATCH: Phrase =
    phrase!(en "to wait for it, and to go on after it", es "para esperarlo, y para seguir después");

fn code_page(code: Code, lang: Lang) -> String {
    let name = code.name();
    let number = code.number().map_or(String::new(), |number| format!(" ({number})"));
    let mut out = format!("{name}{number}: {}\n", code.words().show(lang));
    let _ = writeln!(out, "{}", classes(code.class(), lang));
    reasons(&mut out, code, lang);
    ways(&mut out, &name, |error| error == name || error == code.class().name(), lang);
    out.trim_end().to_string()
}

fn class_page(class: Class, lang: Lang) -> String {
    let mut out = format!("{}\n", classes(class, lang));
    let below: Vec<&str> =
        Class::ALL.iter().filter(|c| c.parent() == Some(class)).map(|c| c.name()).collect();
    let codes: Vec<String> = Code::all().filter(|code| code.class() == class).map(Code::name).collect();
    // Every errno that has no class of its own is an OSError: no list to be read.
    let codes = if codes.len() > 24 { Vec::new() } else { codes };
    if !below.is_empty() || !codes.is_empty() {
        heading(&mut out, phrase!(en "what it catches", es "lo que atrapa"), lang);
        let all = below.into_iter().map(str::to_string).chain(codes).collect::<Vec<_>>().join(", ");
        row(&mut out, "", 0, &all);
    }
    reasons(&mut out, Code::Class(class), lang);
    let name = class.name();
    ways(&mut out, name, |error| Caught::from_name(error) == Some(Caught::Class(class)), lang);
    out.trim_end().to_string()
}

/// Why the error comes, for each call that has its own reason.
fn reasons(out: &mut String, code: Code, lang: Lang) {
    let reasons: Vec<_> = code.reasons().collect();
    if reasons.is_empty() {
        return;
    }
    heading(out, WHY, lang);
    for (calls, text) in reasons {
        let any = phrase!(en "any call", es "cualquiera").show(lang).to_string();
        let calls = if calls.is_empty() { any } else { calls.join(", ") };
        // Long lists of calls stand above their reason.
        if calls.width() > 14 {
            let _ = writeln!(out, "  {calls}");
            row(out, "", 14, text.show(lang));
        } else {
            row(out, &calls, 14, text.show(lang));
        }
    }
}

/// The commands that list such an error, and how a script takes it.
fn ways(out: &mut String, name: &str, is: impl Fn(&str) -> bool, lang: Lang) {
    let commands: Vec<&str> =
        all().filter(|row| row.errors.iter().any(|error| is(error))).map(|row| row.name).collect();
    if !commands.is_empty() {
        heading(out, COMMANDS, lang);
        row(out, "", 0, &commands.join(", "));
    }
    heading(out, CATCH, lang);
    let _ = writeln!(out, "  fails {name} COMMAND…\n  try … except {name} as e … end");
}

/// One state, or all, with the diagram in which the sockets of the session stand.
fn states(state: Option<&State>, sockets: &[SocketFacts], lang: Lang) -> String {
    let mut out = String::new();
    if let Some(state) = state {
        let head = format!("{}: {}", state.name, state.means.show(lang));
        let _ = writeln!(out, "{head}\n");
        let _ = writeln!(out, "{}", state.next.show(lang));
    } else {
        let width = STATES.iter().map(|state| state.name.len()).max().unwrap_or(0);
        STATES.iter().for_each(|state| row(&mut out, state.name, width, state.means.show(lang)));
    }
    if state.is_none_or(|state| state.tcp) {
        let _ = writeln!(out, "\n{}", states::diagram(state, sockets));
    }
    let standing: Vec<&SocketFacts> = sockets.iter().filter(|s| state::find(&s.state).is_some()).collect();
    if !standing.is_empty() {
        heading(&mut out, phrase!(en "the sockets of this session", es "los sockets de esta sesión"), lang);
        let width = standing.iter().map(|s| s.name.width()).max().unwrap_or(0);
        for socket in standing {
            row(&mut out, &socket.name, width, &socket.state);
        }
    }
    out.trim_end().to_string()
}

fn keys(lang: Lang) -> String {
    let rows: &[(&str, Phrase)] = &[
        (
            "Tab",
            phrase!(
                en "what could stand here; in a list the arrows choose",
                es "lo que podría ir aquí; en una lista se elige con las flechas"
            ),
        ),
        (
            "→, End",
            phrase!(
                en "takes the grey text: the rest of an earlier line",
                es "toma el texto gris: el resto de una línea anterior"
            ),
        ),
        (
            "↑, ↓",
            phrase!(
                en "earlier lines that begin as this one does",
                es "líneas anteriores que empiezan como esta"
            ),
        ),
        ("Ctrl-R", phrase!(en "searches earlier lines", es "busca en las líneas anteriores")),
        (
            "Enter",
            phrase!(
                en "runs what is complete; within a block it goes on below",
                es "ejecuta lo que está completo; dentro de un bloque sigue abajo"
            ),
        ),
        (
            "Alt-Enter",
            phrase!(en "a new line, wherever the cursor is", es "una línea nueva, esté donde esté el cursor"),
        ),
        (
            "Alt-.",
            phrase!(en "the last word of the line before", es "la última palabra de la línea anterior"),
        ),
        ("Ctrl-A, Ctrl-E", phrase!(en "to the start, to the end", es "al inicio, al final")),
        (
            "Ctrl-W, Ctrl-U",
            phrase!(en "deletes the word, the line before the cursor", es "borra la palabra, la línea antes del cursor"),
        ),
        (
            "Ctrl-C",
            phrase!(
                en "ends what the line waits for, or forgets the line; the sockets and the background stay",
                es "termina lo que la línea espera, o descarta la línea; los sockets y el segundo plano quedan"
            ),
        ),
        ("Ctrl-D", phrase!(en "leaves; `exit` does too", es "sale; `exit` también")),
        (
            "Ctrl-Z",
            phrase!(en "stops the session; `fg` in the shell goes on", es "detiene la sesión; `fg` en el shell continúa"),
        ),
        (
            "Ctrl-L",
            phrase!(en "an empty screen; so is `clear`", es "una pantalla vacía; también con `clear`"),
        ),
    ];
    let mut out = String::new();
    let width = rows.iter().map(|(key, _)| key.width()).max().unwrap_or(0);
    rows.iter().for_each(|(key, does)| row(&mut out, key, width, does.show(lang)));
    let vi = phrase!(
        en "`set keys vi` has those of vi; `edit` opens a line in $EDITOR.",
        es "`set keys vi` usa las de vi; `edit` abre una línea en $EDITOR."
    );
    let _ = write!(out, "\n{}", vi.show(lang));
    out
}

fn blocks(lang: Lang) -> String {
    let about = phrase!(
        en "A block is its first line, the lines inside, and `end`. At the prompt `Enter` goes on until the block is \
            closed, and then all of it runs; two empty lines leave one that was opened by mistake.",
        es "Un bloque es su primera línea, las líneas de adentro y `end`. En el prompt, `Enter` continúa hasta que el bloque se \
            cierra, y entonces se ejecuta completo; dos líneas vacías abandonan uno abierto por error."
    );
    let mut out = format!("{}\n\n", about.show(lang));
    let rows: Vec<_> = FORMS.iter().filter(|form| form.group == Group::Blocks).collect();
    let width = rows.iter().map(|form| form.name.width()).max().unwrap_or(0);
    rows.iter().for_each(|form| row(&mut out, form.name, width, form.summary.show(lang)));
    heading(&mut out, phrase!(en "example", es "ejemplo"), lang);
    let example = rows.first().map_or("", |form| form.example);
    example.lines().for_each(|line| {
        let _ = writeln!(out, "  {line}");
    });
    out.trim_end().to_string()
}

/// What of Python stands for what: each row is read as the prompt would read it.
fn python(lang: Lang) -> String {
    let about = phrase!(
        en "At the prompt Python is read too: a line or a cell that is no sockbook and is Python is shown as the lines below, and \
            then run. `sockbook convert` does the same with a file. What has no line is marked with the reason, and so is \
            what means something else here.",
        es "En el prompt también se lee Python: una línea o una celda que no es sockbook y es Python se muestra como las líneas de \
            abajo, y luego se ejecuta. `sockbook convert` hace lo mismo con un archivo. Lo que no tiene línea se marca con la \
            razón, y también lo que aquí significa otra cosa."
    );
    let mut out = format!("{}\n", about.show(lang));
    if !cfg!(feature = "python") {
        return format!("{out}\n{}", python::WITHOUT.show(lang));
    }
    for group in table::GROUPS {
        heading(&mut out, group.title, lang);
        for (python, lines) in table::rows(group) {
            let beside = python.iter().all(|line| line.width() <= LEFT)
                && lines.iter().all(|(line, _)| line.width() <= WIDTH - LEFT - 4);
            if beside {
                for at in 0..python.len().max(lines.len()) {
                    let left = python.get(at).map_or("", String::as_str);
                    let right = lines.get(at).map_or("", |(line, _)| line.as_str());
                    let fill = " ".repeat(LEFT.saturating_sub(left.width()));
                    let _ = writeln!(out, "{}", format!("  {left}{fill}  {right}").trim_end());
                }
            } else {
                python.iter().chain(lines.iter().map(|(line, _)| line)).enumerate().for_each(|(at, line)| {
                    let indent = if at < python.len() { "  " } else { "      " };
                    let _ = writeln!(out, "{indent}{line}");
                });
            }
            for why in lines.iter().filter_map(|(_, why)| why.as_ref()) {
                let text = wrapped(&why.show(lang), WIDTH - 8);
                text.lines().for_each(|line| {
                    let _ = writeln!(out, "      # {line}");
                });
            }
        }
    }
    out.trim_end().to_string()
}

/// How wide the Python of a row may be that stands beside its lines.
const LEFT: usize = 34;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_state_and_topic_has_a_page_that_fits() {
        let errors = Caught::names();
        let states = STATES.iter().map(|state| state.name);
        let topics = crate::command::session::TOPICS.iter().copied();
        for name in errors.chain(states).chain(topics) {
            for lang in Lang::all() {
                let page = page(name, &[], lang, WIDTH).unwrap_or_default();
                assert!(page.lines().count() > 2, "{name}: {page:?}");
                let wide = page.lines().find(|line| line.width() > 80);
                assert_eq!(wide, None, "{name} in {lang:?}");
            }
        }
        assert_eq!(page("nothing", &[], Lang::EN, WIDTH), None);
        assert!(state::DIAGRAM.lines().all(|line| line.width() < 40));
    }

    #[test]
    fn the_sockets_stand_in_the_diagram() {
        let socket = |name: &str, state: &str| SocketFacts {
            name: name.into(),
            state: state.into(),
            ..SocketFacts::default()
        };
        let sockets = [socket("l", "LISTEN"), socket("c", "FIN_WAIT2"), socket("s2", "CLOSE_WAIT")];
        let page = page("FIN_WAIT2", &sockets, Lang::EN, WIDTH).unwrap_or_default();
        for line in [
            "      LISTEN  ◂ l     SYN_SENT",
            "       FIN_WAIT1   CLOSE_WAIT  ◂ s2",
            "[FIN_WAIT2]CLOSING  LAST_ACK",
            "  c   FIN_WAIT2",
        ] {
            assert!(page.lines().any(|l| l == line), "{line}\n{page}");
        }
    }
}
