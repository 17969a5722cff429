//! Tables: columns as wide as their widest cell, on a terminal and in a file alike.

use unicode_width::UnicodeWidthStr;

use crate::value::outcome::{SocketFacts, Table};

/// The sockets as a table.
pub fn sockets(facts: &[SocketFacts]) -> Table {
    let head =
        vec!["", "name", "fd", "family", "type", "local", "peer", "state", "Recv-Q", "Send-Q", "RW", ""];
    let rows = facts.iter().map(socket_row).collect();
    Table { head, rows }
}

fn socket_row(facts: &SocketFacts) -> Vec<String> {
    let dash = || "-".to_string();
    let number = |n: Option<u64>| n.map_or_else(dash, |n| n.to_string());
    let (receive, send) = match facts.backlog {
        Some((waiting, most)) => (waiting.to_string(), most.to_string()),
        None => (number(facts.receive_queue), number(facts.send_queue)),
    };
    let flag = |on: bool, c: char| if on { c } else { '.' };
    let mut notes = Vec::new();
    if facts.backlog.is_some() {
        notes.push("backlog");
    }
    if facts.end_of_stream {
        notes.push("end of stream");
    }
    if facts.error {
        notes.push("error pending");
    }
    vec![
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
        notes.join(", "),
    ]
}

/// The table as text, without a line end.
pub fn draw(table: &Table) -> String {
    if table.rows.is_empty() {
        return "(none)".into();
    }
    let columns = table.head.len();
    let cell = |row: &[String], at: usize| row.get(at).map_or(0, |c| c.width());
    let wide = |at: usize| {
        let head = table.head[at].width();
        table.rows.iter().map(|r| cell(r, at)).max().unwrap_or(0).max(head)
    };
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
    let mut lines = vec![line(&mut table.head.iter().copied())];
    lines.extend(table.rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_their_letters() {
        let rows = vec![vec!["café".into(), "1".into()], vec!["日本".into(), "22".into()]];
        let table = Table { head: vec!["name", "n"], rows };
        assert_eq!(draw(&table), "name  n\ncafé  1\n日本  22");
        assert_eq!(draw(&Table::default()), "(none)");
    }
}
