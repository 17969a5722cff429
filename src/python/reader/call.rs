//! Calls: of what Python has from the start, of its modules, and of the text's own functions.

use ruff_python_ast::{Expr, ExprAttribute, ExprCall};

use super::condition::Condition;
use super::expression::is_builtin;
use super::mark;
use super::operand::{Form, Kind, Operand};
use super::pass::{Pass, Said};
use crate::value::encoding::Encoding;

/// Modules whose functions have lines.
pub const MODULES: &[&str] = &[
    "socket",
    "select",
    "struct",
    "json",
    "time",
    "threading",
    "queue",
    "sys",
    "hashlib",
    "hmac",
    "os",
    "typing",
    "__future__",
    "io",
    "collections",
    "binascii",
    "base64",
    "random",
    "string",
    "errno",
];

impl Pass<'_> {
    /// The full name of something of a module or of Python's own: `socket.AF_INET`, `len`.
    pub fn dotted(&self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::Name(name) => {
                let name = name.id.as_str();
                if let Some(full) = self.known.imports.get(name) {
                    return Some(full.clone());
                }
                let own = self.known.functions.contains_key(name)
                    || self.known.classes.contains_key(name)
                    || self.kind_of(name).is_some()
                    || self.is_local(name);
                (!own && is_builtin(name)).then(|| name.to_string())
            }
            Expr::Attribute(attribute) => self.dotted_attribute(attribute),
            _ => None,
        }
    }

    /// The full name of `x.y`, where it is something of a module.
    fn dotted_attribute(&self, attribute: &ExprAttribute) -> Option<String> {
        let whole = self.dotted(&attribute.value)?;
        let module = whole.split_once('.').map_or(whole.as_str(), |(first, _)| first);
        (MODULES.contains(&module)
            || matches!(module, "int" | "bytes" | "str" | "dict" | "bytearray" | "pickle"))
        .then(|| format!("{whole}.{}", attribute.attr.id))
    }

    /// A constant of a module.
    pub fn constant(&mut self, full: &str) -> Said<Operand> {
        let (module, name) = full.rsplit_once('.').unwrap_or(("", full));
        let word = |name: &str| Ok(Operand::new(Form::Word(name.to_string()), Kind::Unknown));
        match (module, name) {
            ("socket", "INADDR_ANY") => Ok(Operand::text("0.0.0.0", Kind::Text)),
            ("socket", "SOMAXCONN") => Ok(Operand::int(4096)),
            ("socket", name)
                if name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') =>
            {
                word(name)
            }
            ("sys", "byteorder") => Ok(Operand::text("little", Kind::Text)),
            ("", _) => Err(mark::no_line_for(full)),
            ("string", "ascii_lowercase") => Ok(Operand::text("abcdefghijklmnopqrstuvwxyz", Kind::Text)),
            ("string", "digits") => Ok(Operand::text("0123456789", Kind::Text)),
            ("errno", name) if crate::value::errno::errno_named(name).is_some() => {
                Ok(Operand::int(crate::value::errno::errno_named(name).unwrap_or_default().into()))
            }
            _ => Err(mark::no_line_for(full)),
        }
    }

    /// `x.y` that is no call.
    pub fn attribute(&mut self, attribute: &ExprAttribute) -> Said<Operand> {
        if let Some(name) = self.object_name(&attribute.value, &attribute.attr.id) {
            return self.name(&name);
        }
        if let Some(full) = self.dotted_attribute(attribute) {
            return self.constant(&full);
        }
        let value = self.value(&attribute.value)?;
        match (&value.kind, attribute.attr.id.as_str()) {
            (Kind::Socket, property @ ("family" | "type")) => {
                self.changed(mark::OTHER_FAMILY);
                self.property(value, property, Kind::Text)
            }
            (Kind::Error, "errno") => self.property(value, "number", Kind::Int),
            (Kind::Error, "strerror" | "args" | "msg") => {
                self.changed(mark::ERROR_WORDS);
                self.property(value, "message", Kind::Text)
            }
            _ => Err(mark::no_line_for(&format!(".{}", attribute.attr.id))),
        }
    }

    /// The name that an attribute of the only object of a class became.
    pub fn object_name(&self, value: &Expr, attribute: &str) -> Option<String> {
        let Expr::Name(name) = value else { return None };
        let class = match &self.object {
            Some((class, own)) if *own == *name.id => class.clone(),
            _ => match self.kind_of(&name.id) {
                Some(Kind::Object(class)) => class,
                _ => return None,
            },
        };
        Some(attribute_name(&class, attribute))
    }

    /// What the arguments of a call stand for; no keywords, and at most so many.
    pub fn arguments(&mut self, call: &ExprCall, most: usize) -> Said<Vec<Operand>> {
        let exprs: Vec<&Expr> = self.only(call, most, &[])?.iter().collect();
        self.in_order(&exprs)
    }

    /// The arguments of a call that may have so many, and these keywords: no reader leaves one out.
    pub fn only<'e>(&self, call: &'e ExprCall, most: usize, keywords: &[&str]) -> Said<&'e [Expr]> {
        let known = |keyword: &&ruff_python_ast::Keyword| {
            keyword.arg.as_ref().is_some_and(|arg| keywords.contains(&arg.id.as_str()))
        };
        if let Some(other) = call.arguments.keywords.iter().find(|keyword| !known(keyword)) {
            return Err(mark::no_line_for(&self.text_of(other)));
        }
        match call.arguments.args.get(most) {
            Some(_) => Err(mark::no_line_for(&self.text_of(call))),
            None => Ok(&call.arguments.args),
        }
    }

    /// The value of a keyword.
    pub fn keyword<'e>(&self, call: &'e ExprCall, name: &str) -> Option<&'e Expr> {
        call.arguments
            .keywords
            .iter()
            .find(|k| k.arg.as_ref().is_some_and(|arg| &*arg.id == name))
            .map(|k| &k.value)
    }

    pub fn call(&mut self, call: &ExprCall) -> Said<Operand> {
        if let Some(full) = self.dotted(&call.func) {
            return self.known_call(&full, call);
        }
        if let Expr::Name(name) = &*call.func {
            if self.known.classes.contains_key(name.id.as_str()) {
                return self.made(&name.id, call);
            }
            return self.own_call(&name.id, call);
        }
        if let Expr::Attribute(method) = &*call.func {
            if let Some(class) = self.class_of(&method.value) {
                let function = self
                    .known
                    .classes
                    .get(&class)
                    .and_then(|class| class.methods.get(method.attr.id.as_str()));
                if let Some(function) = function.cloned() {
                    return self.own_call(&function, call);
                }
            }
            return self.method(method, call);
        }
        Err(mark::no_line_for(&self.text_of(call)))
    }

    /// The class whose object or name this is.
    pub fn class_of(&self, value: &Expr) -> Option<String> {
        let Expr::Name(name) = value else { return None };
        match &self.object {
            Some((class, own)) if *own == *name.id => Some(class.clone()),
            _ if self.known.classes.contains_key(name.id.as_str()) => Some(name.id.to_string()),
            _ => match self.kind_of(&name.id) {
                Some(Kind::Object(class)) => Some(class),
                _ => None,
            },
        }
    }

    /// A call of a function of the text.
    pub fn own_call(&mut self, name: &str, call: &ExprCall) -> Said<Operand> {
        let Some(function) = self.known.functions.get(name).cloned() else {
            return Err(mark::no_line_for(&format!("{name}()")));
        };
        let mut line = self.known.def_name(name);
        let exprs: Vec<&Expr> = call.arguments.args.iter().collect();
        let keywords: Vec<&Expr> = call.arguments.keywords.iter().map(|keyword| &keyword.value).collect();
        let mut values = self.in_order(&[&exprs[..], &keywords[..]].concat())?;
        // A line has them in the order of the parameters.
        if !keywords.is_empty() && values.iter().filter(|value| value.runs()).count() > 1 {
            for value in values.iter_mut().filter(|value| value.runs()) {
                *value = self.named(value.clone())?;
            }
        }
        let (positional, named) = values.split_at(exprs.len());
        let mut words: Vec<Option<String>> = Vec::new();
        for (at, value) in positional.iter().enumerate() {
            self.note_argument(name, at, value);
            self.hand_on(exprs[at]);
            words.push(Some(self.word(value)?));
        }
        for (keyword, value) in call.arguments.keywords.iter().zip(named) {
            let key = keyword.arg.as_ref().ok_or(mark::UNPACKED_STAR)?;
            let at = function.parameters.iter().position(|(parameter, _)| *parameter == *key.id);
            let at = at.ok_or_else(|| mark::no_line_for(&format!("{}=", key.id)))?;
            while words.len() <= at {
                words.push(None);
            }
            self.note_argument(name, at, value);
            words[at] = Some(self.word(value)?);
        }
        if words.len() > function.parameters.len() && !function.rest {
            return Err(mark::no_line_for(&self.text_of(call)));
        }
        if function.parameters.iter().skip(words.len()).any(|(_, default)| default.is_none()) {
            return Err(mark::no_line_for(&self.text_of(call)));
        }
        for (at, word) in words.into_iter().enumerate() {
            let word = word.or_else(|| function.parameters.get(at).and_then(|(_, default)| default.clone()));
            line.push(' ');
            line.push_str(&word.ok_or_else(|| mark::no_line_for(&format!("{name}()")))?);
        }
        Ok(match function.result.or(function.returned) {
            Some(kind) => Operand::call(line, kind),
            // It is being read: what it returns is not known yet.
            None if *name == self.function => Operand::call(line, Kind::Unknown),
            None => Operand::act(line),
        })
    }

    /// Remembers of which kind a parameter is.
    fn note_argument(&mut self, name: &str, at: usize, value: &Operand) {
        let kind = &value.kind;
        let parameter = self.known.functions.get(name).and_then(|function| function.parameters.get(at));
        if let Some((parameter, _)) = parameter.cloned() {
            if *kind == Kind::None || self.may_be_none(value) {
                self.known.nones.insert((name.to_string(), parameter.clone()));
            }
            let own = self.known.sock_name(&parameter);
            self.note_copy(&own, value);
        }
        let function = name;
        let before = self.known.functions.get(name).and_then(|function| function.arguments.get(at));
        if before
            .is_some_and(|before| *before != Kind::None && (*before == Kind::Clock) != (*kind == Kind::Clock))
        {
            self.changed(mark::NANOSECONDS);
        }
        if let Some(function) = self.known.functions.get_mut(function) {
            while function.arguments.len() <= at {
                function.arguments.push(Kind::None);
            }
            let before = std::mem::replace(&mut function.arguments[at], Kind::None);
            function.arguments[at] = before.merge(kind.clone());
        }
    }

    /// A socket that is handed on may be closed there.
    pub fn hand_on(&mut self, expr: &Expr) {
        if let Expr::Name(name) = expr {
            self.close(&name.id);
        }
    }

    /// What a name holds is closed here, as far as it is known.
    pub fn close(&mut self, name: &str) {
        let key = (self.place_of(name), name.to_string());
        self.known.open.remove(&key);
        let within = self.known.closed.entry(key).or_default();
        *within = self.loops.len().max(*within);
    }

    /// A call of a module's function, or of one that Python has from the start.
    fn known_call(&mut self, full: &str, call: &ExprCall) -> Said<Operand> {
        if full.starts_with("pickle") {
            return Err(mark::PICKLE.into());
        }
        let said = match full.split_once('.') {
            Some(("socket", name)) => self.socket_call(name, call)?,
            Some(("struct", name)) => self.struct_call(name, call)?,
            Some(("threading" | "queue", name)) => self.thread_call(name, call)?,
            Some(_) => self.module_call(full, call)?,
            None => self.builtin(full, call)?,
        };
        said.ok_or_else(|| mark::no_line_for(&format!("{full}()")))
    }

    fn module_call(&mut self, full: &str, call: &ExprCall) -> Said<Option<Operand>> {
        Ok(Some(match full {
            "json.dumps" => {
                let [value] = self.only(call, 1, &["ensure_ascii"])? else { return Ok(None) };
                let escapes = match self.keyword(call, "ensure_ascii") {
                    None => true,
                    Some(Expr::BooleanLiteral(flag)) => flag.value,
                    Some(other) => return Err(mark::no_line_for(&self.text_of(other))),
                };
                if escapes && !is_ascii_data(&call.arguments.args) {
                    self.changed(mark::JSON_LETTERS);
                }
                let value = self.value(value)?;
                self.note_clock(&value);
                let word = self.word(&value)?;
                Operand::call(format!("tojson {word}"), Kind::Text)
            }
            "json.loads" => {
                let operands = self.arguments(call, 1)?;
                let Some(value) = operands.first() else { return Ok(None) };
                let word = self.word(value)?;
                Operand::call(format!("json {word}"), Kind::Json)
            }
            "time.sleep" => {
                let operands = self.arguments(call, 1)?;
                let Some(value) = operands.first() else { return Ok(None) };
                let word = self.seconds(value)?;
                Operand::act(format!("sleep {word}"))
            }
            "time.time" => Operand::call("now", Kind::Clock),
            "time.monotonic" | "time.perf_counter" => Operand::call("now --monotonic", Kind::Clock),
            "time.time_ns" => Operand::call("now", Kind::Int),
            "sys.exit" => self.exit(call)?,
            "hashlib.md5" | "hashlib.sha1" | "hashlib.sha256" | "hashlib.sha512" => {
                let operands = self.arguments(call, 1)?;
                let data = operands.into_iter().next();
                let data = data.unwrap_or_else(|| Operand::text("", Kind::Bytes(Some(0))));
                let name = full.rsplit('.').next().unwrap_or_default().to_string();
                Operand { kind: Kind::Digest(name), ..data }
            }
            "binascii.hexlify" => {
                let operands = self.arguments(call, 1)?;
                let Some(value) = operands.first() else { return Ok(None) };
                self.property(value.clone(), "hex", Kind::Bytes(None))?
            }
            "base64.b64encode" => {
                let operands = self.arguments(call, 1)?;
                let Some(value) = operands.first() else { return Ok(None) };
                self.property(value.clone(), "base64", Kind::Bytes(None))?
            }
            "base64.b64decode" | "bytes.fromhex" | "bytearray.fromhex" | "binascii.unhexlify" => {
                let operands = self.arguments(call, 1)?;
                let Some(value) = operands.first() else { return Ok(None) };
                let word = self.word(value)?;
                let encoding = if full == "base64.b64decode" { "base64" } else { "hex" };
                Operand::call(format!("decode {encoding} {word}"), Kind::Bytes(None))
            }
            "os.urandom" | "random.randbytes" => {
                let operands = self.arguments(call, 1)?;
                let Some(value) = operands.first() else { return Ok(None) };
                let word = self.word(value)?;
                Operand::call(
                    format!("random {word}"),
                    Kind::Bytes(value.number().and_then(|n| u64::try_from(n).ok())),
                )
            }
            "random.randint" => {
                let operands = self.arguments(call, 2)?;
                let [low, high] = operands.as_slice() else { return Ok(None) };
                // The low one stands twice.
                let (low, high) = (self.kept(low.clone())?, self.kept(high.clone())?);
                let (low, high) = (self.term(&low)?, self.term(&high)?);
                let sum = format!("{low} + $(unpack u32be $(random 4)) % ({high} - {low} + 1)");
                Operand::new(Form::Sum(sum), Kind::Int)
            }
            "int.from_bytes" => return self.integer_of(call).map(Some),
            "select.select" => return self.select(call).map(Some),
            _ => return Ok(None),
        }))
    }

    /// A time in seconds, as a word of a line.
    pub fn seconds(&mut self, time: &Operand) -> Said<String> {
        if time.kind != Kind::Clock {
            return self.word(time);
        }
        // Sockets count no finer.
        let term = self.term(time)?;
        let micros = self.named(Operand::new(Form::Sum(format!("{term} / 1000")), Kind::Int))?;
        let path = self.path(micros)?;
        Ok(format!("\"${{{path}}}us\""))
    }

    /// A time goes where its number counts.
    pub fn note_clock(&mut self, value: &Operand) {
        if value.kind == Kind::Clock {
            self.changed(mark::NANOSECONDS);
        }
    }

    /// Text as bytes.
    pub fn encoded(&mut self, text: Operand, encoding: Option<Vec<u8>>) -> Said<Operand> {
        let name = encoding_name(encoding.as_deref())?;
        if name == "utf-8" {
            let length = text.literal().map(|bytes| bytes.len() as u64);
            return Ok(match text.form {
                Form::Word(word) => Operand::text(word, Kind::Bytes(length)),
                form => Operand { form, kind: Kind::Bytes(length) },
            });
        }
        let word = self.word(&text)?;
        Ok(Operand::call(format!("encode {name} {word}"), Kind::Bytes(None)))
    }

    /// Bytes as text.
    pub fn decoded(&mut self, bytes: Operand, encoding: Option<Vec<u8>>) -> Said<Operand> {
        let name = encoding_name(encoding.as_deref())?;
        if name == "utf-8" {
            if let Some(literal) = bytes.literal()
                && std::str::from_utf8(&literal).is_ok()
            {
                return Ok(Operand { kind: Kind::Text, ..bytes });
            }
            return self.property(bytes, "text", Kind::Text);
        }
        let word = self.word(&bytes)?;
        Ok(Operand::call(format!("decode {name} {word}"), Kind::Text))
    }

    /// A call that is a condition by itself; nothing for any other.
    pub fn test_call(&mut self, call: &ExprCall) -> Said<Option<Condition>> {
        let Expr::Attribute(method) = &*call.func else { return Ok(None) };
        if self.dotted(&call.func).is_some() {
            return Ok(None);
        }
        self.test_method(method, call)
    }
}

/// What an attribute of a class's only object is called among Python's names, where it is no name of the text's own.
pub fn attribute_name(class: &str, attribute: &str) -> String {
    format!("{class}.{attribute}")
}

/// The name of an encoding; UTF-8 where none is given.
fn encoding_name(name: Option<&[u8]>) -> Said<String> {
    let Some(name) = name else { return Ok("utf-8".into()) };
    let name = String::from_utf8_lossy(name).to_lowercase();
    let known = Encoding::named(&name).filter(|e| {
        !matches!(
            e,
            Encoding::Hex | Encoding::Base64 | Encoding::Base64Url | Encoding::Url | Encoding::Python
        )
    });
    match known {
        Some(Encoding::Utf8) => Ok("utf-8".into()),
        Some(_) => Ok(name),
        None => Err(mark::no_line_for(&name)),
    }
}

/// Data whose letters are all ASCII, as far as its text tells.
fn is_ascii_data(exprs: &[Expr]) -> bool {
    exprs.iter().all(|expr| match expr {
        Expr::StringLiteral(text) => text.value.to_str().is_ascii(),
        Expr::NumberLiteral(_) | Expr::BooleanLiteral(_) | Expr::NoneLiteral(_) => true,
        Expr::List(list) => is_ascii_data(&list.elts),
        Expr::Dict(dict) => dict.items.iter().all(|item| {
            item.key.as_ref().is_none_or(|key| is_ascii_data(std::slice::from_ref(key)))
                && is_ascii_data(std::slice::from_ref(&item.value))
        }),
        _ => false,
    })
}
