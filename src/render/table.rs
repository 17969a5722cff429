//! Tables: columns as wide as their widest cell, on a terminal and in a file alike.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

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
    let (receive, send) = queues(facts);
    let flag = |on: bool, c: char| if on { c } else { '.' };
    let notes = notes(facts);
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

/// What has not been read and not been acknowledged; of a listener, who waits and how many may.
fn queues(facts: &SocketFacts) -> (String, String) {
    let number = |n: Option<u64>| n.map_or_else(|| "-".to_string(), |n| n.to_string());
    match facts.backlog {
        Some((waiting, most)) => (waiting.to_string(), most.to_string()),
        None => (number(facts.receive_queue), number(facts.send_queue)),
    }
}

fn notes(facts: &SocketFacts) -> Vec<Phrase> {
    let mut notes = Vec::new();
    if facts.closed {
        notes.push(phrase!(en "closed here", es "cerrado aquí"));
    }
    if facts.backlog.is_some() {
        notes.push(phrase!(en "backlog", es "cola de espera"));
    }
    if facts.end_of_stream {
        notes.push(END_OF_STREAM);
    }
    if facts.error {
        notes.push(phrase!(en "error pending", es "error pendiente"));
    }
    notes
}

/// The table as text, without a line end.
pub fn draw(table: &Table, lang: Lang) -> String {
    if table.rows.is_empty() {
        return phrase!(en "(none)", es "(nada)").show(lang).into();
    }
    let head: Vec<&str> = table.head.iter().map(|text| text.show(lang)).collect();
    let shown = |row: &Vec<Sentence>| row.iter().map(|cell| cell.show(lang)).collect::<Vec<String>>();
    let rows: Vec<Vec<String>> = table.rows.iter().map(shown).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0).max(head.len());
    let cell = |row: &[String], at: usize| row.get(at).map_or(0, |c| c.width());
    let wide = |at: usize| {
        rows.iter().map(|r| cell(r, at)).max().unwrap_or(0).max(head.get(at).map_or(0, |h| h.width()))
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
    let mut lines = Vec::new();
    if !head.is_empty() {
        lines.push(line(&mut head.iter().copied()));
    }
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

/// Fewer columns have no room for a socket's row: it is a block of lines.
const FEWEST: usize = 60;

/// The sockets in at most so many columns, each on a row; on a narrow terminal each in a block of lines. A table that
/// fits as it is stays as it is.
pub fn sockets_within(facts: &[SocketFacts], lang: Lang, width: usize) -> String {
    let whole = draw(&sockets(facts, lang), lang);
    if fits(&whole, width) {
        return whole;
    }
    if width < FEWEST {
        return facts.iter().map(|facts| block(facts, lang, width)).collect::<Vec<_>>().join("\n");
    }
    let mut rows: Vec<Vec<String>> = facts.iter().map(|facts| short_row(facts, lang)).collect();
    let wide = |rows: &[Vec<String>], at: usize| rows.iter().map(|row| row[at].width()).max().unwrap_or(0);
    // The columns but the addresses; the mark has one blank behind it, and the last column none.
    let room_of = |rows: &[Vec<String>]| {
        let others = (0..SHORT_COLUMNS).filter(|at| *at != ENDS).map(|at| wide(rows, at));
        let others: usize = others.filter(|wide| *wide > 0).map(|wide| wide + 2).sum();
        (width + 1).saturating_sub(others)
    };
    // Where the addresses would be cut for the notes, those stand below their rows.
    let mut notes = vec![String::new(); rows.len()];
    if wide(&rows, ENDS) > room_of(&rows) {
        for (row, note) in rows.iter_mut().zip(&mut notes) {
            *note = std::mem::take(&mut row[NOTES]);
        }
    }
    // Addresses are cut from the left: the end of a path says more, and so does a port.
    let room = room_of(&rows).max(12);
    let table = Table {
        head: Vec::new(),
        rows: rows
            .into_iter()
            .map(|mut row| {
                row[ENDS] = shorter_ends(&row[ENDS], room);
                row.into_iter().map(Sentence::plain).collect()
            })
            .collect(),
    };
    let mut lines = Vec::new();
    for (line, note) in within(&table, lang, width).lines().zip(notes) {
        lines.push(line.to_string());
        if !note.is_empty() {
            lines.push(format!("    {note}"));
        }
    }
    lines.join("\n")
}

/// The columns of [`short_row`], and which of them have the addresses and the notes.
const SHORT_COLUMNS: usize = 8;
const ENDS: usize = 4;
const NOTES: usize = 7;

/// `> cl  4  tcp  127.0.0.1:44370 → 127.0.0.1:49615  ESTABLISHED  12/0  RW`
fn short_row(facts: &SocketFacts, lang: Lang) -> Vec<String> {
    let (receive, send) = queues(facts);
    let flag = |on: bool, c: char| if on { c } else { '.' };
    vec![
        if facts.current { ">" } else { "" }.to_string(),
        facts.name.clone(),
        facts.fd.map_or_else(|| "-".into(), |fd| fd.to_string()),
        protocol(facts),
        ends(facts),
        facts.state.clone(),
        format!("{receive}/{send} {}{}", flag(facts.readable, 'R'), flag(facts.writable, 'W')),
        notes(facts).iter().map(|note| note.show(lang)).collect::<Vec<_>>().join(", "),
    ]
}

/// A socket in lines of its own.
fn block(facts: &SocketFacts, lang: Lang, width: usize) -> String {
    let (receive, send) = queues(facts);
    let flag = |on: bool, c: char| if on { c } else { '.' };
    let mark = if facts.current { ">" } else { " " };
    let fd = facts.fd.map_or_else(|| "-".into(), |fd| fd.to_string());
    let mut notes = vec![
        format!("fd {fd}"),
        format!("{receive}/{send}"),
        format!("{}{}", flag(facts.readable, 'R'), flag(facts.writable, 'W')),
    ];
    notes.extend(self::notes(facts).iter().map(|note| note.show(lang).to_string()));
    let mut lines = vec![format!("{mark} {}  {}  {}", facts.name, protocol(facts), facts.state)];
    let ends = ends(facts);
    if ends != "-" {
        lines.push(format!("    {}", shorter_ends(&ends, width.saturating_sub(4))));
    }
    lines.push(format!("    {}", notes.join("  ")));
    lines.iter().map(|line| cut(line, width)).collect::<Vec<_>>().join("\n")
}

/// `tcp`, `udp`, `unix`: the family and the type in one word where there is one.
fn protocol(facts: &SocketFacts) -> String {
    let six = if facts.family == "inet6" { "6" } else { "" };
    match (facts.family.as_str(), facts.kind.as_str()) {
        ("inet" | "inet6", "stream") => format!("tcp{six}"),
        ("inet" | "inet6", "dgram") => format!("udp{six}"),
        ("unix", "stream") => "unix".into(),
        (family, kind) => format!("{family} {kind}"),
    }
}

/// `127.0.0.1:44370 → 127.0.0.1:49615`
fn ends(facts: &SocketFacts) -> String {
    match (&facts.local, &facts.peer) {
        (Some(local), Some(peer)) => format!("{local} → {peer}"),
        (Some(local), None) => local.to_string(),
        (None, Some(peer)) => format!("→ {peer}"),
        (None, None) => "-".into(),
    }
}

/// The ends in at most so many columns, each cut from the left.
fn shorter_ends(ends: &str, room: usize) -> String {
    if ends.width() <= room {
        return ends.to_string();
    }
    match ends.split_once(" → ") {
        Some((local, peer)) => {
            let half = room.saturating_sub(3) / 2;
            let peer_room = room.saturating_sub(3 + local.width().min(half));
            let peer = cut_left(peer, peer_room);
            let local = cut_left(local, room.saturating_sub(3 + peer.width()));
            format!("{local} → {peer}")
        }
        None => cut_left(ends, room),
    }
}

fn cut_left(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_string();
    }
    let mut kept = text;
    while !kept.is_empty() && kept.width() + 1 > room {
        kept = &kept[kept.chars().next().map_or(0, char::len_utf8)..];
    }
    format!("…{kept}")
}

/// The text in at most so many columns; `…` says that it was cut.
pub fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_string();
    }
    if room == 0 {
        return String::new();
    }
    let mut kept = text;
    while !kept.is_empty() && kept.width() + 1 > room {
        kept = &kept[..kept.char_indices().next_back().map_or(0, |(at, _)| at)];
    }
    format!("{kept}…")
}

/// The beginning of a text in so many rows of a window; `…` says that there is more.
pub fn beginning(text: &str, rows: usize, columns: usize) -> String {
    let mut left = rows;
    let mut out = Vec::new();
    for line in text.lines() {
        let needed = line.width().div_ceil(columns.max(1)).max(1);
        if needed > left {
            out.push(if left == 0 { "…".to_string() } else { cut(line, left * columns) });
            break;
        }
        left -= needed;
        out.push(line.to_string());
    }
    out.join("\n")
}

fn fits(text: &str, width: usize) -> bool {
    text.lines().all(|line| line.width() <= width)
}

/// The table in at most so many columns: the widest columns give way first, and their cells go on below themselves. Where
/// words would have to be broken for that, each row is a text of its own.
pub fn within(table: &Table, lang: Lang, width: usize) -> String {
    /// No column gets narrower than this.
    const NARROWEST: usize = 6;
    /// And no cell higher.
    const MOST_LINES: usize = 4;
    let whole = draw(table, lang);
    if fits(&whole, width) {
        return whole;
    }
    let shown = |row: &Vec<Sentence>| row.iter().map(|cell| cell.show(lang)).collect::<Vec<String>>();
    let rows: Vec<Vec<String>> = table.rows.iter().map(shown).collect();
    let head: Vec<&str> = table.head.iter().map(|text| text.show(lang)).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0).max(head.len());
    let head_width = |at: usize| head.get(at).map_or(0, |text| text.width());
    let widest = |at: usize, of: &dyn Fn(&str) -> usize| {
        rows.iter().filter_map(|row| row.get(at)).map(|cell| of(cell)).max().unwrap_or(0).max(head_width(at))
    };
    let mut widths: Vec<usize> = (0..columns).map(|at| widest(at, &|cell| cell.width())).collect();
    // What is longer than half the window is no word.
    let longest_word =
        |cell: &str| cell.split(' ').map(|word| word.width().min(width / 2)).max().unwrap_or(0);
    let least: Vec<usize> = (0..columns).map(|at| widest(at, &longest_word).max(NARROWEST)).collect();
    let total = |widths: &[usize]| {
        let shown = widths.iter().filter(|wide| **wide > 0);
        shown.map(|wide| wide + 2).sum::<usize>().saturating_sub(2)
    };
    while total(&widths) > width {
        let can = (0..columns).filter(|at| widths[*at] > least[*at]);
        let Some(widest) = can.max_by_key(|at| widths[*at]) else { break };
        widths[widest] -= 1;
    }
    if total(&widths) > width {
        let head = head.iter().map(ToString::to_string).collect();
        return [head].iter().chain(&rows).map(|row| paragraph(row, width)).collect::<Vec<_>>().join("\n");
    }
    let mut out = Vec::new();
    for row in rows {
        let cells: Vec<Vec<String>> =
            row.iter().zip(&widths).map(|(cell, wide)| folded(cell, *wide, MOST_LINES)).collect();
        for at in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let piece = |cell: &Vec<String>| Sentence::plain(cell.get(at).cloned().unwrap_or_default());
            out.push(cells.iter().map(piece).collect());
        }
    }
    draw(&Table { head: table.head.clone(), rows: out }, lang)
}

/// The cells of a row one after the other, in lines of at most so many columns.
fn paragraph(cells: &[String], width: usize) -> String {
    const INDENT: &str = "    ";
    let cells: Vec<&str> = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
    let lines = folded(&cells.join("  "), width.saturating_sub(INDENT.len()), usize::MAX);
    lines.join(&format!("\n{INDENT}"))
}

/// A text in at most so many lines of so many columns, broken between words where there are any; `…` says that there is
/// more.
fn folded(cell: &str, width: usize, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = cell;
    while rest.width() > width && lines.len() + 1 < most {
        let mut used = 0;
        let fits = |(_, c): &(usize, char)| {
            used += c.width().unwrap_or(0);
            used <= width
        };
        let end = rest.char_indices().take_while(fits).last().map_or(0, |(at, c)| at + c.len_utf8());
        if end == 0 {
            break;
        }
        // A blank right behind what fits is the best place.
        let blank = rest[..end].rfind(' ').filter(|at| *at > 0);
        let end = if rest[end..].starts_with(' ') { end } else { blank.unwrap_or(end) };
        lines.push(rest[..end].trim_end().to_string());
        rest = rest[end..].trim_start();
    }
    lines.push(cut(rest, width));
    lines
}

/// A text with its long lines broken between words, what follows as far in as the line itself.
pub fn wrapped(text: &str, width: usize) -> String {
    let mut out = Vec::new();
    for line in text.lines() {
        if line.width() <= width {
            out.push(line.to_string());
            continue;
        }
        // In a list of names and what they are, the second column goes on below itself.
        let indent = line.len() - line.trim_start().len();
        let column = line[indent..].find("  ").map(|at| {
            let after = &line[indent + at..];
            indent + at + after.len() - after.trim_start().len()
        });
        let hang = column.filter(|at| *at < width / 2).map_or(indent, |at| line[..at].width());
        let mut row = line[..indent].to_string();
        let mut rest = &line[indent..];
        while !rest.is_empty() {
            // Blanks belong to the word before them, so that columns stay.
            let end = rest.trim_start().find(' ').map_or(rest.len(), |n| {
                let start = rest.len() - rest.trim_start().len();
                let word = start + n;
                word + (rest[word..].len() - rest[word..].trim_start().len())
            });
            let (word, after) = rest.split_at(end);
            if row.width() + word.trim_end().width() > width && !row.trim().is_empty() {
                out.push(row.trim_end().to_string());
                row = " ".repeat(hang);
                row.push_str(word.trim_start());
            } else {
                row.push_str(word);
            }
            rest = after;
        }
        out.push(row.trim_end().to_string());
    }
    out.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Address;

    #[test]
    fn columns_line_up_whatever_their_letters() {
        let rows = vec![vec!["café", "1"], vec!["日本", "22"]];
        let rows = rows.into_iter().map(|row| row.into_iter().map(Sentence::plain).collect()).collect();
        let table = Table { head: vec![phrase!(en "name", es "nombre"), phrase!(en "n", es "n")], rows };
        assert_eq!(draw(&table, Lang::EN), "name  n\ncafé  1\n日本  22");
        assert_eq!(draw(&Table::default(), Lang::EN), "(none)");
    }

    #[test]
    fn a_long_text_is_begun() {
        assert_eq!(beginning("one\ntwo", 2, 10), "one\ntwo");
        assert_eq!(beginning("one\ntwo\nthree", 2, 10), "one\ntwo\n…");
        assert_eq!(beginning("0123456789", 2, 4), "0123456…");
        assert_eq!(beginning("one\n0123456789", 2, 4), "one\n012…");
        assert_eq!(beginning("", 2, 10), "");
    }

    fn facts() -> Vec<SocketFacts> {
        let address = |text: &str| Some(Address::Inet(text.parse().unwrap()));
        vec![
            SocketFacts {
                name: "srv".into(),
                fd: Some(3),
                family: "inet".into(),
                kind: "stream".into(),
                local: address("127.0.0.1:49615"),
                state: "LISTEN".into(),
                backlog: Some((1, 128)),
                readable: true,
                ..SocketFacts::default()
            },
            SocketFacts {
                current: true,
                name: "cl".into(),
                fd: Some(4),
                family: "inet".into(),
                kind: "stream".into(),
                local: address("127.0.0.1:44370"),
                peer: address("127.0.0.1:49615"),
                state: "ESTABLISHED".into(),
                receive_queue: Some(12),
                send_queue: Some(0),
                writable: true,
                ..SocketFacts::default()
            },
        ]
    }

    #[test]
    fn sockets_fit_the_window() {
        let at = |width| sockets_within(&facts(), Lang::EN, width);
        assert!(at(200).starts_with("  name  fd  family"), "{}", at(200));
        let want = "  srv  3  tcp  127.0.0.1:49615                    LISTEN       1/128 R.  backlog\n\
                    > cl   4  tcp  127.0.0.1:44370 → 127.0.0.1:49615  ESTABLISHED  12/0 .W";
        assert_eq!(at(80), want);
        let want = "  srv  tcp  LISTEN\n    127.0.0.1:49615\n    fd 3  1/128  R.  backlog\n\
                    > cl  tcp  ESTABLISHED\n    127.0.0.1:44370 → 127.0.0.1:49615\n    fd 4  12/0  .W";
        assert_eq!(at(40), want);
        for width in [12, 20, 30, 59, 60, 70, 80, 90] {
            assert!(fits(&at(width), width.max(12)) || width < 30, "{width}:\n{}", at(width));
        }
    }

    #[test]
    fn the_widest_columns_give_way() {
        let rows = vec![vec!["a", "0123456789012345678901234567890", "x"]];
        let rows = rows.into_iter().map(|row| row.into_iter().map(Sentence::plain).collect()).collect();
        let head = ["n", "long", "z"].map(Phrase::same).to_vec();
        let table = Table { head, rows };
        // Nothing is lost: what does not fit goes on below itself.
        let want = "n long            z\na 01234567890123  x\n  45678901234567\n  890";
        assert_eq!(within(&table, Lang::EN, 20), want);
        assert!(within(&table, Lang::EN, 60).contains("890"));
    }

    #[test]
    fn cells_are_folded_between_words() {
        assert_eq!(folded("one two three", 8, 4), ["one two", "three"]);
        assert_eq!(folded("127.0.0.1:53320", 11, 4), ["127.0.0.1:5", "3320"]);
        assert_eq!(folded("", 4, 4), [""]);
        assert_eq!(folded("abcdefghijklmnopqrst", 4, 4), ["abcd", "efgh", "ijkl", "mno…"]);
    }

    #[test]
    fn a_row_whose_words_do_not_fit_side_by_side_is_a_text() {
        let row = ["last_data_recv", "127.0.0.1:4711", "ago, data was received"];
        let rows = vec![row.map(|cell| Sentence::plain(cell.to_string())).into()];
        let table = Table { head: ["name", "value", "what"].map(Phrase::same).to_vec(), rows };
        let want = "name  value  what\nlast_data_recv  127.0.0.1:4711\n    ago, data was received";
        assert_eq!(within(&table, Lang::EN, 39), want);
        let want = "name            value           what\nlast_data_recv  127.0.0.1:4711  ago,";
        assert!(within(&table, Lang::EN, 40).starts_with(want), "{}", within(&table, Lang::EN, 40));
    }

    #[test]
    fn a_note_cuts_no_address_of_another_row() {
        let mut facts = facts();
        facts[0].name = "listener".into();
        facts[1].name = "connection".into();
        let at = sockets_within(&facts, Lang::EN, 80);
        assert!(at.contains("127.0.0.1:44370 → 127.0.0.1:49615  ESTABLISHED"), "{at}");
        assert!(at.contains("1/128 R.\n    backlog\n"), "{at}");
        assert!(fits(&at, 80), "{at}");
    }

    #[test]
    fn long_lines_are_broken_between_words() {
        assert_eq!(wrapped("one two three", 8), "one two\nthree");
        assert_eq!(wrapped("  recv   take what has come", 20), "  recv   take what\n         has come");
        assert_eq!(wrapped("short\n\nx", 8), "short\n\nx");
        assert_eq!(wrapped("0123456789", 8), "0123456789");
    }
}
