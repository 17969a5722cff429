//! What the prompt saw of the sockets after each of its lines: `sockets 7`, `sockets 5-9`.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::Session;
use crate::text::literal;
use crate::value::outcome::{SocketFacts, Table};
use crate::words::{Noun, Phrase, Sentence, counted};

/// The sockets as they stood after a line.
#[derive(Clone)]
pub struct Seen {
    /// That of `In [number]`.
    pub number: u32,
    /// The line.
    pub line: String,
    /// What there was to be seen; shared with the lines after which nothing was different.
    pub sockets: Arc<Vec<SocketFacts>>,
}

/// The lines whose sockets are known, the latest last.
#[derive(Clone, Default)]
pub struct Past(VecDeque<Seen>);

impl Session {
    /// Notes how the sockets stand after a line. No trace has these looks: no line asked for them.
    pub fn note_sockets(&mut self, number: u32, line: &str) {
        /// So many lines are remembered.
        const LINES: usize = 10_000;
        /// And so many sockets: the prompt has to come back.
        const SOCKETS: usize = 256;
        let facts: Vec<SocketFacts> =
            self.eyes().sockets(SOCKETS).into_iter().map(|(_, facts)| facts).collect();
        let past = &mut self.past.0;
        let sockets = match past.back() {
            Some(last) if *last.sockets == facts => last.sockets.clone(),
            _ => Arc::new(facts),
        };
        if past.len() == LINES {
            past.pop_front();
        }
        past.push_back(Seen { number, line: literal::one_line(line), sockets });
    }

    /// How the sockets stood after this line, if it was noted.
    pub fn seen_after(&self, number: u32) -> Option<&Seen> {
        self.past.0.iter().rev().find(|seen| seen.number == number)
    }

    /// What these lines changed: a row for each change, with its line.
    pub fn changes(&self, lines: &RangeInclusive<u32>) -> Table {
        let head = vec![
            Phrase::same("In"),
            phrase!(en "name", es "nombre"),
            phrase!(en "change", es "cambio"),
            phrase!(en "line", es "línea"),
        ];
        let mut rows = Vec::new();
        let mut before: &[SocketFacts] = &[];
        for seen in &self.past.0 {
            if lines.contains(&seen.number) {
                for (name, change) in changes(before, &seen.sockets) {
                    let number = Sentence::plain(seen.number.to_string());
                    rows.push(vec![
                        number,
                        Sentence::plain(name),
                        change,
                        Sentence::plain(seen.line.clone()),
                    ]);
                }
            }
            before = &seen.sockets;
        }
        Table { head, rows }
    }

    /// What was noted, for a session that goes on in place of this one.
    pub fn take_past(&mut self) -> Past {
        std::mem::take(&mut self.past)
    }

    /// Goes on with what another session noted.
    pub fn set_past(&mut self, past: Past) {
        self.past = past;
    }
}

/// What is different between two looks at the sockets, by name.
fn changes(before: &[SocketFacts], after: &[SocketFacts]) -> Vec<(String, Sentence)> {
    let mut all = Vec::new();
    for now in after {
        let mut add = |change: Sentence| all.push((now.name.clone(), change));
        match before.iter().find(|old| same(old, now)) {
            None => {
                let (family, kind) = (&now.family, &now.kind);
                add(say!(
                    en "made: {family} {kind}, {state}",
                    es "creado: {family} {kind}, {state}",
                    family,
                    kind,
                    state = now.state
                ));
                if let Some(peer) = &now.peer {
                    add(Sentence::plain(format!("→ {peer}")));
                }
            }
            Some(old) => {
                if old.state != now.state {
                    add(Sentence::plain(format!("{} → {}", old.state, now.state)));
                }
                if old.local != now.local
                    && let Some(local) = &now.local
                {
                    add(
                        say!(en "its address: {local}", es "su dirección: {local}", local = local.to_string()),
                    );
                }
                if old.peer != now.peer
                    && let Some(peer) = &now.peer
                {
                    add(Sentence::plain(format!("→ {peer}")));
                }
                let waiting = |facts: &SocketFacts| match facts.backlog {
                    Some((clients, _)) => u64::from(clients),
                    None => facts.receive_queue.unwrap_or(0),
                };
                if waiting(old) != waiting(now) {
                    let n = waiting(now) as usize;
                    add(match now.backlog {
                        Some(_) => say!(en "clients waiting: {n}", es "clientes en espera: {n}", n),
                        None => say!(
                            en "{bytes} to be received",
                            es "{bytes} por recibir",
                            bytes = counted(n, Noun::Byte)
                        ),
                    });
                }
                if now.end_of_stream && !old.end_of_stream {
                    add(phrase!(en "end of stream", es "fin del flujo").into());
                }
                if now.error && !old.error {
                    add(phrase!(en "error pending", es "error pendiente").into());
                }
            }
        }
    }
    for old in before.iter().filter(|old| !after.iter().any(|now| same(old, now))) {
        all.push((old.name.clone(), phrase!(en "closed", es "cerrado").into()));
    }
    all
}

/// Are both looks at one socket? A name may pass to another, and so may a descriptor.
fn same(old: &SocketFacts, now: &SocketFacts) -> bool {
    old.name == now.name && old.fd == now.fd && old.kind == now.kind && old.family == now.family
}
