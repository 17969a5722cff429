//! Words as Python: values, properties, bytes to send, text to print.

use super::Writer;
use super::code::{self, Code, Type, push_text, text_literal};
use crate::command::expr::bare_value;
use crate::session::names::HERE;
use crate::text::parse::line_of;
use crate::text::words::{Part, Reference, Substitution, Word};
use crate::value::{Value, word_int};
use crate::words::Sentence;

/// Python, or why there is none.
pub type Got<T> = Result<T, Sentence>;

/// A piece of a text that is put together.
pub enum Piece {
    /// As it stands.
    Text(String),
    /// An expression that Python's `str` makes the text of.
    Value(String),
}

impl Writer<'_> {
    /// A word where a value is due: a bare one that reads as an integer is that integer.
    pub fn value(&mut self, word: &Word<'_>) -> Got<Code> {
        self.word_as(word, |text| match bare_value(text) {
            Value::Int(n) => Code::int(n),
            _ => Code::bytes(text.as_bytes()),
        })
    }

    /// A word where letters are due.
    pub fn letters(&mut self, word: &Word<'_>) -> Got<Code> {
        self.word_as(word, |text| Code::bytes(text.as_bytes()))
    }

    fn word_as(&mut self, word: &Word<'_>, bare: fn(&str) -> Code) -> Got<Code> {
        if let Some(text) = word.bare() {
            return Ok(bare(text));
        }
        match word.parts() {
            [Part::Call(call)] => self.substitution(call),
            [Part::Value(reference)] if !word.quoted => self.reference_or(reference, bare),
            _ if word.literal().is_some() => Ok(Code::bytes(word.literal().unwrap_or_default())),
            parts => self.joined(parts),
        }
    }

    /// `"GET ${path}\n"` as bytes.
    fn joined(&mut self, parts: &[Part<'_>]) -> Got<Code> {
        let mut codes = Vec::with_capacity(parts.len());
        for part in parts {
            codes.push(match part {
                Part::Value(reference) => self.reference(reference)?,
                Part::Call(call) => self.substitution(call)?,
                Part::Text(text) => Code::bytes(text.as_bytes()),
                Part::Bytes(bytes) => Code::bytes(bytes),
            });
        }
        Ok(self.together(&codes))
    }

    /// Values side by side as bytes.
    fn together(&mut self, codes: &[Code]) -> Code {
        match codes {
            [] => Code::bytes(b""),
            [one] => self.octets(one),
            several if several.iter().all(|c| c.of == Type::Bytes) => {
                let texts: Vec<String> = several.iter().map(|c| c.above(11)).collect();
                Code::level(texts.join(" + "), Type::Bytes, 11)
            }
            several => {
                let texts: Vec<&str> = several.iter().map(|c| c.text.as_str()).collect();
                Code::atom(format!("{}({})", self.helper("octets"), texts.join(", ")), Type::Bytes)
            }
        }
    }

    /// A value as the bytes that it is, or that print shows of it.
    pub fn octets(&mut self, code: &Code) -> Code {
        match code.of {
            Type::Bytes => code.clone(),
            Type::Int => match code.text.parse::<i64>() {
                Ok(n) => Code::bytes(n.to_string().as_bytes()),
                Err(_) => Code::atom(format!("str({}).encode()", code.text), Type::Bytes),
            },
            _ => Code::atom(format!("{}({})", self.helper("octets"), code.text), Type::Bytes),
        }
    }

    /// The bytes of DATA, of one word or more.
    pub fn data(&mut self, words: &[&Word<'_>]) -> Got<Code> {
        let literal: Option<Vec<&[u8]>> = words.iter().map(|word| word.literal()).collect();
        if let Some(pieces) = literal {
            return Ok(Code::bytes(&pieces.concat()));
        }
        let codes = words.iter().map(|word| self.letters(word)).collect::<Got<Vec<Code>>>()?;
        Ok(self.together(&codes))
    }

    /// A name with its properties; a default is letters.
    pub fn reference(&mut self, reference: &Reference) -> Got<Code> {
        self.reference_or(reference, |text| Code::bytes(text.as_bytes()))
    }

    /// The same with what a default stands for. It is taken where the name has no value, or an empty one.
    fn reference_or(&mut self, reference: &Reference, bare: fn(&str) -> Code) -> Got<Code> {
        let base = self.base(reference)?;
        let Some(default) = &reference.default else { return self.properties(base, &reference.properties) };
        let default = bare(default);
        let name = reference.name.as_str();
        if reference.name.bytes().all(|b| b.is_ascii_digit()) {
            let text = format!("(\"\".join(sys.argv[{name}:][:1]).encode() or {})", default.text);
            return Ok(Code::atom(text, Type::Any));
        }
        let is_given = self.is_assigned(name) || matches!(name, "_" | "tmpdir" | HERE);
        if !is_given && reference.properties.is_empty() {
            let variable = text_literal(&variable(name));
            let text = format!("(os.environ.get({variable}, \"\").encode() or {})", default.text);
            return Ok(Code::atom(text, Type::Any));
        }
        let value = self.properties(base, &reference.properties)?;
        if !is_given {
            let variable = text_literal(&variable(name));
            let text = format!("({} if {variable} in os.environ else {})", value.text, default.text);
            return Ok(Code::atom(text, Type::Any));
        }
        let text = format!("{}(lambda: {}, {})", self.helper("otherwise"), value.text, default.text);
        Ok(Code::atom(text, Type::Any))
    }

    fn base(&mut self, reference: &Reference) -> Got<Code> {
        let name = reference.name.as_str();
        let known = self.is_assigned(name);
        if name == "_" {
            return Ok(Code::atom(self.helper("last"), Type::Any));
        }
        if name == "tmpdir" && !known {
            return Ok(Code::atom(format!("str({}).encode()", self.helper("tmpdir")), Type::Bytes));
        }
        if name == HERE && !known {
            return Ok(Code::atom(self.helper("here"), Type::Bytes));
        }
        if name.bytes().all(|b| b.is_ascii_digit()) {
            self.module("sys");
            return Ok(Code::atom(format!("sys.argv[{name}].encode()"), Type::Bytes));
        }
        if let Some(number) = self.socket_number(name) {
            // The program numbers its sockets where it keeps the stack.
            self.found.dynamic = true;
            return Ok(Code::atom(format!("{}({number})", self.helper("numbered")), Type::Socket));
        }
        if !known {
            self.module("os");
            let variable = text_literal(&variable(name));
            return Ok(Code::atom(format!("os.environ[{variable}].encode()"), Type::Bytes));
        }
        Ok(Code::atom(code::name(name), self.type_of(name)))
    }

    /// A value's properties, each asked of the one before.
    pub fn properties<S>(&mut self, mut code: Code, properties: &[(String, S)]) -> Got<Code> {
        for (at, (name, _)) in properties.iter().enumerate() {
            if matches!(code.of, Type::Any | Type::Never) {
                let names: Vec<String> =
                    properties[at..].iter().map(|(name, _)| text_literal(name)).collect();
                let text = format!("{}({}, {})", self.helper("ask"), code.text, names.join(", "));
                return Ok(Code::atom(text, Type::Any));
            }
            code = self.property(code, name)?;
        }
        Ok(code)
    }

    fn property(&mut self, code: Code, name: &str) -> Got<Code> {
        let of = code.tight();
        let whole = &code.text;
        let got = |text: String, of| Ok(Code::atom(text, of));
        match (code.of, name) {
            (Type::Bytes | Type::Line | Type::List, "len") => got(format!("len({whole})"), Type::Int),
            (Type::Bytes | Type::Line, "text") => got(format!("{of}.decode().encode()"), Type::Bytes),
            (Type::Bytes | Type::Line, "hex") => got(format!("{of}.hex().encode()"), Type::Bytes),
            (Type::Bytes | Type::Line, "trim") => got(format!("{of}.strip()"), Type::Bytes),
            (Type::Bytes | Type::Line, "lines") => {
                got(format!("{}({whole})", self.helper("lines_of")), Type::List)
            }
            (Type::Bytes | Type::Line, "int") => {
                got(format!("{}({whole})", self.helper("integer")), Type::Int)
            }
            (Type::Bytes | Type::Line, "repr") => {
                got(format!("{}({whole}).encode()", self.helper("quoted")), Type::Bytes)
            }
            (Type::Bytes | Type::Line, "chars") => {
                got(format!("[sign.encode() for sign in {of}.decode()]"), Type::List)
            }
            (Type::Bytes | Type::Line, "base64") => {
                self.module("base64");
                got(format!("base64.b64encode({whole})"), Type::Bytes)
            }
            (Type::Bytes | Type::Line, "match") => Err(say!(
                en "Python does not know which delimiter ended the bytes",
                es "Python no sabe qué delimitador terminó los bytes"
            )),
            (Type::Socket, "local") => got(format!("{of}.getsockname()"), Type::Address),
            (Type::Socket, "peer") => got(format!("{of}.getpeername()"), Type::Address),
            (Type::Socket, "fd") => got(format!("{of}.fileno()"), Type::Int),
            (Type::Socket, "state") => got(format!("{}({whole})", self.helper("tcp_state")), Type::Bytes),
            (Type::Socket, "info") => got(format!("{}({whole})", self.helper("tcp_info")), Type::Map),
            (Type::Socket, "recvq" | "sendq" | "backlog") => {
                got(format!("{}({whole}, \"{name}\")", self.helper("queue")), Type::Int)
            }
            (Type::Socket, "name" | "family" | "type" | "events") => {
                got(format!("{}({whole}, \"{name}\")", self.helper("socket_property")), Type::Bytes)
            }
            (Type::Address, "host") if !self.effects.has_unix => {
                got(format!("{of}[0].encode()"), Type::Bytes)
            }
            (Type::Address, "port") => got(format!("{of}[1]"), Type::Int),
            (Type::List, _) if name.bytes().all(|b| b.is_ascii_digit()) => {
                got(format!("{of}[{name}]"), Type::Any)
            }
            (Type::Map, _) if word_int(name).is_some() => {
                let key = code::bytes_literal(name.as_bytes());
                got(format!("{}({whole}, {key})", self.helper("get")), Type::Any)
            }
            (Type::Map, _) => got(format!("{of}[{}]", code::bytes_literal(name.as_bytes())), Type::Any),
            (Type::Error, "number") => {
                got(format!("{}({whole}, \"number\")", self.helper("error_property")), Type::Int)
            }
            (Type::Error, _) => {
                got(format!("{}({whole}, \"{name}\")", self.helper("error_property")), Type::Bytes)
            }
            (Type::Process, "stdout" | "stderr") => got(format!("{of}.{name}"), Type::Bytes),
            (Type::Process, "pid") => got(format!("{of}.pid"), Type::Int),
            (Type::Process, "status") => got(format!("{of}.status"), Type::Any),
            _ => got(format!("{}({whole}, {})", self.helper("ask"), text_literal(name)), Type::Any),
        }
    }

    /// `$(COMMAND …)`
    pub fn substitution(&mut self, call: &Substitution<'_>) -> Got<Code> {
        let Some(line) = line_of(call.words.clone(), &mut Vec::new()) else {
            return Err(say!(en "no command stands here", es "aquí no hay un comando"));
        };
        let made = self.command(&line, true)?;
        let code = match made.pair {
            Some((first, _)) => Code::atom(format!("{}[0]", made.code.tight()), first),
            None => made.code,
        };
        let code = self.properties(code, &call.properties)?;
        let Some(lifted) = &mut self.lifted else { return Ok(code) };
        let name = format!("_{}", lifted.len() + 1);
        lifted.push((name.clone(), code.text));
        Ok(Code::atom(name, code.of))
    }

    /// What a word is as text, in pieces.
    pub fn pieces(&mut self, word: &Word<'_>) -> Got<Vec<Piece>> {
        if let Some(literal) = word.literal() {
            return Ok(vec![Piece::Text(crate::text::literal::text(literal))]);
        }
        word.parts().iter().map(|part| self.piece(part)).collect()
    }

    fn piece(&mut self, part: &Part<'_>) -> Got<Piece> {
        let code = match part {
            Part::Text(text) => return Ok(Piece::Text((*text).to_string())),
            Part::Bytes(bytes) => return Ok(Piece::Text(crate::text::literal::text(bytes))),
            Part::Value(reference) => {
                // A property that is text is the text of Python at once.
                if let Some(((last, _), before)) = reference.properties.split_last()
                    && reference.default.is_none()
                {
                    let base = self.base(reference)?;
                    let base = self.properties(base, before)?;
                    if let Some(text) = self.text_property(&base, last) {
                        return Ok(Piece::Value(text));
                    }
                }
                self.reference(reference)?
            }
            Part::Call(call) => self.substitution(call)?,
        };
        Ok(Piece::Value(self.shown(&code)))
    }

    fn text_property(&mut self, base: &Code, name: &str) -> Option<String> {
        let of = base.tight();
        match (base.of, name) {
            (Type::Bytes, "text") => Some(format!("{of}.decode()")),
            (Type::Bytes, "hex") => Some(format!("{of}.hex()")),
            (Type::Bytes, "repr") => Some(format!("{}({})", self.helper("quoted"), base.text)),
            (Type::Address, "host") if !self.effects.has_unix => Some(format!("{of}[0]")),
            (Type::Error, "name") => Some(format!("{}({})", self.helper("name_of"), base.text)),
            (Type::Error, "class") => Some(format!("type({}).__name__", base.text)),
            _ => None,
        }
    }

    /// An expression whose `str` is what print shows of a value.
    pub fn shown(&mut self, code: &Code) -> String {
        match code.of {
            Type::Int => code.text.clone(),
            _ => match code.text.strip_suffix(".encode()") {
                // The way there and back.
                Some(text) if code.of == Type::Bytes && code.level == Code::ATOM => text.to_string(),
                _ => format!("{}({})", self.helper("shown"), code.text),
            },
        }
    }

    /// A word as an expression that is Python's `str`: a host, a path, a word of a program.
    pub fn text(&mut self, word: &Word<'_>) -> Got<String> {
        let pieces = self.pieces(word)?;
        Ok(match pieces.as_slice() {
            [Piece::Text(text)] => text_literal(text),
            [Piece::Value(text)]
                if text.ends_with(".decode()") || text.starts_with("shown(") || text.ends_with("[0]") =>
            {
                text.clone()
            }
            [Piece::Value(text)] => format!("str({text})"),
            several => formatted(several),
        })
    }
}

/// The variable of the environment that gives a name its value.
fn variable(name: &str) -> String {
    format!("SOCKBOOK_VAR_{name}")
}

/// Pieces as one literal, an f-string where there are values among them.
pub fn formatted(pieces: &[Piece]) -> String {
    let awkward =
        |piece: &Piece| matches!(piece, Piece::Value(text) if text.contains(['"', '\\', '\n', '{']));
    if pieces.iter().any(awkward) {
        // Before Python 3.12 no quote and no backslash stands inside the braces.
        let (mut form, mut values) = (String::new(), Vec::new());
        for piece in pieces {
            match piece {
                Piece::Text(text) => push_text(text, true, &mut form),
                Piece::Value(text) => {
                    form.push_str("{}");
                    values.push(text.as_str());
                }
            }
        }
        return format!("\"{form}\".format({})", values.join(", "));
    }
    let has_values = pieces.iter().any(|piece| matches!(piece, Piece::Value(_)));
    let mut out = String::from(if has_values { "f\"" } else { "\"" });
    for piece in pieces {
        match piece {
            Piece::Text(text) => push_text(text, has_values, &mut out),
            Piece::Value(text) => out.extend(["{", text, "}"]),
        }
    }
    out.push('"');
    out
}
