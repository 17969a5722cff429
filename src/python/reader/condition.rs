//! Conditions: comparisons and their chains, `and`, `or`, `not`, `in`, and what is true by itself.

use ruff_python_ast::{BoolOp, CmpOp, Expr, Number, UnaryOp};

use super::Line;
use super::mark;
use super::operand::{Form, Kind, Operand};
use super::pass::{Pass, Said};

/// A condition of `if` and `while`.
#[derive(Clone, Debug)]
pub struct Condition {
    pub text: String,
    /// How loosely it binds: 0 a comparison, 1 `not`, 2 `and`, 3 `or`.
    level: u8,
}

impl Condition {
    pub fn of(text: impl Into<String>) -> Condition {
        Condition { text: text.into(), level: 0 }
    }

    /// Where something binds as tightly as `level`.
    fn within(&self, level: u8) -> String {
        if self.level > level { format!("({})", self.text) } else { self.text.clone() }
    }

    /// The other of two that are opposite: `empty`, `not empty`; `==`, `!=`.
    fn opposite(&self) -> Option<String> {
        const PAIRS: &[(&str, &str)] = &[
            (" not empty", " empty"),
            (" not contains ", " contains "),
            (" == ", " != "),
            (" <= ", " > "),
            (" >= ", " < "),
        ];
        let swap = |(a, b): &(&str, &str)| {
            let (from, to) = if self.text.contains(a) { (a, b) } else { (b, a) };
            (self.text.matches(from).count() == 1).then(|| self.text.replacen(from, to, 1))
        };
        PAIRS.iter().find_map(swap)
    }

    pub fn negated(&self) -> Condition {
        match self.text.strip_prefix("not ") {
            Some(rest) if self.level == 1 => {
                let inner = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
                Condition {
                    text: inner.unwrap_or(rest).to_string(),
                    level: if inner.is_some() { 3 } else { 0 },
                }
            }
            _ if self.level == 0 && !self.text.contains('"') && self.opposite().is_some() => {
                Condition::of(self.opposite().unwrap_or_default())
            }
            _ if self.text == "true" => Condition::of("false"),
            _ if self.text == "false" => Condition::of("true"),
            _ => Condition { text: format!("not {}", self.within(0)), level: 1 },
        }
    }
}

impl Pass<'_> {
    /// An expression as a condition. Lines that must run before it are pushed.
    pub fn condition(&mut self, expr: &Expr) -> Said<Condition> {
        self.deeper(|pass| pass.condition_of(expr))
    }

    fn condition_of(&mut self, expr: &Expr) -> Said<Condition> {
        match expr {
            Expr::BooleanLiteral(flag) => Ok(Condition::of(if flag.value { "true" } else { "false" })),
            Expr::NumberLiteral(number) => {
                let zero = match &number.value {
                    Number::Int(n) => n.as_i64() == Some(0),
                    Number::Float(n) => *n == 0.0,
                    Number::Complex { .. } => return Err(mark::FRACTIONS.into()),
                };
                Ok(Condition::of(if zero { "false" } else { "true" }))
            }
            Expr::UnaryOp(unary) if unary.op == UnaryOp::Not => Ok(self.condition(&unary.operand)?.negated()),
            Expr::BoolOp(either) => self.both(either.op, &either.values),
            Expr::Compare(compare) => {
                let mut parts: Vec<&Expr> = vec![&compare.left];
                parts.extend(compare.comparators.iter());
                let mut operands = self.in_order(&parts)?;
                // What stands between two comparisons is due once.
                for middle in 1..operands.len() - 1 {
                    operands[middle] = self.lifted(operands[middle].clone())?;
                }
                let mut all = Vec::new();
                for (at, op) in compare.ops.iter().enumerate() {
                    all.push(self.compared(&operands[at], *op, &operands[at + 1])?);
                }
                Ok(joined(all, BoolOp::And))
            }
            Expr::Call(call) => {
                if let Some(test) = self.test_call(call)? {
                    return Ok(test);
                }
                let value = self.value(expr)?;
                self.truth(&value)
            }
            Expr::Name(name) if &*name.id == "__debug__" => Ok(Condition::of("true")),
            _ => {
                let value = self.value(expr)?;
                self.truth(&value)
            }
        }
    }

    /// `a and b`, `a or b`. Where a later one needs lines of its own they run only if it is due.
    fn both(&mut self, op: BoolOp, values: &[Expr]) -> Said<Condition> {
        let mut tests = Vec::new();
        for value in values {
            let start = self.out.len();
            let test = self.condition(value)?;
            tests.push((self.take(start), test));
        }
        if tests.iter().skip(1).any(|(before, _)| !before.is_empty()) {
            return Ok(self.both_by_steps(op, tests));
        }
        let mut all = Vec::new();
        for (before, test) in tests {
            self.give(before);
            all.push(test);
        }
        Ok(joined(all, op))
    }

    /// The tests of `and` or `or`, each after the lines that it needs, where the ones before it have not decided.
    fn both_by_steps(&mut self, op: BoolOp, tests: Vec<(Vec<Line>, Condition)>) -> Condition {
        let name = self.temporary();
        self.push(format!("let {name} = 0"));
        let mut open = 0;
        let many = tests.len();
        for (at, (before, test)) in tests.into_iter().enumerate() {
            self.give(before);
            self.push(format!("if {}", test.text));
            self.indent += 1;
            open += 1;
            let last = at + 1 == many;
            if op == BoolOp::Or || last {
                self.push(format!("let {name} = 1"));
            }
            if op == BoolOp::Or && !last {
                self.indent -= 1;
                self.push("else");
                self.indent += 1;
            }
        }
        for _ in 0..open {
            self.indent -= 1;
            self.push("end");
        }
        Condition::of(format!("${name} == 1"))
    }

    /// `a OP b`.
    fn compared(&mut self, a: &Operand, op: CmpOp, b: &Operand) -> Said<Condition> {
        if matches!(op, CmpOp::In | CmpOp::NotIn) {
            if a.kind == Kind::Int && b.kind.is_bytes() {
                return Err(mark::no_line_for("n in bytes"));
            }
            match &b.kind {
                Kind::Map(keys, _) => self.note_key(keys, &a.kind),
                Kind::List(_) | Kind::Tuple(_) => {
                    self.note_equal(a, &Operand { kind: b.kind.item(None), ..b.clone() })
                }
                _ => {}
            }
            let (whole, part) = (self.side(b)?, self.side(a)?);
            let not = if op == CmpOp::NotIn { "not " } else { "" };
            return Ok(Condition::of(format!("{whole} {not}contains {part}")));
        }
        let same = matches!(op, CmpOp::Eq | CmpOp::Is);
        let equal = same || matches!(op, CmpOp::NotEq | CmpOp::IsNot);
        if equal && (a.kind == Kind::None || b.kind == Kind::None) {
            let value = if b.kind == Kind::None { a } else { b };
            if value.kind.may_be_empty() {
                self.changed(mark::NONE_IS_EMPTY);
            }
            let side = self.side(value)?;
            let not = if same { "" } else { "not " };
            return Ok(Condition::of(format!("{side} {not}empty")));
        }
        let nothing = |pass: &Self, a: &Operand, b: &Operand| pass.may_be_none(a) && b.kind.may_be_empty();
        if equal && (nothing(self, a, b) || nothing(self, b, a)) {
            self.changed(mark::NONE_IS_EMPTY);
        }
        if equal && b.literal().is_some_and(|bytes| bytes.is_empty()) && a.kind.is_text() {
            let side = self.side(a)?;
            let not = if same { "" } else { "not " };
            return Ok(Condition::of(format!("{side} {not}empty")));
        }
        if equal && (a.kind == Kind::Bool || b.kind == Kind::Bool) {
            let flag = |operand: &Operand| match &operand.form {
                Form::Call(command) => command
                    .strip_prefix("json ")
                    .filter(|word| matches!(*word, "true" | "false"))
                    .map(String::from),
                _ => None,
            };
            if let Some(flag) = flag(b) {
                let side = self.side(a)?;
                return Ok(Condition::of(format!("{side} {} {flag}", if same { "==" } else { "!=" })));
            }
        }
        let (a, b) = self.times(a.clone(), b.clone())?;
        if a.kind == Kind::Float || b.kind == Kind::Float {
            return Err(mark::FRACTIONS.into());
        }
        if equal {
            self.note_equal(&a, &b);
        } else if a.kind.is_text() && has_digits(&b) || b.kind.is_text() && has_digits(&a) {
            self.changed(mark::TEXT_ORDER);
        }
        let sign = match op {
            CmpOp::Eq | CmpOp::Is => "==",
            CmpOp::NotEq | CmpOp::IsNot => "!=",
            CmpOp::Lt => "<",
            CmpOp::LtE => "<=",
            CmpOp::Gt => ">",
            CmpOp::GtE => ">=",
            CmpOp::In | CmpOp::NotIn => return Err(mark::NO_RESULT.into()),
        };
        let (a, b) = (self.side(&a)?, self.side(&b)?);
        Ok(Condition::of(format!("{a} {sign} {b}")))
    }

    /// Two values are compared that may be equal here and never are in Python.
    fn note_equal(&mut self, a: &Operand, b: &Operand) {
        let number = |kind: &Kind| matches!(kind, Kind::Int | Kind::Bool);
        // A number or a text: of what is not known only a text of digits alone tells that it was meant as one.
        let digits = |operand: &Operand| {
            let literal = operand.literal();
            literal.is_some_and(|bytes| !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit))
        };
        let either = |kind: &Kind| matches!(kind, Kind::Json | Kind::Unknown);
        if either(&a.kind) && (digits(b) || b.kind == Kind::Int)
            || either(&b.kind) && (digits(a) || a.kind == Kind::Int)
        {
            self.changed(mark::NUMBER_AND_TEXT);
        }
        if number(&a.kind) && b.kind.is_text() && has_digits(b)
            || a.kind.is_text() && number(&b.kind) && has_digits(a)
        {
            self.changed(mark::NUMBER_AND_TEXT);
        }
        if a.kind == Kind::Text && b.kind.is_bytes() || a.kind.is_bytes() && b.kind == Kind::Text {
            self.changed(mark::TEXT_AND_BYTES);
        }
    }

    /// Two operands of which one is a time: the other's seconds are nanoseconds then.
    pub fn times(&mut self, mut a: Operand, mut b: Operand) -> Said<(Operand, Operand)> {
        match (&a.kind, &b.kind) {
            (Kind::Clock, Kind::Clock) => {}
            (Kind::Clock, _) => b = self.nanoseconds(&b)?,
            (_, Kind::Clock) => a = self.nanoseconds(&a)?,
            _ => {}
        }
        Ok((a, b))
    }

    /// Seconds beside a time.
    pub fn nanoseconds(&mut self, seconds: &Operand) -> Said<Operand> {
        if let Form::Word(word) = &seconds.form {
            let n = word.parse::<f64>().ok().map(|seconds| seconds * 1e9).filter(|n| n.abs() < 9e18);
            return n
                .map(|n| Operand { kind: Kind::Clock, ..Operand::int(n as i64) })
                .ok_or(mark::FRACTIONS.into());
        }
        if seconds.kind != Kind::Int {
            return Err(mark::FRACTIONS.into());
        }
        let term = self.term(seconds)?;
        Ok(Operand::new(Form::Sum(format!("{term} * 1000000000")), Kind::Clock))
    }

    /// A side of a comparison, which may be a sum.
    pub fn side(&mut self, operand: &Operand) -> Said<String> {
        match &operand.form {
            Form::Sum(sum) => Ok(sum.clone()),
            _ => self.word(operand),
        }
    }

    /// Whether a value is true by itself.
    pub fn truth(&mut self, value: &Operand) -> Said<Condition> {
        if let Form::Call(command) = &value.form {
            match command.as_str() {
                "json true" => return Ok(Condition::of("true")),
                "json false" | "json null" => return Ok(Condition::of("false")),
                _ => {}
            }
        }
        let value = if value.kind == Kind::Json { &self.lifted(value.clone())? } else { value };
        let none = self.may_be_none(value);
        let side = self.side(value)?;
        if matches!(value.kind, Kind::Int | Kind::Clock) && none {
            let tests = vec![format!("{side} not empty"), format!("{side} != 0")];
            return Ok(joined(tests.into_iter().map(Condition::of).collect(), BoolOp::And));
        }
        Ok(Condition::of(match &value.kind {
            Kind::Float => return Err(mark::FRACTIONS.into()),
            Kind::Int | Kind::Clock => format!("{side} != 0"),
            Kind::Bool => format!("{side} == true"),
            Kind::Text | Kind::Bytes(_) | Kind::List(_) | Kind::Map(..) | Kind::Tuple(_) | Kind::None => {
                format!("{side} not empty")
            }
            Kind::File { .. } => format!("{side} not empty"),
            Kind::Json => format!("{side} not empty and {side} != false and {side} != 0"),
            _ => {
                self.changed(mark::TRUTH);
                format!("{side} not empty")
            }
        }))
        .map(|test: Condition| if value.kind == Kind::Json { Condition { level: 2, ..test } } else { test })
    }
}

/// Whether a text may be one of digits, as far as is known.
fn has_digits(operand: &Operand) -> bool {
    operand.literal().is_none_or(|bytes| bytes.iter().any(u8::is_ascii_digit))
}

fn joined(mut all: Vec<Condition>, op: BoolOp) -> Condition {
    if all.len() == 1
        && let Some(only) = all.pop()
    {
        return only;
    }
    let (word, level) = if op == BoolOp::And { (" and ", 2) } else { (" or ", 3) };
    let text = all.iter().map(|test| test.within(level)).collect::<Vec<_>>().join(word);
    Condition { text, level }
}
