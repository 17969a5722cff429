//! What is written to, and for whom: colour, control sequences and the language, each decided in one place.
//!
//! - Colour: none where NO_COLOR is set and not empty (<https://no-color.org>), where the stream is no
//!   terminal, or where TERM is `dumb` or unset. These are the rules of `anstream`, which clap follows for
//!   `--help`; its CLICOLOR and CLICOLOR_FORCE hold as well.
//! - Control sequences (a line that is drawn again, line editing): only on a terminal that can do more
//!   than print.

use std::io::IsTerminal;
use std::os::fd::AsFd;

use anstream::{AutoStream, ColorChoice, stream::RawStream};
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::net::kernel::window_size;
use crate::words::{LANGUAGES, Lang};

/// Back to the start of the line, and the line empty.
pub const ERASE_LINE: &str = "\r\x1b[2K";
/// What does not fit into the line from here on is cut, not continued on the next.
pub const CUT_LINES: &str = "\x1b[?7l";
/// The end of [`CUT_LINES`].
pub const WRAP_LINES: &str = "\x1b[?7h";
/// The screen and what was scrolled out of it empty, the cursor at the top.
pub const CLEAR_SCREEN: &str = "\x1b[H\x1b[2J\x1b[3J";

/// A text at the start of the line, which is emptied before; the cursor stays at its start.
pub fn on_line(text: &str) -> String {
    format!("{ERASE_LINE}{text}\r")
}

/// What stands from here on, on this line and below, is empty.
pub const ERASE_BELOW: &str = "\x1b[J";
/// Nothing at all, which is not an empty text.
pub const NOTHING: &str = "\x1b[m";
/// Up and down again: a line for the editor that shows nothing and scrolls nothing, after which it draws itself anew.
pub const NO_LINE: &str = "\x1b[A\n";

/// A text in this column (from 1), after which the cursor is where it was.
pub fn in_column(column: usize, text: &str) -> String {
    format!("\x1b7\x1b[{column}G{text}\x1b8")
}

/// To the start of the line that is so many lines up.
pub fn up(lines: usize) -> String {
    if lines == 0 { "\r".into() } else { format!("\x1b[{lines}A\r") }
}

/// So many columns to the left.
pub fn left(columns: usize) -> String {
    if columns == 0 { String::new() } else { format!("\x1b[{columns}D") }
}

/// The rows and columns of the terminal that this stream is.
pub fn size(stream: &impl AsFd) -> Option<(usize, usize)> {
    window_size(stream).map(|(rows, columns)| (rows.into(), columns.into()))
}

/// Is what is written to this stream coloured?
pub fn colour(stream: &impl RawStream) -> bool {
    AutoStream::choice(stream) != ColorChoice::Never
}

/// Is this stream a terminal that obeys control sequences? The names are those that rustyline refuses.
pub fn is_capable(stream: &impl IsTerminal) -> bool {
    let simple = |term: std::ffi::OsString| {
        ["", "dumb", "cons25", "emacs"].iter().any(|name| term.eq_ignore_ascii_case(name))
    };
    stream.is_terminal() && !std::env::var_os("TERM").is_none_or(simple)
}

/// How wide a terminal is, if it is one and says so.
pub fn columns(stream: &(impl IsTerminal + AsFd)) -> Option<usize> {
    window_size(stream).map(|(_, columns)| columns.into())
}

/// Reads the value of `--lang`: a language's code.
pub fn lang_parser() -> impl TypedValueParser<Value = Lang> {
    let codes = PossibleValuesParser::new(LANGUAGES.iter().map(|language| language.code));
    codes.map(|code| Lang::of_code(&code).unwrap_or_default())
}

/// The language of the messages: `--lang`, else SOCKBOOK_LANG (`es`, `es_CL.UTF-8`), else the locale's, else English.
pub fn lang(given: Option<Lang>) -> Lang {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let own = || set("SOCKBOOK_LANG").and_then(|value| Lang::of_locale(&value));
    // The first that is set decides, as in setlocale(3); a language that is not spoken here is English.
    let locale = || ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
    given.or_else(own).or_else(|| Lang::of_locale(&locale()?)).unwrap_or_default()
}
