//! Arithmetic on 64-bit integers: the operators, how tightly they bind, and what they give.

use super::expr::{Expr, at_word};
use crate::session::Session;
use crate::text::diagnostic::Span;
use crate::value::Value;
use crate::value::errno::Class;
use crate::value::outcome::{CallError, Detail, Halt};

/// What is worked out of one integer or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Min,
    Max,
    Or,
    Xor,
    And,
    ShiftLeft,
    ShiftRight,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Negate,
    Invert,
    Keep,
}

/// The operators between two operands, with how tightly each binds: Python's order, and `min` and `max` loosest.
pub const BINARY: &[(&str, Operation, u8)] = &[
    ("+", Operation::Add, 5),
    ("-", Operation::Subtract, 5),
    ("*", Operation::Multiply, 6),
    ("/", Operation::Divide, 6),
    ("%", Operation::Remainder, 6),
    ("<<", Operation::ShiftLeft, 4),
    (">>", Operation::ShiftRight, 4),
    ("&", Operation::And, 3),
    ("|", Operation::Or, 1),
    ("^", Operation::Xor, 2),
    ("min", Operation::Min, 0),
    ("max", Operation::Max, 0),
];

/// The operators before one operand; they bind tighter than any between two.
pub const UNARY: &[(&str, Operation)] =
    &[("-", Operation::Negate), ("~", Operation::Invert), ("+", Operation::Keep)];

/// Every operator as it is typed.
pub fn operator_words() -> impl Iterator<Item = &'static str> {
    BINARY.iter().map(|row| row.0).chain(["~"])
}

/// An operation on what two expressions give, or one.
#[derive(Clone, Debug)]
pub struct Sum {
    pub operation: Operation,
    /// None for an operator that stands before its operand.
    pub left: Option<Expr>,
    pub right: Expr,
}

impl Sum {
    /// From its first word to its last.
    pub fn span(&self, sign: Span) -> Span {
        self.left.as_ref().map_or(sign, |left| left.span).to(self.right.span)
    }

    /// The result, each time the line runs.
    pub fn value(&self, whole: Span, session: &mut Session) -> Result<Value, Box<Halt>> {
        let left = match &self.left {
            Some(left) => integer(left, session)?,
            None => 0,
        };
        let right = integer(&self.right, session)?;
        let result = operate(self.operation, left, right);
        result.map(Value::Int).map_err(|error| {
            let of_all = matches!(error.detail, Detail::Overflow);
            at_word(error.into(), if of_all { whole } else { self.right.span })
        })
    }
}

fn integer(expr: &Expr, session: &mut Session) -> Result<i64, Box<Halt>> {
    let value = expr.get(session)?;
    value.to_int().ok_or_else(|| {
        let detail =
            Detail::NotA { wanted: phrase!(en "an integer", es "un entero"), found: value.described() };
        at_word(CallError::class(Class::ValueError, detail).into(), expr.span)
    })
}

/// Division rounds down and a remainder has the divisor's sign, as in Python.
fn operate(operation: Operation, a: i64, b: i64) -> Result<i64, CallError> {
    let divides = matches!(operation, Operation::Divide | Operation::Remainder);
    if divides && b == 0 {
        return Err(CallError::class(Class::ZeroDivisionError, Detail::DivisionByZero));
    }
    if matches!(operation, Operation::ShiftLeft | Operation::ShiftRight) && b < 0 {
        let text = say!(en "a shift by {b} bits", es "un desplazamiento de {b} bits", b);
        return Err(CallError::class(Class::ValueError, Detail::Text(text)));
    }
    let result = match operation {
        Operation::Add => a.checked_add(b),
        Operation::Subtract => a.checked_sub(b),
        Operation::Multiply => a.checked_mul(b),
        Operation::Divide => {
            a.checked_div(b).map(|q| if a % b != 0 && (a < 0) != (b < 0) { q - 1 } else { q })
        }
        Operation::Remainder => {
            a.checked_rem(b).or(Some(0)).map(|r| if r != 0 && (r < 0) != (b < 0) { r + b } else { r })
        }
        Operation::ShiftLeft if a == 0 => Some(0),
        Operation::ShiftLeft if b >= 64 => None,
        Operation::ShiftLeft => i64::try_from(i128::from(a) << b).ok(),
        Operation::ShiftRight => Some(a >> b.min(63)),
        Operation::And => Some(a & b),
        Operation::Or => Some(a | b),
        Operation::Xor => Some(a ^ b),
        Operation::Min => Some(a.min(b)),
        Operation::Max => Some(a.max(b)),
        Operation::Negate => b.checked_neg(),
        Operation::Invert => Some(!b),
        Operation::Keep => Some(b),
    };
    result.ok_or_else(|| CallError::class(Class::OverflowError, Detail::Overflow))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_pythons() {
        for (a, text, b, want) in [
            (-7, "/", 2, Some(-4)),
            (-7, "%", 2, Some(1)),
            (7, "%", -2, Some(-1)),
            (i64::MIN, "/", -1, None),
            (i64::MIN, "%", -1, Some(0)),
            (1, "<<", 62, Some(1 << 62)),
            (1, "<<", 63, None),
            (-1, "<<", 63, Some(i64::MIN)),
            (0, "<<", 1000, Some(0)),
            (1, "<<", i64::MAX, None),
            (-5, ">>", 1, Some(-3)),
            (-5, ">>", 100, Some(-1)),
            (5, ">>", i64::MAX, Some(0)),
            (6, "&", 3, Some(2)),
            (6, "|", 3, Some(7)),
            (6, "^", 3, Some(5)),
            (6, "min", 3, Some(3)),
            (6, "max", 3, Some(6)),
            (i64::MAX, "+", 1, None),
            (i64::MIN, "-", 1, None),
            (i64::MAX, "*", 2, None),
        ] {
            let operation = BINARY.iter().find(|row| row.0 == text).map(|row| row.1).expect(text);
            assert_eq!(operate(operation, a, b).ok(), want, "{a} {text} {b}");
        }
        assert_eq!(operate(Operation::Negate, 0, i64::MIN).ok(), None);
        assert_eq!(operate(Operation::Invert, 0, 5).ok(), Some(-6));
        assert!(operate(Operation::ShiftLeft, 1, -1).is_err() && operate(Operation::Divide, 1, 0).is_err());
    }
}
