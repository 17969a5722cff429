//! Expressions and conditions as Python: the grammar is that of `command::formula`, on words that it has accepted.

use super::Writer;
use super::code::{self, Code, Type, text_literal};
use super::operand::Got;
use crate::command::condition::text_length;
use crate::text::words::Word;
use crate::value::errno::Caught;
use crate::value::{Value, word_int};

/// The operators between two numbers: what is typed, Python's, how tightly it binds here and there.
const BINARY: &[(&str, &str, u8, u8)] = &[
    ("min", "min", 0, 0),
    ("max", "max", 0, 0),
    ("|", "|", 1, 7),
    ("^", "^", 2, 8),
    ("&", "&", 3, 9),
    ("<<", "<<", 4, 10),
    (">>", ">>", 4, 10),
    ("+", "+", 5, 11),
    ("-", "-", 5, 11),
    ("*", "*", 6, 12),
    ("/", "//", 6, 12),
    ("%", "%", 6, 12),
];

/// The level of Python's signs.
const SIGN: u8 = 15;

/// The names that a pattern's groups give, each with its group.
pub type Groups = Vec<(String, String)>;

struct Reader<'w, 't> {
    words: &'w [Word<'t>],
    at: usize,
    conditions: bool,
    groups: Groups,
}

/// What was read: a word by itself may still be letters.
struct Node<'w, 't> {
    code: Code,
    word: Option<&'w Word<'t>>,
    is_condition: bool,
}

impl<'w, 't> Reader<'w, 't> {
    fn peek(&self) -> Option<&'w Word<'t>> {
        self.words.get(self.at)
    }

    fn peek_is(&self, text: &str) -> bool {
        self.peek().is_some_and(|word| word.is(text))
    }

    fn skip(&mut self, text: &str) -> bool {
        let is = self.peek_is(text);
        self.at += usize::from(is);
        is
    }
}

impl Writer<'_> {
    /// One expression out of words, and how many of them it took.
    pub fn expression(&mut self, words: &[Word<'_>]) -> Got<(Code, usize)> {
        let mut reader = Reader { words, at: 0, conditions: false, groups: Vec::new() };
        let node = self.sum(&mut reader, 0)?;
        Ok((node.code, reader.at))
    }

    /// A condition, the names that its patterns give, and how many words it took.
    pub fn condition(&mut self, words: &[Word<'_>]) -> Got<(String, Groups, usize)> {
        self.founds = 0;
        let mut reader = Reader { words, at: 0, conditions: true, groups: Vec::new() };
        let node = self.any(&mut reader)?;
        Ok((self.truth(node)?.text, reader.groups, reader.at))
    }

    fn any<'w, 't>(&mut self, reader: &mut Reader<'w, 't>) -> Got<Node<'w, 't>> {
        self.between(reader, "or", 1, Writer::all)
    }

    fn all<'w, 't>(&mut self, reader: &mut Reader<'w, 't>) -> Got<Node<'w, 't>> {
        self.between(reader, "and", 2, Writer::not)
    }

    fn between<'w, 't>(
        &mut self,
        reader: &mut Reader<'w, 't>,
        word: &str,
        level: u8,
        read: fn(&mut Self, &mut Reader<'w, 't>) -> Got<Node<'w, 't>>,
    ) -> Got<Node<'w, 't>> {
        let mut node = read(self, reader)?;
        while reader.skip(word) {
            let left = self.truth(node)?.above(level);
            let right = read(self, reader)?;
            let right = self.truth(right)?.above(level + 1);
            node = truth_node(Code::level(format!("{left} {word} {right}"), Type::Flag, level));
        }
        Ok(node)
    }

    fn not<'w, 't>(&mut self, reader: &mut Reader<'w, 't>) -> Got<Node<'w, 't>> {
        if !reader.skip("not") {
            return self.comparison(reader);
        }
        let groups = reader.groups.len();
        let inner = self.not(reader)?;
        // Under `not` a pattern gives no names.
        reader.groups.truncate(groups);
        let inner = self.truth(inner)?;
        Ok(truth_node(negated(&inner)))
    }

    fn comparison<'w, 't>(&mut self, reader: &mut Reader<'w, 't>) -> Got<Node<'w, 't>> {
        let left = self.sum(reader, 0)?;
        if !reader.conditions || left.is_condition {
            return Ok(left);
        }
        let ends = |w: &Word<'_>| ["and", "or", ")", "else"].iter().any(|t| w.is(t));
        let Some(middle) = reader.peek().filter(|w| !ends(w)) else { return Ok(left) };
        let is_negated = middle.is("not");
        if is_negated {
            reader.at += 1;
        }
        let Some(operator) = reader.peek().and_then(|w| w.bare()) else { return Ok(left) };
        reader.at += 1;
        let groups = reader.groups.len();
        let code = match operator {
            "empty" => self.empty(&left.code),
            "open" | "closed" => {
                let socket = match left.word.and_then(|w| w.bare()) {
                    Some(name) => code::name(name),
                    None => left.code.tight(),
                };
                let sign = if operator == "open" { ">=" } else { "<" };
                Code::level(format!("{socket}.fileno() {sign} 0"), Type::Flag, Code::COMPARISON)
            }
            _ => {
                let right = self.sum(reader, 0)?;
                self.compare(&left, operator, &right, &mut reader.groups)?
            }
        };
        if is_negated {
            reader.groups.truncate(groups);
        }
        Ok(truth_node(if is_negated { negated(&code) } else { code }))
    }

    fn empty(&mut self, code: &Code) -> Code {
        match code.of {
            Type::Bytes | Type::Line | Type::List | Type::Map => {
                Code::level(format!("not {}", code.above(Code::COMPARISON)), Type::Flag, 3)
            }
            _ => Code::atom(format!("{}({})", self.helper("empty"), code.text), Type::Flag),
        }
    }

    fn compare(
        &mut self,
        left: &Node<'_, '_>,
        operator: &str,
        right: &Node<'_, '_>,
        groups: &mut Groups,
    ) -> Got<Code> {
        let comparison = |text| Code::level(text, Type::Flag, Code::COMPARISON);
        let (a, b) = (&left.code, &right.code);
        let level = Code::COMPARISON + 1;
        let numbers = is_number(a.of) && is_number(b.of);
        let is_length = |node: &Node<'_, '_>| {
            let bare = node.word.and_then(|word| word.bare());
            bare.is_some_and(|text| text_length(text.as_bytes()).is_some())
        };
        Ok(match operator {
            "==" | "!=" if is_length(left) || is_length(right) => {
                let same = format!("{}({}, {})", self.helper("same_time"), a.text, b.text);
                let same = Code::atom(same, Type::Flag);
                if operator == "==" { same } else { negated(&same) }
            }
            "==" | "!=" => {
                let direct = numbers
                    || a.of == Type::Bytes && b.of == Type::Bytes
                    || is_text_beside(left, right)
                    || is_text_beside(right, left);
                if direct {
                    return Ok(comparison(format!("{} {operator} {}", a.above(level), b.above(level))));
                }
                if a.of == Type::Socket && b.of == Type::Socket {
                    let sign = if operator == "==" { "is" } else { "is not" };
                    return Ok(comparison(format!("{} {sign} {}", a.above(level), b.above(level))));
                }
                let same = Code::atom(format!("{}({}, {})", self.helper("same"), a.text, b.text), Type::Flag);
                if operator == "==" { same } else { negated(&same) }
            }
            "<" | "<=" | ">" | ">=" if numbers => {
                comparison(format!("{} {operator} {}", a.above(level), b.above(level)))
            }
            "<" | "<=" | ">" | ">=" => {
                comparison(format!("{}({}, {}) {operator} 0", self.helper("order"), a.text, b.text))
            }
            "contains" => {
                let part = self.side(right, a.of)?;
                if a.of == Type::Bytes && part.of == Type::Bytes {
                    comparison(format!("{} in {}", part.above(level), a.above(level)))
                } else {
                    Code::atom(format!("{}({}, {})", self.helper("contains"), a.text, part.text), Type::Flag)
                }
            }
            "startswith" | "endswith" => {
                let part = self.side(right, Type::Bytes)?;
                let (whole, part) = (self.octets(a), self.octets(&part));
                Code::atom(format!("{}.{operator}({})", whole.tight(), part.text), Type::Flag)
            }
            _ => {
                let regex = self.side(right, Type::Bytes)?;
                let (whole, regex) = (self.octets(a), self.octets(&regex));
                let found = format!("{}({}).search({})", self.helper("pattern"), regex.text, whole.text);
                let literal = right.word.and_then(|w| w.literal());
                right.word.map_or(Ok(()), pattern)?;
                let names = literal.map(group_names).unwrap_or_default();
                if names.is_empty() {
                    return Ok(comparison(format!("{found} is not None")));
                }
                // Each pattern of a condition has its own.
                self.founds += 1;
                let own = if self.founds == 1 { "found".into() } else { format!("found_{}", self.founds) };
                // What a lambda gives a name is its own.
                let (kept, whole) = match self.in_lambda {
                    false => (own.clone(), format!("(found := {found})").replacen("found", &own, 1)),
                    true => {
                        let kept = format!("found[\"{own}\"]");
                        (kept.clone(), format!("(found.update({own}={found}) or {kept})"))
                    }
                };
                groups.extend(names.into_iter().map(|name| {
                    let group = format!("{kept} and {kept}[{}]", text_literal(&name));
                    (name, group)
                }));
                comparison(format!("{whole} is not None"))
            }
        })
    }

    /// A side whose bare word is letters, beside a value of this kind.
    fn side(&mut self, node: &Node<'_, '_>, beside: Type) -> Got<Code> {
        match node.word {
            Some(word) if word.bare().is_some() && !matches!(beside, Type::List | Type::Map | Type::Any) => {
                self.letters(word)
            }
            _ => Ok(node.code.clone()),
        }
    }

    fn truth(&mut self, node: Node<'_, '_>) -> Got<Code> {
        if node.is_condition {
            return Ok(node.code);
        }
        match node.word.and_then(|w| w.bare()) {
            Some("true") => Ok(Code::atom("True", Type::Flag)),
            Some("false") => Ok(Code::atom("False", Type::Flag)),
            _ => {
                // `expect TEXT`
                let last = self.helper("last");
                let text = match node.word {
                    Some(word) => self.letters(word)?,
                    None => node.code,
                };
                Ok(Code::atom(format!("{}({last}, {})", self.helper("has_text"), text.text), Type::Flag))
            }
        }
    }

    fn sum<'w, 't>(&mut self, reader: &mut Reader<'w, 't>, least: u8) -> Got<Node<'w, 't>> {
        let mut left = self.operand(reader)?;
        loop {
            let found = reader.peek().and_then(|w| w.bare());
            let row = found.and_then(|text| BINARY.iter().find(|row| row.0 == text && row.2 >= least));
            let Some(&(_, sign, tight, level)) = row else { return Ok(left) };
            reader.at += 1;
            let right = self.sum(reader, tight + 1)?;
            let (a, b) = (self.number(&left.code), self.number(&right.code));
            let code = match level {
                0 => Code::atom(format!("{sign}({}, {})", a.text, b.text), Type::Int),
                _ => {
                    Code::level(format!("{} {sign} {}", a.above(level), b.above(level + 1)), Type::Int, level)
                }
            };
            let code = if self.may_overflow(sign, &a, &b) {
                Code::atom(format!("{}({})", self.helper("int64"), code.text), Type::Int)
            } else {
                code
            };
            left = Node { code, word: None, is_condition: false };
        }
    }

    fn operand<'w, 't>(&mut self, reader: &mut Reader<'w, 't>) -> Got<Node<'w, 't>> {
        let Some(word) = reader.peek() else {
            return Err(say!(en "an operand is missing", es "falta un operando"));
        };
        reader.at += 1;
        let follows = reader.peek().is_some_and(|w| !["and", "or", ")", "else"].iter().any(|t| w.is(t)));
        match word.bare() {
            Some("(") => {
                let node = if reader.conditions { self.any(reader)? } else { self.sum(reader, 0)? };
                reader.skip(")");
                Ok(node)
            }
            Some(sign @ ("-" | "~" | "+")) if follows => {
                let right = self.operand(reader)?;
                let right = self.number(&right.code);
                let code = Code::level(format!("{sign}{}", right.above(SIGN)), Type::Int, SIGN);
                Ok(Node { code, word: None, is_condition: false })
            }
            Some(flag @ ("true" | "false")) => {
                let text = if flag == "true" { "True" } else { "False" };
                Ok(Node { code: Code::atom(text, Type::Flag), word: Some(word), is_condition: false })
            }
            _ => Ok(Node { code: self.value(word)?, word: Some(word), is_condition: false }),
        }
    }

    /// May the result have more than 64 bits? A count that goes up by a small step does not, unless the script has large
    /// numbers to begin with.
    fn may_overflow(&self, sign: &str, left: &Code, right: &Code) -> bool {
        let is_small = |code: &Code| code.text.parse::<i64>().is_ok_and(|n| n.unsigned_abs() < 1 << 31);
        let has_small = is_small(left) || is_small(right);
        match sign {
            "+" | "-" => self.effects.has_large || !has_small,
            "*" => !(is_small(left) && is_small(right)),
            "<<" => !(is_small(left) && right.text.parse::<u32>().is_ok_and(|n| n < 32)),
            _ => false,
        }
    }

    /// A value as a number.
    pub fn number(&mut self, code: &Code) -> Code {
        match code.of {
            Type::Int | Type::Flag => code.clone(),
            _ => Code::atom(format!("{}({})", self.helper("count"), code.text), Type::Int),
        }
    }
}

fn is_number(of: Type) -> bool {
    matches!(of, Type::Int | Type::Flag)
}

/// Is the first a literal that is neither a number nor the name of an error nor empty, and the other bytes or nothing?
fn is_text_beside(literal: &Node<'_, '_>, other: &Node<'_, '_>) -> bool {
    let text = literal.word.and_then(|w| w.literal());
    let plain = text.is_some_and(|bytes| {
        let text = std::str::from_utf8(bytes).unwrap_or("x");
        !bytes.is_empty()
            && !matches!(crate::command::expr::bare_value(text), Value::Int(_))
            && word_int(text).is_none()
    });
    plain && matches!(other.code.of, Type::Line)
        || plain && other.code.of == Type::Bytes && literal.code.of == Type::Bytes
}

fn truth_node<'w, 't>(code: Code) -> Node<'w, 't> {
    Node { code, word: None, is_condition: true }
}

/// `not X`, or X where that is a `not` itself.
fn negated(code: &Code) -> Code {
    match code.text.strip_prefix("not ") {
        Some(inner) if code.level == 3 => Code::level(inner, Type::Flag, Code::COMPARISON),
        _ => Code::level(format!("not {}", code.above(Code::COMPARISON)), Type::Flag, 3),
    }
}

/// The mistake of a word that is a pattern which Python would read otherwise.
pub fn pattern(word: &Word<'_>) -> Got<()> {
    match word.literal().is_some_and(has_sets) {
        false => Ok(()),
        true => Err(say!(
            en "Python's patterns have no such sets of characters",
            es "los patrones de Python no tienen conjuntos de caracteres así"
        )),
    }
}

/// Has a pattern what Python reads otherwise: sets within sets, and what is between two of them, or properties?
fn has_sets(regex: &[u8]) -> bool {
    let text = String::from_utf8_lossy(regex);
    // `[:alpha:]` is taken apart by the program.
    let mut inside = false;
    let mut rest = text.char_indices();
    while let Some((at, c)) = rest.next() {
        let next = &text[at + c.len_utf8()..];
        match c {
            '\\' if next.starts_with(['p', 'P']) => return true,
            '\\' => {
                rest.next();
            }
            '[' if !inside => {
                inside = true;
                // A bracket that stands first is itself.
                let first = next.trim_start_matches('^');
                if first.starts_with(']') {
                    rest.by_ref().find(|(_, c)| *c == ']');
                }
            }
            '[' if next.starts_with(':') => {
                rest.by_ref().find(|(_, c)| *c == ']');
            }
            '[' => return true,
            ']' => inside = false,
            '&' | '-' | '~' if inside && next.starts_with(c) => return true,
            _ => {}
        }
    }
    false
}

/// The names of a pattern's groups.
fn group_names(regex: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(regex);
    let names = text.split("(?").skip(1).filter_map(|rest| {
        let name = rest.strip_prefix('P').unwrap_or(rest).strip_prefix('<')?.split('>').next()?;
        crate::text::words::is_name(name).then(|| name.to_string())
    });
    names.collect()
}

/// Is it the name of an error or of a class of errors?
pub fn is_error(text: &str) -> bool {
    Caught::from_name(text).is_some()
}
