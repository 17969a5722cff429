//! What a script does to names, found before it is written: which it gives values where, which lists have one name only,
//! which `def`s open or close sockets.

use std::collections::HashSet;

use crate::command;
use crate::command::row::{Does, Gives};
use crate::text::diagnostic::Sources;
use crate::text::forms::Keyword;
use crate::text::parse::{line_of, parse};
use crate::text::tree::{Arm, Block, Line, Statement};
use crate::text::words::{Part, Word, is_name};
use crate::value::word_int;

/// What is known of a whole script.
#[derive(Debug, Default)]
pub struct Effects {
    /// The names that the script gives values outside `def` and `spawn`.
    pub script: HashSet<String>,
    /// The names that all threads have in common.
    pub shared: HashSet<String>,
    /// The `def`s.
    pub defs: HashSet<String>,
    /// The names whose list or map may have another name too; `_` among them where `$_` is handed on.
    aliased: HashSet<String>,
    /// The names whose list a loop goes over.
    looped: HashSet<String>,
    /// The names of threads and background calls.
    pub jobs: HashSet<String>,
    /// The names that are given a value more than once.
    pub rebound: HashSet<String>,
    /// The names of sockets that a line closes.
    pub closed: HashSet<String>,
    /// The `def`s that change which socket is current.
    pub moving: HashSet<String>,
    /// The `def`s that are called above their text.
    pub early: HashSet<String>,
    /// It has Unix sockets, whose addresses are no pairs.
    pub has_unix: bool,
    /// Something is spawned.
    pub has_threads: bool,
    /// At its end is looked for what has failed beside it: threads, programs, subtests.
    pub has_checks: bool,
    /// It has numbers of more than 31 bits.
    pub has_large: bool,
    /// The threads and calls that a line waits for, and whether a line waits for all.
    waited: HashSet<String>,
    waits_for_all: bool,
    given: HashSet<String>,
    /// The arguments of all `def`s.
    arguments: HashSet<String>,
}

/// Calls `look` for each line, the heads of blocks among them, with the `def` or `spawn` that it stands in.
fn each_line<'a>(
    statements: &'a [Statement<'a>],
    inside: Option<&'a Arm<'a>>,
    look: &mut dyn FnMut(&'a Line<'a>, Option<&'a Arm<'a>>),
) {
    for statement in statements {
        match statement {
            Statement::Line(line) => look(line, inside),
            Statement::Block(block) => {
                for arm in &block.arms {
                    look(&arm.head, inside);
                    let is_body = matches!(arm.head.keyword, Some(Keyword::Def | Keyword::Spawn));
                    each_line(&arm.body, if is_body { Some(arm) } else { inside }, look);
                }
            }
        }
    }
}

/// The names that a line gives values.
pub fn targets(line: &Line<'_>) -> Vec<String> {
    let mut names: Vec<String> = line.targets.iter().map(|target| target.text.to_string()).collect();
    let words = &line.words;
    let bare = |word: &Word<'_>| word.bare().unwrap_or("").to_string();
    match (&*line.command.text, line.keyword) {
        ("let" | "share", _) => {
            for word in words.iter().take_while(|word| !word.is("=")) {
                names.extend(bare(word).split(',').filter(|name| !name.is_empty()).map(str::to_string));
            }
        }
        ("append" | "remove" | "put", _) => names.extend(words.first().map(bare)),
        ("process" | "tunnel", _) => names.extend(process_name(line)),
        ("wait", _) => {}
        (_, Some(Keyword::For)) => {
            for word in words.iter().take_while(|word| !word.is("in")) {
                names.extend(bare(word).split(',').filter(|name| !name.is_empty()).map(str::to_string));
            }
        }
        (_, Some(Keyword::Except)) => {
            let at = words.iter().position(|word| word.is("as"));
            names.extend(at.and_then(|at| words.get(at + 1)).map(bare));
        }
        (_, Some(Keyword::Fails)) if !line.targets.is_empty() => {}
        _ => {}
    }
    // The named groups of a pattern.
    if words.iter().any(|word| word.is("matches")) {
        for word in words {
            let text = String::from_utf8_lossy(word.literal().unwrap_or_default()).into_owned();
            for rest in text.split("(?").skip(1) {
                let name = rest
                    .strip_prefix('P')
                    .unwrap_or(rest)
                    .strip_prefix('<')
                    .and_then(|r| r.split('>').next());
                names.extend(name.map(str::to_string));
            }
        }
    }
    names.retain(|name| name != "_");
    names
}

/// Does a command give what nothing else has: not an item of a list, nor what a `def` or a thread returns?
fn is_new(command: &str) -> bool {
    command::find(command).is_some() && !matches!(command, "get" | "wait")
}

/// The same of the words of a `let` or a `share`.
fn gives_new(words: &[Word<'_>]) -> bool {
    let value = words.iter().skip_while(|word| !word.is("=")).skip(1).collect::<Vec<_>>();
    match value.as_slice() {
        [one] if one.value().is_some() => false,
        [one] => one.call().is_none_or(|call| {
            let command = call.words.first();
            call.properties.is_empty() && command.and_then(|w| w.bare()).is_some_and(is_new)
        }),
        // A command behind `share NAME =`, or an expression, which is a number.
        several => match several.first().and_then(|w| w.bare()) {
            Some(name) if is_name(name) => is_new(name),
            _ => true,
        },
    }
}

fn process_name(line: &Line<'_>) -> Option<String> {
    let row = command::find(&line.command.text)?;
    let given = super::given::Given::of(row, &line.words);
    given.word(0).and_then(|word| word.bare()).map(str::to_string)
}

/// The names that the lines of a body give values, but for those of a `def` or `spawn` in it.
pub fn assigned(statements: &[Statement<'_>]) -> HashSet<String> {
    let mut names = HashSet::new();
    each_line(statements, None, &mut |line, inside| {
        if inside.is_none() {
            names.extend(targets(line));
        }
    });
    names
}

/// Calls `look` for each reference to a name in words, those of `$(…)` too.
pub fn each_reference(words: &[Word<'_>], look: &mut dyn FnMut(&str, bool)) {
    for word in words {
        for part in word.parts() {
            match part {
                Part::Value(reference) => {
                    look(&reference.name, word.value().is_some() && reference.properties.is_empty())
                }
                Part::Call(call) => {
                    if let Some(line) = line_of(call.words.clone(), &mut Vec::new()) {
                        each_name(&line, look);
                    }
                }
                Part::Text(_) | Part::Bytes(_) => {}
            }
        }
    }
}

/// Calls `look` for each name that a line reads: references, its socket, words that are names of sockets or lists.
pub fn each_name(line: &Line<'_>, look: &mut dyn FnMut(&str, bool)) {
    if let Some(socket) = &line.socket {
        look(&socket.text, false);
    }
    each_reference(&line.words, look);
    let row = command::find(&line.command.text);
    let names_sockets = row.is_some_and(|row| {
        row.does(Does::MakesCurrent)
            || matches!(
                row.name,
                "poll" | "info" | "append" | "remove" | "put" | "wait" | "process" | "kill" | "waitfor"
            )
    });
    let is_condition = line.words.iter().any(|w| w.is("open") || w.is("closed"));
    if names_sockets || is_condition || line.keyword == Some(Keyword::Fails) || row.is_none() {
        for name in line.words.iter().filter_map(|word| word.bare()) {
            look(name, false);
        }
    }
    if row.is_none() {
        look(&line.command.text, false);
    }
}

/// The names that the lines of a body read.
pub fn read(statements: &[Statement<'_>]) -> HashSet<String> {
    let mut names = HashSet::new();
    each_line(statements, None, &mut |line, _| {
        each_name(line, &mut |name, _| {
            names.insert(name.to_string());
        });
        if matches!(&*line.command.text, "append" | "remove" | "put") {
            names.extend(line.words.first().and_then(|w| w.bare()).map(str::to_string));
        }
    });
    names
}

/// The arguments of a `def`, each with the word of its default, and the one that takes the rest.
pub fn arguments<'a, 't>(head: &'a Line<'t>) -> Vec<(String, Option<Word<'t>>, bool)> {
    let words: &'a [Word<'t>] = head.words.get(1..).unwrap_or_default();
    let argument = |word: &Word<'t>| {
        let start = match word.parts().first() {
            Some(Part::Text(text)) => text.to_string(),
            Some(Part::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        };
        match start.split_once('=') {
            Some((name, _)) => (name.to_string(), word.without_prefix(&format!("{name}=")), false),
            None => match start.strip_suffix("...") {
                Some(name) => (name.to_string(), None, true),
                None => (start, None, false),
            },
        }
    };
    words.iter().map(argument).collect()
}

impl Effects {
    /// Looks through a script and what it reads by `source`.
    pub fn of(sources: &Sources, statements: &[Statement<'_>]) -> Effects {
        let mut effects = Effects::default();
        effects.look(statements);
        for name in sources.files().iter().skip(1) {
            effects.look(&parse(name, &mut Vec::new()));
        }
        effects.find_early(statements);
        effects
    }

    fn look(&mut self, statements: &[Statement<'_>]) {
        self.script.extend(assigned(statements));
        each_line(statements, None, &mut |line, inside| self.look_at(line, inside));
        self.find_moving(statements);
        self.find_threads(statements);
    }

    fn look_at(&mut self, line: &Line<'_>, inside: Option<&Arm<'_>>) {
        let is_unix =
            |word: &Word<'_>| word.bare().is_some_and(|w| w.eq_ignore_ascii_case("unix") || w == "AF_UNIX");
        self.has_unix |=
            matches!(&*line.command.text, "socket" | "socketpair") && line.words.iter().any(is_unix);
        let names = targets(line);
        let name = &*line.command.text;
        let changes = matches!(name, "append" | "remove" | "put");
        if name == "share" {
            self.shared.extend(names.iter().cloned());
        }
        if line.background.is_some() {
            self.jobs.extend(names.first().cloned());
        }
        if name == "close" {
            self.closed.extend(line.socket.as_ref().map(|socket| socket.text.to_string()));
        }
        if !changes {
            for name in &names {
                if !self.given.insert(name.clone()) {
                    self.rebound.insert(name.clone());
                }
            }
        }
        match line.keyword {
            Some(Keyword::Spawn) => {
                self.has_threads = true;
                self.jobs.extend(line.words.first().and_then(|w| w.bare()).map(str::to_string));
            }
            Some(Keyword::Def) => {
                if let Some(name) = line.words.first().and_then(|w| w.bare()) {
                    let names = arguments(line).into_iter().map(|argument| argument.0);
                    self.arguments.extend(names);
                    self.aliased.extend(self.arguments.iter().cloned());
                    self.defs.insert(name.to_string());
                }
            }
            _ => {}
        }
        self.has_threads |= line.background.is_some();
        if name == "wait" {
            self.note_wait(line.words.first());
        }
        self.find_waits(&line.words);
        let is_large = |word: &Word<'_>| {
            let number = word.literal().and_then(|b| std::str::from_utf8(b).ok()).and_then(word_int);
            number.is_some_and(|n| n.unsigned_abs() >= 1 << 31)
        };
        self.has_large |= line.words.iter().any(is_large);
        self.has_checks |= self.has_threads || name == "process" || line.keyword == Some(Keyword::Subtest);
        let row = command::find(name);
        let is_call = row.is_none() && matches!(line.keyword, None | Some(Keyword::Return | Keyword::Fails));
        // What was there before the line may have another name.
        let may_be_old = match (name, line.keyword) {
            ("let" | "share", _) => !gives_new(&line.words),
            (_, Some(Keyword::For)) => true,
            _ => !line.targets.is_empty() && !is_new(name),
        };
        if may_be_old {
            self.aliased.extend(names.iter().cloned());
        }
        if line.keyword == Some(Keyword::For) {
            let looped = &mut self.looped;
            each_reference(&line.words, &mut |name, _| {
                looped.insert(name.to_string());
            });
        }
        let is_call = is_call || line.keyword == Some(Keyword::Def);
        let hands_on = is_call || matches!(name, "let" | "share" | "append" | "put" | "list" | "map");
        if hands_on {
            let aliased = &mut self.aliased;
            each_reference(&line.words, &mut |name, whole| {
                if whole {
                    aliased.insert(name.to_string());
                }
            });
        }
        // A `def` or a thread that changes a list of the script changes its own copy.
        if changes && let Some(arm) = inside {
            let own = direct(&arm.body);
            self.aliased.extend(names.into_iter().filter(|name| !own.contains(name)));
        }
    }

    fn note_wait(&mut self, name: Option<&Word<'_>>) {
        match name.and_then(|word| word.bare()) {
            Some(name) if !name.starts_with("--") => drop(self.waited.insert(name.to_string())),
            _ => self.waits_for_all = true,
        }
    }

    /// The `wait`s in words: in `$(wait NAME)`, behind `fails` or `share NAME =`.
    fn find_waits(&mut self, words: &[Word<'_>]) {
        for (at, word) in words.iter().enumerate() {
            if word.is("wait") {
                self.note_wait(words.get(at + 1));
            }
            for part in word.parts() {
                if let Part::Call(call) = part {
                    self.find_waits(&call.words);
                }
            }
        }
    }

    /// Does a line wait for this thread? The error of another one ends the script.
    pub fn is_waited(&self, name: &str) -> bool {
        self.waits_for_all || self.waited.contains(name)
    }

    /// The `def`s in which a socket is made, closed or made current, and those that call them.
    fn find_moving(&mut self, statements: &[Statement<'_>]) {
        let moves = |line: &Line<'_>, moving: &HashSet<String>| {
            let does = |name: &str| {
                moving.contains(name)
                    || command::find(name).is_some_and(|row| {
                        row.shape.makes_socket || row.does(Does::Closes) || row.does(Does::MakesCurrent)
                    })
            };
            let mut found = does(&line.command.text) || line.words.iter().any(|w| w.bare().is_some_and(does));
            for call in line.words.iter().filter_map(|w| w.call()) {
                found |= call.words.iter().any(|w| w.bare().is_some_and(does));
            }
            found
        };
        loop {
            let before = self.moving.len();
            let mut found = HashSet::new();
            each_line(statements, None, &mut |line, inside| {
                let def = inside.filter(|arm| arm.head.keyword == Some(Keyword::Def));
                if let Some(name) = def.and_then(|arm| arm.head.words.first()).and_then(|w| w.bare())
                    && moves(line, &self.moving)
                {
                    found.insert(name.to_string());
                }
            });
            self.moving.extend(found);
            if self.moving.len() == before {
                return;
            }
        }
    }

    /// A thread sees lists as they were when it began.
    fn find_threads(&mut self, statements: &[Statement<'_>]) {
        let mut seen = HashSet::new();
        visit_blocks(statements, &mut |arm| {
            if arm.head.keyword == Some(Keyword::Spawn) {
                let own = direct(&arm.body);
                seen.extend(read(&arm.body).into_iter().filter(|name| !own.contains(name)));
            }
        });
        self.aliased.extend(seen.into_iter().filter(|name| !self.shared.contains(name)));
    }

    fn find_early(&mut self, statements: &[Statement<'_>]) {
        let mut below: HashSet<String> = self.defs.clone();
        for statement in statements {
            if let Some(name) = def_name(statement) {
                below.remove(&name);
                continue;
            }
            for name in read(std::slice::from_ref(statement)) {
                if below.contains(&name) {
                    self.early.insert(name);
                }
            }
        }
        // What those call must be known too.
        loop {
            let called: Vec<String> = statements
                .iter()
                .filter(|s| def_name(s).is_some_and(|name| self.early.contains(&name)))
                .flat_map(|s| read(std::slice::from_ref(s)))
                .filter(|name| self.defs.contains(name) && !self.early.contains(name))
                .collect();
            if called.is_empty() {
                return;
            }
            self.early.extend(called);
        }
    }

    /// May the name's list or map be changed where it is, because nothing else has it?
    pub fn is_own(&self, name: &str) -> bool {
        // Lines elsewhere may change a shared one while a loop goes over it.
        let is_looped = self.looped.contains(name) && self.shared.contains(name);
        !self.aliased.contains(name) && !self.aliased.contains("_") && !is_looped
    }

    /// Is it the name of a value, a socket, a thread or a program somewhere?
    pub fn is_value(&self, name: &str) -> bool {
        self.given.contains(name) || self.jobs.contains(name) || self.arguments.contains(name)
    }

    /// Does the command give a value?
    pub fn gives(&self, line: &Line<'_>) -> bool {
        match command::find(&line.command.text) {
            Some(row) => row.gives != Gives::Nothing,
            None => line.keyword.is_none(),
        }
    }
}

/// The name of a `def`.
pub fn def_name(statement: &Statement<'_>) -> Option<String> {
    let Statement::Block(Block { arms, .. }) = statement else { return None };
    let head = &arms.first()?.head;
    (head.keyword == Some(Keyword::Def)).then(|| head.words.first()?.bare().map(str::to_string))?
}

fn visit_blocks(statements: &[Statement<'_>], look: &mut dyn FnMut(&Arm<'_>)) {
    for statement in statements {
        if let Statement::Block(block) = statement {
            for arm in &block.arms {
                look(arm);
                visit_blocks(&arm.body, look);
            }
        }
    }
}

/// The names that lines of a body give new values, other than by changing the one that is there.
fn direct(statements: &[Statement<'_>]) -> HashSet<String> {
    let mut names = HashSet::new();
    each_line(statements, None, &mut |line, inside| {
        if inside.is_none() && !matches!(&*line.command.text, "append" | "remove" | "put") {
            names.extend(targets(line));
        }
    });
    names
}
