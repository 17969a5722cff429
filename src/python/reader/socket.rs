//! Calls of the modules `socket`, `select` and `struct`, the methods of sockets, and files.

use ruff_python_ast::{Expr, ExprCall};

use super::mark;
use super::operand::{Form, Kind, Operand, Piece, quoted};
use super::pass::{Pass, Said};
use crate::text::words::is_name;

impl Pass<'_> {
    /// `socket.NAME(…)`; nothing where there is no line for it.
    pub fn socket_call(&mut self, name: &str, call: &ExprCall) -> Said<Option<Operand>> {
        Ok(Some(match name {
            "socket" | "socketpair" => {
                self.only(call, 3, &["family", "type", "proto", "fileno"])?;
                let mut words = Vec::new();
                for (at, key) in ["family", "type", "proto"].iter().enumerate() {
                    let given = call.arguments.args.get(at).or_else(|| self.keyword(call, key));
                    let Some(given) = given else { continue };
                    let word = match self.dotted(given) {
                        Some(full) => socket_word(full.strip_prefix("socket.").unwrap_or(&full)),
                        None => {
                            let value = self.value(given)?;
                            self.word(&value)?
                        }
                    };
                    // The type stands second: a family before it that was left out is inet.
                    while words.len() < at {
                        words.push(if words.is_empty() { "inet".into() } else { "stream".into() });
                    }
                    words.push(word);
                }
                if words.last().is_some_and(|word| word == "0") {
                    words.pop();
                }
                if let Some(fd) = self.keyword(call, "fileno") {
                    let fd = self.value(fd)?;
                    words = vec![format!("--fd {}", self.word(&fd)?)];
                }
                if words.is_empty() && name == "socket" {
                    words = vec!["inet".into(), "stream".into()];
                }
                let line = [&[name.to_string()], &words[..]].concat().join(" ");
                match name {
                    "socket" => Operand::call(line, Kind::Socket),
                    _ => Operand::new(Form::Pair(line), Kind::Tuple(vec![Kind::Socket, Kind::Socket])),
                }
            }
            "create_connection" => {
                let arguments = self.only(call, 3, &["timeout", "source_address"])?;
                let Some(address) = arguments.first() else { return Ok(None) };
                let name = self.temporary();
                self.push(format!("{name} = socket inet stream"));
                if let Some(limit) = arguments.get(1).or_else(|| self.keyword(call, "timeout")) {
                    let limit = self.value(limit)?;
                    let line = self.limit_line(&name, &limit)?;
                    self.push(line);
                }
                let source = arguments.get(2).or_else(|| self.keyword(call, "source_address"));
                if let Some(source) = source.filter(|source| !source.is_none_literal_expr()) {
                    let words = self.address(source)?;
                    self.push(format!("{name}.bind {words}"));
                }
                let words = self.address(address)?;
                self.changed(mark::FIRST_ADDRESS);
                self.push(format!("{name}.connect {words}"));
                Operand::path(name, Kind::Socket)
            }
            "create_server" => {
                let [address] = self.only(call, 1, &["family", "backlog"])? else { return Ok(None) };
                if let Some(family) = self.keyword(call, "family")
                    && self.dotted(family).as_deref() != Some("socket.AF_INET")
                {
                    return Err(mark::no_line_for(&self.text_of(call)));
                }
                let name = self.temporary();
                self.push(format!("{name} = socket inet stream"));
                self.push(format!("{name}.setsockopt reuseaddr true"));
                let words = self.address(address)?;
                self.push(format!("{name}.bind {words}"));
                let backlog = self.keyword(call, "backlog").filter(|backlog| !backlog.is_none_literal_expr());
                let backlog = match backlog {
                    Some(backlog) => {
                        let backlog = self.value(backlog)?;
                        format!(" {}", self.word(&backlog)?)
                    }
                    None => String::new(),
                };
                self.push(format!("{name}.listen{backlog}"));
                Operand::path(name, Kind::Socket)
            }
            "gethostname" => Operand::call("gethostname", Kind::Text),
            "gethostbyname" => {
                let operands = self.arguments(call, 1)?;
                let [host] = operands.as_slice() else { return Ok(None) };
                let host = self.host(host)?;
                Operand::call(format!("gethostbyname {host}"), Kind::Text)
            }
            "getservbyname" | "getservbyport" | "getprotobyname" | "if_nametoindex" | "if_indextoname" => {
                let operands = self.arguments(call, 2)?;
                if operands.is_empty() {
                    return Ok(None);
                }
                let mut line = name.to_string();
                for operand in &operands {
                    line.push(' ');
                    line.push_str(&self.word(operand)?);
                }
                let kind =
                    if matches!(name, "getservbyport" | "if_indextoname") { Kind::Text } else { Kind::Int };
                Operand::call(line, kind)
            }
            "htons" | "htonl" | "ntohs" | "ntohl" => {
                let operands = self.arguments(call, 1)?;
                let [number] = operands.as_slice() else { return Ok(None) };
                let number = self.word(number)?;
                Operand::call(format!("{name} {number}"), Kind::Int)
            }
            "inet_aton" => {
                let operands = self.arguments(call, 1)?;
                let [text] = operands.as_slice() else { return Ok(None) };
                let text = self.host(text)?;
                Operand::call(format!("inet_aton {text}"), Kind::Bytes(Some(4)))
            }
            "inet_ntoa" => {
                let operands = self.arguments(call, 1)?;
                let [bytes] = operands.as_slice() else { return Ok(None) };
                let bytes = self.word(bytes)?;
                Operand::call(format!("inet_ntop inet {bytes}"), Kind::Text)
            }
            "inet_pton" | "inet_ntop" => {
                let [family, value] = &*call.arguments.args else { return Ok(None) };
                let family = self.dotted(family).ok_or_else(|| mark::no_line_for(&self.text_of(call)))?;
                let family = socket_word(family.strip_prefix("socket.").unwrap_or(&family));
                let value = self.value(value)?;
                if name == "inet_pton" {
                    let host = self.host(&value)?;
                    Operand::call(format!("inet_pton {family} {host}"), Kind::Bytes(None))
                } else {
                    let word = self.word(&value)?;
                    Operand::call(format!("inet_ntop {family} {word}"), Kind::Text)
                }
            }
            _ => return Ok(None),
        }))
    }

    /// `struct.NAME(…)`
    pub fn struct_call(&mut self, name: &str, call: &ExprCall) -> Said<Option<Operand>> {
        let operands = self.arguments(call, 64)?;
        operands.iter().for_each(|operand| self.note_clock(operand));
        Ok(Some(match (name, operands.as_slice()) {
            ("pack", [format, values @ ..]) => {
                let mut line = format!("pack {}", self.word(format)?);
                for value in values {
                    line.push(' ');
                    line.push_str(&self.word(value)?);
                }
                Operand::call(line, Kind::Bytes(format.literal().and_then(|f| size_of(&f))))
            }
            ("unpack", [format, data]) => {
                let kinds = format.literal().map_or_else(Vec::new, |format| kinds_of(&format));
                let (format, data) = (self.word(format)?, self.word(data)?);
                Operand::call(format!("unpack {format} {data}"), Kind::Tuple(kinds))
            }
            ("unpack_from", [format, data, at @ ..]) => {
                let kinds = format.literal().map_or_else(Vec::new, |format| kinds_of(&format));
                let at = match at {
                    [] => "0".to_string(),
                    [at, ..] => self.word(at)?,
                };
                let (format, data) = (self.word(format)?, self.word(data)?);
                Operand::call(format!("unpack --at {at} {format} {data}"), Kind::Tuple(kinds))
            }
            ("calcsize", [format]) => match format.literal().and_then(|f| size_of(&f)) {
                Some(size) => Operand::int(size as i64),
                None => return Ok(None),
            },
            _ => return Ok(None),
        }))
    }

    /// The words of an address: `localhost 80`, `./path`.
    pub fn address(&mut self, expr: &Expr) -> Said<String> {
        if let Expr::Tuple(pair) = expr {
            let exprs: Vec<&Expr> = pair.elts.iter().take(2).collect();
            let operands = self.in_order(&exprs)?;
            let [host, port] = operands.as_slice() else {
                return Err(mark::no_line_for(&self.text_of(expr)));
            };
            let (host, port) = (self.host(host)?, self.word(port)?);
            return Ok(format!("{host} {port}"));
        }
        let value = self.value(expr)?;
        match &value.kind {
            Kind::Tuple(_) | Kind::List(_) => {
                let path = self.path(value)?;
                Ok(format!("${{{path}.0}} ${{{path}.1}}"))
            }
            // The path of a Unix socket: one without `/` is in this folder.
            Kind::Text | Kind::Bytes(_) => match value.literal() {
                Some(path) if path.starts_with(b"\0") => {
                    let name = [b"@", &path[1..]].concat();
                    Ok(quoted(&[Piece::Bytes(name)]))
                }
                Some(path) if !path.contains(&b'/') && !path.is_empty() => {
                    Ok(quoted(&[Piece::Bytes([b"./", &path[..]].concat())]))
                }
                _ => self.word(&value),
            },
            _ if matches!(value.form, Form::Word(_)) => Err(mark::no_line_for(&self.text_of(expr))),
            _ => self.word(&value),
        }
    }

    /// A host: bare where its letters allow it.
    fn host(&mut self, host: &Operand) -> Said<String> {
        let bare = host.literal().and_then(|bytes| String::from_utf8(bytes).ok()).filter(|text| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':');
            !text.is_empty()
                && text.bytes().all(plain)
                && !text.starts_with('-')
                && (!is_name(text) || !self.known.taken.contains(text))
        });
        match bare {
            Some(text) => Ok(text),
            None => self.word(host),
        }
    }

    /// The name of a socket, as it stands before the dot of a line.
    pub fn socket_name(&mut self, value: Operand) -> Said<String> {
        match &value.form {
            Form::Path(path) if !path.contains('.') => Ok(path.clone()),
            _ => {
                let name = self.temporary();
                self.give_name(&name, &value)?;
                Ok(name)
            }
        }
    }

    /// `sock.NAME(…)`; nothing where there is no line for it.
    pub fn socket_method(&mut self, value: Operand, name: &str, call: &ExprCall) -> Said<Option<Operand>> {
        let socket = self.socket_name(value)?;
        match name {
            "bind" | "connect" | "shutdown" | "setblocking" => self.only(call, 1, &[])?,
            "accept" | "close" | "getsockname" | "getpeername" | "fileno" | "dup" => {
                self.only(call, 0, &[])?
            }
            "getsockopt" => self.only(call, 2, &[])?,
            "sendto" | "setsockopt" => self.only(call, 3, &[])?,
            _ => &[],
        };
        let first = call.arguments.args.first();
        Ok(Some(match name {
            "bind" | "connect" => {
                let Some(address) = first else { return Ok(None) };
                let words = self.address(address)?;
                Operand::act(format!("{socket}.{name} {words}"))
            }
            "listen" => {
                let operands = self.arguments(call, 1)?;
                let backlog = match operands.first() {
                    Some(backlog) => format!(" {}", self.word(backlog)?),
                    None => String::new(),
                };
                Operand::act(format!("{socket}.listen{backlog}"))
            }
            "accept" => {
                let kinds = vec![Kind::Socket, Kind::Address];
                Operand::new(Form::Pair(format!("{socket}.accept")), Kind::Tuple(kinds))
            }
            "recv" | "recvfrom" => {
                let Some((size, flags)) = self.argument_and_flags(call)? else { return Ok(None) };
                let peek = flags.contains(" --peek");
                let flags = flags.replace(" --peek", "");
                let command = match (name, peek) {
                    ("recv", true) => "peek",
                    (_, true) => "peekfrom",
                    (name, false) => name,
                };
                let length = size.number().and_then(|n| u64::try_from(n).ok());
                let size = self.word(&size)?;
                let line = format!("{socket}.{command} {size}{flags}");
                if name == "recv" {
                    Operand::call(line, Kind::Bytes(length))
                } else {
                    Operand::new(Form::Pair(line), Kind::Tuple(vec![Kind::Bytes(None), Kind::Address]))
                }
            }
            "send" | "sendall" => {
                let Some((data, flags)) = self.argument_and_flags(call)? else { return Ok(None) };
                if flags.contains("--peek") {
                    return Ok(None);
                }
                let data = self.data(&data)?;
                let line = format!("{socket}.{name}{flags} {data}");
                if name == "send" { Operand::call(line, Kind::Int) } else { Operand::act(line) }
            }
            "sendto" => {
                let (data, flags, address) = match &*call.arguments.args {
                    [data, address] => (data, None, address),
                    [data, flags, address] => (data, Some(flags), address),
                    _ => return Ok(None),
                };
                let flags = self.flags(flags)?;
                let mut data = self.value(data)?;
                let before = self.out.len();
                let words = self.address(address)?;
                if data.runs() && self.out.len() > before {
                    let later = self.take(before);
                    data = self.named(data)?;
                    self.give(later);
                }
                let data = self.data(&data)?;
                Operand::call(format!("{socket}.sendto{flags} {data} {words}"), Kind::Int)
            }
            "close" => Operand::act(format!("{socket}.close")),
            "shutdown" => {
                let how =
                    first.and_then(|how| self.dotted(how)).or_else(|| first.map(|how| self.text_of(how)));
                let how = match how.as_deref() {
                    Some("socket.SHUT_RD" | "0") => "read",
                    Some("socket.SHUT_WR" | "1") => "write",
                    Some("socket.SHUT_RDWR" | "2") => "both",
                    _ => return Ok(None),
                };
                Operand::act(format!("{socket}.shutdown {how}"))
            }
            "settimeout" => {
                let operands = self.arguments(call, 1)?;
                let [limit] = operands.as_slice() else { return Ok(None) };
                Operand::act(self.limit_line(&socket, limit)?)
            }
            "setblocking" => match first {
                Some(Expr::BooleanLiteral(flag)) => {
                    Operand::act(format!("{socket}.setblocking {}", flag.value))
                }
                Some(Expr::NumberLiteral(_)) => {
                    let on = self.text_of(first.unwrap_or(&call.func)) != "0";
                    Operand::act(format!("{socket}.setblocking {on}"))
                }
                _ => return Ok(None),
            },
            "gettimeout" => Operand::call(format!("{socket}.gettimeout"), Kind::Unknown),
            "getblocking" => Operand::call(format!("{socket}.getblocking"), Kind::Bool),
            "setsockopt" => {
                let [level, option, value] = &*call.arguments.args else { return Ok(None) };
                let (level, option) = (self.option(level, true)?, self.option(option, false)?);
                let value = self.value(value)?;
                let value = match &value.form {
                    Form::Call(flag) if flag == "json true" => "1".to_string(),
                    Form::Call(flag) if flag == "json false" => "0".to_string(),
                    _ => self.word(&value)?,
                };
                Operand::act(format!("{socket}.setsockopt {level} {option} {value}"))
            }
            "getsockopt" => {
                let [level, option] = &*call.arguments.args else { return Ok(None) };
                let (level, option) = (self.option(level, true)?, self.option(option, false)?);
                Operand::call(format!("{socket}.getsockopt {level} {option}"), Kind::Int)
            }
            "getsockname" => Operand::path(format!("{socket}.local"), Kind::Address),
            "getpeername" => Operand::path(format!("{socket}.peer"), Kind::Address),
            "fileno" => Operand::path(format!("{socket}.fd"), Kind::Int),
            "dup" => Operand::call(format!("{socket}.dup"), Kind::Socket),
            "makefile" => {
                let mode =
                    self.only(call, 1, &["mode", "encoding"])?.first().or_else(|| self.keyword(call, "mode"));
                let text = match mode {
                    None => true,
                    Some(Expr::StringLiteral(mode)) if mode.value.chars().all(|c| "rwb".contains(c)) => {
                        !mode.value.to_str().contains('b')
                    }
                    Some(other) => return Err(mark::no_line_for(&self.text_of(other))),
                };
                self.utf8_alone(call)?;
                Operand::path(socket.clone(), Kind::SocketFile { socket, text })
            }
            "sendfile" => {
                let operands = self.arguments(call, 1)?;
                let [file] = operands.as_slice() else { return Ok(None) };
                let data = self.word(file)?;
                Operand::act(format!("{socket}.sendall {data}"))
            }
            _ => return Ok(None),
        }))
    }

    /// The line that gives a socket a time limit.
    fn limit_line(&mut self, socket: &str, limit: &Operand) -> Said<String> {
        Ok(match (&limit.kind, limit.number()) {
            (Kind::None, _) => format!("{socket}.settimeout none"),
            (_, Some(0)) => format!("{socket}.setblocking false"),
            _ => format!("{socket}.settimeout {}", self.seconds(limit)?),
        })
    }

    /// `encoding=` of a file, where it is one that changes nothing.
    fn utf8_alone(&mut self, call: &ExprCall) -> Said<()> {
        let Some(encoding) = self.keyword(call, "encoding") else { return Ok(()) };
        let name = self.value(encoding)?.literal().unwrap_or_default().to_ascii_lowercase();
        match &*name {
            b"utf-8" | b"utf8" | b"ascii" => Ok(()),
            _ => Err(mark::no_line_for(&format!("encoding={}", self.text_of(encoding)))),
        }
    }

    /// The first argument of `recv` and `send`, and the options that its flags stand for.
    fn argument_and_flags(&mut self, call: &ExprCall) -> Said<Option<(Operand, String)>> {
        let Some((first, flags)) = self.only(call, 2, &[])?.split_first() else { return Ok(None) };
        let first = self.value(first)?;
        Ok(Some((first, self.flags(flags.first())?)))
    }

    /// The options that stand for `MSG_…`, joined by `|` in Python.
    fn flags(&self, expr: Option<&Expr>) -> Said<String> {
        let Some(expr) = expr.filter(|flags| self.text_of(*flags) != "0") else { return Ok(String::new()) };
        if let Expr::BinOp(both) = expr {
            let both = [self.flags(Some(&both.left))?, self.flags(Some(&both.right))?];
            return Ok(both.concat());
        }
        match self.dotted(expr).as_deref().and_then(|full| full.strip_prefix("socket.MSG_")) {
            Some(name) if FLAGS.contains(&name) => Ok(format!(" --{}", name.to_lowercase())),
            _ => Err(mark::no_line_for(&self.text_of(expr))),
        }
    }

    /// DATA: a number there is its letters, and stands in quotes.
    fn data(&mut self, operand: &Operand) -> Said<String> {
        match &operand.form {
            Form::Word(word) => Ok(format!("\"{word}\"")),
            _ => self.word(operand),
        }
    }

    /// The level or the name of a socket option.
    fn option(&self, expr: &Expr, is_level: bool) -> Said<String> {
        let full = self.dotted(expr);
        let name = full.as_deref().and_then(|full| full.strip_prefix("socket."));
        let level = |name: &str| name.starts_with("SOL_") || name.starts_with("IPPROTO_");
        match name.filter(|name| level(name) == is_level) {
            Some(name) => Ok(name.to_string()),
            None => Err(mark::no_line_for(&self.text_of(expr))),
        }
    }

    /// `select.select(reading, writing, [], limit)`: three lists.
    pub fn select(&mut self, call: &ExprCall) -> Said<Operand> {
        let args = &*call.arguments.args;
        let ([reading, writing, other] | [reading, writing, other, _]) = args else {
            return Err(mark::no_line_for("select.select()"));
        };
        let is_empty = |expr: &Expr| matches!(expr, Expr::List(list) if list.elts.is_empty());
        if !is_empty(other) || !is_empty(writing) && !is_empty(reading) {
            return Err(mark::no_line_for(&self.text_of(call)));
        }
        let (asked, option) = if is_empty(writing) { (reading, "--read") } else { (writing, "--write") };
        let words = match asked {
            Expr::List(list) => {
                let exprs: Vec<&Expr> = list.elts.iter().collect();
                let mut words = Vec::new();
                for operand in self.in_order(&exprs)? {
                    words.push(self.socket_name(operand)?);
                }
                words.join(" ")
            }
            other => {
                let list = self.value(other)?;
                self.word(&list)?
            }
        };
        let limit = match args.get(3) {
            Some(limit) => Some(self.value(limit)?),
            None => None,
        };
        let ready = self.wanted.take().unwrap_or_else(|| self.temporary());
        match limit.filter(|limit| limit.kind != Kind::None) {
            None => self.push(format!("{ready} = poll {words} {option}")),
            Some(limit) if limit.number() == Some(0) => {
                self.push(format!("{ready} = poll {words} {option} --timeout 0"));
            }
            Some(limit) => {
                let limit = self.seconds(&limit)?;
                self.push("try");
                self.push(format!("    {ready} = poll {words} {option} --timeout {limit}"));
                self.push("except TimeoutError");
                self.push(format!("    {ready} = list"));
                self.push("end");
            }
        }
        // The lists that were not asked for are empty.
        let none = String::new();
        let sockets = Kind::list(Kind::Socket);
        let names = if option == "--read" { [&ready, &none, &none] } else { [&none, &ready, &none] };
        let names = names.map(|name| name.clone()).to_vec();
        Ok(Operand::new(Form::Lists(names), Kind::Tuple(vec![sockets.clone(), sockets.clone(), sockets])))
    }

    /// `open(path, mode)`: to read, the name holds what the file has; to write, its path.
    pub fn open(&mut self, call: &ExprCall) -> Said<Operand> {
        let arguments = self.only(call, 2, &["mode", "encoding"])?;
        let Some(path) = arguments.first() else { return Err(mark::no_line_for("open()")) };
        let mode = call.arguments.args.get(1).or_else(|| self.keyword(call, "mode"));
        let mode = match mode {
            None => "r".to_string(),
            Some(Expr::StringLiteral(mode)) => mode.value.to_str().to_string(),
            Some(other) => return Err(mark::no_line_for(&self.text_of(other))),
        };
        self.utf8_alone(call)?;
        let path = self.value(path)?;
        let path = self.word(&path)?;
        let text = !mode.contains('b');
        match mode.trim_end_matches(['b', 't']) {
            "r" => Ok(Operand::call(format!("readfile {path}"), Kind::File { text })),
            // Opening empties the file: each `write` appends.
            "w" => {
                self.push(format!("writefile {path} \"\""));
                Ok(Operand::new(Form::Word(path), Kind::File { text }))
            }
            "a" => Ok(Operand::new(Form::Word(path), Kind::File { text })),
            _ => Err(mark::no_line_for(&format!("open(…, \"{mode}\")"))),
        }
    }

    /// `file.read()` and the like.
    pub fn file_method(
        &mut self,
        file: Operand,
        text: bool,
        name: &str,
        call: &ExprCall,
    ) -> Said<Option<Operand>> {
        let kind = if text { Kind::Text } else { Kind::Bytes(None) };
        let operands = self.arguments(call, 1)?;
        Ok(Some(match (name, operands.as_slice()) {
            ("read", []) => match file.form {
                Form::Path(path) => {
                    let whole = if text { format!("{path}.text") } else { path.clone() };
                    self.read_out(&path, Operand::path(whole, kind))?
                }
                form => Operand::new(form, kind),
            },
            ("read", [size]) => {
                let Form::Path(path) = &file.form else { return Ok(None) };
                let size = self.word(size)?;
                let taken = self.named(Operand::call(format!("slice ${path} 0 {size}"), kind))?;
                self.push(format!("{path} = slice ${path} {size}"));
                taken
            }
            ("readlines", []) => {
                self.changed(mark::LINE_ENDS);
                let path = match &file.form {
                    Form::Path(path) => Some(path.clone()),
                    _ => None,
                };
                let lines = self.property(file, "lines", Kind::list(Kind::Text))?;
                match path {
                    Some(path) => self.read_out(&path, lines)?,
                    None => lines,
                }
            }
            ("write", [data]) => {
                let path = match &file.form {
                    Form::Word(path) => path.clone(),
                    Form::Path(path) => super::operand::dollar(path),
                    _ => return Ok(None),
                };
                let data = self.data(data)?;
                Operand::act(format!("writefile --append {path} {data}"))
            }
            ("close" | "flush", []) => Operand::act(""),
            _ => return Ok(None),
        }))
    }

    /// What a file still holds, after which nothing is left of it.
    fn read_out(&mut self, path: &str, whole: Operand) -> Said<Operand> {
        if !self.known.python.contains_key(path) {
            return Ok(whole);
        }
        match self.known.files.get_mut(path) {
            Some((_, true)) => Ok(match whole.kind {
                Kind::List(_) => Operand::call("list", whole.kind),
                kind => Operand::text("", kind),
            }),
            Some((block, spent)) if *block == self.indent => {
                *spent = true;
                Ok(whole)
            }
            // In a block that may run again, or not at all.
            _ => {
                let whole = self.kept(whole)?;
                self.push(format!("let {path} = \"\""));
                Ok(whole)
            }
        }
    }

    /// `file.readline()` of `sock.makefile()`.
    pub fn socket_file(
        &mut self,
        socket: &str,
        text: bool,
        name: &str,
        call: &ExprCall,
    ) -> Said<Option<Operand>> {
        let operands = self.arguments(call, 1)?;
        Ok(Some(match (name, operands.as_slice()) {
            ("readline", []) => self.socket_line(socket, text),
            ("read", []) => {
                if text {
                    self.changed(mark::LINE_FEEDS);
                }
                let kind = if text { Kind::Text } else { Kind::Bytes(None) };
                Operand::call(format!("{socket}.recvall"), kind)
            }
            // Of text this is a number of letters.
            ("read", [size]) if !text => {
                let size = self.word(size)?;
                Operand::call(format!("{socket}.recvexact {size}"), Kind::Bytes(None))
            }
            ("write", [data]) => {
                let data = self.data(data)?;
                Operand::act(format!("{socket}.sendall {data}"))
            }
            ("flush" | "close", []) => Operand::act(""),
            _ => return Ok(None),
        }))
    }
}

impl Pass<'_> {
    /// The next line of a socket.
    pub fn socket_line(&mut self, socket: &str, text: bool) -> Operand {
        if text {
            self.changed(mark::LINE_FEEDS);
        }
        Operand::call(format!("{socket}.recvline"), if text { Kind::Text } else { Kind::Bytes(None) })
    }
}

/// `MSG_…` that are options of a line.
const FLAGS: &[&str] = &["PEEK", "WAITALL", "DONTWAIT", "OOB", "DONTROUTE", "MORE", "TRUNC", "EOR"];

/// A family or a type, as it is usually typed.
fn socket_word(constant: &str) -> String {
    match constant {
        "AF_INET" => "inet".into(),
        "AF_INET6" => "inet6".into(),
        "AF_UNIX" => "unix".into(),
        "SOCK_STREAM" => "stream".into(),
        "SOCK_DGRAM" => "dgram".into(),
        "SOCK_SEQPACKET" => "seqpacket".into(),
        other => other.into(),
    }
}

/// The fields of a format of `struct`, each with its count.
fn fields(format: &[u8]) -> Vec<(u64, u8)> {
    let mut fields = Vec::new();
    let mut count: Option<u64> = None;
    for &byte in format {
        match byte {
            b'0'..=b'9' => {
                count = Some(count.unwrap_or(0).saturating_mul(10).saturating_add(u64::from(byte - b'0')))
            }
            b'<' | b'>' | b'=' | b'!' | b'@' | b' ' => {}
            letter => fields.push((count.take().unwrap_or(1), letter)),
        }
    }
    fields
}

/// The length of a format without padding; none of the machine's own sizes.
fn size_of(format: &[u8]) -> Option<u64> {
    if !matches!(format.first(), Some(b'<' | b'>' | b'=' | b'!')) {
        let [(count, letter)] = fields(format)[..] else { return None };
        return matches!(letter, b'b' | b'B' | b's' | b'h' | b'H' | b'i' | b'I' | b'q' | b'Q' | b'c' | b'?')
            .then(|| width(letter).map(|width| width.saturating_mul(count)))
            .flatten();
    }
    fields(format).iter().try_fold(0u64, |sum, (count, letter)| {
        Some(sum.saturating_add(width(*letter)?.saturating_mul(*count)))
    })
}

fn width(letter: u8) -> Option<u64> {
    Some(match letter {
        b'b' | b'B' | b'c' | b's' | b'?' | b'x' | b'p' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'l' | b'L' | b'f' => 4,
        b'q' | b'Q' | b'd' => 8,
        _ => return None,
    })
}

fn kinds_of(format: &[u8]) -> Vec<Kind> {
    let mut kinds = Vec::new();
    for (count, letter) in fields(format) {
        let (times, kind) = match letter {
            b's' | b'p' => (1, Kind::Bytes(Some(count))),
            b'x' => continue,
            b'c' => (count, Kind::Bytes(Some(1))),
            b'f' | b'd' | b'e' => (count, Kind::Float),
            b'?' => (count, Kind::Bool),
            _ => (count, Kind::Int),
        };
        kinds.extend((0..times.min(64)).map(|_| kind.clone()));
    }
    kinds
}
