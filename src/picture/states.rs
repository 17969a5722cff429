//! TCP's diagram of states, with the sockets of the session where they stand.

use unicode_width::UnicodeWidthStr as _;

use crate::value::outcome::SocketFacts;
use crate::value::state::{DIAGRAM, STATES, State};

/// The diagram with the sockets in it, and below it each of them with its state.
pub fn with_sockets(sockets: &[SocketFacts]) -> String {
    let mut out = diagram(None, sockets);
    let width = sockets.iter().map(|socket| socket.name.width()).max().unwrap_or(0);
    for (at, socket) in sockets.iter().enumerate() {
        out.push_str(if at == 0 { "\n\n" } else { "\n" });
        out.push_str(&format!("{:<width$}  {}", socket.name, socket.state));
    }
    out
}

/// The diagram, with `[ ]` around the state that was asked for and the names of sockets behind theirs, where there is
/// room.
pub fn diagram(asked: Option<&State>, sockets: &[SocketFacts]) -> String {
    let mut rows: Vec<Vec<char>> = DIAGRAM.lines().map(|line| line.chars().collect()).collect();
    let last = rows.len() - 1;
    for (at, row) in rows.iter_mut().enumerate() {
        // The ends of connections are no place where a socket stands.
        let names = STATES.iter().filter(|s| s.tcp && (at < last - 4 || s.name != "CLOSE"));
        for state in names {
            let name: Vec<char> = state.name.chars().collect();
            let Some(start) = row.windows(name.len()).position(|w| w == name) else { continue };
            let alone = |c: Option<&char>| c.is_none_or(|c| *c == ' ');
            let end = start + name.len();
            if !alone(start.checked_sub(1).and_then(|n| row.get(n))) || !alone(row.get(end)) {
                continue;
            }
            let here: Vec<&str> =
                sockets.iter().filter(|s| s.state == state.name).map(|s| s.name.as_str()).collect();
            if asked.is_some_and(|asked| asked.name == state.name) {
                row.resize(row.len().max(end + 1), ' ');
                row[start - 1] = '[';
                row[end] = ']';
            }
            let names: Vec<char> = format!(" ◂ {}", here.join(", ")).chars().collect();
            let room = row[(end + 1).min(row.len())..].iter().take_while(|c| **c == ' ').count();
            let to_the_end = end + 1 + room >= row.len();
            if !here.is_empty() && (to_the_end || room > names.len()) {
                row.resize(row.len().max(end + 1 + names.len()), ' ');
                row[end + 1..end + 1 + names.len()].copy_from_slice(&names);
            }
        }
    }
    rows.iter()
        .map(|row| row.iter().collect::<String>().trim_end().to_string())
        .collect::<Vec<_>>()
        .join("\n")
}
