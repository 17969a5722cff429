//! What another language's habit makes of a line: text glued to quotes, parentheses, commas, a colon, an operator.
//! Each is a mistake with the line that was meant, because it would run and mean something else, or fail late.

use std::net::Ipv6Addr;

use crate::command::row::{Command, Does, Kind};
use crate::session::names::Scope;
use crate::text::diagnostic::{Diagnostic, Source, Span};
use crate::text::forms::{BINDS, Keyword, SHARES, takes_expression};
use crate::text::parse::plain;
use crate::text::tree::Line;
use crate::text::words::{Part, Word, is_name};

/// Operators that stand between two operands, and do nothing in a list of words.
const OPERATORS: &[&str] = &["+", "-", "*", "/", "%", "^", "~", "!=", "**", "//"];

/// The first of these mistakes on a line, a block's first line included; `row` is the command of its name.
pub(super) fn slip(
    line: &Line<'_>,
    row: Option<&'static Command>,
    source: &Source,
    scope: &Scope,
) -> Option<Diagnostic> {
    if line.help || line.keyword == Some(Keyword::Fails) {
        // The words after `fails` are a line of their own.
        return None;
    }
    let row = row.filter(|_| line.keyword.is_none());
    let takes = |kind: Kind| row.is_some_and(|row| row.params.iter().any(|p| p.kind == kind));
    if takes(Kind::Program) {
        return None;
    }
    let slips = Slips { line, source, row };
    let prints = row.is_some_and(|row| row.does(Does::Prints));
    slips
        .parenthesis()
        .or_else(|| slips.colon())
        .or_else(|| slips.glued(scope))
        .or_else(|| slips.socket_first(scope))
        .or_else(|| if prints || takes(Kind::Data) { None } else { slips.comma() })
        .or_else(|| if prints || slips.joins_data() { slips.operator() } else { None })
}

struct Slips<'a> {
    line: &'a Line<'a>,
    source: &'a Source,
    row: Option<&'static Command>,
}

impl Slips<'_> {
    /// Is what follows joined to one piece of DATA?
    fn joins_data(&self) -> bool {
        let Some(row) = self.row else { return false };
        let mut kinds = row.params.iter().filter(|p| p.has_words()).map(|p| p.kind).rev();
        kinds.next() == Some(Kind::Data)
    }

    /// `if $x == 1:`
    fn colon(&self) -> Option<Diagnostic> {
        let keyword = self.line.keyword?;
        if !keyword.opens() && keyword.arm_of().is_none() {
            return None;
        }
        let last = self.line.words.last()?;
        let text = self.text(last);
        let before = text.strip_suffix(':').filter(|t| !t.is_empty())?;
        // In quotes, or an address, it is text.
        let quoted = last.quoted && !before.ends_with(['"', '\'']);
        if quoted || text.parse::<Ipv6Addr>().is_ok() || !last.glued && last.quoted {
            return None;
        }
        let span = Span { start: last.span.end - 1, ..last.span };
        let problem = Diagnostic::new(
            span,
            say!(en "a block's first line ends without `:`", es "la primera línea de un bloque no termina en `:`"),
        );
        Some(self.meant(problem))
    }

    /// `connect (localhost, 80)`, `int(5)`
    fn parenthesis(&self) -> Option<Diagnostic> {
        memchr::memchr(b'(', self.source.slice(self.line.span).as_bytes())?;
        // Where an expression is due they are words of their own.
        let own = |word: &Word<'_>| word.is("(") && self.takes_expression();
        let word = self.line.words.iter().find(|word| !own(word) && opens(self.first_text(word)))?;
        let text = self.first_text(word);
        let name = text.split('(').next().unwrap_or("");
        let problem = if name.is_empty() {
            Diagnostic::new(
                word.span,
                say!(en "words stand without parentheses", es "las palabras van sin paréntesis"),
            )
        } else {
            Diagnostic::new(
                word.span,
                say!(
                    en "`{name}(…)` is no call here: a line is a command and its words",
                    es "`{name}(…)` no es una llamada aquí: una línea es un comando y sus palabras",
                    name
                ),
            )
        };
        let Some(meant) = self.meant_call(name) else { return Some(self.meant(problem)) };
        Some(problem.help(write(&meant)))
    }

    /// Does the line hold expressions or a condition?
    fn takes_expression(&self) -> bool {
        let text = &*self.line.command.text;
        text.is_empty() || takes_expression(text) || self.line.keyword == Some(Keyword::Else)
    }

    /// What `let n = int(5)` and `for i in range(3):` are here.
    fn meant_call(&self, callee: &str) -> Option<String> {
        let whole = self.source.slice(self.line.span);
        let inside = whole.split_once(&format!("{callee}(")).filter(|_| !callee.is_empty())?.1;
        let inside = inside.split_once(')')?.0.trim();
        let target = self.line.words.first().and_then(Word::bare).unwrap_or("");
        match (self.line.keyword, callee) {
            (Some(Keyword::For), "range") if !inside.contains(',') => Some(format!("repeat {inside}")),
            (None, "len") if &*self.line.command.text == BINDS && is_name(inside.trim_start_matches('$')) => {
                Some(format!("let {target} = ${{{}.len}}", inside.trim_start_matches('$')))
            }
            (None, "int" | "str" | "bytes") if &*self.line.command.text == BINDS => {
                Some(format!("let {target} = {inside}"))
            }
            (None, name) if &*self.line.command.text == BINDS => {
                Some(format!("{target} = {name} {}", plain(inside)).trim_end().to_string())
            }
            _ => None,
        }
    }

    /// `"hola".encode()`, `f"n {x}"`, `x="hola"`
    fn glued(&self, scope: &Scope) -> Option<Diagnostic> {
        let word = self.line.words.iter().find(|word| word.glued)?;
        if self.line.keyword == Some(Keyword::Def) && self.first_text(word).contains('=') {
            return None;
        }
        // An argument by its name is told of with the signature of its `def`.
        let signature = scope.commands.get(&*self.line.command.text);
        if signature.is_some_and(|signature| signature.named_in(self.first_text(word)).is_some()) {
            return None;
        }
        let problem = Diagnostic::new(
            word.span,
            say!(en "text is glued to a quoted word", es "hay texto pegado a una palabra entre comillas"),
        );
        let text = self.text(word);
        let quote = text.find(['"', '\''])?;
        let (before, quoted) = text.split_at(quote);
        if before.eq_ignore_ascii_case("f") {
            return Some(problem.help(write(&quoted.replace("${", "{").replace('{', "${"))));
        }
        if let Some(name) = before.strip_suffix('=') {
            return Some(problem.help(write(&format!("{name} = {quoted}"))));
        }
        let mark = char::from(quoted.as_bytes().first().copied().unwrap_or(b'"'));
        let method = quoted.rsplit_once(mark).filter(|(_, rest)| rest.starts_with('.') && before.is_empty());
        if let Some((inside, _)) = method {
            return Some(problem.help(write(&format!("{inside}{mark}"))));
        }
        Some(problem.help(write(&format!("\"{}\"", shown(word)))))
    }

    /// `sendall a "hola"`
    fn socket_first(&self, scope: &Scope) -> Option<Diagnostic> {
        let row = self.row.filter(|row| row.shape.on_socket && self.line.socket.is_none())?;
        let named = |kind| matches!(kind, Kind::Socket | Kind::Sockets);
        if row.params.iter().any(|p| named(p.kind)) {
            return None;
        }
        let first = self.line.words.first()?;
        let name = first.bare().filter(|name| scope.is_socket(name))?;
        if self.joins_data() && self.line.words.len() == 1 {
            return None;
        }
        let rest = self.source.slice(Span { start: first.span.end, end: self.line.span.end });
        let problem = Diagnostic::new(
            first.span,
            say!(en "the socket stands before the command", es "el socket va delante del comando"),
        );
        Some(problem.help(write(&format!("{name}.{}{rest}", row.name))))
    }

    /// `connect localhost, 80`
    fn comma(&self) -> Option<Diagnostic> {
        let words = &self.line.words;
        let from = match self.line.keyword {
            // `for a, b in …`
            Some(Keyword::For) => words.iter().position(|w| w.is("in")).unwrap_or(0),
            // What is wrong with `let a, b = …` is another thing.
            None if [BINDS, SHARES].contains(&&*self.line.command.text) => {
                words.iter().position(|w| w.is("=")).unwrap_or(words.len())
            }
            _ => 0,
        };
        let followed = words.get(from..words.len().saturating_sub(1))?;
        let ends = |w: &&Word<'_>| w.bare().is_some_and(|t| t.len() > 1 && t.ends_with(','));
        let word = followed.iter().find(ends)?;
        let span = Span { start: word.span.end - 1, ..word.span };
        let problem =
            Diagnostic::new(span, say!(en "words stand without commas", es "las palabras van sin comas"));
        match self.python_list() {
            Some(line) => Some(problem.help(write(&line))),
            None => Some(self.meant(problem)),
        }
    }

    /// The line with `$(list 1 2)` in place of `[1, 2]`.
    fn python_list(&self) -> Option<String> {
        let line = self.source.slice(self.line.span);
        let open = self.line.words.iter().find(|word| self.text(word).starts_with('['))?;
        let close = self.line.words.iter().rfind(|word| self.text(word).ends_with(']'))?;
        let at = |place: u32| place.checked_sub(self.line.span.start).map(|at| at as usize);
        let (before, inside) = (at(open.span.start)?, at(open.span.start)? + 1..at(close.span.end)? - 1);
        let after = line.get(inside.end + 1..)?;
        Some(format!("{}$(list {}){after}", line.get(..before)?, plain(line.get(inside)?)))
    }

    /// `send $x + 1`
    fn operator(&self) -> Option<Diagnostic> {
        let value = |w: &Word<'_>| w.value().is_some();
        let number = |w: &Word<'_>| w.bare().is_some_and(|t| crate::value::word_int(t).is_some());
        let is_sum = |left, right| value(left) || value(right) || number(left) && number(right);
        // A dash between words is text, as it is typed.
        let stands =
            |text: &str, sum| OPERATORS.contains(&text) && (sum || text != "-" && !self.joins_data());
        let is_text = |left: &Word<'_>, right: &Word<'_>| {
            let known = |w: &Word<'_>| w.quoted && !w.glued || value(w);
            (left.quoted || right.quoted) && known(left) && known(right)
        };
        let [left, operator, right] = self.line.words.windows(3).find_map(|three| match three {
            [left, operator, right] if stands(operator.bare().unwrap_or(""), is_sum(left, right)) => {
                Some([left, operator, right])
            }
            _ => None,
        })?;
        let text = operator.bare().unwrap_or("");
        let problem = Diagnostic::new(
            operator.span,
            say!(en "`{text}` is no operator here", es "`{text}` no es un operador aquí", text),
        );
        if text == "+" && is_text(left, right) {
            let problem = Diagnostic { span: left.span.to(right.span), ..problem };
            return Some(problem.help(write(&format!("\"{}{}\"", shown(left), shown(right)))));
        }
        if !is_sum(left, right) {
            return Some(
                problem.help(phrase!(en "quote it, if it is text", es "ponlo entre comillas, si es texto")),
            );
        }
        let sum = format!("let n = {} {text} {}", self.text(left), self.text(right));
        let command =
            self.source.slice(Span { start: self.line.span.start, end: self.line.command.span.end });
        Some(problem.help(say!(
            en "write `{sum}`, and then `{command} $n`; text is quoted",
            es "escribe `{sum}` y después `{command} $n`; el texto va entre comillas",
            sum,
            command
        )))
    }

    /// The word as it is typed.
    fn text(&self, word: &Word<'_>) -> &str {
        self.source.slice(word.span)
    }

    /// What stands bare at its beginning.
    fn first_text<'w>(&'w self, word: &'w Word<'_>) -> &'w str {
        let text = self.text(word);
        let prefix = !text.starts_with(['"', '\'']);
        if prefix && (!word.quoted || word.glued) { text } else { "" }
    }

    /// The line without what does not belong there.
    fn meant(&self, problem: Diagnostic) -> Diagnostic {
        let text = self.source.slice(self.line.span);
        if text.contains('\n') { problem } else { problem.help(write(&plain(text))) }
    }
}

/// `write …`
fn write(line: &str) -> crate::words::Sentence {
    say!(en "write `{line}`", es "escribe `{line}`", line)
}

/// Does a word begin with `(` or `NAME(`?
fn opens(text: &str) -> bool {
    let name = text.split_once('(').map(|(name, _)| name);
    name.is_some_and(|name| name.is_empty() || name.split('.').all(is_name))
}

/// A word's text, its values as `${name}`.
fn shown(word: &Word<'_>) -> String {
    let part = |part: &Part<'_>| match part.bytes() {
        Some(bytes) => crate::text::literal::show(bytes).trim_matches('"').to_string(),
        None => match part {
            Part::Value(reference) => reference.braced(),
            _ => String::new(),
        },
    };
    word.parts().iter().map(part).collect()
}
