//! `c?`: what is known of a name.

use std::sync::Arc;

use super::Prompt;
use crate::net::look::Look;
use crate::text::literal;
use crate::text::secrets::{first, part};
use crate::value::outcome::SocketFacts;
use crate::value::socket::Endpoint;
use crate::value::{Value, duration_text, state};
use crate::words::{Lang, Noun};

/// A page of lines: a name and what it is.
struct Facts(Vec<(String, String)>);

impl Facts {
    fn add(&mut self, name: &str, text: impl Into<String>) {
        self.0.push((name.to_string(), text.into()));
    }

    fn draw(&self) -> String {
        let width = self.0.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        let line = |(name, text): &(String, String)| {
            let fill = " ".repeat(width.saturating_sub(name.chars().count()));
            format!("  {name}{fill}  {text}")
        };
        self.0.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

impl Prompt<'_> {
    /// The value that `NAME?` asks about, where no command has that name.
    pub(super) fn asked_value(&mut self, text: &str) -> Option<(String, Value)> {
        let name = text.trim().strip_suffix('?')?.trim_start_matches('$');
        let is_command = crate::command::find(name).is_some()
            || crate::text::forms::find(name).is_some()
            || self.compiler.scope.commands.contains_key(name);
        if is_command {
            return None;
        }
        if let Some(number) = name.strip_prefix('_') {
            let place = match number.parse() {
                Ok(number) => crate::session::names::Place::Out(number),
                Err(_) if number.is_empty() => crate::session::names::Place::Last,
                Err(_) => return None,
            };
            return self.session.get(place).ok().map(|value| (name.to_string(), value));
        }
        let named = self.session.named().into_iter().find(|(known, _)| **known == *name);
        let numbered = || {
            let socket = self.session.open_sockets().into_iter().find(|s| *s.name() == *name)?;
            Some((Arc::from(name), Value::Socket(socket)))
        };
        named.or_else(numbered).map(|(name, value)| (name.to_string(), value))
    }

    /// What is known of it: the value, where it came from, and where to look further.
    pub(super) fn describe(&mut self, name: &str, value: &Value) -> String {
        let lang = self.lang();
        let mut facts = Facts(Vec::new());
        let head = match value {
            Value::Socket(socket) => self.describe_socket(socket, &mut facts),
            other => {
                let shown = match self.session.look(other) {
                    Ok(value) => value,
                    Err(_) => other.clone(),
                };
                describe_value(&shown, &mut facts, lang);
                shown.kind_noun().show(lang).to_string()
            }
        };
        if let Some((number, text)) = self.log.made(name) {
            facts.add(phrase!(en "made by", es "creado por").show(lang), format!("In [{number}]: {text}"));
        }
        let made = self.log.made(name);
        if let Some((number, text)) = self.log.used(name).filter(|used| made.as_ref() != Some(used)) {
            facts.add(phrase!(en "last in", es "visto en").show(lang), format!("In [{number}]: {text}"));
        }
        let more = match value {
            Value::Socket(socket) if socket.is_open() => {
                let own = socket.name();
                let options = format!("`options {own}`");
                if socket.is_tcp() { format!("`info {own}`, {options}") } else { options }
            }
            Value::Error(error) => format!("`help {}`", error.code.name()),
            _ => String::new(),
        };
        if !more.is_empty() {
            facts.add(phrase!(en "more", es "más").show(lang), more);
        }
        format!("{name}: {head}\n{}", facts.draw())
    }

    fn describe_socket(&mut self, socket: &Arc<Endpoint>, facts: &mut Facts) -> String {
        let lang = self.lang();
        let current = self.session.current().is_some_and(|c| Arc::ptr_eq(&c, socket));
        let seen: SocketFacts = Look::new(&self.session.caller, socket).facts(current);
        let means = state::find(&seen.state).map_or("", |state| state.means.show(lang));
        facts.add(phrase!(en "state", es "estado").show(lang), format!("{}: {means}", seen.state));
        if let Some(local) = &seen.local {
            facts.add("local", local.to_string());
        }
        if let Some(peer) = &seen.peer {
            facts.add(phrase!(en "peer", es "remoto").show(lang), peer.to_string());
        }
        let words = lang.words();
        let bytes = |n: Option<u64>| words.count(n.unwrap_or(0), Noun::Byte);
        if let Some((waiting, most)) = seen.backlog {
            let text = say!(
                en "{waiting} wait for `accept`; room for {most}",
                es "{waiting} esperan `accept`; caben {most}",
                waiting,
                most
            );
            facts.add(phrase!(en "queue", es "cola").show(lang), text.show(lang));
        } else if seen.fd.is_some() {
            let text = say!(
                en "{received} to be received, {sent} not yet acknowledged",
                es "{received} por recibir, {sent} sin confirmar",
                received = bytes(seen.receive_queue),
                sent = bytes(seen.send_queue)
            );
            facts.add(phrase!(en "queues", es "colas").show(lang), text.show(lang));
        }
        if seen.end_of_stream {
            let end = phrase!(
                en "the peer has closed its end, and all was read",
                es "el otro extremo cerró, y todo se leyó"
            );
            facts.add(phrase!(en "end", es "fin").show(lang), end.show(lang));
        }
        if let Some(limit) = socket.timeout() {
            facts.add(phrase!(en "limit", es "límite").show(lang), duration_text(limit));
        } else if socket.nonblocking() {
            let never = phrase!(en "no call waits", es "ninguna llamada espera");
            facts.add(phrase!(en "waits", es "espera").show(lang), never.show(lang));
        }
        let names: Vec<String> = self
            .session
            .named()
            .into_iter()
            .filter(|(known, value)| {
                matches!(value, Value::Socket(other) if Arc::ptr_eq(other, socket))
                    && **known != *socket.name()
            })
            .map(|(known, _)| known.to_string())
            .collect();
        if !names.is_empty() {
            facts.add(phrase!(en "also", es "también").show(lang), names.join(", "));
        }
        let now = match current {
            true => phrase!(en ", the current one", es ", el actual").show(lang),
            false => "",
        };
        match seen.fd {
            Some(fd) => format!("{} {}, fd {fd}{now}", seen.family, seen.kind),
            None => format!("{} {}", seen.family, seen.kind),
        }
    }
}

fn describe_value(value: &Value, facts: &mut Facts, lang: Lang) {
    /// So much of a long value is shown.
    const MOST: usize = 256;
    let words = lang.words();
    let shown = phrase!(en "value", es "valor").show(lang);
    match value {
        Value::Bytes(bytes) => {
            let mut length = words.count(bytes.len() as u64, Noun::Byte);
            match std::str::from_utf8(bytes) {
                Ok(text) => {
                    let lines = text.lines().count();
                    length.push_str(&format!(
                        "; UTF-8, {}, {}",
                        words.count(text.chars().count() as u64, Noun::Character),
                        words.count(lines as u64, Noun::Line)
                    ));
                }
                Err(_) => length.push_str(phrase!(en "; not UTF-8", es "; no es UTF-8").show(lang)),
            }
            facts.add(phrase!(en "length", es "largo").show(lang), length);
            let first = literal::show(&part(bytes, 0..bytes.len().min(MOST)));
            let rest = bytes.len().saturating_sub(MOST) as u64;
            facts.add(shown, if rest > 0 { words.and_more(&first, rest) } else { first });
        }
        other => {
            let text = other.to_literal();
            let text = first(&text, MOST).unwrap_or(text);
            facts.add(shown, text);
            if let Some(n) = other.to_int().filter(|n| *n > 9) {
                facts.add("hex", format!("0x{n:x}"));
            }
        }
    }
}
