//! The colours of everything that is shown, each by what it stands for.
//!
//! Whether they are used at all is decided once, for the stream that is written to: `driver::terminal`.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// A line that was expected and did not come; a script that failed.
pub const BAD: Style = AnsiColor::Red.on_default();
/// A line that came and was not expected; a script that passed.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// A script that was skipped, not run, or passed only when it was tried again.
pub const DOUBT: Style = AnsiColor::Yellow.on_default();
/// A script whose answers were written; a command as it is typed.
pub const COMMAND: Style = AnsiColor::Cyan.on_default();
/// The mark under the first difference.
pub const MARK: Style = AnsiColor::Yellow.on_default().bold();
/// A keyword as it is typed: `repeat`, `end`.
pub const KEYWORD: Style = AnsiColor::Cyan.on_default().bold();
/// A socket's name as it is typed.
pub const SOCKET: Style = AnsiColor::Green.on_default();
/// An option (`--timeout`) as it is typed.
pub const OPTION: Style = AnsiColor::Blue.on_default();
/// A number, a duration, a size as it is typed.
pub const NUMBER: Style = AnsiColor::BrightBlue.on_default();
/// An escape (`\n`) inside quoted text.
pub const ESCAPE: Style = AnsiColor::BrightYellow.on_default().bold();
/// What is wrong, while it is typed.
pub const WRONG: Style = AnsiColor::Red.on_default().underline();
/// News in the line of the sockets' states.
pub const NEWS: Style = AnsiColor::Yellow.on_default();
/// The chosen row of a menu.
pub const CHOSEN: Style = Style::new().invert();
/// Quoted text as it is typed.
pub const QUOTED: Style = AnsiColor::Yellow.on_default();
/// A value (`$name`) as it is typed.
pub const VALUE: Style = AnsiColor::Magenta.on_default();
/// A comment, or a hint behind the cursor.
pub const FAINT: Style = Style::new().dimmed();
/// `In [1]: `
pub const PROMPT: Style = AnsiColor::Green.on_default().bold();

/// The text in its colour, or as it is where `colour` is false.
pub fn paint(text: impl Display, style: Style, colour: bool) -> String {
    if colour { format!("{style}{text}{style:#}") } else { text.to_string() }
}
