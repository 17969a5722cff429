//! What is wrong with the text that is being typed, found before it runs: the compiler reads it as it would when Enter
//! is pressed, in a copy of what the session knows.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::{pasted, python, words};
use crate::driver::files;
use crate::engine::Compiler;
use crate::engine::program::Function;
use crate::session::names::Scope;
use crate::text::diagnostic::Diagnostic;
use crate::text::literal;
use crate::text::parse::is_free_name;
use crate::words::{Lang, Sentence};

/// Beyond this a text is read when it runs, and not at each key.
const MOST: usize = 16 << 10;

/// What the session knows, for reading a text without it.
#[derive(Default)]
pub struct Checker {
    scope: Scope,
    functions: Vec<Arc<Function>>,
}

/// One mistake in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The word at fault.
    pub at: Range<usize>,
    message: Sentence,
    help: Option<Sentence>,
    /// More of the text could mend it: more lines, or more words on its line.
    open: bool,
    unfinished: bool,
}

impl Fault {
    /// The reason, and the way out, each a line.
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        let all = [Some(&self.message), self.help.as_ref()].into_iter().flatten();
        all.map(|sentence| literal::one_line(&sentence.show(lang))).collect()
    }
}

impl Checker {
    pub fn new(compiler: &Compiler) -> Checker {
        Checker { scope: compiler.scope.clone(), functions: compiler.functions.clone() }
    }

    /// Every mistake of a text that is whole.
    pub fn faults(&self, text: &str) -> Vec<Fault> {
        self.read(text, &mut files::read)
    }

    /// The mistakes of a text that is still typed: none that what is typed next could mend.
    pub fn faults_so_far(&self, text: &str, cursor: usize) -> Vec<Fault> {
        // Python has no mistakes of sockbook's.
        if text.len() > MOST || python::is_cell(text) || python::is_open(&pasted::plain(text)) {
            return Vec::new();
        }
        // Files are read when the line is done. A last `\` is the beginning of what goes on in the next line.
        let read = text.strip_suffix('\\').unwrap_or(text);
        let mut faults = self.read(read, &mut |_: &Path| Ok(String::new()));
        let last_line = last_line(text);
        let may_go_on = cursor == text.len() && are_names(&text[last_line..]);
        // In a quote or a here-document that is open everything is text.
        let is_text = |fault: &&Fault| {
            fault.open && text.get(fault.at.start..).is_some_and(|rest| rest.starts_with(['"', '\'', '<']))
        };
        let text_from = faults.iter().filter(is_text).map(|fault| fault.at.start).min().unwrap_or(text.len());
        faults.retain(|fault| {
            let is_last = fault.at.end >= last_line;
            // The word at the cursor is not done.
            let touched = fault.at.start < cursor && cursor <= fault.at.end;
            let is_text = fault.at.start > text_from;
            !(fault.open || touched || is_text || (fault.unfinished || may_go_on) && is_last)
        });
        faults
    }

    fn read(&self, text: &str, load: &mut dyn FnMut(&Path) -> Result<String, Sentence>) -> Vec<Fault> {
        // `c?` asks about a name of the session.
        let about = text.trim().strip_suffix('?').map(|name| name.trim_start_matches('$'));
        let is_name = |name: &str| {
            self.scope.find(name).is_some() || name.strip_prefix(['_', 's']).is_some_and(is_number)
        };
        if words::asked_about(text.trim()).is_some_and(|topic| !topic.is_empty())
            || about.is_some_and(is_name)
        {
            return Vec::new();
        }
        let text = without_own(&pasted::masked(text), |name| self.scope.commands.contains_key(name));
        let mut compiler = Compiler::new(self.scope.clone());
        compiler.functions = self.functions.clone();
        let (_, problems) = compiler.compile("", text.as_str(), load);
        let own = compiler.sources.first();
        let inside = |p: &Diagnostic| own.is_some_and(|source| source.holds(p.span));
        let fault = |p: Diagnostic| Fault {
            at: p.span.start as usize..(p.span.end as usize).max(p.span.start as usize + 1),
            open: p.incomplete,
            unfinished: p.unfinished,
            message: p.message,
            help: p.help,
        };
        problems.into_iter().filter(|p| p.is_error() && inside(p)).map(fault).collect()
    }
}

/// Where the last line begins, with what it continues.
fn last_line(text: &str) -> usize {
    let begin = |text: &str| text.rfind('\n').map_or(0, |n| n + 1);
    let mut at = begin(text);
    while text[..at].ends_with("\\\n") {
        at = begin(&text[..at - 1]);
    }
    at
}

/// Could ` = COMMAND` follow this beginning of a line?
fn are_names(line: &str) -> bool {
    line.trim()
        .trim_end_matches(',')
        .split(',')
        .all(|name| matches!(name.trim(), "_") || is_free_name(name.trim()))
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// The text with the prompt's own words blanked out: a whole line of theirs, or what stands before a command.
fn without_own(text: &str, is_def: impl Fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for line in words::masked(text).split_inclusive('\n') {
        match words::recognise(line) {
            // One of them that lacks its command says so itself, when it runs.
            Some((own, _)) if !is_def(own.name) => {
                // As many bytes: every other line stays where it is.
                out.extend(line.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }));
            }
            _ => out.push_str(line),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checker() -> Checker {
        let mut compiler = Compiler::new(Scope::default());
        compiler.scope.prompt = true;
        let (program, _) =
            compiler.compile("", "a, b = socketpair\nlet n = 1\ndef greet\n print hi\nend", &mut files::read);
        assert!(program.is_some());
        Checker::new(&compiler)
    }

    /// What is at fault in a text whose cursor is `|`, or stands at its end.
    fn wrong(text: &str) -> Vec<String> {
        let cursor = text.find('|').unwrap_or(text.len());
        let text = text.replace('|', "");
        let faults = checker().faults_so_far(&text, cursor);
        faults.into_iter().map(|fault| text.get(fault.at).unwrap_or("").to_string()).collect()
    }

    #[test]
    fn what_is_wrong_is_found_while_it_is_typed() {
        for (text, want) in [
            ("", &[][..]),
            ("nonsen", &[]),
            ("nonsense 1 ", &["nonsense"]),
            ("end ", &["end"]),
            ("nonsense| x", &[]),
            ("recv nine ", &["nine"]),
            ("socket inet steam", &[]),
            ("socket inet steam ", &["steam"]),
            ("nosuch.recv ", &["nosuch"]),
            ("print $nosuch ", &["$nosuch"]),
            ("print \"\\q\" ", &["\\q"]),
            ("recv --nosuch ", &["--nosuch"]),
            ("bind localhost 70000 ", &["70000"]),
            // What is not done is not wrong.
            ("connect localhost ", &[]),
            ("connect ", &[]),
            ("let x = ", &[]),
            ("fails ", &[]),
            ("print \"open", &[]),
            ("repeat 2\n  recv\n", &[]),
            ("x = ", &[]),
            ("recv --timeout ", &[]),
            // Nor what a word that may follow makes right.
            ("x ", &[]),
            ("a, ", &[]),
            ("p, q ", &[]),
            ("p q ", &["p"]),
            ("def ", &[]),
            ("try\n  print a", &[]),
            ("fails E ", &[]),
            ("_, y ", &[]),
            ("spawn ", &[]),
            ("a.setsockopt rcvbuf ", &[]),
            ("a.setsockopt SOL_SOCKET ", &[]),
            ("let x, y ", &[]),
            ("expect a ", &[]),
            ("print <<END\nnonsense x \\q\n", &[]),
            ("connect localhost \\\n", &[]),
            ("time ", &[]),
            ("timeit 5 ", &[]),
            ("watch 1s ", &[]),
            // On a line above it is.
            ("repeat 2\nconnect localhost\n", &["localhost"]),
            ("repeat 2\nx\n", &["x"]),
            ("try\n  print a\nend", &["try"]),
            // Names of the session and of the text itself; the prompt's own words.
            ("a.sendall $n ", &[]),
            ("greet ", &[]),
            ("x = recv\nprint $x ", &[]),
            ("save x.sock\nrecv nine ", &["nine"]),
            ("time recv nine ", &["nine"]),
            ("history ", &[]),
            ("help save", &[]),
        ] {
            assert_eq!(wrong(text), want, "{text:?}");
        }
    }

    /// Every beginning of the scripts of a folder that ends in a word, or in the blank after it.
    #[test]
    fn no_beginning_of_a_right_script_is_wrong() {
        let mut scripts = Vec::new();
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/ok")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() {
                    folders.push(entry);
                } else if entry.extension().is_some_and(|e| e == "sock") {
                    scripts.extend(std::fs::read_to_string(&entry).ok());
                }
            }
        }
        let checker = checker();
        let load = |text: &str| checker.read(text, &mut |_: &Path| Ok(String::new()));
        let mut wrong = Vec::new();
        for text in scripts.iter().filter(|text| text.len() < 400 && load(text).is_empty()) {
            for (at, c) in text.char_indices().filter(|(_, c)| c.is_whitespace()) {
                for end in [at, at + c.len_utf8()] {
                    let typed = &text[..end];
                    let faults = checker.faults_so_far(typed, end);
                    wrong
                        .extend(faults.iter().map(|fault| format!("{typed:?}: {:?}", fault.lines(Lang::EN))));
                }
            }
        }
        assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
    }
}
