//! A session as a script: its lines with their answers, its ports and numbered results as names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use super::log::Entry;
use crate::text::answers::{Typed, generalise};
use crate::text::diagnostic::Sources;
use crate::text::parse::parse;
use crate::text::tree::{Line, Statement};
use crate::text::words::{Part, line};

/// The script of these lines; `$_7` becomes a name, for a script has no numbers, and a port that the
/// system chose becomes one where a later line typed it. An error is a line that needs another that is
/// not there.
pub fn script(lines: &[&Entry], tmpdir: Option<&str>) -> Result<String, String> {
    let mut wanted = BTreeSet::new();
    let mut ports: BTreeMap<u16, u32> = BTreeMap::new();
    let mut used_ports = BTreeSet::new();
    let mut texts = Vec::new();
    for (at, entry) in lines.iter().enumerate() {
        let (text, used, typed) = renamed(&entry.text, &ports);
        if let Some(gone) = used.iter().find(|n| !lines[..at].iter().any(|e| e.number == **n)) {
            let number = entry.number;
            return Err(format!("In [{number}] uses `$_{gone}`, and In [{gone}] is not among these lines"));
        }
        wanted.extend(used);
        used_ports.extend(typed);
        texts.push(named_job(text, entry.number));
        if let Some(port) = entry.port {
            ports.insert(port, entry.number);
        }
    }
    let mut typed = Typed::of(&texts.join("\n"));
    ports.keys().for_each(|port| typed.choose(&port.to_string()));
    let mut out = String::new();
    for (entry, text) in lines.iter().zip(&texts) {
        out.push_str(text);
        out.push('\n');
        if single(text).is_some() {
            for shown in entry.shown.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                out.push_str(
                    &format!("#> {}", generalise(shown, &typed, tmpdir)).trim_end().replace("#>\n", "#>"),
                );
                out.push('\n');
            }
        }
        if entry.implied {
            continue;
        }
        if entry.port.is_some() && used_ports.contains(&entry.number) {
            out.push_str(&format!("let port{} = ${{_.port}}\n", entry.number));
        }
        if wanted.contains(&entry.number) {
            out.push_str(&format!("let out{} = $_\n", entry.number));
        }
    }
    Ok(out)
}

/// The text as the one line it is, if it is one.
pub fn single(text: &str) -> Option<Line<'static>> {
    let source = Sources::default().add("", text);
    let mut tree = parse(&source, &mut Vec::new());
    match (tree.pop(), tree.is_empty()) {
        (Some(Statement::Line(line)), true) => Some(line.into_owned()),
        _ => None,
    }
}

/// Is this a `bind` to a port of the system's choice?
pub fn binds_any_port(text: &str) -> bool {
    single(text).is_some_and(|line| {
        line.command.text == "bind" && line.words.last().is_some_and(|w| w.bare() == Some("0"))
    })
}

/// The name under which a background call's result is waited for.
pub fn job_name(text: &str, number: u32) -> Option<String> {
    let line = single(text)?;
    line.background?;
    match line.targets.first() {
        Some(name) => Some(name.text.to_string()),
        None => gives(&line).then(|| format!("job{number}")),
    }
}

fn gives(line: &Line) -> bool {
    use crate::command::{find, row::Gives};
    find(&line.command.text).is_some_and(|row| row.gives != Gives::Nothing)
}

/// A background call without a name gets one, so that it alone can be waited for.
fn named_job(text: String, number: u32) -> String {
    match single(&text) {
        Some(line) if line.background.is_some() && line.targets.is_empty() && gives(&line) => {
            format!("job{number} = {text}")
        }
        _ => text,
    }
}

/// The text with `$_7` as `$out7` and known ports as `$port2`; which numbers and whose ports were used.
fn renamed(text: &str, ports: &BTreeMap<u16, u32>) -> (String, Vec<u32>, Vec<u32>) {
    // Each change is a stretch of the text and what is to stand there.
    let mut changes: Vec<(usize, usize, String)> = Vec::new();
    let (mut numbers, mut owners) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < text.len() {
        let read = line(text, 0, at, &mut Vec::new());
        for word in &read.words {
            let port = word.bare().and_then(|t| t.parse::<u16>().ok()).and_then(|p| ports.get(&p));
            if let Some(owner) = port {
                owners.push(*owner);
                changes.push((word.span.start as usize, word.span.end as usize, format!("$port{owner}")));
            }
            for part in word.parts() {
                if let Part::Value(reference) = part
                    && let Some(number) = reference.name.strip_prefix('_').and_then(|n| n.parse().ok())
                {
                    let start = reference.span.start as usize;
                    let start = start + 1 + usize::from(text[start..].starts_with("${"));
                    // Its underscore goes, its digits stay.
                    changes.push((start, start + 1, "out".into()));
                    numbers.push(number);
                }
            }
        }
        at = read.end.max(at + 1);
    }
    changes.sort();
    let (mut out, mut done) = (String::new(), 0);
    for (start, end, new) in changes {
        out.push_str(&text[done..start]);
        out.push_str(&new);
        done = end;
    }
    out.push_str(&text[done..]);
    (out, numbers, owners)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    fn entry(number: u32, text: &str, shown: &[&str], port: Option<u16>) -> Entry {
        let shown = Arc::new(Mutex::new(shown.iter().map(|s| s.to_string()).collect()));
        Entry { number, text: text.into(), worked: true, shown, port, ..Entry::default() }
    }

    fn saved(entries: &[Entry]) -> Result<String, String> {
        script(&entries.iter().collect::<Vec<_>>(), None)
    }

    #[test]
    fn ports_become_names_and_answers_hold_next_time() {
        let entries = [
            entry(1, "l = socket inet stream", &["l: inet stream"], None),
            entry(2, "bind localhost 0", &["127.0.0.1:4711"], Some(4711)),
            entry(4, "c.connect localhost 4711", &["127.0.0.1:50 → 127.0.0.1:4711"], None),
        ];
        let want = "l = socket inet stream\n#> l: inet stream\nbind localhost 0\n#> 127.0.0.1:[..]\n\
                    let port2 = ${_.port}\nc.connect localhost $port2\n#> 127.0.0.1:[..] → 127.0.0.1:[..]\n";
        assert_eq!(saved(&entries).as_deref(), Ok(want));
    }

    #[test]
    fn numbered_results_become_names() {
        let entries = [entry(1, "recv 5", &[], None), entry(2, "print $_1 \"${_1.len}\"", &[], None)];
        let want = "recv 5\nlet out1 = $_\nprint $out1 \"${out1.len}\"\n";
        assert_eq!(saved(&entries).as_deref(), Ok(want));
        assert!(saved(&entries[1..]).is_err());
    }

    #[test]
    fn a_background_call_has_a_name_to_wait_for() {
        assert_eq!(job_name("peer, who = l.accept &", 3).as_deref(), Some("peer"));
        assert_eq!(job_name("accept &", 3).as_deref(), Some("job3"));
        assert_eq!(job_name("accept", 3), None);
        assert_eq!(saved(&[entry(3, "accept &", &[], None)]).as_deref(), Ok("job3 = accept &\n"));
    }
}
