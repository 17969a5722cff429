//! The commands of sockets as Python's calls of `socket`.

use super::code::{Code, Type, text_literal};
use super::given::{DATA, Given, known};
use super::operand::Got;
use super::values::shape;
use super::{Made, Writer};
use crate::command::param::HOWS;
use crate::net::options::setting::Form;
use crate::net::options::table;
use crate::text::words::Word;
use crate::value::{DOMAINS, PROTOCOLS, TYPES, word_int};
use crate::words::Sentence;

/// The flags of sends and receives.
const FLAGS: &[(&str, &str)] = &[
    ("--oob", "MSG_OOB"),
    ("--dontroute", "MSG_DONTROUTE"),
    ("--dontwait", "MSG_DONTWAIT"),
    ("--more", "MSG_MORE"),
    ("--waitall", "MSG_WAITALL"),
    ("--trunc", "MSG_TRUNC"),
    ("--eor", "MSG_EOR"),
    ("--fastopen", "MSG_FASTOPEN"),
];

/// The socket options whose constants Python's module has on Linux since 3.8 or before.
const PYTHON_HAS: &[&str] = &[
    "SO_REUSEADDR",
    "SO_REUSEPORT",
    "SO_KEEPALIVE",
    "SO_BROADCAST",
    "SO_DEBUG",
    "SO_DONTROUTE",
    "SO_ERROR",
    "SO_LINGER",
    "SO_OOBINLINE",
    "SO_RCVBUF",
    "SO_SNDBUF",
    "SO_RCVLOWAT",
    "SO_SNDLOWAT",
    "SO_RCVTIMEO",
    "SO_SNDTIMEO",
    "SO_TYPE",
    "SO_PROTOCOL",
    "SO_DOMAIN",
    "SO_ACCEPTCONN",
    "SO_PRIORITY",
    "SO_MARK",
    "SO_PASSCRED",
    "SO_BINDTODEVICE",
    "TCP_NODELAY",
    "TCP_CORK",
    "TCP_MAXSEG",
    "TCP_KEEPIDLE",
    "TCP_KEEPINTVL",
    "TCP_KEEPCNT",
    "TCP_QUICKACK",
    "TCP_DEFER_ACCEPT",
    "TCP_LINGER2",
    "TCP_SYNCNT",
    "TCP_USER_TIMEOUT",
    "TCP_FASTOPEN",
    "TCP_WINDOW_CLAMP",
    "TCP_NOTSENT_LOWAT",
    "IP_TTL",
    "IP_TOS",
    "IP_MULTICAST_TTL",
    "IP_MULTICAST_LOOP",
    "IPV6_V6ONLY",
    "IPV6_UNICAST_HOPS",
    "IPV6_MULTICAST_HOPS",
    "IPV6_MULTICAST_LOOP",
    "IPV6_TCLASS",
    "IPV6_RECVPKTINFO",
    "IPV6_RECVTCLASS",
    "IPV6_RECVHOPLIMIT",
    "IP_RECVTOS",
];

// Options whose value is a struct.
const LINGER: &str = "SO_LINGER";
const TIMEOUT_IN: &str = "SO_RCVTIMEO";
const TIMEOUT_OUT: &str = "SO_SNDTIMEO";

fn cannot_option(name: &str) -> Sentence {
    say!(
        en "`{name}` has no counterpart in Python's `socket`",
        es "`{name}` no tiene equivalente en el `socket` de Python",
        name
    )
}

impl Writer<'_> {
    /// A command of a socket, where it is one.
    pub fn socket_command(
        &mut self,
        name: &str,
        sock: Option<&str>,
        given: &Given<'_, '_>,
        want: bool,
    ) -> Got<Option<Made>> {
        if let Some(made) = self.making(name, given)? {
            return Ok(Some(made));
        }
        const OF_SOCKETS: &[&str] = &[
            "bind",
            "listen",
            "accept",
            "connect",
            "shutdown",
            "close",
            "dup",
            "send",
            "sendall",
            "sendto",
            "sendfile",
            "sendframe",
            "recv",
            "recvfrom",
            "peek",
            "peekfrom",
            "recvexact",
            "recvuntil",
            "recvline",
            "recvall",
            "recvframe",
            "setsockopt",
            "getsockopt",
            "settimeout",
            "gettimeout",
            "setblocking",
            "getblocking",
            "getsockname",
            "getpeername",
        ];
        if !OF_SOCKETS.contains(&name) {
            return Ok(None);
        }
        let sock = match sock {
            Some(sock) => sock.to_string(),
            None => self.current(),
        };
        let limit = self.limit(given)?;
        let text = |text: String| Ok(Some(Made::nothing(text)));
        let one = |text: String, of| Ok(Some(Made::one(Code::atom(text, of))));
        match name {
            "bind" | "connect" if given.has("--none") => {
                text(format!("{}({sock})", self.helper("disconnect")))
            }
            "bind" | "connect" => {
                refuse(given, &["--timeout"])?;
                let address = self.target(&given.words, &sock)?;
                if want {
                    let helper = self.helper(if name == "bind" { "bound" } else { "connected" });
                    return one(timed(self, limit, &sock, &helper, &[&sock, &address]), Type::Address);
                }
                text(timed(self, limit, &sock, &format!("{sock}.{name}"), &[&address]))
            }
            "listen" => match given.word(0) {
                Some(n) => text(format!("{sock}.listen({})", self.whole(n)?)),
                None => text(format!("{sock}.listen(128)")),
            },
            "accept" => {
                let call = timed(self, limit, &sock, &format!("{sock}.accept"), &[]);
                Ok(Some(Made::pair(call, Type::Socket, Type::Address).making()))
            }
            "dup" => Ok(Some(Made::one(Code::atom(format!("{sock}.dup()"), Type::Socket)).making())),
            "shutdown" => {
                self.module("socket");
                let how = match given.word(0) {
                    Some(word) => self.constant(word, HOWS)?,
                    None => "socket.SHUT_RDWR".into(),
                };
                text(format!("{sock}.shutdown({how})"))
            }
            "close" if given.has("--reset") => text(format!("{}({sock})", self.helper("reset"))),
            "close" => text(format!("{sock}.close()")),
            "send" | "sendto" | "sendall" => self.sending(name, &sock, given, limit),
            "sendframe" => {
                let kind = self.frame_type(given)?;
                let data = self.given_data(given, given.words.get(1..).unwrap_or_default())?;
                let helper = self.helper("sendframe");
                text(timed(self, limit, &sock, &helper, &[&sock, &kind, &data.text]))
            }
            "sendfile" => {
                let path = given.word(0).map_or(Ok("\"\"".into()), |w| self.text(w))?;
                let mut arguments = vec![sock.clone(), path];
                for word in given.words.get(1..).unwrap_or_default() {
                    arguments.push(self.whole(word)?);
                }
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                let helper = self.helper("send_file");
                one(timed(self, limit, &sock, &helper, &arguments), Type::Int)
            }
            "settimeout" => {
                let time = match given.word(0) {
                    Some(word) if !word.is("none") => self.seconds(word)?,
                    _ => "None".into(),
                };
                text(format!("{sock}.settimeout({time})"))
            }
            "gettimeout" => one(format!("{}({sock}.gettimeout())", self.helper("duration")), Type::Bytes),
            "setblocking" => {
                let on = match given.word(0) {
                    Some(word) => self.switch(word)?,
                    None => return Err(shape(name)),
                };
                text(format!("{sock}.setblocking({on})"))
            }
            "getblocking" => one(format!("{sock}.getblocking()"), Type::Flag),
            "getsockname" | "getpeername" => one(format!("{sock}.{name}()"), Type::Address),
            "setsockopt" => self.setsockopt(&sock, given).map(Some),
            "getsockopt" => self.getsockopt(&sock, given).map(Some),
            _ => self.receiving(name, &sock, given, limit),
        }
    }

    fn making(&mut self, name: &str, given: &Given<'_, '_>) -> Got<Option<Made>> {
        if !matches!(name, "socket" | "socketpair") {
            return Ok(None);
        }
        self.module("socket");
        if let Some(fd) = given.option("--fd") {
            let fd = self.whole(fd)?;
            return Ok(Some(
                Made::one(Code::atom(format!("socket.socket(fileno={fd})"), Type::Socket)).making(),
            ));
        }
        let mut arguments = Vec::new();
        for (word, table) in given.words.iter().zip([DOMAINS, TYPES, PROTOCOLS]) {
            arguments.push(self.constant(word, table)?);
        }
        let call = format!("socket.{name}({})", arguments.join(", "));
        Ok(Some(if name == "socketpair" {
            Made::pair(call, Type::Socket, Type::Socket).making()
        } else {
            Made::one(Code::atom(call, Type::Socket)).making()
        }))
    }

    /// HOST PORT, PATH or an address.
    pub fn target(&mut self, words: &[&Word<'_>], sock: &str) -> Got<String> {
        match words {
            [host, port] => {
                if host.bare().is_some_and(|h| h.contains('=')) {
                    return Err(say!(
                        en "an address in fields has no counterpart in Python",
                        es "una dirección en campos no tiene equivalente en Python"
                    ));
                }
                let host = match known(host).as_deref() {
                    Some("*") => "\"\"".to_string(),
                    Some(_) => self.text(host)?,
                    None => self.host(host)?,
                };
                let port = self.port(port, sock)?;
                Ok(format!("({host}, {port})"))
            }
            [word] => match word.literal().map(String::from_utf8_lossy) {
                Some(path) => Ok(match path.strip_prefix('@') {
                    Some(name) => text_literal(&format!("\0{name}")),
                    None => text_literal(&path),
                }),
                None => {
                    let code = self.letters(word)?;
                    Ok(match code.of {
                        Type::Address => code.text,
                        _ => format!("{}({})", self.helper("target"), code.text),
                    })
                }
            },
            _ => Err(say!(
                en "an address in fields has no counterpart in Python",
                es "una dirección en campos no tiene equivalente en Python"
            )),
        }
    }

    /// A host that is a value: `*` is any address.
    fn host(&mut self, word: &Word<'_>) -> Got<String> {
        let text = self.text(word)?;
        Ok(match text.strip_prefix("shown(") {
            Some(rest) => format!("{}({rest}", self.helper("host_text")),
            None => text,
        })
    }

    /// A port: a number or a service's name.
    fn port(&mut self, word: &Word<'_>, sock: &str) -> Got<String> {
        let code = self.value(word)?;
        if code.of == Type::Int {
            return Ok(code.text);
        }
        let sock = if sock.is_empty() { String::new() } else { format!(", {sock}") };
        Ok(match known(word) {
            Some(text) if word_int(&text).is_none() => {
                format!("{}({}{sock})", self.helper("service"), text_literal(&text))
            }
            _ => format!("{}({}{sock})", self.helper("port_number"), code.text),
        })
    }

    /// `true` or `false` as Python's, of a word that may be a value.
    fn switch(&mut self, word: &Word<'_>) -> Got<String> {
        Ok(match known(word).as_deref() {
            Some("true" | "on" | "1") => "True".into(),
            Some("false" | "off" | "0") => "False".into(),
            _ => {
                let code = self.value(word)?;
                format!("bool({}({}))", self.helper("flag"), code.text)
            }
        })
    }

    fn flags(&mut self, given: &Given<'_, '_>) -> Option<String> {
        let flags: Vec<String> =
            FLAGS.iter().filter(|row| given.has(row.0)).map(|row| format!("socket.{}", row.1)).collect();
        if flags.is_empty() {
            return None;
        }
        self.module("socket");
        Some(flags.join(" | "))
    }

    fn sending(
        &mut self,
        name: &str,
        sock: &str,
        given: &Given<'_, '_>,
        limit: Option<String>,
    ) -> Got<Option<Made>> {
        let known: Vec<&str> = [DATA, &["--timeout", "--chunk", "--delay"]].concat();
        let known: Vec<&str> = known.into_iter().chain(FLAGS.iter().map(|row| row.0)).collect();
        refuse(given, &known)?;
        let flags = self.flags(given);
        if name == "sendto" {
            let (data, address) = match (given.has("--file"), given.words.as_slice()) {
                (true, address) => (self.given_data(given, &[])?, address),
                (false, [data, address @ ..]) => (self.given_data(given, &[data])?, address),
                (false, []) => return Ok(None),
            };
            let address = self.target(address, sock)?;
            let arguments = match &flags {
                Some(flags) => vec![data.text.as_str(), flags.as_str(), address.as_str()],
                None => vec![data.text.as_str(), address.as_str()],
            };
            let call = timed(self, limit, sock, &format!("{sock}.sendto"), &arguments);
            return Ok(Some(Made::one(Code::atom(call, Type::Int))));
        }
        let data = self.given_data(given, &given.words)?;
        if given.has("--chunk") || given.has("--delay") {
            let chunk = given.option("--chunk").map_or(Ok("1".to_string()), |n| self.whole(n))?;
            let delay = given.option("--delay").map_or(Ok("0".to_string()), |d| self.seconds(d))?;
            let helper = self.helper("sendslowly");
            let call = timed(self, limit, sock, &helper, &[sock, &data.text, &chunk, &delay]);
            return Ok(Some(Made::nothing(call)));
        }
        let arguments: Vec<&str> = std::iter::once(data.text.as_str()).chain(flags.as_deref()).collect();
        let call = timed(self, limit, sock, &format!("{sock}.{name}"), &arguments);
        Ok(Some(if name == "send" { Made::one(Code::atom(call, Type::Int)) } else { Made::nothing(call) }))
    }

    fn receiving(
        &mut self,
        name: &str,
        sock: &str,
        given: &Given<'_, '_>,
        limit: Option<String>,
    ) -> Got<Option<Made>> {
        let known: Vec<&str> = ["--timeout", "--to", "--append", "--max"]
            .into_iter()
            .chain(FLAGS.iter().map(|row| row.0))
            .collect();
        refuse(given, &known)?;
        let mut flags = self.flags(given);
        if name.starts_with("peek") {
            self.module("socket");
            flags = Some(flags.map_or("socket.MSG_PEEK".into(), |more| format!("socket.MSG_PEEK | {more}")));
        }
        let made = match name {
            "recv" | "peek" | "recvfrom" | "peekfrom" => {
                let size = given.word(0).map_or(Ok("4096".to_string()), |n| self.whole(n))?;
                let arguments: Vec<&str> = std::iter::once(size.as_str()).chain(flags.as_deref()).collect();
                let from = name.ends_with("from");
                let call = timed(
                    self,
                    limit,
                    sock,
                    &format!("{sock}.{}", if from { "recvfrom" } else { "recv" }),
                    &arguments,
                );
                if from {
                    return Ok(Some(Made::pair(call, Type::Bytes, Type::Address)));
                }
                Code::atom(call, Type::Bytes)
            }
            _ => {
                let mut arguments = vec![sock.to_string()];
                match name {
                    "recvexact" => arguments.push(given.word(0).map_or(Ok("0".into()), |n| self.whole(n))?),
                    "recvframe" => arguments.push(self.frame_type(given)?),
                    "recvuntil" => {
                        for delimiter in &given.words {
                            let code = self.letters(delimiter)?;
                            arguments.push(self.octets(&code).text);
                        }
                    }
                    _ => {}
                }
                if let Some(most) = given.option("--max") {
                    arguments.push(format!("most={}", self.whole(most)?));
                }
                if let Some(limit) = limit {
                    arguments.push(format!("timeout={limit}"));
                }
                let of = if name == "recvline" { Type::Line } else { Type::Bytes };
                Code::atom(format!("{}({})", self.helper(name), arguments.join(", ")), of)
            }
        };
        Ok(Some(Made::one(match given.option("--to") {
            None => made,
            Some(path) => {
                let path = self.text(path)?;
                let append = if given.has("--append") { ", append=True" } else { "" };
                Code::atom(format!("{}({path}, {}{append})", self.helper("save"), made.text), Type::Int)
            }
        })))
    }

    fn frame_type(&mut self, given: &Given<'_, '_>) -> Got<String> {
        given.word(0).map_or(Ok("\"u32be\"".into()), |word| self.text(word))
    }

    /// The level and the number of an option, as Python writes them, its row, and how many words name it.
    fn option_of(&mut self, given: &Given<'_, '_>) -> Got<(String, &'static table::SocketOption, usize)> {
        let first = given.word(0).and_then(known).unwrap_or_default();
        let second = given.word(1).and_then(known).unwrap_or_default();
        let (row, words) = match (table::find(&second), table::find(&first)) {
            (Some(row), None) => (row, 2),
            (_, Some(row)) => (row, 1),
            // A name that is a value is none that can be looked up here.
            _ if first.is_empty() => return Err(shape("setsockopt")),
            _ => return Err(cannot_option(&first)),
        };
        self.module("socket");
        let has = |name: &str| PYTHON_HAS.contains(&name);
        let level = match row.level_name {
            "SOL_SOCKET" | "IPPROTO_TCP" | "IPPROTO_IP" | "IPPROTO_IPV6" | "IPPROTO_UDP" => {
                format!("socket.{}", row.level_name)
            }
            _ => row.level.to_string(),
        };
        let number =
            if has(row.constant) { format!("socket.{}", row.constant) } else { row.number.to_string() };
        Ok((format!("{level}, {number}"), row, words))
    }

    fn setsockopt(&mut self, sock: &str, given: &Given<'_, '_>) -> Got<Made> {
        if let Some(call) = self.by_number(given)? {
            return Ok(Made::nothing(format!("{sock}.setsockopt({call})")));
        }
        let (option, row, words) = self.option_of(given)?;
        let values = given.words.get(words..).unwrap_or_default();
        if let (Form::Group4, [group, interface]) = (row.form, values)
            && let Some(address) = interface.literal().and_then(|b| std::str::from_utf8(b).ok())
            && address.parse::<std::net::Ipv4Addr>().is_ok()
        {
            let (group, interface) = (self.text(group)?, text_literal(address));
            let value = format!("socket.inet_aton({group}) + socket.inet_aton({interface})");
            return Ok(Made::nothing(format!("{sock}.setsockopt({option}, {value})")));
        }
        let [word] = values else { return Err(cannot_option(row.name)) };
        let value = match row.form {
            Form::Flag if word.is("true") || word.is("on") => "1".to_string(),
            Form::Flag if word.is("false") || word.is("off") => "0".to_string(),
            Form::Flag => {
                let code = self.value(word)?;
                match code.of {
                    Type::Int | Type::Flag => code.text,
                    _ => format!("{}({})", self.helper("flag"), code.text),
                }
            }
            Form::Int { wide: false, .. } => self.whole(word)?,
            Form::Choice(words) => {
                let text = known(word).unwrap_or_default();
                let row = words
                    .iter()
                    .find(|row| row.0.eq_ignore_ascii_case(&text) || row.1.eq_ignore_ascii_case(&text));
                match row {
                    Some(row) => row.2.to_string(),
                    None if word.literal().is_some() => return Err(cannot_option(&text)),
                    None => return Err(shape("setsockopt")),
                }
            }
            Form::Time { none, .. } if word.is("none") => match (row.constant, none) {
                (LINGER, _) => self.structure("ii", "0, 0"),
                (TIMEOUT_IN | TIMEOUT_OUT, _) => self.structure("ll", "0, 0"),
                (_, Some(none)) => none.to_string(),
                _ => return Err(cannot_option(row.name)),
            },
            Form::Time { unit, .. } => {
                let time = self.seconds(word)?;
                match row.constant {
                    LINGER => self.structure("ii", &format!("1, int({time})")),
                    TIMEOUT_IN | TIMEOUT_OUT => {
                        self.structure("ll", &format!("int({time}), int({time} % 1 * 1_000_000)"))
                    }
                    _ if unit.as_secs() == 1 => format!("int({time})"),
                    _ => format!("int({time} * {})", (1.0 / unit.as_secs_f64()).round()),
                }
            }
            Form::Group4 => {
                let group = self.text(word)?;
                format!("socket.inet_aton({group}) + bytes(4)")
            }
            _ => return Err(cannot_option(row.name)),
        };
        Ok(Made::nothing(format!("{sock}.setsockopt({option}, {value})")))
    }

    /// A struct of C.
    fn structure(&mut self, format: &str, values: &str) -> String {
        self.module("struct");
        format!("struct.pack(\"{format}\", {values})")
    }

    /// LEVEL NUMBER and what follows, where both are numbers.
    fn by_number(&mut self, given: &Given<'_, '_>) -> Got<Option<String>> {
        let is_number = |at: usize| given.word(at).and_then(|w| w.bare()).and_then(word_int).is_some();
        if !is_number(0) || !is_number(1) {
            return Ok(None);
        }
        let values: Vec<Code> = given.words.iter().map(|word| self.value(word)).collect::<Got<_>>()?;
        Ok(Some(values.iter().map(|code| code.text.as_str()).collect::<Vec<_>>().join(", ")))
    }

    fn getsockopt(&mut self, sock: &str, given: &Given<'_, '_>) -> Got<Made> {
        if given.has("--length") {
            return Err(cannot_option("--length"));
        }
        if let Some(call) = self.by_number(given)? {
            return Ok(Made::one(Code::atom(format!("{sock}.getsockopt({call})"), Type::Int)));
        }
        let (option, row, _) = self.option_of(given)?;
        let call = format!("{sock}.getsockopt({option})");
        Ok(Made::one(match row.form {
            Form::Flag => Code::atom(format!("bool({call})"), Type::Flag),
            Form::Int { wide: false, .. } => Code::atom(call, Type::Int),
            Form::Type | Form::Domain => {
                let what = if row.form == Form::Type { "type" } else { "family" };
                Code::atom(format!("{}({sock}, \"{what}\")", self.helper("socket_property")), Type::Bytes)
            }
            Form::Error => Code::atom(format!("{}({sock})", self.helper("pending_error")), Type::Any),
            Form::Time { unit, .. } if ![LINGER, TIMEOUT_IN, TIMEOUT_OUT].contains(&row.constant) => {
                let text = format!("{}({call} * {})", self.helper("duration"), unit.as_secs_f64());
                Code::atom(text, Type::Bytes)
            }
            _ => return Err(cannot_option(row.name)),
        }))
    }
}

/// The mistake of an option that Python's call does not have.
fn refuse(given: &Given<'_, '_>, known: &[&str]) -> Got<()> {
    match given.other_than(known) {
        None => Ok(()),
        Some(option) => Err(say!(
            en "`{option}` has no counterpart in Python",
            es "`{option}` no tiene equivalente en Python",
            option
        )),
    }
}

/// A call that may take so long.
fn timed(
    writer: &mut Writer<'_>,
    limit: Option<String>,
    sock: &str,
    call: &str,
    arguments: &[&str],
) -> String {
    match limit {
        None => format!("{call}({})", arguments.join(", ")),
        Some(limit) => {
            let all: Vec<&str> =
                [limit.as_str(), sock, call].into_iter().chain(arguments.iter().copied()).collect();
            format!("{}({})", writer.helper("limited"), all.join(", "))
        }
    }
}
