//! Lines and blocks out of words; every mistake is reported, none ends the reading.

use super::tree::{Answer, Arm, Block, Line, Name, Statement};
use super::words::{self, Word, is_name};
use crate::diagnostic::{Diagnostic, Source, Span};

/// Words that open a block.
pub const OPENERS: &[&str] = &["repeat", "while", "for", "if", "try", "spawn", "def"];
/// Words that begin another arm of an open block, and the block they belong to.
const ARMS: &[(&str, &str)] = &[("else", "if"), ("except", "try"), ("finally", "try")];
/// Words that are neither commands nor names.
pub const KEYWORDS: &[&str] = &[
    "repeat", "while", "for", "if", "else", "try", "except", "finally", "spawn", "def", "end", "break",
    "continue", "return", "source",
];
/// Blocks in blocks in blocks: beyond this it is a mistake, and the stack has an end.
const DEEPEST: usize = 100;

/// Reads a whole text. The tree holds what could be read; `problems` says the rest.
pub fn parse(source: &Source, problems: &mut Vec<Diagnostic>) -> Vec<Statement> {
    let mut parser = Parser { source, at: 0, problems };
    // A byte order mark is how some editors begin a file; it says nothing here.
    if source.text.starts_with('\u{feff}') {
        parser.at = '\u{feff}'.len_utf8();
    }
    parser.parse_all()
}

/// Reads words that are a line by themselves: what stands after `fails`.
pub fn line_of(source: &Source, words: Vec<Word>, problems: &mut Vec<Diagnostic>) -> Option<Line> {
    Parser { source, at: 0, problems }.parse_line(words)
}

/// Does this line open a block?
pub fn is_opener(line: &Line) -> bool {
    line.socket.is_none() && !line.help && OPENERS.contains(&line.command.text.as_str())
}

/// Does this line begin another arm of its block?
pub fn is_arm(line: &Line) -> bool {
    line.socket.is_none() && !line.help && ARMS.iter().any(|(k, _)| *k == line.command.text)
}

/// Reads the one line that begins at this place, for the caret under an error.
pub fn line_at(source: &Source, span: Span) -> Option<Line> {
    let mut problems = Vec::new();
    let at = span.start.checked_sub(source.base())? as usize;
    let read = words::line(&source.text, source.base(), at, &mut problems);
    line_of(source, read.words, &mut problems)
}

/// A block whose `end` has not come yet.
struct Open {
    arms: Vec<Arm>,
    span: Span,
}

struct Parser<'a> {
    source: &'a Source,
    at: usize,
    problems: &'a mut Vec<Diagnostic>,
}

impl Parser<'_> {
    fn parse_all(&mut self) -> Vec<Statement> {
        let mut top: Vec<Statement> = Vec::new();
        let mut open: Vec<Open> = Vec::new();
        let mut after_command = false;
        while self.at < self.source.text.len() {
            let read = words::line(&self.source.text, self.source.base(), self.at, self.problems);
            self.at = read.end;
            if read.words.is_empty() {
                if let Some(comment) = read.comment {
                    let body =
                        open.last_mut().and_then(|o| o.arms.last_mut()).map_or(&mut top, |a| &mut a.body);
                    self.accept_answer(comment, body, after_command);
                } else {
                    after_command = after_command && read.broken;
                }
                continue;
            }
            after_command = false;
            let block = |w: &Word| w.bare().is_some_and(|t| KEYWORDS.contains(&t));
            if read.unclosed && !read.words.first().is_some_and(block) {
                // What is missing of it would only be complained of once more.
                continue;
            }
            let Some(line) = self.parse_line(read.words) else { continue };
            let keyword =
                if line.socket.is_none() && !line.help { line.command.text.clone() } else { String::new() };
            if is_opener(&line) {
                if open.len() == DEEPEST {
                    self.problems.push(
                        Diagnostic::new(line.span, format!("more than {DEEPEST} blocks inside one another"))
                            .help("a `def` can hold the inner ones"),
                    );
                    // One report is enough, and what follows would only repeat it.
                    self.at = self.source.text.len();
                    open.clear();
                    break;
                }
                let span = line.command.span;
                open.push(Open { arms: vec![Arm { head: line, body: Vec::new() }], span });
            } else if let Some(&(_, opener)) = ARMS.iter().find(|(k, _)| *k == keyword) {
                self.accept_arm(line, opener, open.last_mut());
            } else if keyword == "end" {
                self.presume_nothing_after(&line);
                let Some(block) = open.pop() else {
                    self.problems.push(Diagnostic::new(line.command.span, "`end` without a block to end"));
                    continue;
                };
                let block = Statement::Block(Block { arms: block.arms, end: line.command.span });
                open.last_mut().and_then(|o| o.arms.last_mut()).map_or(&mut top, |a| &mut a.body).push(block);
            } else {
                after_command = true;
                let body = open.last_mut().and_then(|o| o.arms.last_mut()).map_or(&mut top, |a| &mut a.body);
                body.push(Statement::Line(line));
            }
        }
        while let Some(block) = open.pop() {
            let keyword = block.arms.first().map_or("", |a| a.head.command.text.as_str());
            self.problems.push(
                Diagnostic::new(block.span, format!("`{keyword}` is never closed"))
                    .help("a block ends with a line that says `end`")
                    .incomplete(),
            );
            // The lines inside are still read for mistakes of their own.
            let end = block.span;
            let block = Statement::Block(Block { arms: block.arms, end });
            open.last_mut().and_then(|o| o.arms.last_mut()).map_or(&mut top, |a| &mut a.body).push(block);
        }
        top
    }

    /// A `#>` line belongs to the command above it.
    fn accept_answer(&mut self, comment: Span, body: &mut [Statement], after_command: bool) {
        let text = self.source.slice(comment);
        let Some(shown) = text.strip_prefix("#>") else { return };
        let shown = shown.strip_prefix(' ').unwrap_or(shown).to_string();
        match body.last_mut() {
            Some(Statement::Line(line)) if after_command => match &mut line.answer {
                Some(answer) => {
                    answer.span = answer.span.to(comment);
                    answer.lines.push(shown);
                }
                None => line.answer = Some(Answer { span: comment, lines: vec![shown] }),
            },
            _ => self.problems.push(
                Diagnostic::new(comment, "an answer with no command above it")
                    .help("`#>` lines stand right below the command whose Out they show"),
            ),
        }
    }

    fn accept_arm(&mut self, line: Line, opener: &str, open: Option<&mut Open>) {
        let keyword = line.command.text.clone();
        let problem = match open {
            Some(open) if open.arms[0].head.command.text == opener => {
                let last = open.arms.last().map_or("", |a| a.head.command.text.as_str());
                let closed = match keyword.as_str() {
                    "else" => last == "else" && open.arms.last().is_some_and(|a| a.head.words.is_empty()),
                    _ => last == "finally",
                };
                if !closed {
                    open.arms.push(Arm { head: line, body: Vec::new() });
                    return;
                }
                let problem =
                    Diagnostic::new(line.command.span, format!("`{keyword}` after the last `{last}`"));
                open.arms.push(Arm { head: line, body: Vec::new() });
                problem
            }
            _ => Diagnostic::new(
                line.command.span,
                format!(
                    "`{keyword}` belongs in {} `{opener}` block",
                    if opener == "if" { "an" } else { "a" }
                ),
            ),
        };
        self.problems.push(problem);
    }

    fn presume_nothing_after(&mut self, line: &Line) {
        if let Some(word) = line.words.first() {
            self.problems.push(Diagnostic::new(word.span, "nothing may follow `end`"));
        }
    }

    /// `[NAMES =] [SOCKET.]COMMAND WORD… [&]`
    fn parse_line(&mut self, mut words: Vec<Word>) -> Option<Line> {
        let span = words.first()?.span.to(words.last()?.span);
        let targets = self.accept_targets(&mut words)?;
        let background = words.pop_if(|w| w.bare() == Some("&")).map(|w| w.span);
        if words.is_empty() {
            let what = if background.is_some() && targets.is_empty() { "`&`" } else { "the `=`" };
            let message =
                format!("a command is missing {} {what}", if what == "`&`" { "before" } else { "after" });
            self.problems.push(Diagnostic::new(span, message));
            return None;
        }
        let first = words.remove(0);
        let (socket, command, help) = self.parse_command(&first, &words, !targets.is_empty())?;
        Some(Line { span, targets, socket, command, words, background, help, answer: None })
    }

    /// The names before a bare `=` that is the second word, or the third after a pair.
    fn accept_targets(&mut self, words: &mut Vec<Word>) -> Option<Vec<Name>> {
        let Some(equals) = words.iter().take(4).position(|w| w.bare() == Some("=")) else {
            return Some(Vec::new());
        };
        let before: Option<Vec<&str>> = words[..equals].iter().map(Word::bare).collect();
        let Some(before) = before else { return Some(Vec::new()) };
        let pair = before.iter().any(|w| w.contains(','));
        // `let x = 5` and `expect a = b` are commands; `=` alone shows the sockets.
        if equals == 0 || (equals > 1 && !pair) {
            return Some(Vec::new());
        }
        let mut names = Vec::new();
        let mut good = true;
        for word in &words[..equals] {
            let mut at = word.span.start;
            for piece in word.bare().unwrap_or("").split(',') {
                let span = Span { start: at, end: at + piece.len() as u32 };
                at = span.end + 1;
                if !piece.is_empty() {
                    good &= self.check_name(piece, span);
                    names.push(Name { text: piece.to_string(), span });
                }
            }
        }
        let span = words[0].span.to(words[equals].span);
        if names.is_empty() || names.len() > 2 {
            self.problems.push(Diagnostic::new(span, "one name or two stand before `=`"));
            good = false;
        }
        if let [a, b] = names.as_slice()
            && a.text == b.text
        {
            self.problems.push(Diagnostic::new(b.span, format!("`{}` stands twice before `=`", b.text)));
            good = false;
        }
        words.drain(..=equals);
        good.then_some(names)
    }

    /// May this be given as a name? Says why not.
    pub fn check_name(&mut self, name: &str, span: Span) -> bool {
        match name_problem(name, span) {
            Some(problem) => {
                self.problems.push(problem);
                false
            }
            None => true,
        }
    }

    fn parse_command(
        &mut self,
        word: &Word,
        rest: &[Word],
        assigned: bool,
    ) -> Option<(Option<Name>, Name, bool)> {
        let Some(text) = word.bare() else {
            let problem = Diagnostic::new(word.span, "a command is due here, and this is a value");
            let help = match word.value() {
                Some(_) if assigned => "to copy a value write `let NAME = $value`",
                _ if assigned => "to keep a value write `let NAME = VALUE`",
                _ => "to show a value write `print VALUE`",
            };
            self.problems.push(problem.help(help));
            return None;
        };
        if text == "=" && assigned {
            self.problems.push(Diagnostic::new(word.span, "a command is due after `=`, and this is another"));
            return None;
        }
        if text == "=" {
            let command = Name { text: "=".into(), span: word.span };
            return Some((None, command, false));
        }
        if let Some((name, value)) = text.split_once('=')
            && is_name(name.split(',').next().unwrap_or(name))
        {
            let help = format!("write `{name} = {value}{}`", if rest.is_empty() { "" } else { " …" });
            let problem = Diagnostic::new(word.span, "`=` is a word of its own").help(help);
            self.problems.push(problem);
            return None;
        }
        if assigned && text.parse::<i64>().is_ok() {
            let help = format!("to keep a value write `let NAME = {text}`");
            self.problems.push(Diagnostic::new(word.span, "a command is due after `=`").help(help));
            return None;
        }
        let (text, help) = match text.strip_suffix('?') {
            Some(asked) if !asked.is_empty() => (asked, true),
            _ => (text, false),
        };
        let (socket, command) = match text.split_once('.') {
            Some((socket, command)) => (Some(socket), command),
            None => (None, text),
        };
        if command.is_empty() && socket.is_some_and(|s| !s.is_empty()) {
            self.problems.push(Diagnostic::new(word.span, "a command is missing after the `.`"));
            return None;
        }
        let start = word.span.start;
        let name = |text: &str, at: usize| Name {
            text: text.to_string(),
            span: Span { start: start + at as u32, end: start + (at + text.len()) as u32 },
        };
        let socket_name = socket.map(|s| name(s, 0));
        if let Some(socket) = &socket_name
            && !is_name(&socket.text)
        {
            let message = match socket.text.as_str() {
                "" => "a socket's name is missing before the `.`".to_string(),
                name => format!("`{name}` cannot be a socket's name"),
            };
            let span = if socket.text.is_empty() { word.span } else { socket.span };
            let problem = Diagnostic::new(span, message);
            self.problems.push(problem.help("a command line is `SOCKET.COMMAND WORD…`"));
            return None;
        }
        Some((socket_name, name(command, socket.map_or(0, |s| s.len() + 1)), help))
    }
}

/// Why `name` cannot be given to anything, if it cannot.
pub fn name_problem(name: &str, span: Span) -> Option<Diagnostic> {
    if !is_name(name) {
        let problem = Diagnostic::new(span, format!("`{name}` cannot be a name"));
        return Some(problem.help("a name is letters, digits and `_`, and begins with no digit"));
    }
    if KEYWORDS.contains(&name) || matches!(name, "true" | "false" | "not" | "_" | "tmpdir") {
        return Some(Diagnostic::new(span, format!("`{name}` is a word of the language, not a name")));
    }
    let history =
        name.strip_prefix('_').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if history {
        return Some(Diagnostic::new(span, format!("`{name}` is the result of `In [{}]`", &name[1..])));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sources;

    fn read(text: &str) -> (Vec<Statement>, Vec<String>) {
        let mut sources = Sources::default();
        let source = sources.add("t", text);
        let mut problems = Vec::new();
        let tree = parse(&source, &mut problems);
        let said = problems
            .iter()
            .map(|p| {
                let place = sources.place(p.span).expect("a place");
                format!("{}:{} {}", place.line, place.column, p.message)
            })
            .collect();
        (tree, said)
    }

    /// The tree in one line: `a,b = s.cmd(2)`, blocks in braces.
    fn sketch(tree: &[Statement]) -> String {
        let line = |l: &Line| {
            let names: Vec<&str> = l.targets.iter().map(|n| n.text.as_str()).collect();
            let names = if names.is_empty() { String::new() } else { format!("{} = ", names.join(",")) };
            let socket = l.socket.as_ref().map_or(String::new(), |s| format!("{}.", s.text));
            let rest =
                format!("{}{}", if l.help { "?" } else { "" }, if l.background.is_some() { "&" } else { "" });
            format!("{names}{socket}{}({}){rest}", l.command.text, l.words.len())
        };
        let part = |s: &Statement| match s {
            Statement::Line(l) => line(l),
            Statement::Block(b) => {
                b.arms.iter().map(|a| format!("{}{{{}}}", line(&a.head), sketch(&a.body))).collect()
            }
        };
        tree.iter().map(part).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn lines_and_blocks_are_read() {
        for (input, want) in [
            ("sock = socket inet stream", "sock = socket(2)"),
            ("a, b = accept", "a,b = accept(0)"),
            ("a,b = accept\na , b = accept", "a,b = accept(0); a,b = accept(0)"),
            ("s.connect h 80 &", "s.connect(2)&"),
            ("let x = 5", "let(3)"),
            ("=", "=(0)"),
            ("recv?", "recv(0)?"),
            ("repeat 2\n  close\nend", "repeat(1){close(0)}"),
            ("if a == b\nx\nelse if c == d\ny\nelse\nz\nend", "if(3){x(0)}else(4){y(0)}else(0){z(0)}"),
            ("try\na\nexcept X as e\nb\nfinally\nc\nend", "try(0){a(0)}except(3){b(0)}finally(0){c(0)}"),
            ("#!/usr/bin/env sockbook\n\n# note\nx", "x(0)"),
            ("\u{feff}x\r\ny\r\n", "x(0); y(0)"),
        ] {
            let (tree, problems) = read(input);
            assert_eq!(problems, Vec::<String>::new(), "{input}");
            assert_eq!(sketch(&tree), want, "{input}");
        }
    }

    #[test]
    fn every_mistake_is_found_in_one_pass() {
        let (_, problems) = read("repeat 2\na=socket\nsend \"\\q\"\nend\nend\nif x\n");
        assert_eq!(
            problems,
            [
                "2:1 `=` is a word of its own",
                "3:7 unknown escape `\\q`",
                "5:1 `end` without a block to end",
                "6:1 `if` is never closed",
            ]
        );
    }

    #[test]
    fn names_are_checked() {
        for (input, want) in [
            ("if = socket", "1:1 `if` is a word of the language, not a name"),
            ("2x = socket", "1:1 `2x` cannot be a name"),
            ("a, a = accept", "1:4 `a` stands twice before `=`"),
            ("x = 5", "1:5 a command is due after `=`"),
            ("x = $y", "1:5 a command is due here, and this is a value"),
            ("x =", "1:1 a command is missing after the `=`"),
            ("else", "1:1 `else` belongs in an `if` block"),
        ] {
            assert_eq!(read(input).1, [want], "{input}");
        }
    }

    #[test]
    fn answers_belong_to_the_line_above() {
        let (tree, problems) = read("recv 5\n  #> 5 bytes\n#>   more\nclose\n\n#> lost\n");
        assert_eq!(problems, ["6:1 an answer with no command above it"]);
        let Statement::Line(line) = &tree[0] else { panic!("a line") };
        assert_eq!(
            line.answer.as_ref().map(|a| a.lines.clone()),
            Some(vec!["5 bytes".into(), "  more".into()])
        );
    }

    #[test]
    fn blocks_cannot_eat_the_stack() {
        let (_, problems) = read(&"repeat 2\n".repeat(100_000));
        assert_eq!(problems, ["101:1 more than 100 blocks inside one another"]);
    }
}
