//! Methods of text, bytes, numbers, lists and maps, and of what files, locks, events and queues became.

use ruff_python_ast::{Expr, ExprAttribute, ExprCall, Operator};

use super::condition::Condition;
use super::mark;
use super::operand::{Form, Kind, Operand, Piece, quoted};
use super::pass::{Pass, Said};

impl Pass<'_> {
    /// `value.method(…)` as a value.
    pub fn method(&mut self, method: &ExprAttribute, call: &ExprCall) -> Said<Operand> {
        let name = method.attr.id.as_str();
        if name == "format"
            && let Expr::StringLiteral(text) = &*method.value
        {
            return self.format_method(text.value.to_str(), call);
        }
        let value = self.value(&method.value)?;
        let said = match value.kind.clone() {
            Kind::Socket => {
                if name == "close" || name == "detach" {
                    self.hand_on(&method.value);
                }
                self.socket_method(value, name, call)?
            }
            Kind::SocketFile { socket, text } => self.socket_file(&socket, text, name, call)?,
            Kind::File { text } => self.file_method(value, text, name, call)?,
            Kind::Thread(thread) => self.thread_method(&thread, name, call)?,
            Kind::Lock | Kind::Event | Kind::Queue => self.pair_method(value, name, call)?,
            Kind::Digest(hash) => self.digest_method(value, &hash, &method.value, name, call)?,
            Kind::Map(keys, item) => self.map_method(value, *keys, *item, name, call)?,
            Kind::List(item) => self.list_method(value, *item, name, call)?,
            Kind::Json if matches!(name, "get" | "keys" | "values") => {
                self.map_method(value, Kind::Text, Kind::Json, name, call)?
            }
            Kind::Int | Kind::Unknown if name == "to_bytes" => return self.bytes_of_integer(value, call),
            // What is not known is taken as what has such a method.
            Kind::Unknown if matches!(name, "append" | "insert") => {
                self.list_method(value, Kind::Unknown, name, call)?
            }
            Kind::Unknown if matches!(name, "get" | "keys" | "values" | "items") => {
                self.map_method(value, Kind::Unknown, Kind::Unknown, name, call)?
            }
            Kind::Unknown if is_socket_method(name) => self.socket_method(value, name, call)?,
            Kind::Bytes(_) if matches!(name, "append" | "extend" | "clear") => {
                let operands = self.arguments(call, 1)?;
                let more = match (name, operands.first()) {
                    ("clear", None) => {
                        let empty = Operand::text("", Kind::Bytes(None));
                        self.store(&method.value, empty)?;
                        return Ok(Operand::act(""));
                    }
                    ("append", Some(byte)) => {
                        let word = self.word(byte)?;
                        Operand::call(format!("pack u8 {word}"), Kind::Bytes(Some(1)))
                    }
                    (_, Some(more)) => more.clone(),
                    _ => return Err(mark::no_line_for(&format!(".{name}()"))),
                };
                let whole =
                    self.combined(Operand { kind: Kind::Bytes(None), ..value }, Operator::Add, more)?;
                self.store(&method.value, whole)?;
                Some(Operand::act(""))
            }
            Kind::Object(class) => {
                let function =
                    self.known.classes.get(&class).and_then(|class| class.methods.get(name)).cloned();
                match function {
                    Some(function) => return self.own_call(&function, call),
                    None => None,
                }
            }
            Kind::Text | Kind::Bytes(_) | Kind::Unknown | Kind::Json => {
                self.text_method(value, name, call)?
            }
            _ => None,
        };
        said.ok_or_else(|| mark::no_line_for(&format!(".{name}()")))
    }

    /// The bytes of a literal, or of a name that is given one once and for all.
    fn text_known(&self, operand: &Operand) -> Option<Vec<u8>> {
        match &operand.form {
            Form::Path(path) => self.known.constants.get(path).cloned(),
            _ => operand.literal(),
        }
    }

    fn text_method(&mut self, value: Operand, name: &str, call: &ExprCall) -> Said<Option<Operand>> {
        let kind = if value.kind.is_bytes() { Kind::Bytes(None) } else { value.kind.clone() };
        if name == "encode" || name == "decode" {
            self.only(call, 1, &["encoding"])?;
            let encoding = match (call.arguments.args.first(), self.keyword(call, "encoding")) {
                (Some(encoding), _) | (None, Some(encoding)) => Some(self.value(encoding)?),
                (None, None) => None,
            };
            let encoding = match encoding {
                Some(encoding) => {
                    Some(self.text_known(&encoding).ok_or_else(|| mark::no_line_for(&self.text_of(call)))?)
                }
                None => None,
            };
            return match name {
                "encode" => self.encoded(value, encoding).map(Some),
                _ => self.decoded(value, encoding).map(Some),
            };
        }
        let operands = self.arguments(call, 2)?;
        Ok(Some(match (name, operands.as_slice()) {
            ("strip", []) => self.property(value, "trim", kind)?,
            ("lstrip" | "rstrip", []) | ("strip" | "lstrip" | "rstrip", [_]) => {
                // What is taken off is white space, all of it.
                let white = |ends: Vec<u8>| ends.iter().all(u8::is_ascii_whitespace);
                if !operands
                    .iter()
                    .all(|ends| self.text_known(ends).is_some_and(white) || ends.kind == Kind::None)
                {
                    return Ok(None);
                }
                self.changed(mark::TRIMS_BOTH);
                self.property(value, "trim", kind)?
            }
            ("split", []) => {
                self.changed(mark::ONE_BLANK);
                let trimmed = self.property(value, "trim", kind.clone())?;
                let word = self.word(&trimmed)?;
                Operand::call(format!("split {word} \" \""), Kind::list(kind))
            }
            ("split", [separator]) => {
                let (value, separator) = (self.word(&value)?, self.word(separator)?);
                Operand::call(format!("split {value} {separator}"), Kind::list(kind))
            }
            ("split", [separator, most]) if most.number() == Some(1) => {
                self.cut(value, separator, false, kind)?
            }
            ("partition", [separator]) => self.cut(value, separator, true, kind)?,
            ("splitlines", []) => self.property(value, "lines", Kind::list(kind))?,
            ("find", [part]) => {
                if kind == Kind::Text {
                    self.changed(mark::PLACES_ARE_BYTES);
                }
                let (value, part) = (self.word(&value)?, self.word(part)?);
                Operand::call(format!("find {value} {part}"), Kind::Int)
            }
            ("replace", [old, new]) => {
                let (value, old, new) = (self.word(&value)?, self.word(old)?, self.word(new)?);
                Operand::call(format!("replace {value} {old} {new}"), kind)
            }
            ("join", [list]) => {
                let list = self.as_list(list.clone())?;
                let (list, separator) = (self.word(&list)?, self.word(&value)?);
                Operand::call(format!("join {list} {separator}"), kind)
            }
            ("hex", []) => self.property(value, "hex", Kind::Text)?,
            ("count", [part]) => {
                let (value, part) = (self.word(&value)?, self.word(part)?);
                let pieces = self.path(Operand::call(format!("split {value} {part}"), Kind::Unknown))?;
                Operand::new(Form::Sum(format!("${{{pieces}.len}} - 1")), Kind::Int)
            }
            ("zfill", [width]) => {
                let Some(width) = width.number() else { return Ok(None) };
                if value.literal().is_none_or(|text| text.starts_with(b"-") || text.starts_with(b"+")) {
                    self.changed(mark::SIGN_BEHIND);
                }
                let word = self.word(&value)?;
                Operand::call(format!("format \"0>{width}\" {word}"), Kind::Text)
            }
            ("ljust" | "rjust" | "center", [width]) => {
                let Some(width) = width.number() else { return Ok(None) };
                let align = match name {
                    "ljust" => "<",
                    "rjust" => ">",
                    _ => "^",
                };
                let word = self.word(&value)?;
                Operand::call(format!("format \"{align}{width}\" {word}"), kind)
            }
            ("startswith" | "endswith" | "isdigit", _) => return self.flag_of(call).map(Some),
            _ => return Ok(None),
        }))
    }

    /// What stands before the first separator and after it, as a list; with the separator between them.
    fn cut(&mut self, value: Operand, separator: &Operand, middle: bool, kind: Kind) -> Said<Operand> {
        let literal = self.text_known(separator).and_then(|bytes| String::from_utf8(bytes).ok());
        let literal =
            literal.filter(|text| !text.is_empty()).ok_or_else(|| mark::no_line_for(".split(x, 1)"))?;
        let part = if middle { format!("({})", regex::escape(&literal)) } else { regex::escape(&literal) };
        self.changed(mark::NO_SEPARATOR);
        let pattern = quoted(&[Piece::Bytes(format!("(?s-u)^(.*?){part}(.*)$").into_bytes())]);
        let word = self.word(&value)?;
        let kinds = vec![kind; if middle { 3 } else { 2 }];
        Ok(Operand::call(format!("match {word} {pattern}"), Kind::Tuple(kinds)))
    }

    /// A condition that is a call, as a value.
    fn flag_of(&mut self, call: &ExprCall) -> Said<Operand> {
        let test = self.test_call(call)?.ok_or(mark::NO_RESULT)?;
        Ok(self.flag(&test))
    }

    /// A method whose result is a condition; nothing for others.
    pub fn test_method(&mut self, method: &ExprAttribute, call: &ExprCall) -> Said<Option<Condition>> {
        let name = method.attr.id.as_str();
        if !matches!(
            name,
            "startswith" | "endswith" | "isdigit" | "is_alive" | "is_set" | "empty" | "exists" | "locked"
        ) {
            return Ok(None);
        }
        if self.class_of(&method.value).is_some_and(|class| {
            self.known.classes.get(&class).is_some_and(|class| class.methods.contains_key(name))
        }) {
            return Ok(None);
        }
        let value = self.value(&method.value)?;
        Ok(Some(match (name, &value.kind) {
            ("is_set", Kind::Event) => Condition::of(format!("{} > 0", self.waiting(value)?)),
            ("locked", Kind::Lock) => Condition::of(format!("{} == 0", self.waiting(value)?)),
            ("empty", Kind::Queue) => Condition::of(format!("{} == 0", self.waiting(value)?)),
            ("is_alive", Kind::Thread(thread)) => {
                let thread = thread.clone();
                let alive = self.temporary();
                self.push(format!("let {alive} = 0"));
                self.push("try");
                self.push(format!("    wait {} --timeout 0", thread.job));
                self.push("except TimeoutError");
                self.push(format!("    let {alive} = 1"));
                self.push("end");
                Condition::of(format!("${alive} == 1"))
            }
            ("isdigit", _) => {
                let side = self.word(&value)?;
                Condition::of(format!("{side} matches r\"^[0-9]+$\""))
            }
            ("startswith" | "endswith", _) => {
                let side = self.lifted(value)?;
                let side = self.word(&side)?;
                let Some(argument) = call.arguments.args.first().filter(|_| call.arguments.args.len() == 1)
                else {
                    return Err(mark::no_line_for(&self.text_of(call)));
                };
                let parts: Vec<&Expr> = match argument {
                    Expr::Tuple(tuple) => tuple.elts.iter().collect(),
                    other => vec![other],
                };
                let many = parts.len() > 1;
                let operands = self.in_order(&parts)?;
                let mut tests = Vec::new();
                for operand in &operands {
                    tests.push(format!("{side} {name} {}", self.word(operand)?));
                }
                let text = tests.join(" or ");
                Condition::of(if many { format!("({text})") } else { text })
            }
            _ => return Err(mark::no_line_for(&format!(".{name}()"))),
        }))
    }

    /// How much waits in the pair of sockets that an event, a lock or a queue became.
    fn waiting(&mut self, value: Operand) -> Said<String> {
        let path = self.path(value)?;
        Ok(format!("${{{path}_out.recvq}}"))
    }

    /// Locks, events and queues: a pair of sockets `NAME_in`, `NAME_out`.
    fn pair_method(&mut self, value: Operand, name: &str, call: &ExprCall) -> Said<Option<Operand>> {
        let kind = value.kind.clone();
        let path = self.path(value)?;
        let arguments = match name {
            "wait" => self.only(call, 1, &["timeout"])?,
            "get" => self.only(call, 2, &["block", "timeout"])?,
            "acquire" => self.only(call, 2, &["blocking", "timeout"])?,
            "put" => self.only(call, 1, &[])?,
            _ => self.only(call, 0, &[])?,
        };
        let waits = match name {
            "get" | "acquire" => arguments
                .first()
                .or_else(|| self.keyword(call, "block"))
                .or_else(|| self.keyword(call, "blocking")),
            _ => None,
        };
        if waits.is_some_and(|waits| !matches!(waits, Expr::BooleanLiteral(flag) if flag.value)) {
            return Err(mark::no_line_for(&self.text_of(call)));
        }
        let limit = self.keyword(call, "timeout").or(match name {
            "wait" => arguments.first(),
            "get" | "acquire" => arguments.get(1),
            _ => None,
        });
        let limit = match limit.filter(|limit| !limit.is_none_literal_expr()) {
            Some(limit) => {
                let limit = self.value(limit)?;
                format!(" --timeout {}", self.seconds(&limit)?)
            }
            None => String::new(),
        };
        Ok(Some(match (&kind, name) {
            (Kind::Lock, "acquire") if limit.is_empty() => Operand::act(format!("{path}_out.recv 1")),
            (Kind::Lock, "release") => Operand::act(format!("{path}_in.send \"1\"")),
            (Kind::Event, "set") => Operand::act(format!("{path}_in.send \"1\"")),
            (Kind::Event, "wait") if limit.is_empty() => Operand::act(format!("{path}_out.peek 1")),
            (Kind::Event, "wait") => {
                self.push("try");
                self.push(format!("    {path}_out.peek 1{limit}"));
                self.push("except TimeoutError");
                self.push("end");
                Operand::act("")
            }
            (Kind::Event, "clear") => {
                self.push(format!("while ${{{path}_out.recvq}} > 0"));
                self.push(format!("    {path}_out.recv"));
                self.push("end");
                Operand::act("")
            }
            (Kind::Event, "is_set") | (Kind::Queue, "empty") => self.flag_of(call)?,
            (Kind::Queue, "put") => {
                let Some(item) = call.arguments.args.first() else { return Ok(None) };
                let item = self.value(item)?;
                if item.kind.is_list()
                    || matches!(item.kind, Kind::Map(..) | Kind::Socket | Kind::None | Kind::Bool)
                {
                    return Err(mark::QUEUE_OF_TEXT.into());
                }
                let before = self.known.kind("queue", &path).cloned().unwrap_or(Kind::None);
                self.known.set_kind("queue", &path, before.merge(item.kind.clone()));
                let word = self.word(&item)?;
                let word =
                    if word.starts_with('"') || word.starts_with('$') { word } else { format!("\"{word}\"") };
                Operand::act(format!("{path}_in.send {word}"))
            }
            (Kind::Queue, "get") => {
                let kind = self.known.kind("queue", &path).cloned().unwrap_or(Kind::Unknown);
                Operand::call(format!("{path}_out.recv 65536{limit}"), kind)
            }
            (Kind::Queue, "task_done") => Operand::act(""),
            _ => return Ok(None),
        }))
    }

    /// What a hash is made of is text, and grows; the hash is made when it is asked for.
    fn digest_method(
        &mut self,
        value: Operand,
        hash: &str,
        named: &Expr,
        name: &str,
        call: &ExprCall,
    ) -> Said<Option<Operand>> {
        let operands = self.arguments(call, 1)?;
        let data = Operand { kind: Kind::Bytes(None), ..value.clone() };
        Ok(Some(match (name, operands.as_slice()) {
            ("digest", []) => {
                let word = self.word(&data)?;
                Operand::call(format!("hash {hash} {word}"), Kind::Bytes(None))
            }
            ("hexdigest", []) => {
                let word = self.word(&data)?;
                Operand::new(Form::Part(format!("hash {hash} {word}"), "hex".into()), Kind::Text)
            }
            ("update", [more]) if matches!(value.form, Form::Path(_)) => {
                let whole = self.combined(data, Operator::Add, more.clone())?;
                self.store(named, Operand { kind: value.kind, ..whole })?;
                Operand::act("")
            }
            ("copy", []) => value,
            _ => return Ok(None),
        }))
    }

    fn map_method(
        &mut self,
        value: Operand,
        keys: Kind,
        item: Kind,
        name: &str,
        call: &ExprCall,
    ) -> Said<Option<Operand>> {
        let operands = self.arguments(call, 2)?;
        if let (Some(key), Kind::Map(..)) = (operands.first(), &value.kind) {
            self.note_key(&keys, &key.kind);
        }
        Ok(Some(match (name, operands.as_slice()) {
            ("get", [key]) => {
                let (map, key) = (self.word(&value)?, self.word(key)?);
                Operand::call(format!("get {map} {key} $(json null)"), item)
            }
            ("get", [key, default]) => {
                let (map, key, word) = (self.word(&value)?, self.word(key)?, self.word(default)?);
                let kind = if item == Kind::Unknown {
                    default.kind.clone()
                } else {
                    item.merge(default.kind.clone())
                };
                Operand::call(format!("get {map} {key} {word}"), kind)
            }
            ("pop", [key]) => {
                let path = self.path(value)?;
                let key = self.lifted(key.clone())?;
                let key = self.word(&key)?;
                let kept = self.named(Operand::call(format!("get ${path} {key}"), item))?;
                self.push(format!("remove {path} {key}"));
                kept
            }
            ("keys", []) => self.as_list(value)?,
            ("values", []) => {
                let map = self.word(&value)?;
                let (list, key, one) = (self.temporary(), self.temporary(), self.temporary());
                self.push(format!("{list} = list"));
                self.push(format!("for {key}, {one} in {map}"));
                self.push(format!("    append {list} ${one}"));
                self.push("end");
                Operand::path(list, Kind::list(item))
            }
            ("copy", []) => value.copied(),
            _ => return Ok(None),
        }))
    }

    fn list_method(
        &mut self,
        value: Operand,
        item: Kind,
        name: &str,
        call: &ExprCall,
    ) -> Said<Option<Operand>> {
        if name == "append"
            && let [argument] = &*call.arguments.args
        {
            self.hand_on(argument);
        }
        let operands = self.arguments(call, 2)?;
        let Form::Path(path) = &value.form else { return Err(mark::no_line_for(&format!("[…].{name}()"))) };
        let path = path.clone();
        if path.contains('.') && name != "index" && name != "copy" {
            return Err(mark::no_line_for(&format!("….{name}()")));
        }
        Ok(Some(match (name, operands.as_slice()) {
            ("append", [one]) => {
                if let Kind::Thread(thread) = &one.kind {
                    self.note_item(&path, &Kind::Int, &Kind::Thread(thread.clone()));
                    return Ok(Some(Operand::act("")));
                }
                self.note_item(&path, &Kind::Int, &one.kind);
                self.note_copy("", one);
                let word = self.word(one)?;
                if one.kind.is_spread() {
                    // A list among the words of `append` would stand for its items.
                    self.push(format!("append {path} 0"));
                    return Ok(Some(Operand::act(format!("put {path} -1 {word}"))));
                }
                Operand::act(format!("append {path} {word}"))
            }
            ("extend", [more]) => {
                let more = self.as_list(more.clone())?;
                self.note_item(&path, &Kind::Int, &more.kind.item(None));
                let word = self.word(&more)?;
                Operand::act(format!("append {path} {word}"))
            }
            ("remove", [one]) => {
                let word = self.word(one)?;
                Operand::act(format!("remove {path} {word}"))
            }
            ("insert", [at, one]) => {
                self.note_item(&path, &Kind::Int, &one.kind);
                self.note_copy("", one);
                let at = self.lifted(at.clone())?;
                let (at, one) = (self.word(&at)?, self.lifted(one.clone())?);
                let spread = one.kind.is_spread();
                let word = self.word(&one)?;
                // A list among the words would stand for its items, so it comes into a list of its own first.
                let word = if spread {
                    let only = self.temporary();
                    self.push(format!("{only} = list 0"));
                    self.push(format!("put {only} 0 {word}"));
                    format!("${only}")
                } else {
                    word
                };
                Operand::act(format!("{path} = list $(slice ${path} 0 {at}) {word} $(slice ${path} {at})"))
            }
            ("pop", at) if at.first().is_none_or(|at| at.number() == Some(-1)) => {
                let kept = self.named(Operand::call(format!("get ${path} -1"), item))?;
                self.push(format!("{path} = slice ${path} 0 -1"));
                kept
            }
            ("pop", [at]) if at.number() == Some(0) => {
                let kept = self.named(Operand::call(format!("get ${path} 0"), item))?;
                self.push(format!("{path} = slice ${path} 1"));
                kept
            }
            ("clear", []) => Operand::act(format!("{path} = list")),
            ("copy", []) => value.copied(),
            _ => return Ok(None),
        }))
    }

    /// `n.to_bytes(k, "big")`
    fn bytes_of_integer(&mut self, value: Operand, call: &ExprCall) -> Said<Operand> {
        self.only(call, 2, &["length", "byteorder", "signed"])?;
        let mut length = call
            .arguments
            .args
            .first()
            .or_else(|| self.keyword(call, "length"))
            .map(|e| self.value(e))
            .transpose()?;
        let length = length.get_or_insert(Operand::int(1)).clone();
        let (order, letter) = self.order_and_sign(call)?;
        let word = self.word(&value)?;
        Ok(match length.number() {
            Some(n @ 1..=8) => {
                let order = if n == 1 { "" } else { order };
                Operand::call(
                    format!("pack {letter}{}{order} {word}", 8 * n),
                    Kind::Bytes(u64::try_from(n).ok()),
                )
            }
            Some(_) => return Err(mark::TOO_BIG.into()),
            None => {
                let length = self.term(&length)?;
                let bits = self.named(Operand::new(Form::Sum(format!("{length} * 8")), Kind::Int))?;
                let pieces = [
                    &[Piece::Bytes(vec![letter as u8])],
                    &self.pieces(bits)?[..],
                    &[Piece::Bytes(order.into())],
                ];
                Operand::call(format!("pack {} {word}", quoted(&pieces.concat())), Kind::Bytes(None))
            }
        })
    }

    /// The second argument and `signed=` of both: `be` or `le`, `i` or `u`.
    fn order_and_sign(&mut self, call: &ExprCall) -> Said<(&'static str, char)> {
        let signed = match self.keyword(call, "signed") {
            None => false,
            Some(Expr::BooleanLiteral(flag)) => flag.value,
            Some(other) => return Err(mark::no_line_for(&self.text_of(other))),
        };
        let letter = if signed { 'i' } else { 'u' };
        let Some(order) = call.arguments.args.get(1).or_else(|| self.keyword(call, "byteorder")) else {
            return Ok(("be", letter));
        };
        let order = self.value(order)?;
        match self.text_known(&order).as_deref() {
            Some(b"big") => Ok(("be", letter)),
            Some(b"little") => Ok(("le", letter)),
            _ => Err(mark::no_line_for("byteorder=")),
        }
    }

    /// `int.from_bytes(x, "big")`
    pub fn integer_of(&mut self, call: &ExprCall) -> Said<Operand> {
        let Some(data) = self.only(call, 2, &["byteorder", "signed"])?.first() else {
            return Err(mark::no_line_for("int.from_bytes()"));
        };
        let data = self.value(data)?;
        let (order, letter) = self.order_and_sign(call)?;
        Ok(match data.kind {
            Kind::Bytes(Some(n @ 1..=8)) => {
                if data.literal().is_none() {
                    self.changed(mark::SHORT_NUMBER);
                }
                let order = if n == 1 { "" } else { order };
                let word = self.word(&data)?;
                Operand::call(format!("unpack {letter}{}{order} {word}", 8 * n), Kind::Int)
            }
            _ => {
                let path = self.path(data)?;
                let bits = self.temporary();
                self.push(format!("let {bits} = ${{{path}.len}} * 8"));
                let pieces =
                    [Piece::Bytes(vec![letter as u8]), Piece::Path(bits), Piece::Bytes(order.into())];
                let word = super::operand::dollar(&path);
                Operand::call(format!("unpack {} {word}", quoted(&pieces)), Kind::Int)
            }
        })
    }
}

/// Whether only sockets have a method of this name.
fn is_socket_method(name: &str) -> bool {
    matches!(
        name,
        "recv"
            | "send"
            | "sendall"
            | "accept"
            | "connect"
            | "bind"
            | "listen"
            | "recvfrom"
            | "sendto"
            | "close"
            | "shutdown"
            | "settimeout"
            | "setsockopt"
            | "getsockopt"
            | "getpeername"
            | "getsockname"
            | "setblocking"
            | "fileno"
            | "makefile"
    )
}
