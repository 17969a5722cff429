//! The words that only the prompt knows. Help and completion ask this table too.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use crate::command::row::Kind;
use crate::manual::page::man_entry;
use crate::text::words::line;
use crate::words::{Lang, Phrase};

/// One of the prompt's own words.
pub struct Own {
    pub name: &'static str,
    pub usage: &'static str,
    pub summary: Phrase,
    /// More to know.
    pub note: Phrase,
    /// What its first word is, for completion.
    pub takes: Kind,
    pub what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    History,
    Save,
    Run,
    Rerun,
    Edit,
    Time,
    Timeit,
    Watch,
    Talk,
    Keep,
    Clear,
    Reset,
}

pub const WORDS: &[Own] = &[
    Own {
        name: "history",
        usage: "history [-o] [A-B] [/TEXT/]",
        summary: phrase!(
            en "the lines of this session with their numbers",
            es "las líneas de esta sesión con sus números"
        ),
        note: phrase!(
            en "A line that failed is marked `!`. `-o` shows what each line showed too, `/TEXT/` only the lines in which \
                TEXT stands. The arrow keys and Ctrl-R look through earlier sessions too.",
            es "Una línea que falló se marca con `!`. `-o` muestra también lo que mostró cada línea, `/TEXT/` solo las \
                líneas donde aparece TEXT. Las flechas y Ctrl-R buscan también en las sesiones anteriores."
        ),
        takes: Kind::Options,
        what: What::History,
    },
    Own {
        name: "save",
        usage: "save FILE [A-B] [--all]",
        summary: phrase!(
            en "write the lines that worked to a script",
            es "escribe en un script las líneas que funcionaron"
        ),
        note: phrase!(
            en "The file is a notebook and a test: each line with its answer. Lines that failed are left out (but one that took \
                or sent something first is there, with `fails`), and those that only looked (`sockets`, `vars`, `help`, …) \
                unless `--all` is given; a port that the system chose and `$_7` become names; `run` is `source`, `timeit` \
                is `repeat`. What came before a `reset` is left out.",
            es "El archivo es un cuaderno y una prueba: cada línea con su respuesta. Se omiten las líneas que fallaron (salvo \
                una que antes tomó o envió algo, que va con `fails`) y las que solo miraban (`sockets`, `vars`, `help`, …), \
                si no se da `--all`; un puerto que eligió el sistema y `$_7` pasan a ser nombres; `run` es `source` y \
                `timeit` es `repeat`. Se omite lo anterior a un `reset`."
        ),
        takes: Kind::Path,
        what: What::Save,
    },
    Own {
        name: "run",
        usage: "run FILE",
        summary: phrase!(
            en "the lines of a script, in this session",
            es "las líneas de un script, en esta sesión"
        ),
        note: phrase!(
            en "The file is read whole before any of it runs. Its `exit` ends the file, not the session.",
            es "El archivo se lee completo antes de ejecutar nada. Su `exit` termina el archivo, no la sesión."
        ),
        takes: Kind::Script,
        what: What::Run,
    },
    Own {
        name: "rerun",
        usage: "rerun [A-B]…",
        summary: phrase!(
            en "lines of this session again, by number",
            es "líneas de esta sesión otra vez, por número"
        ),
        note: phrase!(
            en "`rerun 3` is one line, `rerun 3 5-7` several, and `rerun` alone the last one. It ends at the first that fails.",
            es "`rerun 3` es una línea, `rerun 3 5-7` varias, y `rerun` solo, la última. Termina en la primera que falla."
        ),
        takes: Kind::Options,
        what: What::Rerun,
    },
    Own {
        name: "edit",
        usage: "edit [N]",
        summary: phrase!(
            en "a line in your editor, and then run",
            es "una línea en tu editor, y luego se ejecuta"
        ),
        note: phrase!(
            en "VISUAL or EDITOR names the editor; without N it is the last line. What comes back unchanged is not run.",
            es "VISUAL o EDITOR nombran el editor; sin N es la última línea. Lo que vuelve sin cambios no se ejecuta."
        ),
        takes: Kind::Options,
        what: What::Edit,
    },
    Own {
        name: "watch",
        usage: "watch DURATION COMMAND",
        summary: phrase!(
            en "a command again and again, drawn in place",
            es "un comando una y otra vez, dibujado en su lugar"
        ),
        note: phrase!(
            en "`watch 1s sockets`, `watch 500ms info c`. Numbers have a small graph of their last values; Ctrl-C ends it.",
            es "`watch 1s sockets`, `watch 500ms info c`. Los números llevan un pequeño gráfico de sus últimos valores; \
                Ctrl-C lo termina."
        ),
        takes: Kind::Integer,
        what: What::Watch,
    },
    Own {
        name: "talk",
        usage: "talk [SOCKET] [--crlf] [--hex]",
        summary: phrase!(
            en "the terminal becomes the connection",
            es "la terminal pasa a ser la conexión"
        ),
        note: phrase!(
            en "Enter sends the line, with LF or `--crlf`; what comes is shown above it, in hex after Ctrl-X or with \
                `--hex`. Ctrl-D on an empty line, Ctrl-] or Ctrl-C leaves. What was said is numbered as lines, so that \
                `save` makes a test of it.",
            es "`Enter` envía la línea, con LF o `--crlf`; lo que llega se muestra sobre ella, en hexadecimal tras Ctrl-X o con \
                `--hex`. Ctrl-D en una línea vacía, Ctrl-] o Ctrl-C sale. Lo dicho se numera como líneas, así que \
                `save` lo hace una prueba."
        ),
        takes: Kind::Options,
        what: What::Talk,
    },
    Own {
        name: "set --keep",
        usage: "set --keep",
        summary: phrase!(
            en "the settings for the next sessions too",
            es "los ajustes también para las próximas sesiones"
        ),
        note: phrase!(
            en "They stand in settings.sock in the configuration folder, beside init.sock, which runs when the prompt opens.",
            es "Quedan en settings.sock en la carpeta de configuración, junto a init.sock, que se ejecuta al abrir el prompt."
        ),
        takes: Kind::Options,
        what: What::Keep,
    },
    Own {
        name: "time",
        usage: "time COMMAND",
        summary: phrase!(
            en "how long a command takes",
            es "cuánto tarda un comando"
        ),
        note: Phrase::same(""),
        takes: Kind::Command,
        what: What::Time,
    },
    Own {
        name: "timeit",
        usage: "timeit N COMMAND",
        summary: phrase!(
            en "a command N times: min, median, p99 and a histogram",
            es "un comando N veces: mínimo, mediana, p99 y un histograma"
        ),
        note: phrase!(
            en "What the command shows is not shown, and it ends at the first failure or with Ctrl-C.",
            es "Lo que muestra el comando no se muestra, y termina en la primera falla o con Ctrl-C."
        ),
        takes: Kind::Integer,
        what: What::Timeit,
    },
    Own {
        name: "clear",
        usage: "clear",
        summary: phrase!(
            en "an empty screen",
            es "una pantalla vacía"
        ),
        note: Phrase::same(""),
        takes: Kind::Options,
        what: What::Clear,
    },
    Own {
        name: "reset",
        usage: "reset",
        summary: phrase!(
            en "close every socket and forget every name",
            es "cierra todos los sockets y olvida todos los nombres"
        ),
        note: phrase!(
            en "The numbers go on, and so does `history`.",
            es "Los números siguen, y también `history`."
        ),
        takes: Kind::Options,
        what: What::Reset,
    },
];

/// A line that begins with one of the words, with or without `%`: the word, and what follows it.
pub fn recognise(text: &str) -> Option<(&'static Own, &str)> {
    let bare = text.trim_start();
    let bare = bare.strip_prefix('%').unwrap_or(bare);
    let end = bare.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(bare.len());
    let (name, rest) = bare.split_at(end);
    // `set --keep` is two words.
    let two = |own: &&Own| own.name.contains(' ') && bare.split_whitespace().eq(own.name.split(' '));
    if let Some(own) = WORDS.iter().find(two) {
        return Some((own, ""));
    }
    let own = WORDS.iter().find(|w| w.name == name)?;
    let assigned = rest.trim_start().strip_prefix('=').is_some_and(|r| r.starts_with([' ', '\t']));
    (!assigned && (rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r', '#']))).then_some((own, rest))
}

/// The word that `help WORD`, `? WORD` or `WORD?` asks about; `help` alone is an empty name.
pub fn asked_about(text: &str) -> Option<&str> {
    let text = text.trim();
    let topic = match text.strip_suffix('?') {
        Some(topic) if !topic.is_empty() => topic,
        _ => text.strip_prefix("help").or_else(|| text.strip_prefix('?'))?,
    };
    if topic.is_empty() {
        return Some("");
    }
    let topic = topic.trim_start().trim_start_matches('%');
    WORDS.iter().any(|w| w.name == topic).then_some(topic)
}

/// Help on one of the words, or the list of them.
pub fn help(topic: &str, lang: Lang) -> String {
    match WORDS.iter().find(|w| w.name == topic) {
        Some(own) => {
            let (usage, note) = (phrase!(en "usage", es "uso").show(lang), own.note.show(lang));
            let mut out = format!("{}\n\n  {usage}   {}", own.summary.show(lang), own.usage);
            if !note.is_empty() {
                let _ = write!(out, "\n\n{note}");
            }
            out
        }
        None => {
            let head = phrase!(
                en "At the prompt (a `%` may stand before them)",
                es "En el prompt (antes de ellas puede ir un `%`)"
            );
            let mut out = head.show(lang).to_string();
            for own in WORDS {
                let _ = write!(out, "\n  {:<14} {}", own.name, own.summary.show(lang));
            }
            out
        }
    }
}

/// The prompt as a section of the manual page.
pub fn manual(lang: Lang) -> String {
    let heading = phrase!(en "THE PROMPT", es "EL PROMPT").show(lang);
    let about = phrase!(
        en "Without a FILE, at a terminal, the prompt opens. It knows every command, and these words of its own. \
            `help keys` lists its keys.",
        es "Sin FILE, en una terminal, se abre el prompt. Conoce todos los comandos, y estas palabras propias. `help keys` \
            muestra sus teclas."
    );
    let mut out = format!(".SH {heading}\n.PP\n{}\n", about.show(lang));
    for own in WORDS {
        out.push_str(&man_entry(own.usage, own.summary.show(lang), &[]));
    }
    out
}

/// The text with `%`, `time` and `timeit N` blanked out, for finding out how its lines hang
/// together: what stands where stays.
pub fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let blank = prefix(line);
        out.extend(std::iter::repeat_n(' ', blank));
        out.push_str(&line[blank..]);
    }
    out
}

/// A statement without `%`, `time` and `timeit N` before it.
pub fn command_of(text: &str) -> &str {
    let text = text.trim_start();
    let rest = text[prefix(text)..].trim_start();
    rest.strip_prefix('%').filter(|t| t.starts_with(|c: char| c.is_ascii_lowercase())).unwrap_or(rest)
}

/// The time and the command of `watch D COMMAND`.
pub fn watched(text: &str) -> (&str, &str) {
    let rest = recognise(text).map_or("", |(_, rest)| rest).trim();
    rest.split_once([' ', '\t']).map_or((rest, ""), |(time, command)| (time, command.trim_start()))
}

/// The number of `timeit N`.
pub fn rounds_of(text: &str) -> u64 {
    let rest = recognise(text).map_or("", |(_, rest)| rest).trim_start();
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    rest[..digits].parse().unwrap_or(0)
}

/// The file of `run FILE`.
pub fn path_of(text: &str) -> Option<PathBuf> {
    let (_, rest) = recognise(text)?;
    let words = line(rest, 0, 0, &mut Vec::new()).words;
    words.first()?.literal().map(|bytes| PathBuf::from(OsString::from_vec(bytes.to_vec())))
}

/// How much of a line stands before the command proper.
fn prefix(line: &str) -> usize {
    let Some((own, rest)) = recognise(line) else { return 0 };
    let command = match own.what {
        What::Time => rest.trim_start(),
        What::Watch => rest.trim_start().trim_start_matches(|c: char| !c.is_whitespace()).trim_start(),
        What::Timeit => {
            let rest = rest.trim_start();
            rest.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start()
        }
        _ => "",
    };
    if command.is_empty() || command.starts_with('#') {
        // No command follows: only a `%` is in the way.
        return line.len() - line.trim_start().trim_start_matches('%').len();
    }
    line.len() - command.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_a_command_too() {
        for own in WORDS {
            assert!(crate::command::find(own.name).is_none(), "{}", own.name);
            assert!(crate::text::forms::find(own.name).is_none(), "{}", own.name);
        }
    }

    #[test]
    fn the_words_are_recognised() {
        let name = |text| recognise(text).map(|(own, rest)| (own.name, rest));
        assert_eq!(name("history"), Some(("history", "")));
        assert_eq!(name(" %save x.sock"), Some(("save", " x.sock")));
        assert_eq!(name("time = recv"), None);
        assert_eq!(name(" set  --keep "), Some(("set --keep", "")));
        assert_eq!(name("set keys vi"), None);
        assert_eq!(name("timer"), None);
        assert_eq!(name("run.recv"), None);
        assert_eq!(asked_about("help save"), Some("save"));
        assert_eq!(asked_about("%timeit?"), Some("timeit"));
        assert_eq!(asked_about("help"), Some(""));
        assert_eq!(asked_about("help recv"), None);
    }

    #[test]
    fn masking_keeps_every_place() {
        for (text, want) in [
            ("time recv 5", "     recv 5"),
            ("%timeit 10 recv\nclose", "           recv\nclose"),
            ("%history", " history"),
            ("watch 1s recv", "         recv"),
            ("watch 1s", "watch 1s"),
            ("time", "time"),
            ("recv", "recv"),
        ] {
            assert_eq!(masked(text), want);
        }
    }
}
