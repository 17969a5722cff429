//! Tables: columns as wide as their widest cell, on a terminal and in a file alike.

use unicode_width::UnicodeWidthStr;

use crate::value::outcome::{SocketFacts, Table};
use crate::words::{Lang, Phrase, Sentence};

/// The peer has closed its end, and everything it sent was read.
pub const END_OF_STREAM: Phrase = phrase!(en "end of stream", es "fin del flujo");

/// The sockets as a table.
pub fn sockets(facts: &[SocketFacts], lang: Lang) -> Table {
    const NONE: Phrase = phrase!(en "", es "");
    let head = vec![
        NONE,
        phrase!(en "name", es "nombre"),
        phrase!(en "fd", es "fd"),
        phrase!(en "family", es "familia"),
        phrase!(en "type", es "tipo"),
        phrase!(en "local", es "local"),
        phrase!(en "peer", es "remoto"),
        phrase!(en "state", es "estado"),
        phrase!(en "Recv-Q", es "Recv-Q"),
        phrase!(en "Send-Q", es "Send-Q"),
        phrase!(en "RW", es "RW"),
        NONE,
    ];
    Table { head, rows: facts.iter().map(|facts| socket_row(facts, lang)).collect() }
}

fn socket_row(facts: &SocketFacts, lang: Lang) -> Vec<Sentence> {
    let dash = || "-".to_string();
    let number = |n: Option<u64>| n.map_or_else(dash, |n| n.to_string());
    let (receive, send) = match facts.backlog {
        Some((waiting, most)) => (waiting.to_string(), most.to_string()),
        None => (number(facts.receive_queue), number(facts.send_queue)),
    };
    let flag = |on: bool, c: char| if on { c } else { '.' };
    let mut notes = Vec::new();
    if facts.backlog.is_some() {
        notes.push(phrase!(en "backlog", es "cola de espera"));
    }
    if facts.end_of_stream {
        notes.push(END_OF_STREAM);
    }
    if facts.error {
        notes.push(phrase!(en "error pending", es "error pendiente"));
    }
    [
        if facts.current { ">" } else { "" }.to_string(),
        facts.name.clone(),
        facts.fd.map_or_else(dash, |fd| fd.to_string()),
        facts.family.clone(),
        facts.kind.clone(),
        facts.local.as_ref().map_or_else(dash, ToString::to_string),
        facts.peer.as_ref().map_or_else(dash, ToString::to_string),
        facts.state.clone(),
        receive,
        send,
        format!("{}{}", flag(facts.readable, 'R'), flag(facts.writable, 'W')),
        notes.iter().map(|note| note.show(lang)).collect::<Vec<_>>().join(", "),
    ]
    .map(Sentence::plain)
    .into()
}

/// The table as text, without a line end.
pub fn draw(table: &Table, lang: Lang) -> String {
    if table.rows.is_empty() {
        return phrase!(en "(none)", es "(nada)").show(lang).into();
    }
    let head: Vec<&str> = table.head.iter().map(|text| text.show(lang)).collect();
    let shown = |row: &Vec<Sentence>| row.iter().map(|cell| cell.show(lang)).collect::<Vec<String>>();
    let rows: Vec<Vec<String>> = table.rows.iter().map(shown).collect();
    let columns = head.len();
    let cell = |row: &[String], at: usize| row.get(at).map_or(0, |c| c.width());
    let wide = |at: usize| rows.iter().map(|r| cell(r, at)).max().unwrap_or(0).max(head[at].width());
    let widths: Vec<usize> = (0..columns).map(wide).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut out = String::new();
        for (at, text) in cells.enumerate() {
            let fill = widths.get(at).copied().unwrap_or(0).saturating_sub(text.width());
            if widths.get(at) == Some(&0) {
                continue;
            }
            out.push_str(text);
            out.push_str(&" ".repeat(fill + if at == 0 && widths[0] == 1 { 1 } else { 2 }));
        }
        out.trim_end().to_string()
    };
    let mut lines = vec![line(&mut head.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_their_letters() {
        let rows = vec![vec!["café", "1"], vec!["日本", "22"]];
        let rows = rows.into_iter().map(|row| row.into_iter().map(Sentence::plain).collect()).collect();
        let table = Table { head: vec![phrase!(en "name", es "nombre"), phrase!(en "n", es "n")], rows };
        assert_eq!(draw(&table, Lang::EN), "name  n\ncafé  1\n日本  22");
        assert_eq!(draw(&Table::default(), Lang::EN), "(none)");
    }
}
