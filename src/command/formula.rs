//! Expressions and conditions out of the words of a line: operands, operators between them, parentheses.
//!
//! One grammar for both, for a `(` tells only at its end whether it holds a number or a condition:
//!
//! ```text
//! or: and { "or" and }      and: not { "and" not }      not: "not" not | comparison
//! comparison: sum [ ["not"] OPERATOR sum | ["not"] empty|open|closed ]
//! sum: operands with the operators of `arithmetic`      operand: WORD | "(" or ")" | -|~|+ operand
//! ```

use super::arithmetic::{self, Operation, Sum};
use super::condition::{self, Condition, Operator, Side, Test};
use super::expr::Expr;
use super::words::Words;
use crate::command;
use crate::text::diagnostic::{Diagnostic, Span, did_you_mean, suggest};
use crate::text::words::Word;
use crate::value::{Value, printed_int};
use crate::words::one_of;

/// Parentheses and signs inside one another, and operators in a row: what is longer is a mistake, and the stack has an
/// end.
const DEEPEST: usize = 100;

/// What was read of a formula.
enum Node<'a> {
    /// A word by itself: what it is is settled by what stands beside it.
    Word(&'a Word<'a>),
    Number(Expr),
    Condition(Condition, Span),
}

impl Node<'_> {
    fn span(&self) -> Span {
        match self {
            Node::Word(word) => word.span,
            Node::Number(expr) => expr.span,
            Node::Condition(_, span) => *span,
        }
    }
}

struct Formula<'f, 'a> {
    words: &'f mut Words<'a>,
    /// Conditions may stand here.
    conditions: bool,
    /// The names that the line gives a value: alone, such a word is its letters.
    own: &'f [String],
    depth: usize,
    operators: usize,
}

/// Reads an expression up to the end of the line. `own`: the names that the line gives a value.
pub fn expression(words: &mut Words<'_>, own: &[String]) -> Option<Expr> {
    let expr = part(words, own)?;
    match words.peek() {
        None => Some(expr),
        Some(word) => {
            not_an_operator(words, word, own.first().map(String::as_str));
            None
        }
    }
}

/// Reads one expression of several that stand in a row.
pub fn part(words: &mut Words<'_>, own: &[String]) -> Option<Expr> {
    let mut formula = Formula { words, conditions: false, own, depth: 0, operators: 0 };
    let node = formula.sum(0)?;
    formula.value(node)
}

/// Reads the rest of the line as a condition. `short`: it is one that `expect` takes, where one word alone is TEXT to be
/// contained in `$_`, and `else` ends it.
pub fn condition(words: &mut Words<'_>, short: bool) -> Option<Condition> {
    let alone = |words: &Words<'_>, at: usize| match words.peek_at(at + 1) {
        None => true,
        Some(next) => short && next.is("else"),
    };
    let is_truth = |word: &Word<'_>| word.is("true") || word.is("false");
    let negated = words.peek().is_some_and(|w| w.is("not"));
    if let Some(word) = words.peek_at(usize::from(negated)).filter(|w| !is_truth(w))
        && alone(words, usize::from(negated))
        && !word.is("(")
    {
        if negated {
            words.next_any();
        }
        words.next_any();
        if short {
            return Test::text(words, word, negated).map(Condition::Test);
        }
        one_word(words, word);
        return None;
    }
    if words.is_empty() {
        words.missing("condition");
        return None;
    }
    let mut formula = Formula { words, conditions: true, own: &[], depth: 0, operators: 0 };
    let node = formula.any()?;
    let condition = formula.truth(node)?;
    match words.peek() {
        Some(word) if !(short && word.is("else")) => {
            if word.is(")") {
                unopened(words, word.span);
            } else if condition::is_comparison(word) {
                let message = say!(
                    en "comparisons do not stand in a row", es "las comparaciones no van en cadena"
                );
                words.report(Diagnostic::new(word.span, message).help(say!(
                    en "join two with `and`: `1 < $n and $n < 5`", es "une dos con `and`: `1 < $n and $n < 5`"
                )));
            } else if word.is("&&") || word.is("||") {
                condition::no_operator(words, word);
            } else {
                return Some(condition);
            }
            None
        }
        _ => Some(condition),
    }
}

impl<'a> Formula<'_, 'a> {
    fn peek_is(&self, text: &str) -> bool {
        self.words.peek().is_some_and(|w| w.is(text))
    }

    fn any(&mut self) -> Option<Node<'a>> {
        self.joined("or", Condition::any, Formula::all)
    }

    fn all(&mut self) -> Option<Node<'a>> {
        self.joined("and", Condition::all, Formula::not)
    }

    /// Conditions with `and` or `or` between them.
    fn joined(
        &mut self,
        word: &str,
        join: fn(Vec<Condition>) -> Condition,
        read: fn(&mut Self) -> Option<Node<'a>>,
    ) -> Option<Node<'a>> {
        let first = read(self)?;
        if !self.peek_is(word) {
            return Some(first);
        }
        let mut span = first.span();
        let mut several = vec![self.truth(first)?];
        while let Some(operator) = self.words.peek().filter(|w| w.is(word)) {
            self.words.next_any();
            if self.words.is_empty() {
                self.missing_after(operator);
                return None;
            }
            let next = read(self)?;
            span = span.to(next.span());
            several.push(self.truth(next)?);
        }
        Some(Node::Condition(join(several), span))
    }

    fn not(&mut self) -> Option<Node<'a>> {
        let Some(word) = self.words.peek().filter(|w| w.is("not")) else { return self.comparison() };
        self.words.next_any();
        if self.words.is_empty() {
            self.missing_after(word);
            return None;
        }
        self.deeper(word.span)?;
        let node = self.not()?;
        self.depth -= 1;
        let span = word.span.to(node.span());
        Some(Node::Condition(self.truth(node)?.negate(), span))
    }

    /// A sum, or two with a comparison between them.
    fn comparison(&mut self) -> Option<Node<'a>> {
        let left = self.sum(0)?;
        if !self.conditions || matches!(left, Node::Condition(..)) {
            return Some(left);
        }
        let negated = self.peek_is("not");
        let Some(middle) = self.words.peek_at(usize::from(negated)) else {
            if negated {
                self.words.next_any();
            }
            return Some(left);
        };
        if !negated && (middle.is("and") || middle.is("or") || middle.is(")") || middle.is("else")) {
            return Some(left);
        }
        if negated {
            self.words.next_any();
        }
        let span = left.span();
        let text = middle.bare().unwrap_or("");
        if let Some(operator) = condition::unary(text) {
            self.words.next_any();
            let left = match left {
                Node::Word(word) if operator != Operator::Empty => {
                    super::param::read_socket(self.words, word)?.into()
                }
                node => self.side(node)?,
            };
            let test = Test::new(negated, operator, left, None);
            return Some(Node::Condition(Condition::Test(test), span.to(middle.span)));
        }
        let Some(operator) = condition::binary(text) else {
            condition::no_operator(self.words, middle);
            return None;
        };
        self.words.next_any();
        if self.words.is_empty() {
            let span = span.to(middle.span);
            let message =
                say!(en "something is missing after `{text}`", es "falta algo después de `{text}`", text);
            self.words.report(Diagnostic::new(span, message).unfinished());
            return None;
        }
        let right = self.sum(0)?;
        let span = span.to(right.span());
        let left = self.side(left);
        let right = self.side(right)?;
        let test = Test::compare(self.words, negated, operator, left?, right)?;
        Some(Node::Condition(Condition::Test(test), span))
    }

    /// Operands with the operators between them that bind at least so tightly.
    fn sum(&mut self, least: u8) -> Option<Node<'a>> {
        let mut left = self.operand()?;
        loop {
            let Some(word) = self.words.peek() else { return Some(left) };
            let row = word.bare().and_then(|text| arithmetic::BINARY.iter().find(|row| row.0 == text));
            let Some(&(_, operation, tight)) = row.filter(|row| row.2 >= least) else { return Some(left) };
            self.words.next_any();
            self.operators += 1;
            if self.operators > DEEPEST {
                self.too_long(word.span);
                return None;
            }
            if self.words.is_empty() {
                self.missing_after(word);
                return None;
            }
            let right = self.sum(tight + 1)?;
            let (left_number, right) = (self.number(left), self.number(right));
            left = self.make(operation, Some(left_number?), right?, word.span);
        }
    }

    fn make(&self, operation: Operation, left: Option<Expr>, right: Expr, sign: Span) -> Node<'a> {
        let sum = Sum { operation, left, right };
        Node::Number(Expr::sum(sum, sign))
    }

    fn operand(&mut self) -> Option<Node<'a>> {
        let word = self.words.next_any()?;
        match word.bare() {
            Some("(") => self.parentheses(word),
            Some(")") => {
                unopened(self.words, word.span);
                None
            }
            Some(text) => {
                let sign = arithmetic::UNARY.iter().find(|row| row.0 == text);
                // `== -` compares with a dash.
                match sign.filter(|_| self.operand_follows()) {
                    Some(&(_, operation)) => {
                        self.deeper(word.span)?;
                        let node = self.operand()?;
                        self.depth -= 1;
                        let right = self.number(node)?;
                        Some(self.make(operation, None, right, word.span))
                    }
                    None => {
                        self.refuse_run_together(word, text)?;
                        Some(Node::Word(word))
                    }
                }
            }
            None => Some(Node::Word(word)),
        }
    }

    fn operand_follows(&self) -> bool {
        self.words.peek().is_some_and(|w| !["and", "or", ")", "else"].iter().any(|t| w.is(t)))
    }

    /// What stands in parentheses, behind the `(`.
    fn parentheses(&mut self, open: &Word<'a>) -> Option<Node<'a>> {
        self.deeper(open.span)?;
        if self.words.is_empty() || self.peek_is(")") {
            let close = self.words.next_any().map_or(open.span, |w| w.span);
            self.words.report(Diagnostic::new(
                open.span.to(close),
                say!(en "nothing stands in these parentheses", es "no hay nada en estos paréntesis"),
            ));
            return None;
        }
        let node = if self.conditions { self.any()? } else { self.sum(0)? };
        self.depth -= 1;
        match self.words.peek() {
            Some(close) if close.is(")") => {
                self.words.next_any();
                let span = open.span.to(close.span);
                Some(match node {
                    Node::Number(expr) => Node::Number(expr.within(span)),
                    Node::Condition(condition, _) => Node::Condition(condition, span),
                    word => word,
                })
            }
            Some(other) => {
                let name = self.own.first().map(String::as_str);
                not_an_operator(self.words, other, name);
                None
            }
            None => {
                let message = say!(en "this `(` is never closed", es "este `(` nunca se cierra");
                let problem = Diagnostic::new(open.span, message).unfinished();
                self.words.report(problem.help(say!(
                    en "it ends with a `)` on the same line", es "termina con un `)` en la misma línea"
                )));
                None
            }
        }
    }

    /// One more inside another.
    fn deeper(&mut self, span: Span) -> Option<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            self.too_long(span);
            return None;
        }
        Some(())
    }

    fn too_long(&mut self, span: Span) {
        let message = say!(
            en "more than {most} operators or parentheses in one expression",
            es "más de {most} operadores o paréntesis en una expresión",
            most = DEEPEST
        );
        self.words.report(Diagnostic::new(span, message).help(say!(
            en "a part of it can be a `let` of its own", es "una parte puede ser un `let` aparte"
        )));
    }

    fn missing_after(&mut self, word: &Word<'_>) {
        let text = word.bare().unwrap_or("");
        let message =
            say!(en "something is missing after `{text}`", es "falta algo después de `{text}`", text);
        self.words.report(Diagnostic::new(word.span, message).unfinished());
    }

    /// `5-2`: between two integers an operator is meant.
    fn refuse_run_together(&mut self, word: &Word<'_>, text: &str) -> Option<()> {
        let Some(meant) = spaced(text) else { return Some(()) };
        let message =
            say!(en "operators have blanks around them", es "los operadores llevan espacios alrededor");
        self.words.report(Diagnostic::new(word.span, message).help(say!(
            en "write `{meant}`, or quote it if it is text",
            es "escribe `{meant}`, o ponlo entre comillas si es texto",
            meant
        )));
        None
    }

    /// An operand of arithmetic.
    fn number(&mut self, node: Node<'a>) -> Option<Expr> {
        match node {
            Node::Number(expr) => Some(expr),
            Node::Condition(_, span) => {
                not_a_value(self.words, span);
                None
            }
            Node::Word(word) => {
                self.words.refuse_name(word)?;
                let expr = Expr::read(self.words, word)?;
                if let Some(value) = expr.literal()
                    && value.to_int().is_none()
                {
                    let text = value.to_text();
                    let message = say!(en "`{text}` is not an integer", es "`{text}` no es un entero", text);
                    self.words.report(Diagnostic::new(word.span, message));
                    return None;
                }
                Some(expr)
            }
        }
    }

    /// A value, whatever its kind.
    fn value(&mut self, node: Node<'a>) -> Option<Expr> {
        match node {
            Node::Number(expr) => Some(expr),
            Node::Condition(_, span) => {
                not_a_value(self.words, span);
                None
            }
            Node::Word(word) => {
                if !word.bare().is_some_and(|text| self.own.iter().any(|name| name == text)) {
                    self.words.refuse_name(word)?;
                }
                Expr::read(self.words, word)
            }
        }
    }

    /// A side of a comparison.
    fn side(&mut self, node: Node<'a>) -> Option<Side> {
        match node {
            Node::Word(word) => Side::read(self.words, word),
            other => self.value(other).map(Side::from),
        }
    }

    /// A condition; `true` and `false` are such by themselves.
    fn truth(&mut self, node: Node<'a>) -> Option<Condition> {
        match node {
            Node::Condition(condition, _) => Some(condition),
            Node::Word(word) if word.is("true") || word.is("false") => {
                let left = Expr::constant(Value::flag(word.is("true")), word.span);
                Some(Condition::Test(Test::new(false, Operator::Always, left.into(), None)))
            }
            other => {
                let span = other.span();
                match self.words.peek() {
                    None => self.words.report(
                        Diagnostic::new(
                            span,
                            say!(en "an operator is due after this", es "después de esto va un operador"),
                        )
                        .help(condition::operators())
                        .unfinished(),
                    ),
                    Some(_) => condition_due(self.words, span),
                }
                None
            }
        }
    }
}

/// `5-2` as `5 - 2` and `~5` as `~ 5`, where nothing but integers and operators stands in it.
pub fn spaced(text: &str) -> Option<String> {
    let is_operator = |c: char| "+-*/%&|^<>".contains(c);
    if let Some(number) = text.strip_prefix('~') {
        return printed_int(number).map(|_| format!("~ {number}"));
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.contains(is_operator) || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut out = String::from(&text[..text.len() - digits.len()]);
    let mut rest = digits;
    while let Some(at) = rest.find(is_operator) {
        let length = rest[at..].find(|c| !is_operator(c))?;
        let (number, operator) = (&rest[..at], &rest[at..at + length]);
        printed_int(number)?;
        arithmetic::BINARY.iter().find(|row| row.0 == operator)?;
        out.push_str(&format!("{number} {operator} "));
        rest = &rest[at + length..];
    }
    printed_int(rest)?;
    Some(out + rest)
}

fn condition_due(words: &mut Words<'_>, span: Span) {
    words.report(
        Diagnostic::new(
            span,
            say!(
                en "a condition is due here, and this is a value",
                es "aquí va una condición, y esto es un valor"
            ),
        )
        .help(condition::examples()),
    );
}

fn one_word(words: &mut Words<'_>, word: &Word<'_>) {
    words.report(
        Diagnostic::new(
            word.span,
            say!(
                en "a condition is due here, and this is one word",
                es "aquí va una condición, y esto es una sola palabra"
            ),
        )
        .help(condition::examples())
        .unfinished(),
    );
}

fn not_a_value(words: &mut Words<'_>, span: Span) {
    let message = say!(en "a value is due here, and this is a condition", es "aquí va un valor, y esto es una condición");
    words.report(Diagnostic::new(span, message).help(say!(
        en "conditions stand in `if`, `while` and `expect`", es "las condiciones van en `if`, `while` y `expect`"
    )));
}

fn unopened(words: &mut Words<'_>, span: Span) {
    let message = say!(en "a `)` without its `(`", es "un `)` sin su `(`");
    words.report(
        Diagnostic::new(span, message)
            .help(say!(en "quote it, if it is text", es "ponlo entre comillas, si es texto")),
    );
}

/// Where an operator should stand, another word does. `name`: to which the line gives a value.
fn not_an_operator(words: &mut Words<'_>, word: &Word<'_>, name: Option<&str>) {
    if word.is(")") {
        return unopened(words, word.span);
    }
    let problem = Diagnostic::new(word.span, say!(en "an operator is due here", es "aquí va un operador"));
    let known = one_of(arithmetic::operator_words());
    let text = word.bare().unwrap_or("");
    let previous = words.previous().and_then(Word::bare);
    let problem = match (text, name) {
        ("**", _) => problem.help(say!(en "there is no power; multiply", es "no hay potencias; multiplica")),
        ("//", _) => problem.help(did_you_mean("/")),
        ("=", None) => problem.help(say!(
            en "to give a name a value write `let NAME = VALUE`, the name without `$`",
            es "para dar un valor a un nombre escribe `let NAME = VALUE`, el nombre sin `$`"
        )),
        _ if condition::is_comparison(word) || matches!(text, "and" | "or" | "not") => problem.help(say!(
            en "conditions stand in `if`, `while` and `expect`",
            es "las condiciones van en `if`, `while` y `expect`"
        )),
        (_, Some(name)) if previous.and_then(command::find).is_some() => problem.help(say!(
            en "to keep a command's result write `{name} = …`, without `let`",
            es "para guardar el resultado de un comando escribe `{name} = …`, sin `let`",
            name
        )),
        _ => problem.help(suggest(text, ["min", "max"]).unwrap_or_else(|| {
            say!(
                en "the operators are {known}; text with spaces is quoted",
                es "los operadores son {known}; un texto con espacios va entre comillas",
                known
            )
        })),
    };
    words.report(problem);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_that_run_together_are_told_apart() {
        for (text, want) in [
            ("5-2", Some("5 - 2")),
            ("-5+2", Some("-5 + 2")),
            ("1<<3", Some("1 << 3")),
            ("2026-11-26", Some("2026 - 11 - 26")),
            ("-5", None),
            ("5", None),
            ("a-b", None),
            ("5-b", None),
            ("007-1", None),
            ("10.0.0.0/8", None),
            ("1**2", None),
            ("5-", None),
        ] {
            assert_eq!(spaced(text).as_deref(), want, "{text}");
        }
    }
}
