//! Values as text, as Python shows them: f-strings, `%`, `.format()`, `str()`, and `print`.

use ruff_python_ast::{
    ConversionFlag, Expr, ExprCall, ExprFString, FStringPart, InterpolatedElement, InterpolatedStringElement,
};

use super::expression::of_pieces;
use super::mark;
use super::operand::{Form, Kind, Operand, Piece, quoted};
use super::pass::{Pass, Said};
use crate::value::encoding::python_bytes;

impl Pass<'_> {
    /// `f"…{x}…"`
    pub fn f_string(&mut self, text: &ExprFString) -> Said<Operand> {
        let holes = text.value.elements().filter_map(|element| match element {
            InterpolatedStringElement::Interpolation(hole) => Some(&*hole.expression),
            InterpolatedStringElement::Literal(_) => None,
        });
        let mut values = self.in_order(&holes.collect::<Vec<_>>())?.into_iter();
        let mut pieces = Vec::new();
        for part in &text.value {
            match part {
                FStringPart::Literal(literal) => pieces.push(Piece::Bytes(literal.value.as_bytes().to_vec())),
                FStringPart::FString(inner) => {
                    for element in &inner.elements {
                        match element {
                            InterpolatedStringElement::Literal(literal) => {
                                pieces.push(Piece::Bytes(literal.value.as_bytes().to_vec()));
                            }
                            InterpolatedStringElement::Interpolation(hole) => {
                                let value = values.next().ok_or(mark::NO_RESULT)?;
                                pieces.extend(self.hole(hole, value)?);
                            }
                        }
                    }
                }
            }
        }
        Ok(of_pieces(pieces))
    }

    fn hole(&mut self, hole: &InterpolatedElement, value: Operand) -> Said<Vec<Piece>> {
        let mut pieces = Vec::new();
        if let Some(debug) = &hole.debug_text {
            let shown = format!("{}{}{}", debug.leading(), self.text_of(&*hole.expression), debug.trailing());
            pieces.push(Piece::Bytes(shown.into_bytes()));
        }
        let spec = match &hole.format_spec {
            None => None,
            Some(spec) => {
                let mut text = String::new();
                for element in &spec.elements {
                    let InterpolatedStringElement::Literal(literal) = element else {
                        return Err(mark::no_line_for("{x:{n}}"));
                    };
                    text.push_str(&literal.value);
                }
                Some(text)
            }
        };
        match (spec, hole.conversion) {
            (None, ConversionFlag::None) if hole.debug_text.is_some() => pieces.extend(self.repr(value)?),
            (None, ConversionFlag::None | ConversionFlag::Str) => pieces.extend(self.shown(value)?),
            (None, ConversionFlag::Repr | ConversionFlag::Ascii) => pieces.extend(self.repr(value)?),
            (Some(spec), ConversionFlag::None) => {
                let formatted = self.formatted(value, &spec)?;
                pieces.extend(self.pieces(formatted)?);
            }
            (Some(_), _) => return Err(mark::no_line_for("{x!r:…}")),
        }
        Ok(pieces)
    }

    /// `format(value, spec)`
    pub fn formatted(&mut self, value: Operand, spec: &str) -> Said<Operand> {
        if value.kind == Kind::Float || spec.ends_with(['f', 'e', 'g', '%']) {
            return Err(mark::FRACTIONS.into());
        }
        // Wider than any line.
        if spec.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() > 6) {
            return Err(mark::no_line_for(spec));
        }
        if spec.is_empty() {
            return Ok(of_pieces(self.shown(value)?));
        }
        let value = match value.kind {
            Kind::Int | Kind::Text | Kind::Unknown | Kind::Json => value,
            _ => of_pieces(self.shown(value)?),
        };
        let plain = spec.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'<' | b'>' | b'^' | b'+'));
        let spec = if plain && !spec.starts_with('+') && !spec.contains(['<', '>']) {
            spec.to_string()
        } else {
            quoted(&[Piece::Bytes(spec.as_bytes().to_vec())])
        };
        let word = self.word(&value)?;
        Ok(Operand::call(format!("format {spec} {word}"), Kind::Text))
    }

    /// A value as `str` has it.
    pub fn shown(&mut self, value: Operand) -> Said<Vec<Piece>> {
        self.note_none(&value);
        match value.kind.clone() {
            Kind::Bytes(_) => self.repr(value),
            Kind::Bool => {
                let side = self.side(&value)?;
                let name = self.temporary();
                self.push(format!("if {side} == true"));
                self.push(format!("    let {name} = \"True\""));
                self.push("else");
                self.push(format!("    let {name} = \"False\""));
                self.push("end");
                Ok(vec![Piece::Path(name)])
            }
            Kind::None => {
                match value.form {
                    Form::Act(command) => self.push(command),
                    Form::Call(command) if !command.starts_with("json ") => self.push(command),
                    _ => {}
                }
                Ok(vec![Piece::Bytes(b"None".to_vec())])
            }
            Kind::Address => {
                let path = self.path(value)?;
                Ok(vec![
                    Piece::Bytes(b"('".to_vec()),
                    Piece::Path(format!("{path}.host")),
                    Piece::Bytes(b"', ".to_vec()),
                    Piece::Path(format!("{path}.port")),
                    Piece::Bytes(b")".to_vec()),
                ])
            }
            Kind::Tuple(kinds) => {
                let path = self.path(value)?;
                let mut pieces = vec![Piece::Bytes(b"(".to_vec())];
                for (at, kind) in kinds.iter().enumerate() {
                    if at > 0 {
                        pieces.push(Piece::Bytes(b", ".to_vec()));
                    }
                    pieces.extend(self.repr(Operand::path(format!("{path}.{at}"), kind.clone()))?);
                }
                let end: &[u8] = if kinds.len() == 1 { b",)" } else { b")" };
                pieces.push(Piece::Bytes(end.to_vec()));
                Ok(pieces)
            }
            Kind::Error => {
                self.changed(mark::ERROR_WORDS);
                let message = self.property(value, "message", Kind::Text)?;
                self.pieces(message)
            }
            Kind::List(item) if *item == Kind::Int => self.pieces(value),
            Kind::List(_) | Kind::Map(..) | Kind::Socket => {
                self.changed(mark::SHOWN_AS_VALUE);
                self.pieces(value)
            }
            Kind::Json => {
                self.changed(mark::JSON_SHOWN);
                self.pieces(value)
            }
            Kind::Clock => {
                self.changed(mark::NANOSECONDS);
                self.pieces(value)
            }
            Kind::Unknown => {
                self.changed(mark::SHOWN_AS_TEXT);
                self.pieces(value)
            }
            Kind::Int | Kind::Float | Kind::Text => self.pieces(value),
            _ => Err(mark::no_line_for("str()")),
        }
    }

    /// A value is shown that may be None.
    fn note_none(&mut self, value: &Operand) {
        if value.kind != Kind::None && self.may_be_none(value) {
            self.changed(mark::NONE_IS_EMPTY);
        }
    }

    /// A value as `repr` has it.
    pub fn repr(&mut self, value: Operand) -> Said<Vec<Piece>> {
        self.note_none(&value);
        match &value.kind {
            Kind::Bytes(_) => match value.literal() {
                Some(bytes) => Ok(vec![Piece::Bytes(python_bytes(&bytes).into_bytes())]),
                None => {
                    let buffer = matches!(&value.form, Form::Path(path) if self.known.buffers.contains(path));
                    let word = self.word(&value)?;
                    let mut pieces =
                        self.pieces(Operand::call(format!("encode python {word}"), Kind::Text))?;
                    if buffer {
                        pieces.insert(0, Piece::Bytes(b"bytearray(".to_vec()));
                        pieces.push(Piece::Bytes(b")".to_vec()));
                    }
                    Ok(pieces)
                }
            },
            Kind::Text => {
                let mut pieces = vec![Piece::Bytes(b"'".to_vec())];
                match value.literal() {
                    Some(text) if text.iter().any(|b| matches!(b, b'\'' | b'\\') || b.is_ascii_control()) => {
                        return Err(mark::no_line_for("repr(\"…\")"));
                    }
                    Some(_) => {}
                    None => self.changed(mark::SHOWN_AS_VALUE),
                }
                pieces.extend(self.pieces(value)?);
                pieces.push(Piece::Bytes(b"'".to_vec()));
                Ok(pieces)
            }
            Kind::Error => {
                let path = self.path(value)?;
                self.changed(mark::ERROR_WORDS);
                Ok(vec![
                    Piece::Path(format!("{path}.class")),
                    Piece::Bytes(b"('".to_vec()),
                    Piece::Path(format!("{path}.message")),
                    Piece::Bytes(b"')".to_vec()),
                ])
            }
            _ => self.shown(value),
        }
    }

    /// `"…" % values`
    pub fn percent(&mut self, text: &Expr, values: &Expr) -> Said<Operand> {
        let Expr::StringLiteral(text) = text else { return Err(mark::no_line_for("b\"…\" % …")) };
        let exprs: Vec<&Expr> = match values {
            Expr::Tuple(tuple) => tuple.elts.iter().collect(),
            other => vec![other],
        };
        let mut values = self.in_order(&exprs)?.into_iter();
        let mut pieces = Vec::new();
        let mut rest = text.value.to_str();
        while let Some((before, after)) = rest.split_once('%') {
            pieces.push(Piece::Bytes(before.as_bytes().to_vec()));
            let end = after
                .find(|c: char| c.is_ascii_alphabetic() || c == '%')
                .ok_or_else(|| mark::no_line_for("%"))?;
            let (flags, conversion) = (&after[..end], &after[end..=end]);
            rest = &after[end + 1..];
            if conversion == "%" {
                pieces.push(Piece::Bytes(b"%".to_vec()));
                continue;
            }
            let value = values.next().ok_or_else(|| mark::no_line_for("%"))?;
            match (conversion, flags) {
                ("s", "") => pieces.extend(self.shown(value)?),
                ("r", "") => pieces.extend(self.repr(value)?),
                ("d" | "i", "") => pieces.extend(self.pieces(value)?),
                ("d" | "i" | "x" | "X" | "o" | "s", flags) if flags.bytes().all(|b| b.is_ascii_digit()) => {
                    let align = if conversion == "s" { ">" } else { "" };
                    let conversion = if matches!(conversion, "i" | "s") { "" } else { conversion };
                    let formatted = self.formatted(value, &format!("{align}{flags}{conversion}"))?;
                    pieces.extend(self.pieces(formatted)?);
                }
                _ => return Err(mark::no_line_for(&format!("%{flags}{conversion}"))),
            }
        }
        pieces.push(Piece::Bytes(rest.as_bytes().to_vec()));
        Ok(of_pieces(pieces))
    }

    /// `"…{}…".format(values)`
    pub fn format_method(&mut self, text: &str, call: &ExprCall) -> Said<Operand> {
        let keywords = call.arguments.keywords.iter().map(|keyword| &keyword.value);
        let exprs: Vec<&Expr> = call.arguments.args.iter().chain(keywords).collect();
        let mut values = Vec::new();
        // Each is worked out once, whether the text names it never or twice.
        for value in self.in_order(&exprs)? {
            values.push(self.lifted(value)?);
        }
        let named = values.split_off(call.arguments.args.len());
        let mut pieces = Vec::new();
        let mut next = 0;
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            pieces.push(Piece::Bytes(rest.as_bytes()[..at].to_vec()));
            let brace = &rest[at..=at];
            let after = &rest[at + 1..];
            if let Some(after) = after.strip_prefix(brace) {
                pieces.push(Piece::Bytes(brace.as_bytes().to_vec()));
                rest = after;
                continue;
            }
            let (hole, after) = after.split_once('}').ok_or_else(|| mark::no_line_for(".format()"))?;
            rest = after;
            let (name, spec) = hole.split_once(':').unwrap_or((hole, ""));
            let value = if name.is_empty() {
                next += 1;
                values.get(next - 1).cloned()
            } else if let Ok(at) = name.parse::<usize>() {
                values.get(at).cloned()
            } else {
                let mut keywords = call.arguments.keywords.iter();
                let at = keywords.position(|k| k.arg.as_ref().is_some_and(|arg| &*arg.id == name));
                at.and_then(|at| named.get(at).cloned())
            };
            let value = value.ok_or_else(|| mark::no_line_for(".format()"))?;
            let formatted = self.formatted(value, spec)?;
            pieces.extend(self.pieces(formatted)?);
        }
        pieces.push(Piece::Bytes(rest.as_bytes().to_vec()));
        Ok(of_pieces(pieces))
    }

    /// `print(…)`, a line of its own.
    pub fn print(&mut self, call: &ExprCall) -> Said<()> {
        let (mut separator, mut end) = (None, None);
        for keyword in &call.arguments.keywords {
            match keyword.arg.as_ref().map(|arg| arg.id.as_str()) {
                Some("sep") => separator = Some(self.value(&keyword.value)?),
                Some("end") => end = Some(self.value(&keyword.value)?),
                Some("flush") => {}
                Some("file") if self.dotted(&keyword.value).as_deref() == Some("sys.stdout") => {}
                Some("file") => self.changed(mark::STANDARD_ERROR),
                _ => return Err(mark::UNPACKED_STAR.into()),
            }
        }
        let exprs: Vec<&Expr> = call.arguments.args.iter().collect();
        if let [Expr::Starred(star)] = exprs.as_slice() {
            let list = self.value(&star.value)?;
            let (list, separator) = (
                self.word(&list)?,
                match separator {
                    Some(separator) => self.word(&separator)?,
                    None => "\" \"".to_string(),
                },
            );
            self.push(format!("print $(join {list} {separator})"));
            return Ok(());
        }
        let values = self.in_order(&exprs)?;
        let mut words = Vec::new();
        for (at, value) in values.iter().enumerate() {
            let start = self.out.len();
            let pieces = if is_shown_whole(value) && !self.may_be_none(value) {
                None
            } else {
                Some(self.shown(value.clone())?)
            };
            // What must run before this word runs before none of those that stand left of it.
            if self.out.len() > start && at > 0 && values[..at].iter().any(Operand::runs) {
                let later = self.take(start);
                for (word, value) in words.iter_mut().zip(&values[..at]) {
                    if let Shown::Whole(_) = word
                        && value.runs()
                    {
                        *word = Shown::Whole(self.named(value.clone())?);
                    }
                }
                self.give(later);
            }
            words.push(match pieces {
                None => Shown::Whole(value.clone()),
                Some(pieces) => Shown::Pieces(pieces),
            });
        }
        let separator = separator.filter(|s| s.literal().as_deref() != Some(b" ") && s.kind != Kind::None);
        let end = end.filter(|e| e.literal().as_deref() != Some(b"\n") && e.kind != Kind::None);
        let ends_plainly = end.as_ref().is_none_or(|end| end.literal().is_some_and(|bytes| bytes.is_empty()));
        let option = if end.is_some() { " --no-newline" } else { "" };
        if separator.is_none() && ends_plainly {
            let mut line = format!("print{option}");
            for word in words {
                line.push(' ');
                line.push_str(&match word {
                    Shown::Whole(value) => self.word(&value)?,
                    Shown::Pieces(pieces) => match pieces.as_slice() {
                        [Piece::Path(path)] => super::operand::dollar(path),
                        pieces => quoted(pieces),
                    },
                });
            }
            self.push(line);
            return Ok(());
        }
        let separator = match separator {
            Some(separator) => self.pieces(separator)?,
            None => vec![Piece::Bytes(b" ".to_vec())],
        };
        let mut all = Vec::new();
        for (at, word) in words.into_iter().enumerate() {
            if at > 0 {
                all.extend(separator.iter().cloned());
            }
            all.extend(match word {
                Shown::Whole(value) => self.pieces(value)?,
                Shown::Pieces(pieces) => pieces,
            });
        }
        if let Some(end) = end {
            all.extend(self.pieces(end)?);
        }
        self.push(format!("print{option} {}", quoted(&all)));
        Ok(())
    }
}

enum Shown {
    Whole(Operand),
    Pieces(Vec<Piece>),
}

/// Whether a word of `print` shows the value as Python does.
fn is_shown_whole(value: &Operand) -> bool {
    let kind = match &value.kind {
        Kind::Int | Kind::Text => true,
        Kind::List(item) => **item == Kind::Int,
        _ => false,
    };
    kind && !matches!(value.form, Form::Text(_))
}
