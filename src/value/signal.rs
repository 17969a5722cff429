//! Signals by name and by number, as signal(7) lists them: what `kill` reads and every message shows.

use nix::sys::signal::Signal;

use crate::value::printed_int;
use crate::words::Sentence;

/// The signals that `kill` offers, in its help and for completion; it takes every other name as well.
pub const OFFERED: &[&str] = &["TERM", "KILL", "INT", "HUP", "QUIT", "USR1", "USR2", "STOP", "CONT"];

/// `SIGTERM`; a signal without a name (a real-time one) as `signal 40`.
pub fn name(number: i32) -> Sentence {
    match Signal::try_from(number) {
        Ok(signal) => Sentence::plain(signal.as_str()),
        Err(_) => say!(en "signal {number}", es "la señal {number}", number),
    }
}

/// The number of `TERM`, `SIGTERM`, `term` or `15`; `None` where there is no such signal.
pub fn number(text: &str) -> Option<i32> {
    let text = text.to_uppercase();
    let short = text.strip_prefix("SIG").unwrap_or(&text);
    let named = format!("SIG{short}").parse::<Signal>().ok().map(|signal| signal as i32);
    let number = printed_int(&text).and_then(|n| i32::try_from(n).ok());
    named.or(number.filter(|n| (1..=64).contains(n)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_has_one_name_and_one_number() {
        for (text, want) in [
            ("TERM", Some(15)),
            ("sigterm", Some(15)),
            ("15", Some(15)),
            ("WINCH", Some(28)),
            ("40", Some(40)),
            ("0", None),
            ("65", None),
            ("SIG", None),
            ("", None),
            ("TERMS", None),
        ] {
            assert_eq!(number(text), want, "{text}");
        }
        for text in OFFERED {
            assert_eq!(number(text).map(|n| name(n).english().to_string()), Some(format!("SIG{text}")));
        }
        assert_eq!(name(40).english(), "signal 40");
    }
}
