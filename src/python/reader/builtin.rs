//! What Python has from the start: `len`, `int`, `bytes`, `min`, `chr` and the like.

use ruff_python_ast::{Expr, ExprCall};

use super::expression::of_pieces;
use super::mark;
use super::operand::{Form, Kind, Operand, Piece};
use super::pass::{Pass, Said};

impl Pass<'_> {
    pub fn exit(&mut self, call: &ExprCall) -> Said<Operand> {
        let operands = self.arguments(call, 1)?;
        Ok(match operands.first() {
            None => Operand::act("exit"),
            Some(code) if code.kind == Kind::Text => {
                let word = self.word(code)?;
                Operand::act(format!("fail {word}"))
            }
            Some(code) => {
                let word = self.word(code)?;
                Operand::act(format!("exit {word}"))
            }
        })
    }

    /// A call of what Python has from the start; nothing where there is no line for it.
    pub fn builtin(&mut self, name: &str, call: &ExprCall) -> Said<Option<Operand>> {
        let first = |operands: &[Operand]| {
            operands.first().cloned().ok_or_else(|| mark::no_line_for(&format!("{name}()")))
        };
        Ok(Some(match name {
            "print" => {
                self.print(call)?;
                return Err(mark::NO_RESULT.into());
            }
            "input" => {
                let operands = self.arguments(call, 1)?;
                let mut line = String::from("input");
                if let Some(text) = operands.first() {
                    line.push(' ');
                    line.push_str(&self.word(text)?);
                }
                Operand::call(line, Kind::Text)
            }
            "len" => {
                if let [argument] = &*call.arguments.args
                    && self.dotted(argument).as_deref() == Some("sys.argv")
                {
                    return Err(mark::no_line_for("len(sys.argv)"));
                }
                let operands = self.arguments(call, 1)?;
                let value = first(&operands)?;
                self.length(value)?
            }
            "str" | "repr" | "ascii" => {
                let operands = match (self.keyword(call, "encoding"), call.arguments.args.len()) {
                    (None, 0..=1) => self.arguments(call, 1)?,
                    (None, 2) => {
                        let operands = self.arguments(call, 2)?;
                        return self.decoded(operands[0].clone(), operands[1].literal()).map(Some);
                    }
                    _ => return Ok(None),
                };
                match operands.into_iter().next() {
                    None => Operand::text("", Kind::Text),
                    Some(value) if name == "str" => of_pieces(self.shown(value)?),
                    Some(value) => of_pieces(self.repr(value)?),
                }
            }
            "bytes" | "bytearray" => {
                let operands = self.arguments(call, 2)?;
                match operands.as_slice() {
                    [] => Operand::text("", Kind::Bytes(Some(0))),
                    [text, encoding] => return self.encoded(text.clone(), encoding.literal()).map(Some),
                    [value, ..] => self.as_bytes(value.clone())?,
                }
            }
            "int" => {
                let operands = self.arguments(call, 2)?;
                let value = match operands.first() {
                    None => return Ok(Some(Operand::int(0))),
                    Some(value) => value.clone(),
                };
                match (&value.kind, operands.get(1)) {
                    (Kind::Int | Kind::Bool, None) => value,
                    (Kind::Float, _) => return Err(mark::FRACTIONS.into()),
                    (Kind::Clock, None) => {
                        let term = self.term(&value)?;
                        Operand::new(Form::Sum(format!("{term} / 1000000000")), Kind::Int)
                    }
                    (_, None) => {
                        let word = self.word(&value)?;
                        Operand::call(format!("int {word}"), Kind::Int)
                    }
                    (_, Some(base)) => {
                        let (word, base) = (self.word(&value)?, self.word(base)?);
                        Operand::call(format!("int {word} {base}"), Kind::Int)
                    }
                }
            }
            "bool" => {
                let [argument] = self.only(call, 1, &[])? else { return Ok(None) };
                let not = Expr::from(ruff_python_ast::ExprUnaryOp {
                    node_index: Default::default(),
                    range: call.arguments.range,
                    op: ruff_python_ast::UnaryOp::Not,
                    operand: Box::new(Expr::from(ruff_python_ast::ExprUnaryOp {
                        node_index: Default::default(),
                        range: call.arguments.range,
                        op: ruff_python_ast::UnaryOp::Not,
                        operand: Box::new(argument.clone()),
                    })),
                });
                self.value(&not)?
            }
            "list" | "tuple" => {
                let operands = self.arguments(call, 1)?;
                match operands.into_iter().next() {
                    None => Operand::call("list", Kind::list(Kind::Unknown)),
                    Some(value) => self.as_list(value)?.copied(),
                }
            }
            "dict" => {
                if call.arguments.args.is_empty() && call.arguments.keywords.is_empty() {
                    Operand::call("map", Kind::map(Kind::Unknown, Kind::Unknown))
                } else {
                    let mut line = String::from("map");
                    if !call.arguments.args.is_empty() {
                        return Ok(None);
                    }
                    let mut kind = Kind::None;
                    let exprs: Vec<&Expr> = call.arguments.keywords.iter().map(|k| &k.value).collect();
                    let values = self.in_order(&exprs)?;
                    for (keyword, value) in call.arguments.keywords.iter().zip(values) {
                        let key = keyword.arg.as_ref().ok_or(mark::UNPACKED_STAR)?.id.to_string();
                        self.note_copy("", &value);
                        line.push_str(&format!(" \"{key}\" {}", self.word(&value)?));
                        kind = kind.merge(value.kind);
                    }
                    Operand::call(line, Kind::map(Kind::Text, kind))
                }
            }
            "min" | "max" => {
                let operands = self.arguments(call, 16)?;
                if operands.is_empty() {
                    return Ok(None);
                }
                if let [list] = operands.as_slice() {
                    return self.extreme(list.clone(), name).map(Some);
                }
                let mut terms = Vec::new();
                for operand in &operands {
                    if matches!(operand.kind, Kind::Float | Kind::Clock) || operand.kind.is_text() {
                        return Ok(None);
                    }
                    terms.push(self.term(operand)?);
                }
                Operand::new(Form::Sum(terms.join(&format!(" {name} "))), Kind::Int)
            }
            "sum" => {
                let operands = self.arguments(call, 1)?;
                let list = self.as_list(first(&operands)?)?;
                let list = self.word(&list)?;
                let (total, item) = (self.temporary(), self.temporary());
                self.push(format!("let {total} = 0"));
                self.push(format!("for {item} in {list}"));
                self.push(format!("    let {total} = ${total} + ${item}"));
                self.push("end");
                Operand::path(total, Kind::Int)
            }
            "abs" => {
                let operands = self.arguments(call, 1)?;
                let value = self.lifted(first(&operands)?)?;
                let term = self.term(&value)?;
                Operand::new(Form::Sum(format!("{term} max (0 - {term})")), Kind::Int)
            }
            "divmod" => {
                let operands = self.arguments(call, 2)?;
                let [a, b] = operands.as_slice() else { return Ok(None) };
                let (a, b) = (self.lifted(a.clone())?, self.lifted(b.clone())?);
                let (a, b) = (self.term(&a)?, self.term(&b)?);
                let quotient = self.named(Operand::new(Form::Sum(format!("{a} / {b}")), Kind::Int))?;
                let rest = self.named(Operand::new(Form::Sum(format!("{a} % {b}")), Kind::Int))?;
                let (quotient, rest) = (self.word(&quotient)?, self.word(&rest)?);
                Operand::call(format!("list {quotient} {rest}"), Kind::Tuple(vec![Kind::Int, Kind::Int]))
            }
            "chr" => {
                let operands = self.arguments(call, 1)?;
                let value = first(&operands)?;
                match value.number().and_then(|n| char::from_u32(u32::try_from(n).ok()?)) {
                    Some(c) => Operand::text(c.to_string(), Kind::Text),
                    None => self.spec("c", &value)?,
                }
            }
            "ord" => {
                let operands = self.arguments(call, 1)?;
                let value = first(&operands)?;
                let literal = value.literal().and_then(|bytes| String::from_utf8(bytes).ok());
                if let Some(text) = literal
                    && text.chars().count() == 1
                    && let Some(c) = text.chars().next()
                {
                    return Ok(Some(Operand::int(u32::from(c).into())));
                }
                let word = self.word(&value)?;
                match value.kind {
                    Kind::Bytes(_) => Operand::call(format!("unpack u8 {word}"), Kind::Int),
                    _ => Operand::call(format!("unpack u16be $(encode utf-16be {word})"), Kind::Int),
                }
            }
            "hex" | "bin" | "oct" => {
                let operands = self.arguments(call, 1)?;
                let value = first(&operands)?;
                self.spec(
                    match name {
                        "hex" => "\"#x\"",
                        "bin" => "\"#b\"",
                        _ => "\"#o\"",
                    },
                    &value,
                )?
            }
            "format" => {
                let operands = self.arguments(call, 2)?;
                let spec = operands.get(1).and_then(Operand::literal).and_then(|s| String::from_utf8(s).ok());
                self.formatted(first(&operands)?, &spec.unwrap_or_default())?
            }
            "open" => return self.open(call).map(Some),
            "exit" | "quit" => self.exit(call)?,
            _ => return Ok(None),
        }))
    }

    /// A number by a format.
    fn spec(&mut self, spec: &str, value: &Operand) -> Said<Operand> {
        let word = self.word(value)?;
        Ok(Operand::call(format!("format {spec} {word}"), Kind::Text))
    }

    /// `len(x)`
    pub fn length(&mut self, value: Operand) -> Said<Operand> {
        match value.kind {
            Kind::Text => match value.literal() {
                Some(bytes) => Ok(Operand::int(String::from_utf8_lossy(&bytes).chars().count() as i64)),
                None => {
                    let value = self.lifted(value)?;
                    self.property(value, "chars.len", Kind::Int)
                }
            },
            Kind::Bytes(_) => match value.literal() {
                Some(bytes) => Ok(Operand::int(bytes.len() as i64)),
                None => self.property(value, "len", Kind::Int),
            },
            Kind::Map(..) => {
                let map = self.word(&value)?;
                let (count, key) = (self.temporary(), self.temporary());
                self.push(format!("let {count} = 0"));
                self.push(format!("for {key} in {map}"));
                self.push(format!("    let {count} = ${count} + 1"));
                self.push("end");
                Ok(Operand::path(count, Kind::Int))
            }
            Kind::List(_) | Kind::Tuple(_) | Kind::File { .. } => self.property(value, "len", Kind::Int),
            _ => {
                self.changed(mark::LENGTH_IN_BYTES);
                self.property(value, "len", Kind::Int)
            }
        }
    }

    /// `bytes(x)`, `bytearray(x)`: a number of zeros, the numbers of a list, or the same bytes.
    fn as_bytes(&mut self, value: Operand) -> Said<Operand> {
        let word = self.word(&value)?;
        Ok(match &value.kind {
            Kind::Int => {
                let length = value.number().and_then(|n| u64::try_from(n).ok());
                Operand::call(format!("bytes {word}"), Kind::Bytes(length))
            }
            Kind::List(_) | Kind::Tuple(_) => {
                let Form::Call(command) = &value.form else { return Err(mark::no_line_for("bytes([…])")) };
                let words =
                    command.strip_prefix("list").filter(|words| words.is_empty() || words.starts_with(' '));
                let words = words.ok_or_else(|| mark::no_line_for("bytes([…])"))?;
                let count = words.split_whitespace().count();
                if count == 0 {
                    return Ok(Operand::text("", Kind::Bytes(Some(0))));
                }
                Operand::call(format!("pack \"{count}B\"{words}"), Kind::Bytes(Some(count as u64)))
            }
            Kind::Bytes(_) => match &value.form {
                // A copy: what Python shows of it is no `bytearray` any more.
                Form::Path(path) => Operand { form: Form::Text(vec![Piece::Path(path.clone())]), ..value },
                _ => value,
            },
            Kind::Unknown => Operand { kind: Kind::Bytes(None), ..value },
            _ => return Err(mark::no_line_for("bytes()")),
        })
    }

    /// The items of a value as a list.
    pub fn as_list(&mut self, value: Operand) -> Said<Operand> {
        Ok(match &value.kind {
            Kind::List(_) | Kind::Tuple(_) => value,
            Kind::Bytes(_) => {
                let value = self.lifted(value)?;
                let length = match &value.form {
                    Form::Path(path) => Piece::Path(format!("{path}.len")),
                    _ => {
                        Piece::Bytes(value.literal().map_or(0, |bytes| bytes.len()).to_string().into_bytes())
                    }
                };
                let format = super::operand::quoted(&[length, Piece::Bytes(b"B".to_vec())]);
                let word = self.word(&value)?;
                Operand::call(format!("unpack {format} {word}"), Kind::list(Kind::Int))
            }
            Kind::Text => self.property(value, "chars", Kind::list(Kind::Text))?,
            Kind::Map(..) => {
                let kind = Kind::list(value.kind.key());
                let map = self.word(&value)?;
                let (list, key) = (self.temporary(), self.temporary());
                self.push(format!("{list} = list"));
                self.push(format!("for {key} in {map}"));
                self.push(format!("    append {list} ${key}"));
                self.push("end");
                Operand::path(list, kind)
            }
            Kind::File { .. } => {
                self.changed(mark::LINE_ENDS);
                self.property(value, "lines", Kind::list(Kind::Text))?
            }
            _ => {
                if value.kind == Kind::Unknown {
                    self.changed(mark::LIST_ASSUMED);
                }
                let kind = value.kind.item(None);
                Operand { kind: Kind::list(kind), ..value }
            }
        })
    }

    /// `max(list)`
    fn extreme(&mut self, list: Operand, name: &str) -> Said<Operand> {
        let list = self.as_list(list)?;
        let list = Operand::path(self.path(list)?, Kind::list(Kind::Int));
        let word = self.word(&list)?;
        let (best, item) = (self.temporary(), self.temporary());
        let first = self.property(list, "0", Kind::Int)?;
        self.give_name(&best, &first)?;
        self.push(format!("for {item} in {word}"));
        self.push(format!("    let {best} = ${best} {name} ${item}"));
        self.push("end");
        Ok(Operand::path(best, Kind::Int))
    }
}
