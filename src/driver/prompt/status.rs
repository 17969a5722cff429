//! Where the session is: the line of all sockets below the one that is typed, and the current socket at its right.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::render::colour::{self, paint};
use crate::render::table::END_OF_STREAM;
use crate::value::Address;
use crate::value::outcome::SocketFacts;
use crate::words::{Lang, Noun, counted};

/// What was seen of the session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The open sockets, in order of creation.
    pub sockets: Vec<SocketFacts>,
    /// How many threads, calls and programs run beside the prompt.
    pub running: usize,
}

impl Seen {
    /// Is there anything to say?
    pub fn is_empty(&self) -> bool {
        self.sockets.is_empty() && self.running == 0
    }

    /// `srv LISTEN :8998 backlog 1 │ cl ESTABLISHED 23 B waiting │ 2 running`, in at most so many columns.
    pub fn bar(&self, width: usize, lang: Lang, colour: bool) -> String {
        const BETWEEN: &str = " │ ";
        let mut parts: Vec<(String, Option<String>)> =
            self.sockets.iter().map(|facts| (state(facts), news(facts, lang))).collect();
        if self.running > 0 {
            let running = say!(en "{n} running", es "{n} en curso", n = self.running);
            parts.push((running.show(lang), None));
        }
        let mut out = String::new();
        let mut left = width;
        for (at, (state, news)) in parts.iter().enumerate() {
            let before = if at > 0 { BETWEEN } else { "" };
            let news = news.as_ref().map_or(String::new(), |news| format!(" {news}"));
            let whole = before.width() + state.width() + news.width();
            // What is cut off says that it is.
            let more = if at + 1 < parts.len() { 2 } else { 0 };
            if whole + more > left {
                let all = format!("{before}{state}{news}");
                let rest = fitting(&all, left.saturating_sub(1));
                out.push_str(&paint(format!("{rest}…"), colour::FAINT, colour));
                break;
            }
            out.push_str(&paint(format!("{before}{state}"), colour::FAINT, colour));
            if !news.is_empty() {
                out.push_str(&paint(&news, colour::NEWS, colour));
            }
            left -= whole;
        }
        out
    }

    /// `cl ESTABLISHED`: the current socket.
    pub fn here(&self) -> Option<String> {
        let current = self.sockets.iter().find(|facts| facts.current)?;
        Some(format!("{} {}", current.name, current.state))
    }
}

/// `srv LISTEN :8998`
fn state(facts: &SocketFacts) -> String {
    let at = match (&facts.local, facts.state.as_str()) {
        (Some(Address::Inet(address)), "LISTEN" | "BOUND") => format!(" :{}", address.port()),
        _ => String::new(),
    };
    format!("{} {}{at}", facts.name, facts.state)
}

/// What asks for attention.
fn news(facts: &SocketFacts, lang: Lang) -> Option<String> {
    if let Some((waiting @ 1.., _)) = facts.backlog {
        return Some(say!(en "backlog {waiting}", es "cola {waiting}", waiting).show(lang));
    }
    if facts.error {
        return Some(phrase!(en "error pending", es "error pendiente").show(lang).to_string());
    }
    match facts.receive_queue {
        Some(bytes @ 1..) => Some(say!(en "{bytes} B waiting", es "{bytes} B esperan", bytes).show(lang)),
        _ => facts.end_of_stream.then(|| END_OF_STREAM.show(lang).to_string()),
    }
}

/// As much of the text as fits into so many columns.
pub fn fitting(text: &str, width: usize) -> &str {
    let mut left = width;
    for (at, c) in text.char_indices() {
        match left.checked_sub(c.width().unwrap_or(0)) {
            Some(rest) => left = rest,
            None => return &text[..at],
        }
    }
    text
}

/// What has happened to a socket between two looks, in a sentence; nothing for what a line itself has brought about.
pub fn happened(
    before: &SocketFacts,
    now: &SocketFacts,
    in_use: bool,
    heard_end: bool,
    lang: Lang,
) -> Option<String> {
    let name = &now.name;
    let connected =
        |state: &str| !matches!(state, "CLOSE" | "CLOSED" | "LISTEN" | "SYN_SENT" | "NEW" | "BOUND");
    if connected(&before.state) && now.state == "CLOSE" && now.error {
        return Some(
            say!(en "{name}: reset by the peer", es "{name}: el otro extremo cortó con un RST", name)
                .show(lang),
        );
    }
    if now.error && !before.error {
        return Some(
            say!(
                en "{name}: an error is pending; its next call tells it",
                es "{name}: hay un error pendiente; su próxima llamada lo dirá",
                name
            )
            .show(lang),
        );
    }
    let waiting = |facts: &SocketFacts| facts.backlog.map_or(0, |(waiting, _)| waiting);
    if waiting(now) > 0 && waiting(before) == 0 && !in_use {
        return Some(
            say!(
                en "{name}: a client waits for `accept`",
                es "{name}: un cliente espera un `accept`",
                name
            )
            .show(lang),
        );
    }
    let bytes = now.receive_queue.unwrap_or(0);
    let come = bytes > 0 && before.receive_queue == Some(0) && !in_use;
    let closed = |facts: &SocketFacts| {
        facts.end_of_stream || matches!(facts.state.as_str(), "CLOSE_WAIT" | "CLOSING" | "TIME_WAIT")
    };
    let ended = closed(now) && !closed(before) && !heard_end && !in_use;
    let bytes = counted(bytes as usize, Noun::Byte);
    match (come, ended) {
        (true, false) => Some(
            say!(
                en "{name}: {bytes} to receive",
                es "{name}: {bytes} por recibir",
                name,
                bytes
            )
            .show(lang),
        ),
        (true, true) => Some(
            say!(
                en "{name}: {bytes} to receive, and the peer has closed",
                es "{name}: {bytes} por recibir, y el otro extremo cerró",
                name,
                bytes
            )
            .show(lang),
        ),
        (false, true) => {
            Some(say!(en "{name}: the peer has closed", es "{name}: el otro extremo cerró", name).show(lang))
        }
        (false, false) => None,
    }
}
