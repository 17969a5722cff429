//! What is allowed and yet seldom meant: the warnings of `check`. None of them changes a run.

use std::collections::{HashMap, HashSet};

use crate::command;
use crate::command::row::{Command, Does, Gives};
use crate::net::options::table;
use crate::text::diagnostic::{Diagnostic, Source, Span};
use crate::text::forms::{self, BINDS, Keyword, Role};
use crate::text::tree::{Block, Line, Statement};
use crate::text::words::{self, Part, Reference, Word};

/// All warnings on a script that was read without a mistake. `known`: is this a name of it?
pub fn lint(source: &Source, tree: &[Statement<'_>], known: &dyn Fn(&str) -> bool) -> Vec<Diagnostic> {
    let script = Script::of(tree);
    let parameters = parameters(&script);
    let mut found = quoted_names(source, &|name| known(name) || parameters.contains(name));
    each_body(tree, false, &mut |body, in_loop| {
        unreachable(body, &mut found);
        sleep_for_peer(&script, body, &mut found);
        if !in_loop {
            one_recv(&script, body, &mut found);
        }
    });
    socket_leak(tree, &mut found);
    never_closed(&script, &mut found);
    fixed_port(&script, &mut found);
    bare_command(&script, &mut found);
    not_ready(tree, &mut found);
    unseen_news(&script, &mut found);
    lost_in_thread(&script, tree, &mut found);
    found
}

/// Every line of a script, the heads of its blocks among them.
struct Script<'a> {
    lines: Vec<&'a Line<'a>>,
}

impl<'a> Script<'a> {
    fn of(tree: &'a [Statement<'a>]) -> Script<'a> {
        let mut lines = Vec::new();
        gather(tree, &mut lines);
        Script { lines }
    }

    /// Does any of its commands do this?
    fn has(&self, what: Does) -> bool {
        self.lines.iter().any(|line| does(line, what))
    }

    /// Does it expect anything? Then it is a test; and what exports is the fixture of tests.
    fn is_test(&self) -> bool {
        let expects = |l: &Line<'_>| {
            does(l, Does::Expects)
                || does(l, Does::Exports)
                || matches!(l.keyword, Some(Keyword::Fails | Keyword::Test | Keyword::Subtest))
        };
        self.lines.iter().any(|l| l.answer.is_some() || expects(l))
    }
}

fn gather<'a>(tree: &'a [Statement<'a>], lines: &mut Vec<&'a Line<'a>>) {
    for statement in tree {
        match statement {
            Statement::Line(line) => lines.push(line),
            Statement::Block(block) => {
                for arm in &block.arms {
                    lines.push(&arm.head);
                    gather(&arm.body, lines);
                }
            }
        }
    }
}

/// The row of a line that is a command.
fn called(line: &Line<'_>) -> Option<&'static Command> {
    if line.help { None } else { command::find(&line.command.text) }
}

/// Is the line a command that does this?
fn does(line: &Line<'_>, what: Does) -> bool {
    called(line).is_some_and(|row| row.does(what))
}

fn keyword(block: &Block<'_>) -> Option<Keyword> {
    block.arms.first().and_then(|arm| arm.head.keyword)
}

fn role(block: &Block<'_>) -> Option<Role> {
    keyword(block).map(|keyword| keyword.row().role)
}

fn is_loop(block: &Block<'_>) -> bool {
    role(block) == Some(Role::Loop)
}

/// Each list of statements, and whether it is in a loop.
fn each_body(tree: &[Statement<'_>], in_loop: bool, see: &mut dyn FnMut(&[Statement<'_>], bool)) {
    see(tree, in_loop);
    for statement in tree {
        if let Statement::Block(block) = statement {
            for arm in &block.arms {
                each_body(&arm.body, in_loop || is_loop(block), see);
            }
        }
    }
}

/// The arguments of its `def`s, which are names inside them only.
fn parameters(script: &Script<'_>) -> HashSet<String> {
    let defs = script.lines.iter().filter(|l| l.keyword == Some(Keyword::Def));
    defs.flat_map(|l| l.words.iter().skip(1)).filter_map(|w| w.bare().map(str::to_string)).collect()
}

// Lines that cannot be reached.

fn unreachable(body: &[Statement<'_>], found: &mut Vec<Diagnostic>) {
    for pair in body.windows(2) {
        if let Some(by) = ends(&pair[0]) {
            let message = say!(
                en "nothing gets past the `{by}` above",
                es "nada pasa más allá del `{by}` de arriba",
                by
            );
            found.push(Diagnostic::warning("unreachable", pair[1].span(), message));
            return;
        }
    }
}

/// What it is that nothing gets past.
fn ends<'a>(statement: &'a Statement<'_>) -> Option<&'a str> {
    match statement {
        Statement::Line(line) => {
            let jumps = line.keyword.is_some_and(|keyword| keyword.row().role == Role::Jump);
            let ends = jumps || line.socket.is_none() && does(line, Does::Ends);
            ends.then_some(&*line.command.text)
        }
        Statement::Block(block) => {
            let all_end = || block.arms.iter().all(|arm| arm.body.last().is_some_and(|s| ends(s).is_some()));
            match keyword(block) {
                Some(Keyword::While) => {
                    let arm = block.arms.first()?;
                    let forever = arm.head.words.len() == 1 && arm.head.words[0].bare() == Some("true");
                    (forever && !breaks(&arm.body)).then_some("while true")
                }
                Some(Keyword::If) => {
                    let last = block.arms.last()?;
                    let otherwise = last.head.keyword == Some(Keyword::Else) && last.head.words.is_empty();
                    (otherwise && all_end()).then_some("if")
                }
                _ => None,
            }
        }
    }
}

/// Does a `break` in here leave the loop around it?
fn breaks(body: &[Statement<'_>]) -> bool {
    body.iter().any(|statement| match statement {
        Statement::Line(line) => line.keyword == Some(Keyword::Break),
        Statement::Block(block) if matches!(role(block), Some(Role::Loop | Role::Body)) => false,
        Statement::Block(block) => block.arms.iter().any(|arm| breaks(&arm.body)),
    })
}

// Sockets that stay open.

/// A socket that nothing closes. A test leaves that to its end, and means to.
fn never_closed(script: &Script<'_>, found: &mut Vec<Diagnostic>) {
    let bare = script.lines.iter().any(|l| is_close(l) && l.socket.is_none() || closes_in_fails(l));
    if bare || script.is_test() {
        return;
    }
    let mut mentioned: HashSet<&str> = HashSet::new();
    for line in &script.lines {
        if is_close(line)
            && let Some(socket) = &line.socket
        {
            mentioned.insert(&socket.text);
        }
        // Handed to a `def`, a program or a condition: closed there, maybe.
        let passes = !does(line, Does::Prints) && !does(line, Does::Looks);
        if passes {
            mentioned.extend(line.words.iter().filter_map(Word::bare));
            let values = line.words.iter().filter_map(Word::value);
            mentioned.extend(values.filter(|r| r.properties.is_empty()).map(|r| r.name.as_str()));
        }
    }
    let numbered = mentioned.iter().any(|name| crate::session::names::socket_number(name).is_some());
    let leaks = found.iter().filter(|d| d.code == Some("socket-leak"));
    let said: HashSet<Span> = leaks.map(|d| d.span).collect();
    for line in &script.lines {
        if said.contains(&line.command.span) || !called(line).is_some_and(|row| row.shape.makes_socket) {
            continue;
        }
        let pair = does(line, Does::MakesPair);
        let names = &line.targets[..line.targets.len().min(1 + usize::from(pair))];
        let open = names.iter().find(|name| !mentioned.contains(&*name.text));
        let (span, what) = match open {
            Some(name) => (
                name.span,
                say!(
                    en "the socket `{name}` is never closed",
                    es "el socket `{name}` nunca se cierra",
                    name = name.text
                ),
            ),
            None if names.is_empty() && !numbered => {
                let what = say!(en "this socket is never closed", es "este socket nunca se cierra");
                (line.command.span, what)
            }
            None => continue,
        };
        let problem = Diagnostic::warning("never-closed", span, what);
        found.push(problem.help(say!(
            en "the script's end closes it; say `close` where it is done with",
            es "el fin del script lo cierra; usa `close` donde ya no se necesite"
        )));
    }
}

fn is_close(line: &Line<'_>) -> bool {
    does(line, Does::Closes)
}

fn closes_in_fails(line: &Line<'_>) -> bool {
    let name = |text: &str| text.rsplit('.').next().and_then(command::find);
    let closes = |w: &Word<'_>| w.bare().and_then(name).is_some_and(|row| row.does(Does::Closes));
    line.keyword == Some(Keyword::Fails) && line.words.iter().any(closes)
}

/// A loop without an end that makes sockets and closes none.
fn socket_leak(tree: &[Statement<'_>], found: &mut Vec<Diagnostic>) {
    for statement in tree {
        let Statement::Block(block) = statement else { continue };
        let mut inside = Vec::new();
        for arm in &block.arms {
            gather(&arm.body, &mut inside);
        }
        let made = inside.iter().find(|l| called(l).is_some_and(|row| row.shape.makes_socket));
        // A `def` may close what it is given.
        let known = |l: &&&Line<'_>| {
            let text = &*l.command.text;
            command::find(text).is_some() || forms::find(text).is_some()
        };
        let closed = inside.iter().any(|l| is_close(l) || closes_in_fails(l) || !known(&l));
        if keyword(block) == Some(Keyword::While)
            && !closed
            && let Some(made) = made
            && !breaks(&block.arms[0].body)
        {
            let message = say!(
                en "each round makes a socket, and none is closed",
                es "cada vuelta crea un socket, y ninguno se cierra"
            );
            let problem = Diagnostic::warning("socket-leak", made.command.span, message);
            found.push(problem.help(say!(
                en "a name bound anew leaves its old socket open; `close` it in the loop",
                es "un nombre reasignado deja abierto su socket anterior; usa `close` en el ciclo"
            )));
            continue;
        }
        block.arms.iter().for_each(|arm| socket_leak(&arm.body, found));
    }
}

// Streams taken for messages.

/// One `recv` on a stream, whose result is compared as if it were the whole message. Only where
/// the peer is another program: what a script sent itself is all there.
fn one_recv(script: &Script<'_>, body: &[Statement<'_>], found: &mut Vec<Diagnostic>) {
    if script.has(Does::MakesPair) || (script.has(Does::Accepts) && script.has(Does::Connects)) {
        return;
    }
    let mut sockets = script.lines.iter().filter(|l| does(l, Does::MakesSocket)).peekable();
    if sockets.peek().is_none() || !sockets.all(|l| makes_stream(l)) {
        return;
    }
    for (at, statement) in body.iter().enumerate() {
        let Statement::Line(line) = statement else { continue };
        if !does(line, Does::TakesPart) || is_whole(line) {
            continue;
        }
        let name = line.targets.first().map_or("_", |n| &*n.text);
        for after in &body[at + 1..] {
            let head = match after {
                Statement::Line(line) => line,
                Statement::Block(block) => match block.arms.first() {
                    Some(arm) => &arm.head,
                    None => break,
                },
            };
            if is_taken_whole(head, name) {
                let message = say!(
                    en "one `recv` may bring a part of the message, or more than one",
                    es "un `recv` puede traer una parte del mensaje, o más de uno"
                );
                let problem = Diagnostic::warning("one-recv", line.command.span, message);
                let help = say!(
                    en "a stream has no messages: `recvline`, `recvuntil`, `recvexact N` and `recvall` \
                        wait for a whole one",
                    es "un flujo no tiene mensajes: `recvline`, `recvuntil`, `recvexact N` y `recvall` \
                        esperan uno completo"
                );
                found.push(problem.help(help));
                break;
            }
            let again = does(head, Does::Receives);
            if again || head.targets.iter().any(|t| t.text == name) || matches!(after, Statement::Block(_)) {
                break;
            }
        }
    }
}

/// `socket`, `socket inet stream`
fn makes_stream(line: &Line<'_>) -> bool {
    let kind = line.words.get(1).map_or(Some("stream"), Word::bare).unwrap_or("");
    matches!(kind.to_ascii_lowercase().as_str(), "stream" | "sock_stream")
}

/// A `recv` that is not asked for a message: one byte, a whole count, a file.
fn is_whole(line: &Line<'_>) -> bool {
    line.words.iter().filter_map(Word::bare).any(|w| w == "1" || w.starts_with("--") && w != "--timeout")
}

/// Is the value of `name` compared with `==`, or read as a number, here?
fn is_taken_whole(line: &Line<'_>, name: &str) -> bool {
    let about = |reference: &Reference, property: Option<&str>| {
        let last = reference.properties.last().map(|(p, _)| p.as_str());
        reference.name == name && (property.is_none() || last == property)
    };
    let values = |w: &Word<'_>, property: Option<&str>| {
        w.parts().iter().any(|p| matches!(p, Part::Value(r) if about(r, property)))
    };
    let has = |property| line.words.iter().any(|w| values(w, property));
    if does(line, Does::Expects) || matches!(line.keyword, Some(Keyword::If | Keyword::While)) {
        line.words.iter().any(|w| w.bare() == Some("==")) && has(None)
    } else {
        has(if does(line, Does::Unpacks) { None } else { Some("int") })
    }
}

// Names that a thread changes for itself.

/// A `let` in a `spawn` of a name that the lines below it read: they read their own, which is another.
fn lost_in_thread(script: &Script<'_>, tree: &[Statement<'_>], found: &mut Vec<Diagnostic>) {
    let shares = script.lines.iter().filter(|line| does(line, Does::Shares));
    let shared: HashSet<&str> = shares.filter_map(|line| line.words.first().and_then(Word::bare)).collect();
    for (at, statement) in tree.iter().enumerate() {
        let Statement::Block(block) = statement else { continue };
        if keyword(block) != Some(Keyword::Spawn) {
            block.arms.iter().for_each(|arm| lost_in_thread(script, &arm.body, found));
            continue;
        }
        let (mut inside, mut below) = (Vec::new(), Vec::new());
        block.arms.iter().for_each(|arm| gather(&arm.body, &mut inside));
        gather(&tree[at + 1..], &mut below);
        for line in inside.iter().filter(|line| &*line.command.text == forms::BINDS) {
            let Some(word) = line.words.first() else { continue };
            let Some(name) = word.bare().filter(|name| !shared.contains(name)) else { continue };
            // Read below before it is given a value there.
            let first = below.iter().find_map(|line| {
                let bound =
                    &*line.command.text == forms::BINDS && line.words.first().is_some_and(|w| w.is(name));
                let given = bound || line.targets.iter().any(|target| target.text == name);
                if line.words.iter().any(|w| reads(w, name)) { Some(true) } else { given.then_some(false) }
            });
            if first != Some(true) {
                continue;
            }
            let message = say!(
                en "the thread gives a `{name}` of its own this value, and the script reads another below",
                es "el hilo da este valor a un `{name}` propio, y el script lee otro más abajo",
                name
            );
            let problem = Diagnostic::warning("lost-in-thread", line.command.span.to(word.span), message);
            found.push(problem.help(say!(
                en "`share {name} = …` above gives all threads one name; or `return` it, and `{name} = wait NAME`",
                es "`share {name} = …` más arriba da un solo nombre a todos los hilos; o usa `return`, y `{name} = wait NAME`",
                name
            )));
        }
    }
}

/// Does a word read the value of this name, in a command inside it too?
fn reads(word: &Word<'_>, name: &str) -> bool {
    word.parts().iter().any(|part| match part {
        Part::Value(reference) => reference.name == name,
        Part::Call(call) => call.words.iter().any(|word| reads(word, name)),
        Part::Text(_) | Part::Bytes(_) => false,
    })
}

/// `let x = recv`: a command by itself is text here, and its result was probably meant.
fn bare_command(script: &Script<'_>, found: &mut Vec<Diagnostic>) {
    for line in script.lines.iter().filter(|line| line.command.text == BINDS) {
        let [names @ .., equals, word] = line.words.as_slice() else { continue };
        let gives = |name: &str| command::find(name).is_some_and(|row| row.gives != Gives::Nothing);
        let Some(name) = word.bare().filter(|name| equals.is("=") && gives(name)) else { continue };
        let message = say!(
            en "`{name}` is text here, and no command",
            es "`{name}` es texto aquí, y no un comando",
            name
        );
        let targets: Vec<&str> = names.iter().filter_map(Word::bare).collect();
        found.push(Diagnostic::warning("bare-command", word.span, message).help(say!(
            en "to keep a command's result write `{target} = {name}`, without `let`; text is plainer in quotes: `\"{name}\"`",
            es "para guardar el resultado de un comando escribe `{target} = {name}`, sin `let`; el texto se ve mejor entre comillas: `\"{name}\"`",
            name,
            target = targets.join(" ")
        )));
    }
}

// Ports and waiting in tests.

fn fixed_port(script: &Script<'_>, found: &mut Vec<Diagnostic>) {
    if !script.is_test() && !script.has(Does::Connects) && !script.has(Does::SendsTo) {
        return;
    }
    for line in &script.lines {
        let words: Vec<&Word<'_>> =
            line.words.iter().filter(|w| !w.bare().is_some_and(|t| t.starts_with("--"))).collect();
        if !does(line, Does::Binds) || words.len() < 2 {
            continue;
        }
        let port = words[1];
        if port.bare().is_some_and(|p| p.parse::<u16>().is_ok_and(|n| n > 0)) {
            let message = say!(
                en "a fixed port may be taken when this runs",
                es "un puerto fijo puede estar ocupado cuando esto se ejecute"
            );
            let problem = Diagnostic::warning("fixed-port", port.span, message);
            found.push(problem.help(say!(
                en "port 0 lets the system choose, and `${{NAME.local.port}}` says which",
                es "el puerto 0 deja elegir al sistema, y `${{NAME.local.port}}` dice cuál"
            )));
        }
    }
}

fn sleep_for_peer(script: &Script<'_>, body: &[Statement<'_>], found: &mut Vec<Diagnostic>) {
    for pair in body.windows(2) {
        let [Statement::Line(sleep), Statement::Line(next)] = pair else { continue };
        if !does(sleep, Does::Sleeps) {
            continue;
        }
        let Some(row) = called(next) else { continue };
        let help = row.does.iter().find_map(|does| match does {
            Does::Connects => Some(phrase!(
                en "`waitport HOST PORT` waits until a server listens there",
                es "`waitport HOST PORT` espera hasta que un servidor escuche ahí"
            )),
            Does::WaitsForPort => {
                Some(phrase!(en "`waitport` waits by itself", es "`waitport` espera por sí solo"))
            }
            Does::Accepts => Some(phrase!(
                en "`accept` waits by itself; `--timeout` limits it",
                es "`accept` espera por sí solo; `--timeout` lo limita"
            )),
            Does::Receives | Does::Peeks => Some(phrase!(
                en "a receive waits by itself; `poll --read` waits without receiving",
                es "una recepción espera por sí sola; `poll --read` espera sin recibir"
            )),
            _ => None,
        });
        let Some(help) = help else { continue };
        let dont_wait = next.words.iter().any(|w| w.bare() == Some("--dontwait"));
        if dont_wait || script.has(Does::SetsBlocking) {
            continue;
        }
        let message = say!(
            en "a `sleep` to wait for the peer of `{command}` is too long or too short",
            es "un `sleep` para esperar al otro extremo de `{command}` es muy largo o muy corto",
            command = row.name
        );
        found.push(Diagnostic::warning("sleep-for-peer", sleep.span, message).help(help));
    }
}

// `"$name"`

/// `"$name"` where that is a name: `$` inside quotes is a plain `$`.
pub fn quoted_names(source: &Source, known: &dyn Fn(&str) -> bool) -> Vec<Diagnostic> {
    let text = &*source.text;
    let base = source.base() as usize;
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let mut problems = Vec::new();
        let read = words::line(text, source.base(), at, &mut problems);
        let mut ask = |from: usize, name: &str| {
            if known(name) {
                let span = Span::new(base + from, base + from + 1 + name.len());
                let message = say!(
                    en "in quotes `${name}` is these {n} characters",
                    es "entre comillas `${name}` son estos {n} caracteres",
                    name,
                    n = name.chars().count() + 1
                );
                let problem = Diagnostic::warning("quoted-name", span, message);
                found.push(problem.help(say!(
                    en "did you mean `${{{name}}}`? (`\\${name}` says it is not meant)",
                    es "¿quisiste decir `${{{name}}}`? (`\\${name}` indica que no)",
                    name
                )));
            }
        };
        for word in read.words.iter().filter(|w| w.quoted) {
            let from = (word.span.start as usize).saturating_sub(base);
            let to = (word.span.end as usize).saturating_sub(base);
            dollars_in_word(text, from, to, &mut ask);
        }
        let slice = |w: &Word<'_>| source.slice(w.span).to_string();
        let raw = read.words.iter().map(slice).any(|t| t.starts_with("<<'") || t.starts_with("<<-'"));
        if !raw && read.body < read.end {
            dollars(text, read.body, read.end, &mut ask);
        }
        at = read.end.max(at + 1);
    }
    found
}

/// Looks into the quoted parts of a word.
fn dollars_in_word(text: &str, from: usize, to: usize, ask: &mut dyn FnMut(usize, &str)) {
    let bytes = &text.as_bytes()[..to.min(text.len())];
    let mut at = from;
    while at < bytes.len() {
        let quote = bytes[at];
        if !matches!(quote, b'"' | b'\'') {
            at += 1;
            continue;
        }
        let raw = at == from + 1 && matches!(bytes[from], b'r' | b'x');
        let inside = at + 1;
        at = inside;
        while at < bytes.len() && bytes[at] != quote {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        if !raw {
            dollars(text, inside, at.min(bytes.len()), ask);
        }
        at += 1;
    }
}

/// Every `$name` between two places that no backslash stands before.
fn dollars(text: &str, from: usize, to: usize, ask: &mut dyn FnMut(usize, &str)) {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < to {
        match bytes[at] {
            b'\\' => at += 2,
            b'$' => {
                let name = &bytes[at + 1..to];
                let length = name.iter().take_while(|c| c.is_ascii_alphanumeric() || **c == b'_').count();
                if length > 0 && !name[0].is_ascii_digit() {
                    ask(at, &text[at + 1..at + 1 + length]);
                }
                at += 1 + length;
            }
            _ => at += 1,
        }
    }
}

// Calls that cannot succeed.

/// What is certain of a socket from the lines above.
#[derive(Clone, Copy, Default)]
struct State {
    listening: bool,
    connected: bool,
    stream: bool,
}

/// An option that is set for news which only `recvmsg` shows, in a script that never calls it.
fn unseen_news(script: &Script<'_>, found: &mut Vec<Diagnostic>) {
    if script.has(Does::ReceivesBeside) {
        return;
    }
    for line in script.lines.iter().filter(|line| does(line, Does::SetsOption)) {
        let names = line.words.iter().filter_map(|word| Some((word, table::find(word.bare()?)?)));
        for (word, option) in names.filter(|(_, option)| option.brings_news()) {
            let name = option.name;
            let message = say!(
                en "what `{name}` brings only `recvmsg` shows, and no line here calls it",
                es "lo que trae `{name}` solo lo muestra `recvmsg`, y ninguna línea lo llama aquí",
                name
            );
            let problem = Diagnostic::warning("unseen-news", word.span, message);
            found.push(problem.help(say!(
                en "`data, beside = recvmsg` gives it in a map",
                es "`data, beside = recvmsg` lo entrega en un mapa"
            )));
        }
    }
}

/// `accept` without `listen`, a stream's receive or send without `connect`: where the lines run one
/// after the other from the first on, and everything is seen.
fn not_ready(tree: &[Statement<'_>], found: &mut Vec<Diagnostic>) {
    let mut states: Vec<State> = Vec::new();
    let mut names: HashMap<&str, usize> = HashMap::new();
    let mut current: Vec<usize> = Vec::new();
    for statement in tree {
        let Statement::Line(line) = statement else { return };
        if line.background.is_some() || matches!(line.keyword, Some(Keyword::Source | Keyword::Fails)) {
            return;
        }
        let Some(row) = called(line) else { return };
        let socket = match &line.socket {
            Some(name) => match names.get(&*name.text) {
                Some(&id) => Some(id),
                None => return,
            },
            None => current.last().copied(),
        };
        let name = |at: usize| line.targets.get(at).map(|n| &*n.text);
        let mut made = Vec::new();
        for does in row.does {
            match does {
                // An inherited one may be in any state.
                Does::MakesSocket if line.words.iter().any(|w| w.bare() == Some("--fd")) => {
                    made.push(State { listening: true, connected: true, stream: false });
                }
                Does::MakesSocket => made.push(State { stream: makes_stream(line), ..State::default() }),
                Does::MakesPair => made.extend([State { connected: true, ..State::default() }; 2]),
                Does::Accepts => made.push(State { connected: true, ..State::default() }),
                Does::Copies => match socket {
                    Some(id) => made.push(states[id]),
                    None => return,
                },
                Does::MakesCurrent => {
                    match line.words.first().and_then(Word::bare).and_then(|n| names.get(n)) {
                        Some(&id) => {
                            current.retain(|&c| c != id);
                            current.push(id);
                        }
                        None => return,
                    }
                }
                Does::Closes => match socket {
                    Some(id) => current.retain(|&c| c != id),
                    None => return,
                },
                _ => {}
            }
        }
        if let Some(id) = socket {
            let state = &mut states[id];
            state.listening |= row.does(Does::Listens);
            state.connected |= row.does(Does::Connects);
            let missing = if row.does(Does::Accepts) && !state.listening {
                Some(("not-listening", "listen"))
            } else if row.does(Does::NeedsPeer) && state.stream && !state.connected {
                Some(("not-connected", "connect"))
            } else {
                None
            };
            if let Some((code, before)) = missing {
                let message = say!(
                    en "`{command}` on a socket that no line above has made `{before}`",
                    es "`{command}` sobre un socket al que ninguna línea anterior hizo `{before}`",
                    command = row.name,
                    before
                );
                let problem = Diagnostic::warning(code, line.command.span, message);
                found.push(
                    problem.help(say!(en "`{before}` comes first", es "`{before}` va primero", before)),
                );
                return;
            }
        }
        let pair = made.len() == 2;
        for (at, state) in made.into_iter().enumerate() {
            states.push(state);
            let id = states.len() - 1;
            current.push(id);
            if let Some(name) = name(at) {
                names.insert(name, id);
            }
        }
        if pair {
            // Of a pair, the left becomes current.
            let end = current.len();
            current.swap(end - 1, end - 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::diagnostic::Sources;
    use crate::text::parse;

    /// The warnings as `code line`.
    fn warned(text: &str) -> Vec<String> {
        let mut sources = Sources::default();
        let source = sources.add("t", text);
        let mut problems = Vec::new();
        let tree = parse(&source, &mut problems);
        assert_eq!(problems, [], "{text}");
        let mut found = lint(&source, &tree, &|name| text.contains(&format!("{name} = ")));
        found.sort_by_key(|d| d.span);
        let line = |d: &Diagnostic| sources.place(d.span).map_or(0, |p| p.line);
        found.iter().map(|d| format!("{} {}", d.code.unwrap_or("?"), line(d))).collect()
    }

    fn check(cases: &[(&str, &str)]) {
        for (text, want) in cases {
            assert_eq!(warned(text).join(", "), *want, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_reached() {
        check(&[
            ("repeat 2\nbreak\nprint a\nprint b\nend", "unreachable 3"),
            ("exit\nprint a", "unreachable 2"),
            ("while true\nprint a\nend\nprint b", "unreachable 4"),
            ("while true\nif a == b\nbreak\nend\nend\nprint b", ""),
            ("while true\nrepeat 2\nbreak\nend\nend\nprint b", "unreachable 6"),
            ("repeat 2\nif a == b\nbreak\nelse\ncontinue\nend\nprint b\nend", "unreachable 7"),
            ("repeat 2\nif a == b\nbreak\nend\nprint b\nend", ""),
        ]);
    }

    #[test]
    fn what_is_never_closed() {
        check(&[
            ("s = socket\ns.bind a 0", "never-closed 1"),
            ("s = socket\ns.bind a 0\ns.close", ""),
            ("s = socket\nt = socket\nt.close", "never-closed 1"),
            ("socket\nbind a 0\nclose", ""),
            ("socket\nbind a 0", "never-closed 1"),
            ("a, b = socketpair\na.close", "never-closed 1"),
            ("a, b = socketpair\nexpect 1 == 1", ""),
            ("s = socket\ndef f x\nend\nf $s", ""),
            ("l = socket\nl.listen\nwhile true\nl.accept\nend", "never-closed 1, socket-leak 4"),
            ("l = socket\nl.listen\nwhile true\nc = l.accept\nc.close\nend\nl.close", "unreachable 7"),
        ]);
    }

    #[test]
    fn one_recv_is_not_a_message() {
        let client = |rest: &str| format!("s = socket inet stream\ns.connect h 80\n{rest}\ns.close");
        for (rest, want) in [
            ("d = s.recv 5\nexpect $d == hello", "one-recv 3"),
            ("s.recv 5\nexpect ${_.len} == 5", "one-recv 3"),
            ("s.recv\nlet n = ${_.int}", "one-recv 3"),
            ("d = s.recv 4\nunpack u32be $d", "one-recv 3"),
            ("d = s.recv\nexpect $d contains hello", ""),
            ("d = s.recvexact 5\nexpect $d == hello", ""),
            ("d = s.recv 5 --waitall\nexpect $d == hello", ""),
            ("d = s.recv 1\nexpect $d == h", ""),
            ("repeat 5\nd = s.recv 5\nexpect $d == hello\nend", ""),
        ] {
            assert_eq!(warned(&client(rest)).join(", "), want, "{rest}");
        }
        check(&[
            ("socket inet dgram\nconnect h 9\nd = recv 5\nexpect $d == hello\nclose", ""),
            ("a, b = socketpair\nd = b.recv 5\nexpect $d == hello", ""),
        ]);
    }

    #[test]
    fn what_a_thread_changes_for_itself() {
        check(&[
            ("let n = 0\nspawn w\nlet n = 1\nend\nwait w\nexpect $n == 1", "lost-in-thread 3"),
            ("let n = 0\nspawn w\nlet n = 1\nend\nwait w\nprint $(slice x ${n})", "lost-in-thread 3"),
            ("share n = 0\nspawn w\nlet n = 1\nend\nwait w\nexpect $n == 1", ""),
            ("let n = 0\nspawn w\nlet n = 1\nend\nlet n = 2\nexpect $n == 2", ""),
            ("let n = 0\nspawn w\nlet m = 1\nreturn $m\nend\nn = wait w\nexpect $n == 1", ""),
        ]);
    }

    #[test]
    fn ports_and_sleeps() {
        check(&[
            ("socket\nbind h 8998\nlisten\nclose", ""),
            ("socket\nbind h 8998\nexpect 1 == 1\nclose", "fixed-port 2"),
            ("socket\nbind h 0\nexpect 1 == 1\nclose", ""),
            ("socket\nbind h $p\nexpect 1 == 1\nclose", ""),
            ("socket\nsleep 1\nconnect h 80\nclose", "sleep-for-peer 2"),
            ("a, b = socketpair\nsleep 1\nb.recv\nexpect a", "sleep-for-peer 2"),
            ("a, b = socketpair\nsleep 1\nb.recv --dontwait\nexpect a", ""),
            ("socket\nsleep 1\nclose", ""),
        ]);
    }

    #[test]
    fn a_dollar_in_quotes() {
        check(&[
            ("let who = x\nprint \"hola $who\" 'y $who'", "quoted-name 2, quoted-name 2"),
            ("let who = x\nprint \"${who} \\$who\" r'$who' $who", ""),
            ("let who = x\nprint a\"$who\"", "quoted-name 2"),
            ("let who = x\nprint \"$whom $4\"", ""),
            ("let who = x\nprint <<END\n$who\nEND\nprint <<'END'\n$who\nEND", "quoted-name 3"),
            ("def greet who\nprint \"hola $who\"\nend", "quoted-name 2"),
        ]);
    }

    #[test]
    fn a_command_that_is_text() {
        check(&[
            ("let x = now\nprint $x", "bare-command 1"),
            ("let x = \"now\"\nlet how = close\nx = now\nprint $x $how", ""),
        ]);
    }

    #[test]
    fn news_that_nobody_sees() {
        check(&[
            ("s = socket inet dgram\nsetsockopt recvttl true\nrecvfrom\nclose\n", "unseen-news 2"),
            (
                "s = socket inet dgram\nsetsockopt SOL_SOCKET SO_TIMESTAMP 1\nrecvfrom\nclose\n",
                "unseen-news 2",
            ),
            ("s = socket inet dgram\nsetsockopt recvttl true\ndata, m = recvmsg\nclose\n", ""),
            ("s = socket inet dgram\nsetsockopt ttl 5\nrecvfrom\nclose\n", ""),
        ]);
    }

    #[test]
    fn calls_that_cannot_succeed() {
        check(&[
            ("socket\nbind h 0\naccept\nclose", "not-listening 3"),
            ("socket\nbind h 0\nlisten\naccept\nclose\nclose", ""),
            ("s = socket\nt = socket\ns.connect h 80\nt.sendall x\ns.close\nt.close", "not-connected 4"),
            ("socket inet dgram\nbind h 0\nrecv\nclose", ""),
            ("a, b = socketpair\nrecv\nclose", ""),
            ("a = socket\nb = socket\nuse a\nconnect h 80\nsend x\nclose\nsend x\nclose", "not-connected 7"),
            ("socket\ntry\nrecv\nexcept\nend\nrecv\nclose", ""),
        ]);
    }
}
