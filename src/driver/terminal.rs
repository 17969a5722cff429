//! What is written to, and for whom: colour, control sequences and the language, each decided in one place.
//!
//! - Colour: none where NO_COLOR is set and not empty (<https://no-color.org>), where the stream is no
//!   terminal, or where TERM is `dumb` or unset. These are the rules of `anstream`, which clap follows for
//!   `--help`; its CLICOLOR and CLICOLOR_FORCE hold as well.
//! - Control sequences (a line that is drawn again, line editing): only on a terminal that can do more
//!   than print.

use std::io::IsTerminal;

use anstream::{AutoStream, ColorChoice, stream::RawStream};
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::words::{LANGUAGES, Lang};

/// Back to the start of the line, and the line empty.
pub const ERASE_LINE: &str = "\r\x1b[2K";
/// What does not fit into the line from here on is cut, not continued on the next.
pub const CUT_LINES: &str = "\x1b[?7l";
/// The end of [`CUT_LINES`].
pub const WRAP_LINES: &str = "\x1b[?7h";
/// The screen and what was scrolled out of it empty, the cursor at the top.
pub const CLEAR_SCREEN: &str = "\x1b[H\x1b[2J\x1b[3J";

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
