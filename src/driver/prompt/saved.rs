//! A session as a script: its lines with their answers, its ports and numbered results as names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use super::log::Entry;
use crate::command::find;
use crate::command::row::{Does, Kind};
use crate::text::answers::{ANY_LINES, Typed, generalise_all};
use crate::text::diagnostic::Sources;
use crate::text::forms;
use crate::text::parse::parse;
use crate::text::tree::{Line, Statement};
use crate::text::words::{Part, Word, lines};
use crate::value::errno::Caught;
use crate::words::Sentence;

/// The script of these lines; `$_7` becomes a name, for a script has no numbers, and a port that the
/// system chose becomes one where a later line typed it. An error is a line that needs another that is
/// not there.
pub fn script(lines: &[&Entry], tmpdir: Option<&str>) -> Result<String, Sentence> {
    let mut wanted = BTreeSet::new();
    let jobs: BTreeMap<u32, String> =
        lines.iter().filter_map(|e| Some((e.number, job_name(&e.text, e.number)?))).collect();
    let mut waited_for = BTreeSet::new();
    let mut ports: BTreeMap<u16, u32> = BTreeMap::new();
    let mut used_ports = BTreeSet::new();
    let mut texts = Vec::new();
    for (at, entry) in lines.iter().enumerate() {
        let (text, used, typed) = renamed(&entry.text, &ports, &jobs);
        if let Some(gone) = used.iter().find(|n| !lines[..at].iter().any(|e| e.number == **n)) {
            let number = entry.number;
            return Err(say!(
                en "In [{number}] uses `$_{gone}`, and In [{gone}] is not among these lines",
                es "In [{number}] usa `$_{gone}`, e In [{gone}] no está entre estas líneas",
                number,
                gone
            ));
        }
        if let Some(running) = used.iter().find(|n| jobs.contains_key(n) && !waited_for.contains(*n)) {
            let number = entry.number;
            return Err(say!(
                en "In [{number}] uses `$_{running}`, and no line above it waits for In [{running}]",
                es "In [{number}] usa `$_{running}`, y ninguna línea anterior espera In [{running}]",
                number,
                running
            ));
        }
        if let Some(name) = waits_for(&entry.text) {
            let earlier = jobs.range(..entry.number);
            waited_for.extend(
                earlier.filter(|(_, job)| name.is_none() || name.as_ref() == Some(*job)).map(|j| *j.0),
            );
        }
        wanted.extend(used);
        used_ports.extend(typed);
        texts.push(text);
        if let Some(port) = entry.port {
            ports.insert(port, entry.number);
        }
    }
    let mut typed = Typed::of(&texts.join("\n"));
    ports.keys().for_each(|port| typed.choose(&port.to_string()));
    let mut out = String::new();
    for (entry, text) in lines.iter().zip(&texts) {
        if wanted.contains(&entry.number) && unnamed_job(text) {
            out.push_str(&format!("job{} = ", entry.number));
        }
        out.push_str(text);
        out.push('\n');
        if single(text).is_some() {
            let kept = entry.shown.lock().unwrap_or_else(PoisonError::into_inner);
            for shown in generalise_all(&kept.lines, &typed, tmpdir) {
                out.push_str(format!("#> {shown}").trim_end());
                out.push('\n');
            }
            if kept.cut {
                out.push_str(&format!("#> {ANY_LINES}\n"));
            }
        }
        if entry.port.is_some() && used_ports.contains(&entry.number) {
            out.push_str(&format!("let port{} = ${{_.port}}\n", entry.number));
        }
        if wanted.contains(&entry.number) && !jobs.contains_key(&entry.number) {
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
        does(&line, Does::Binds) && line.words.last().is_some_and(|w| w.bare() == Some("0"))
    })
}

/// The name that a background call's result has in the script, once it was waited for.
fn job_name(text: &str, number: u32) -> Option<String> {
    let line = single(text)?;
    line.background?;
    Some(line.targets.first().map_or(format!("job{number}"), |name| name.text.to_string()))
}

/// Whether this is a background call whose result has no name.
fn unnamed_job(text: &str) -> bool {
    single(text).is_some_and(|line| line.background.is_some() && line.targets.is_empty())
}

/// The line without the names before `=`: what failed gave none a value. Nothing where it is more than a line.
pub fn without_targets(text: &str) -> Option<String> {
    let line = single(text).filter(|line| line.background.is_none())?;
    let start = line.socket.as_ref().map_or(line.command.span, |socket| socket.span).start as usize;
    text.get(start..).map(str::to_string)
}

/// Does the line's command do this?
fn does(line: &Line, what: Does) -> bool {
    find(&line.command.text).is_some_and(|row| row.does(what))
}

/// The name that a `wait` waits for, none where it waits for all; nothing of any other line.
fn waits_for(text: &str) -> Option<Option<String>> {
    let line = single(text).filter(|line| does(line, Does::WaitsForJobs))?;
    Some(line.words.iter().find_map(|w| w.bare().filter(|w| !w.starts_with("--"))).map(str::to_string))
}

/// The number of a word that is the result of an earlier line without a `$`, as `_7` or `_7.state`: how a line of its
/// own shows it, and how a command that takes a socket may name one.
fn bare_result(words: &[Word<'_>], at: usize) -> Option<u32> {
    let path = words[at].bare()?;
    let number = path.split('.').next()?.strip_prefix('_')?.parse().ok()?;
    let takes_sockets = || {
        let command = words.iter().find_map(|w| find(w.bare()?));
        command.is_some_and(|row| row.params.iter().any(|p| matches!(p.kind, Kind::Socket | Kind::Sockets)))
    };
    // In an expression a bare word is text.
    let is_text = words[0].bare().is_some_and(forms::takes_expression);
    let begins =
        at == 0 || words[at - 1].is("=") && !is_text || words[0].is("fails") && is_error(&words[at - 1]);
    (begins || takes_sockets()).then_some(number)
}

/// `fails`, or an error's name after it.
fn is_error(word: &Word<'_>) -> bool {
    word.bare().is_some_and(|text| text == "fails" || Caught::from_name(text).is_some())
}

/// The text with `$_7` as `$out7` (or the name of the background call of line 7) and known ports as `$port2`; which numbers and whose ports were used.
fn renamed(
    text: &str,
    ports: &BTreeMap<u16, u32>,
    jobs: &BTreeMap<u32, String>,
) -> (String, Vec<u32>, Vec<u32>) {
    // Each change is a stretch of the text and what is to stand there.
    let mut changes: Vec<(usize, usize, String)> = Vec::new();
    let (mut numbers, mut owners) = (Vec::new(), Vec::new());
    for (_, read) in lines(text) {
        let name_of = |n: u32| jobs.get(&n).cloned().unwrap_or_else(|| format!("out{n}"));
        for (place, word) in read.words.iter().enumerate() {
            if let Some(number) = bare_result(&read.words, place) {
                let start = word.span.start as usize;
                let end = text[start..word.span.end as usize]
                    .find('.')
                    .map_or(word.span.end as usize, |n| start + n);
                changes.push((start, end, name_of(number)));
                numbers.push(number);
            }
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
                    let end = start + reference.name.len();
                    changes.push((start, end, name_of(number)));
                    numbers.push(number);
                }
            }
        }
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
    use crate::driver::prompt::log::Kept;
    use std::sync::{Arc, Mutex};

    fn entry(number: u32, text: &str, shown: &[&str], port: Option<u16>) -> Entry {
        let mut kept = Kept::default();
        shown.iter().for_each(|text| kept.add(text));
        let shown = Arc::new(Mutex::new(kept));
        Entry { number, text: text.into(), worked: true, shown, port, ..Entry::default() }
    }

    fn saved(entries: &[Entry]) -> Result<String, Sentence> {
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
        // Without the `$`, where it is a name and no text.
        let bare = |text: &str| saved(&[entry(1, "recv 5", &[], None), entry(2, text, &[], None)]);
        for (text, want) in [
            ("_1", "out1"),
            ("_1.state", "out1.state"),
            ("x = _1.recv", "x = out1.recv"),
            ("fails EPIPE _1.send x", "fails EPIPE out1.send x"),
            ("use _1", "use out1"),
        ] {
            assert_eq!(bare(text), Ok(format!("recv 5\nlet out1 = $_\n{want}\n")), "{text}");
        }
        assert_eq!(bare("print _1").as_deref(), Ok("recv 5\nprint _1\n"));
        assert_eq!(bare("let x = _1").as_deref(), Ok("recv 5\nlet x = _1\n"));
    }

    #[test]
    fn a_background_call_has_a_name_where_its_number_is_used() {
        let accept = entry(3, "accept &", &[], None);
        let (wait, print) = (entry(4, "wait", &[], None), entry(5, "print $_3 \"${_3.name}\"", &[], None));
        let saved = |entries: &[&Entry]| script(entries, None);
        assert_eq!(saved(&[&accept, &wait]).as_deref(), Ok("accept &\nwait\n"));
        let want = "job3 = accept &\nwait\nprint $job3 \"${job3.name}\"\n";
        assert_eq!(saved(&[&accept, &wait, &print]).as_deref(), Ok(want));
        assert!(saved(&[&accept, &print]).is_err());
    }
}
