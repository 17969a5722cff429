//! Calls: of what Python has from the start, of its modules, and of the text's own functions.

use ruff_python_ast::{Expr, ExprAttribute, ExprCall};

use super::condition::Condition;
use super::expression::{is_builtin, of_pieces};
use super::mark;
use super::operand::{Form, Kind, Operand, Piece};
use super::pass::{Pass, Said};
use crate::value::encoding::Encoding;

/// Modules whose functions have lines.
pub const MODULES: &[&str] = &[
    "socket", "select", "struct", "json", "time", "threading", "queue", "sys", "hashlib", "hmac", "os",
    "typing", "__future__", "io", "collections", "binascii", "base64", "random", "string", "errno",
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
            Expr::Attribute(attribute) => {
                let module = self.dotted(&attribute.value)?;
                let module = module.split_once('.').map_or(module.as_str(), |(first, _)| first);
                let whole = self.dotted(&attribute.value)?;
                (MODULES.contains(&module) || matches!(module, "int" | "bytes" | "str" | "dict" | "bytearray" | "pickle"))
                    .then(|| format!("{whole}.{}", attribute.attr.id))
            }
            _ => None,
        }
    }

    /// A constant of a module.
    pub fn constant(&mut self, full: &str) -> Said<Operand> {
        let (module, name) = full.rsplit_once('.').unwrap_or(("", full));
        let word = |name: &str| Ok(Operand::new(Form::Word(name.to_string()), Kind::Unknown));
        match (module, name) {
            ("socket", "INADDR_ANY") => Ok(Operand::text("0.0.0.0", Kind::Text)),
            ("socket", "SOMAXCONN") => Ok(Operand::int(4096)),
            ("socket", name) if name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_') => {
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
        if let Some(full) = self.dotted(&Expr::Attribute(attribute.clone())) {
            return self.constant(&full);
        }
        let value = self.value(&attribute.value)?;
        match (&value.kind, attribute.attr.id.as_str()) {
            (Kind::Socket, property @ ("family" | "type")) => {
                self.changed(mark::OTHER_FAMILY);
                self.property(value, property, Kind::Text)
            }
            (Kind::Error(_), "errno") => self.property(value, "number", Kind::Int),
            (Kind::Error(_), "strerror" | "args" | "msg") => {
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

    /// The arguments of a call as one word each; no keywords but those that are handled before.
    pub fn arguments(&mut self, call: &ExprCall, most: usize) -> Said<Vec<Operand>> {
        if let Some(keyword) = call.arguments.keywords.first() {
            return Err(mark::no_line_for(&format!("{}=", keyword.arg.as_ref().map_or("**", |arg| &*arg.id))));
        }
        if call.arguments.args.len() > most {
            return Err(mark::no_line_for(&self.text_of(call)));
        }
        let exprs: Vec<&Expr> = call.arguments.args.iter().collect();
        self.in_order(&exprs)
    }

    /// The value of a keyword.
    pub fn keyword<'e>(&self, call: &'e ExprCall, name: &str) -> Option<&'e Expr> {
        call.arguments.keywords.iter().find(|k| k.arg.as_ref().is_some_and(|arg| &*arg.id == name)).map(|k| &k.value)
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
                let function = self.known.classes.get(&class).and_then(|class| class.methods.get(method.attr.id.as_str()));
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
        let values = self.in_order(&[&exprs[..], &keywords[..]].concat())?;
        let (positional, named) = values.split_at(exprs.len());
        let mut words: Vec<Option<String>> = Vec::new();
        for (at, value) in positional.iter().enumerate() {
            self.note_argument(name, at, &value.kind);
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
            self.note_argument(name, at, &value.kind);
            words[at] = Some(self.word(value)?);
        }
        if words.len() > function.parameters.len() && !function.rest {
            return Err(mark::no_line_for(&self.text_of(call)));
        }
        for (at, word) in words.into_iter().enumerate() {
            let word = word.or_else(|| function.parameters.get(at).and_then(|(_, default)| default.clone()));
            line.push(' ');
            line.push_str(&word.ok_or_else(|| mark::no_line_for(&format!("{name}()")))?);
        }
        Ok(match function.result {
            Some(kind) => Operand::call(line, kind),
            None => Operand::act(line),
        })
    }

    /// Remembers of which kind a parameter is.
    pub fn note_argument(&mut self, function: &str, at: usize, kind: &Kind) {
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
            self.known.closed.insert((self.place_of(&name.id), name.id.to_string()));
        }
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
                let plain = self.keyword(call, "ensure_ascii").is_none();
                let others = call.arguments.keywords.iter().find(|k| k.arg.as_ref().is_none_or(|a| &*a.id != "ensure_ascii"));
                if let Some(other) = others {
                    return Err(mark::no_line_for(&self.text_of(other)));
                }
                if plain && !is_ascii_data(&call.arguments.args) {
                    self.changed(mark::JSON_LETTERS);
                }
                let Some(value) = call.arguments.args.first() else { return Ok(None) };
                let value = self.value(value)?;
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
                let word = self.word(value)?;
                Operand::act(format!("sleep {word}"))
            }
            "time.time" => Operand::call("now", Kind::Clock),
            "time.monotonic" | "time.perf_counter" => Operand::call("now --monotonic", Kind::Clock),
            "time.time_ns" => Operand::call("now", Kind::Int),
            "sys.exit" => self.exit(call)?,
            "hashlib.md5" | "hashlib.sha1" | "hashlib.sha256" | "hashlib.sha512" => {
                let operands = self.arguments(call, 1)?;
                let Some(value) = operands.first() else { return Ok(None) };
                let name = full.rsplit('.').next().unwrap_or_default().to_string();
                let word = self.word(value)?;
                Operand::new(Form::Word(word.clone()), Kind::Digest(name, word))
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
                Operand::call(format!("random {word}"), Kind::Bytes(value.number().and_then(|n| u64::try_from(n).ok())))
            }
            "random.randint" => {
                let operands = self.arguments(call, 2)?;
                let [low, high] = operands.as_slice() else { return Ok(None) };
                let (low, high) = (self.term(low)?, self.term(high)?);
                let sum = format!("{low} + $(unpack u32be $(random 4)) % ({high} - {low} + 1)");
                Operand::new(Form::Sum(sum), Kind::Int)
            }
            "int.from_bytes" => return self.from_bytes(call).map(Some),
            "select.select" => return self.select(call).map(Some),
            _ => return Ok(None),
        }))
    }

    fn exit(&mut self, call: &ExprCall) -> Said<Operand> {
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

    fn builtin(&mut self, name: &str, call: &ExprCall) -> Said<Option<Operand>> {
        let first = |operands: &[Operand]| operands.first().cloned().ok_or_else(|| mark::no_line_for(&format!("{name}()")));
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
                let Some(argument) = call.arguments.args.first() else { return Ok(None) };
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
                    Some(value) => self.as_list(value)?,
                }
            }
            "dict" => {
                if call.arguments.args.is_empty() && call.arguments.keywords.is_empty() {
                    Operand::call("map", Kind::Map(Box::new(Kind::Unknown)))
                } else {
                    let mut line = String::from("map");
                    if !call.arguments.args.is_empty() {
                        return Ok(None);
                    }
                    let mut kind = Kind::None;
                    for keyword in &call.arguments.keywords {
                        let key = keyword.arg.as_ref().ok_or(mark::UNPACKED_STAR)?.id.to_string();
                        let value = self.value(&keyword.value)?;
                        line.push_str(&format!(" \"{key}\" {}", self.word(&value)?));
                        kind = kind.merge(value.kind);
                    }
                    Operand::call(line, Kind::Map(Box::new(kind)))
                }
            }
            "min" | "max" => {
                let operands = self.arguments(call, 16)?;
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
                self.spec(match name { "hex" => "\"#x\"", "bin" => "\"#b\"", _ => "\"#o\"" }, &value)?
            }
            "format" => {
                let operands = self.arguments(call, 2)?;
                let spec = operands.get(1).and_then(Operand::literal).and_then(|s| String::from_utf8(s).ok());
                self.formatted(first(&operands)?, &spec.unwrap_or_default())?
            }
            "open" => return self.open(call).map(Some),
            "exit" | "quit" => self.exit(call)?,
            "type" => return Ok(None),
            "sorted" | "reversed" | "range" => return Ok(None),
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
            Kind::Map(_) => {
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
                let words = command.strip_prefix("list").filter(|words| words.is_empty() || words.starts_with(' '));
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
                    _ => Piece::Bytes(value.literal().map_or(0, |bytes| bytes.len()).to_string().into_bytes()),
                };
                let format = super::operand::quoted(&[length, Piece::Bytes(b"B".to_vec())]);
                let word = self.word(&value)?;
                Operand::call(format!("unpack {format} {word}"), Kind::list(Kind::Int))
            }
            Kind::Text => self.property(value, "chars", Kind::list(Kind::Text))?,
            Kind::Map(_) => {
                let map = self.word(&value)?;
                let (list, key) = (self.temporary(), self.temporary());
                self.push(format!("{list} = list"));
                self.push(format!("for {key} in {map}"));
                self.push(format!("    append {list} ${key}"));
                self.push("end");
                Operand::path(list, Kind::list(Kind::Text))
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

/// What an attribute of a class's only object is called among Python's names.
pub fn attribute_name(class: &str, attribute: &str) -> String {
    format!("{}_{attribute}", class.to_lowercase())
}

/// The name of an encoding; UTF-8 where none is given.
fn encoding_name(name: Option<&[u8]>) -> Said<String> {
    let Some(name) = name else { return Ok("utf-8".into()) };
    let name = String::from_utf8_lossy(name).to_lowercase();
    let known = Encoding::named(&name).filter(|e| !matches!(e, Encoding::Hex | Encoding::Base64 | Encoding::Base64Url | Encoding::Url | Encoding::Python));
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
