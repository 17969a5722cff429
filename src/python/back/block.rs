//! Statements and blocks as Python.

use std::path::Path;

use super::Writer;
use super::code::{self, Type};
use super::effects;
use super::operand::Got;
use crate::command;
use crate::engine::straight;
use crate::text::forms::Keyword;
use crate::text::literal::one_line;
use crate::text::parse::{line_of, parse};
use crate::text::tree::{Arm, Block, Line, Name, Statement};

impl Writer<'_> {
    /// The statements of a body. `more`: others follow elsewhere that may read `$_`.
    pub fn statements(&mut self, statements: &[Statement<'_>], more: bool) {
        for (at, statement) in statements.iter().enumerate() {
            if effects::def_name(statement).is_some_and(|name| self.effects.early.contains(&name))
                && self.scopes.len() == 1
            {
                self.told = statement.span().end;
                continue;
            }
            self.comments(statement.span().start);
            let first = self.lines.len();
            match statement {
                Statement::Line(line) => {
                    let wants_last = self.known.reads_last && self.wants_last(&statements[at + 1..], more);
                    if let Err(why) = self.simple(line, wants_last) {
                        self.lines.truncate(first);
                        self.behind.clear();
                        self.unsaid(line.span, &why, Self::is_look(line));
                        self.forget_targets(line);
                    }
                    for behind in std::mem::take(&mut self.behind) {
                        self.line(&behind);
                    }
                    self.end_of_line(line.span, first);
                    if let Some(answer) = &line.answer {
                        self.told = self.told.max(answer.places.last().map_or(0, |place| place.end));
                    }
                }
                Statement::Block(block) => {
                    let place = self.depth;
                    if let Err(why) = self.block(block) {
                        self.lines.truncate(first);
                        self.depth = place;
                        self.behind.clear();
                        self.unsaid(block.arms[0].head.span, &why, false);
                        self.told = block.end.end;
                    }
                    self.end_of_line(block.end, self.lines.len());
                }
            }
        }
    }

    /// A body in Python, which is never empty.
    pub fn body(&mut self, statements: &[Statement<'_>], end: u32, before: Vec<String>) {
        self.depth += 1;
        let first = self.lines.len();
        for line in before {
            self.line(&line);
        }
        self.statements(statements, true);
        self.comments(end);
        while self.lines.len() > first && self.lines.last().is_some_and(|line| line.is_empty()) {
            self.lines.pop();
        }
        if self.lines[first..].iter().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
        {
            self.line("pass");
        }
        self.depth -= 1;
    }

    /// Is `$_` read before the next line that sets it?
    fn wants_last(&self, rest: &[Statement<'_>], more: bool) -> bool {
        for statement in rest {
            match statement {
                Statement::Line(line) => {
                    if reads_last(line) {
                        return true;
                    }
                    if self.sets_last(line) {
                        return false;
                    }
                }
                Statement::Block(_) => {
                    let mut found = false;
                    look_for_last(statement, &mut found);
                    if found {
                        return true;
                    }
                }
            }
        }
        more
    }

    /// Does the line give `$_` a value?
    fn sets_last(&self, line: &Line<'_>) -> bool {
        let at = line.words.iter().position(|word| word.is("="));
        match &*line.command.text {
            "share" => at.is_some_and(|at| self.shared_command(line, at).is_some()),
            // Of all threads there is no one value.
            "wait" => line.words.first().is_some_and(|word| !word.is("--timeout")) || line.words.len() > 2,
            _ => !line.targets.is_empty() || self.effects.gives(line),
        }
    }

    fn forget_targets(&mut self, line: &Line<'_>) {
        for name in effects::targets(line) {
            self.note(&name, Type::Any);
        }
        if command::find(&line.command.text).is_some_and(|row| row.shape.makes_socket) {
            self.stack.forget();
        }
    }

    /// One line.
    fn simple(&mut self, line: &Line<'_>, wants_last: bool) -> Got<()> {
        match line.keyword {
            Some(Keyword::Return) => return self.give_back(line),
            Some(Keyword::Break) => {
                self.leaves_loop();
                self.line("break");
                return Ok(());
            }
            Some(Keyword::Continue) => {
                self.leaves_loop();
                self.line("continue");
                return Ok(());
            }
            Some(Keyword::Source) => return self.source_file(line),
            Some(Keyword::Test) => {
                let text = self.sources.text(line.span).to_string();
                self.comment(&text);
                return Ok(());
            }
            Some(Keyword::Fails) => return self.must_fail(line, wants_last),
            _ => {}
        }
        match &*line.command.text {
            "let" | "share" => self.binding(line, wants_last),
            _ if line.background.is_some() => self.beside(line),
            "wait" => self.wait_for(line, wants_last),
            _ => self.one_command(line, wants_last),
        }
    }

    fn one_command(&mut self, line: &Line<'_>, wants_last: bool) -> Got<()> {
        if Self::is_look(line) && !matches!(&*line.command.text, "sockets" | "status") {
            let name = &line.command.text;
            return Err(say!(
                en "`{name}` is about sockbook's session", es "`{name}` trata de la sesión de sockbook", name
            ));
        }
        let made = self.command(line, !line.targets.is_empty() || wants_last)?;
        self.assign(line, made, wants_last)
    }

    /// Gives names what a command gave.
    pub fn assign(&mut self, line: &Line<'_>, made: super::Made, wants_last: bool) -> Got<()> {
        if made.is_statement {
            self.line(&made.code.text);
            self.moves(line, &[]);
            return Ok(());
        }
        let names: Vec<&str> = line.targets.iter().map(|target| &*target.text).collect();
        let mut own: Vec<String> = names.iter().map(|name| code::name(name)).collect();
        let keeps = made.makes && !self.is_dynamic() && self.may_outlive(&names);
        let mut text = made.code.text.clone();
        if keeps {
            text = format!("{}({text})", self.helper("keep"));
        }
        let types = match (made.pair, names.len()) {
            (Some((first, second)), _) => vec![first, second],
            (None, 1) => vec![made.code.of],
            (None, n) => vec![Type::Any; n],
        };
        for (name, of) in names.iter().zip(types) {
            if *name != "_" {
                self.note(name, of);
            }
        }
        // What nothing names keeps its name here, so that it stays open.
        if own.is_empty() && made.makes && !self.is_dynamic() {
            own.push(self.next_nameless());
        }
        match made.pair {
            Some(_) if own.len() == 1 => own.push(if made.makes && &*line.command.text == "socketpair" {
                self.next_nameless()
            } else {
                "_".into()
            }),
            None if own.len() > 1 => text = format!("{}({text}, {})", self.helper("in_parts"), own.len()),
            _ => {}
        }
        let shared = names.iter().any(|name| self.is_shared(name)) && self.effects.has_threads;
        if own.is_empty() {
            match (wants_last, made.pair) {
                (true, Some(_)) => self.line(&format!("last, _ = {text}")),
                (true, None) => self.line(&format!("last = {text}")),
                _ => self.line(&text),
            }
        } else {
            let last = match (wants_last, own.len()) {
                (false, _) => "",
                (true, 1) => "last = ",
                (true, _) => "",
            };
            let statement = format!("{} = {last}{text}", own.join(", "));
            if shared {
                let lock = self.helper("sharing");
                self.line(&format!("with {lock}:\n    {statement}"));
            } else {
                self.line(&statement);
            }
            if wants_last && own.len() > 1 {
                let first = if own[0] == "_" { "_" } else { &own[0] };
                let first =
                    if made.pair.is_some() { first.to_string() } else { format!("[{}]", own.join(", ")) };
                self.line(&format!("last = {first}"));
            }
        }
        if made.makes {
            self.moves(line, &own);
        } else {
            self.moves(line, &[]);
        }
        Ok(())
    }

    /// A name for a socket that was given none.
    fn next_nameless(&mut self) -> String {
        loop {
            self.nameless += 1;
            let name = format!("s{}", self.nameless);
            if !self.effects.is_value(&name) {
                return name;
            }
        }
    }

    /// May the socket still be open when its name is gone, so that CPython would close it?
    fn may_outlive(&self, names: &[&str]) -> bool {
        let named = names.iter().filter(|name| **name != "_");
        let closed = named.clone().all(|name| self.effects.closed.contains(*name));
        let again = self.loops > 0
            || self.scope().repeats
            || named.clone().any(|name| self.effects.rebound.contains(*name));
        again && (!closed || named.count() == 0)
    }

    /// Which socket is current after a line; `made`: the names of what it made.
    fn moves(&mut self, line: &Line<'_>, made: &[String]) {
        let name = &*line.command.text;
        if self.effects.moving.contains(name) || calls_moving(line, &self.effects.moving) {
            self.stack.forget();
        }
        match name {
            "socketpair" => {
                if let [left, right, ..] = made {
                    self.stack.push(right);
                    self.stack.push(left);
                }
            }
            "close" => match &line.socket {
                Some(socket) => self.stack.drop(&code::name(&socket.text)),
                None => {
                    let current = if self.is_dynamic() { String::new() } else { self.current() };
                    self.stack.drop(&current);
                }
            },
            _ => match made.first() {
                Some(name) if name != "_" => self.stack.push(name),
                Some(_) => self.stack.forget(),
                None => {}
            },
        }
    }

    fn leaves_loop(&mut self) {
        if let Some(entry) = self.entries.last() {
            let entry = entry.clone();
            let mut exit = self.stack.clone();
            exit.meet(&entry);
            self.exits.push(exit);
        }
    }

    fn give_back(&mut self, line: &Line<'_>) -> Got<()> {
        let mut words = line.words.as_slice();
        let (mut values, mut of) = (Vec::new(), Type::Any);
        while !words.is_empty() {
            let (code, taken) = self.expression(words)?;
            of = if values.is_empty() { code.of } else { Type::List };
            values.push(code.text);
            words = &words[taken.max(1)..];
        }
        if let Some(def) = self.scope().def.clone() {
            self.note_def(&def, "returns", of);
        }
        let text = match values.as_slice() {
            [] => "return".to_string(),
            [one] => format!("return {one}"),
            several => format!("return [{}]", several.join(", ")),
        };
        self.line(&text);
        Ok(())
    }

    fn source_file(&mut self, line: &Line<'_>) -> Got<()> {
        let path =
            line.words.first().and_then(|w| w.literal()).map(String::from_utf8_lossy).unwrap_or_default();
        // As the compiler reads it: from the folder of the file in which the line stands.
        let folder = self.sources.source(line.span).and_then(|source| Path::new(&*source.name).parent());
        let whole = straight(&folder.unwrap_or(Path::new("")).join(&*path));
        let whole = whole.to_string_lossy();
        let found = self.sources.files().iter().skip(1).find(|source| *source.name == *whole);
        let Some(source) = found.cloned() else {
            return Err(say!(en "the file is not read", es "el archivo no se ha leído"));
        };
        let path = one_line(&path);
        self.comment(&path);
        let statements = parse(&source, &mut Vec::new());
        let told = std::mem::replace(&mut self.told, source.base());
        self.define_early(&statements);
        self.statements(&statements, true);
        self.told = told;
        Ok(())
    }

    fn must_fail(&mut self, line: &Line<'_>, wants_last: bool) -> Got<()> {
        let (head, rest) = self.fails(&line.words);
        let Some(inner) = line_of(rest.to_vec(), &mut Vec::new()) else {
            return Err(say!(en "no command stands here", es "aquí no hay un comando"));
        };
        let keeps = !line.targets.is_empty() || wants_last;
        self.line(&format!("{head}{}:", if keeps { " as failed" } else { "" }));
        self.depth += 1;
        let stack = self.stack.clone();
        let done = self.simple(&inner, false);
        for behind in std::mem::take(&mut self.behind) {
            self.line(&behind);
        }
        self.stack = stack;
        self.depth -= 1;
        done?;
        for target in &line.targets {
            self.note(&target.text, Type::Error);
            self.line(&format!("{} = failed.error", code::name(&target.text)));
        }
        if wants_last {
            self.line("last = failed.error");
        }
        Ok(())
    }

    /// `let NAME = EXPRESSION`, `share NAME = EXPRESSION`
    fn binding(&mut self, line: &Line<'_>, wants_last: bool) -> Got<()> {
        let Some(at) = line.words.iter().position(|word| word.is("=")) else {
            return Err(say!(en "no value stands here", es "aquí no hay un valor"));
        };
        let names: Vec<String> = line.words[..at]
            .iter()
            .flat_map(|word| word.bare().unwrap_or("").split(',').map(str::to_string).collect::<Vec<_>>())
            .filter(|name| !name.is_empty())
            .collect();
        let declares = &*line.command.text == "share";
        if declares && let Some(inner) = self.shared_command(line, at) {
            let made = self.command(&inner, true)?;
            return self.assign(&inner, made, wants_last);
        }
        // A command in it runs before the step, so that a wait does not stop other threads.
        let locks = !declares && self.effects.has_threads && names.iter().any(|name| self.is_shared(name));
        self.lifted = locks.then(Vec::new);
        let expression = self.expression(&line.words[at + 1..]);
        for (name, call) in self.lifted.take().unwrap_or_default() {
            self.line(&format!("{name} = {call}"));
        }
        let (code, _) = expression?;
        let own: Vec<String> = names.iter().map(|name| code::name(name)).collect();
        let (text, types) = match own.len() {
            1 => (code.text.clone(), vec![code.of]),
            n => (format!("{}({}, {n})", self.helper("in_parts"), code.text), vec![Type::Any; n]),
        };
        for (name, of) in names.iter().zip(types) {
            self.note(name, of);
        }
        let statement = format!("{} = {text}", own.join(", "));
        if locks {
            let lock = self.helper("sharing");
            self.line(&format!("with {lock}:\n    {statement}"));
        } else {
            self.line(&statement);
        }
        Ok(())
    }

    /// `share NAME = COMMAND` as a line without `share`.
    fn shared_command<'t>(&self, line: &Line<'t>, at: usize) -> Option<Line<'t>> {
        let inner = line_of(line.words[at + 1..].to_vec(), &mut Vec::new())?;
        let name = &*inner.command.text;
        if command::find(name).is_none() && !self.effects.defs.contains(name) {
            return None;
        }
        let names = line.words[..at].iter().map(|word| {
            let text = word.bare().unwrap_or("").trim_end_matches(',').to_string();
            Name { text: text.into(), span: word.span }
        });
        Some(Line { targets: names.collect(), ..inner })
    }

    fn block(&mut self, block: &Block<'_>) -> Got<()> {
        let Some(first) = block.arms.first() else { return Ok(()) };
        match first.head.keyword {
            Some(Keyword::Repeat | Keyword::While | Keyword::For) => self.repeated(first, block.end.start),
            Some(Keyword::If) => self.choice(block),
            Some(Keyword::Try) => self.attempt(block),
            Some(Keyword::Def) => self.define(first, block.end.start),
            Some(Keyword::Spawn) => self.spawn(first, block.end.start),
            Some(Keyword::Subtest) => {
                let text = first.head.words.first().map_or(Ok("\"\"".into()), |w| self.text(w))?;
                let head = format!("with {}({text}):", self.helper("subtest"));
                self.head(&head, first);
                let before = self.stack.clone();
                self.body(&first.body, block.end.start, Vec::new());
                self.stack.meet(&before);
                Ok(())
            }
            _ => Err(say!(en "Python has no such block", es "Python no tiene un bloque así")),
        }
    }

    /// The first line of a block.
    pub fn head(&mut self, text: &str, arm: &Arm<'_>) {
        let first = self.lines.len();
        self.line(text);
        self.end_of_line(arm.head.span, first);
    }

    fn repeated(&mut self, arm: &Arm<'_>, end: u32) -> Got<()> {
        let words = &arm.head.words;
        let mut before = Vec::new();
        let head = match arm.head.keyword {
            Some(Keyword::Repeat) => {
                let (code, _) = self.expression(words)?;
                format!("for _ in range({}):", self.number(&code).text)
            }
            Some(Keyword::While) => {
                let (condition, groups, _) = self.condition(words)?;
                before.extend(
                    groups.into_iter().map(|(name, value)| format!("{} = {value}", code::name(&name))),
                );
                format!("while {condition}:")
            }
            _ => self.for_head(arm)?,
        };
        self.head(&head, arm);
        let entry = self.stack.clone();
        self.entries.push(entry.clone());
        let outer = std::mem::take(&mut self.exits);
        self.loops += 1;
        self.body(&arm.body, end, before);
        self.loops -= 1;
        self.entries.pop();
        if !ends_in_jump(&arm.body) {
            self.stack.meet(&entry);
        } else {
            self.stack = entry;
        }
        for exit in std::mem::replace(&mut self.exits, outer) {
            self.stack.meet(&exit);
        }
        // Its rounds began with another stack than the first one.
        if self.stack.is_unknown() && uses_current(&arm.body) {
            self.found.dynamic = true;
        }
        Ok(())
    }

    fn for_head(&mut self, arm: &Arm<'_>) -> Got<String> {
        let words = &arm.head.words;
        let at = words.iter().position(|word| word.is("in")).unwrap_or(words.len());
        let names: Vec<String> = words[..at]
            .iter()
            .flat_map(|word| word.bare().unwrap_or("").split(',').map(str::to_string).collect::<Vec<_>>())
            .filter(|name| !name.is_empty())
            .collect();
        let items = words[at..].iter().skip(1).map(|word| self.value(word)).collect::<Got<Vec<_>>>()?;
        let own: Vec<String> = names.iter().map(|name| code::name(name)).collect();
        let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
        let same = items.first().map(|first| items.iter().fold(first.of, |of, item| of.or(item.of)));
        if own.len() > 1 {
            for name in &names {
                self.note(name, Type::Any);
            }
            let rounds = self.helper("in_rounds");
            return Ok(format!("for {} in {rounds}({}, {}):", own.join(", "), own.len(), texts.join(", ")));
        }
        let own = own.concat();
        let plain = |of| matches!(of, Type::Int | Type::Bytes | Type::Socket | Type::Address);
        let rounds = match (items.as_slice(), same) {
            ([], _) => "()".to_string(),
            ([one], _) if one.of == Type::List => {
                // The loop goes over what the list was when it began.
                let changed = effects::assigned(&arm.body);
                if changed.iter().any(|name| code::name(name) == one.text) {
                    format!("list({})", one.text)
                } else {
                    one.text.clone()
                }
            }
            (items, _) if items.iter().all(|item| plain(item.of)) => match texts.as_slice() {
                [one] => format!("({one},)"),
                several => format!("({})", several.join(", ")),
            },
            _ => format!("{}({})", self.helper("each"), texts.join(", ")),
        };
        let of = same.filter(|of| plain(*of)).unwrap_or(Type::Any);
        for name in &names {
            self.note(name, of);
        }
        Ok(format!("for {own} in {rounds}:"))
    }

    fn choice(&mut self, block: &Block<'_>) -> Got<()> {
        let entry = self.stack.clone();
        let mut after: Option<super::stack::Stack> = None;
        let mut has_else = false;
        for (at, arm) in block.arms.iter().enumerate() {
            let mut words = arm.head.words.as_slice();
            let word = match arm.head.keyword {
                Some(Keyword::If) => "if",
                _ if words.first().is_some_and(|w| w.is("if")) => {
                    words = &words[1..];
                    "elif"
                }
                _ => "else",
            };
            let mut before = Vec::new();
            if word == "else" {
                has_else = true;
                self.head("else:", arm);
            } else {
                let (condition, groups, _) = self.condition(words)?;
                before.extend(
                    groups.into_iter().map(|(name, value)| format!("{} = {value}", code::name(&name))),
                );
                self.head(&format!("{word} {condition}:"), arm);
            }
            let end = block.arms.get(at + 1).map_or(block.end.start, |next| next.head.span.start);
            self.stack = entry.clone();
            self.body(&arm.body, end, before);
            if !ends_in_jump(&arm.body) {
                match &mut after {
                    None => after = Some(self.stack.clone()),
                    Some(after) => after.meet(&self.stack),
                }
            }
        }
        self.stack = after.unwrap_or_else(|| entry.clone());
        if !has_else {
            self.stack.meet(&entry);
        }
        Ok(())
    }

    fn attempt(&mut self, block: &Block<'_>) -> Got<()> {
        let entry = self.stack.clone();
        let mut after: Option<super::stack::Stack> = None;
        for (at, arm) in block.arms.iter().enumerate() {
            let words = &arm.head.words;
            let mut before = Vec::new();
            let head = match arm.head.keyword {
                Some(Keyword::Try) => "try:".to_string(),
                Some(Keyword::Finally) => "finally:".to_string(),
                _ => {
                    let names: Vec<&str> =
                        words.iter().map_while(|w| w.bare().filter(|name| *name != "as")).collect();
                    let bound = words
                        .iter()
                        .position(|w| w.is("as"))
                        .and_then(|at| words.get(at + 1))
                        .and_then(|w| w.bare());
                    let classes = self.caught(&names);
                    match bound {
                        Some(name) => {
                            self.note(name, Type::Error);
                            let own = code::name(name);
                            // Python forgets the name at the end of the arm.
                            before.push(format!("{own} = failed"));
                            format!("except {classes} as failed:")
                        }
                        None => format!("except {classes}:"),
                    }
                }
            };
            let end = block.arms.get(at + 1).map_or(block.end.start, |next| next.head.span.start);
            // An error may come from any line of the body.
            if arm.head.keyword != Some(Keyword::Try) {
                self.stack = entry.clone();
                if arm.head.keyword == Some(Keyword::Finally) {
                    self.stack = after.clone().unwrap_or_else(|| entry.clone());
                } else if self.moved_in_try {
                    self.stack.forget();
                }
            }
            self.head(&head, arm);
            self.body(&arm.body, end, before);
            if arm.head.keyword == Some(Keyword::Try) {
                let mut same = self.stack.clone();
                same.meet(&entry);
                self.moved_in_try = same.is_unknown();
            }
            if arm.head.keyword == Some(Keyword::Finally) {
                after = Some(self.stack.clone());
            } else if !ends_in_jump(&arm.body) {
                match &mut after {
                    None => after = Some(self.stack.clone()),
                    Some(after) => after.meet(&self.stack),
                }
            }
        }
        // `try` alone means nothing in Python.
        if block.arms.len() == 1 {
            self.line("finally:\n    pass");
        }
        self.stack = after.unwrap_or(entry);
        Ok(())
    }

    /// Writes the `def`s that are called above their text.
    pub fn define_early(&mut self, statements: &[Statement<'_>]) {
        for statement in statements {
            let Statement::Block(block) = statement else { continue };
            if !effects::def_name(statement).is_some_and(|name| self.effects.early.contains(&name)) {
                continue;
            }
            let told = std::mem::replace(&mut self.told, statement.span().start);
            let first = self.lines.len();
            if let Err(why) = self.block(block) {
                self.lines.truncate(first);
                self.unsaid(block.arms[0].head.span, &why, false);
            }
            self.lines.push(String::new());
            self.told = told;
        }
    }
}

/// Does any of the lines act on the current socket?
fn uses_current(statements: &[Statement<'_>]) -> bool {
    statements.iter().any(|statement| match statement {
        Statement::Line(line) => {
            let row = command::find(&line.command.text);
            let has_words = matches!(&*line.command.text, "poll" | "info") && !line.words.is_empty();
            line.socket.is_none() && !has_words && row.is_some_and(|row| row.shape.on_socket)
        }
        Statement::Block(block) => block.arms.iter().any(|arm| uses_current(&arm.body)),
    })
}

/// Do the lines end in one behind which nothing runs?
pub fn ends_in_jump(statements: &[Statement<'_>]) -> bool {
    match statements.last() {
        Some(Statement::Line(line)) => {
            matches!(line.keyword, Some(Keyword::Return | Keyword::Break | Keyword::Continue))
                || matches!(&*line.command.text, "fail" | "raise" | "exit" | "skip")
        }
        _ => false,
    }
}

fn calls_moving(line: &Line<'_>, moving: &std::collections::HashSet<String>) -> bool {
    line.words.iter().filter_map(|word| word.call()).any(|call| {
        call.words.iter().any(|word| {
            word.bare().is_some_and(|name| {
                moving.contains(name) || command::find(name).is_some_and(|row| row.shape.makes_socket)
            })
        })
    })
}

/// Does the line read `$_`?
fn reads_last(line: &Line<'_>) -> bool {
    let mut found = &*line.command.text == "_";
    effects::each_reference(&line.words, &mut |name, _| found |= name == "_");
    found |= match &*line.command.text {
        "hexdump" => line.words.iter().all(|w| w.bare().is_some_and(|w| w.starts_with("--"))),
        "expect" => {
            line.words.len() == 1
                || line.words.get(1).is_some_and(|w| w.is("else"))
                || line.words.first().is_some_and(|w| w.is("not"))
        }
        _ => false,
    };
    found
}

fn look_for_last(statement: &Statement<'_>, found: &mut bool) {
    match statement {
        Statement::Line(line) => *found |= reads_last(line),
        Statement::Block(block) => {
            for arm in &block.arms {
                *found |= reads_last(&arm.head);
                arm.body.iter().for_each(|statement| look_for_last(statement, found));
            }
        }
    }
}
