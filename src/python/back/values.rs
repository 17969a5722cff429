//! The commands of bytes, lists, maps, names and files as Python.

use super::code::{self, Code, Type, text_literal};
use super::formula;
use super::given::{Given, known};
use super::operand::Got;
use super::{Made, Writer};
use crate::value::{DOMAINS, TYPES};

impl Writer<'_> {
    /// A command that makes one value out of its words, where it is one.
    pub fn value_command(&mut self, name: &str, given: &Given<'_, '_>) -> Got<Option<Made>> {
        let words = given.words.as_slice();
        let one = |text: String, of| Ok(Some(Made::one(Code::atom(text, of))));
        // DATA that is one word, and what follows it; `--file` stands for the word.
        let skip = usize::from(!given.has("--file"));
        let rest = words.get(skip..).unwrap_or_default();
        let first = words.get(..skip.min(words.len())).unwrap_or_default();
        match name {
            "pack" => {
                let kind = self.letters_of(given, 0)?;
                let mut arguments = vec![kind];
                for word in words.get(1..).unwrap_or_default() {
                    arguments.push(self.value(word)?.text);
                }
                one(format!("{}({})", self.helper("pack"), arguments.join(", ")), Type::Bytes)
            }
            "unpack" => {
                let kind = self.letters_of(given, 0)?;
                let data = self.given_data(given, words.get(1..).unwrap_or_default())?;
                let at = match given.option("--at") {
                    Some(at) => format!(", {}", self.whole(at)?),
                    None => String::new(),
                };
                let integer = words.first().and_then(|w| w.bare()).is_some_and(|kind| {
                    kind.strip_prefix(['u', 'i'])
                        .is_some_and(|size| size.starts_with(|c: char| c.is_ascii_digit()))
                });
                let of = if integer { Type::Int } else { Type::Any };
                one(format!("{}({kind}, {}{at})", self.helper("unpack"), data.text), of)
            }
            "slice" => {
                let whole = match (first, given.has("--file")) {
                    ([word], false) if !["--base64", "--crlf", "--repeat"].iter().any(|o| given.has(o)) => {
                        self.letters(word)?
                    }
                    _ => self.given_data(given, first)?,
                };
                let whole = match whole.of {
                    Type::Int => self.octets(&whole),
                    _ => whole,
                };
                let from = rest.first().map_or(Ok("0".to_string()), |n| self.whole(n))?;
                let to = rest.get(1).map(|n| self.whole(n)).transpose()?.unwrap_or_default();
                one(format!("{}[{from}:{to}]", whole.tight()), whole.of)
            }
            "split" => {
                let data = self.given_data(given, first)?;
                let separator = self.data(rest)?;
                one(format!("{}.split({})", data.tight(), separator.text), Type::List)
            }
            "find" => {
                let (data, part) = (self.given_data(given, first)?, self.data(rest)?);
                one(format!("{}.find({})", data.tight(), part.text), Type::Int)
            }
            "replace" => {
                let data = self.given_data(given, first)?;
                let [old, new] = rest else { return Err(shape(name)) };
                let (old, new) = (self.data(&[old])?, self.data(&[new])?);
                one(
                    format!("{}({}, {}, {})", self.helper("replace"), data.text, old.text, new.text),
                    Type::Bytes,
                )
            }
            "xor" => {
                let (data, mask) = (self.given_data(given, first)?, self.data(rest)?);
                one(format!("{}({}, {})", self.helper("xor"), data.text, mask.text), Type::Bytes)
            }
            "match" => {
                rest.first().map_or(Ok(()), |word| formula::pattern(word))?;
                let (data, regex) = (self.given_data(given, first)?, self.data(rest)?);
                one(format!("{}({}, {})", self.helper("groups"), data.text, regex.text), Type::Any)
            }
            "json" => {
                let data = self.given_data(given, first)?;
                let path = match rest.first().map(|w| w.literal().map(String::from_utf8_lossy)) {
                    None => String::new(),
                    Some(Some(path)) => {
                        let keys = path.split('.').filter(|key| !key.is_empty());
                        keys.map(|key| format!(", {}", text_literal(key))).collect()
                    }
                    Some(None) => return Err(shape(name)),
                };
                if path.contains(['[', '\\']) {
                    return Err(shape(name));
                }
                one(format!("{}({}{path})", self.helper("parse_json"), data.text), Type::Any)
            }
            "tojson" => {
                let value = self.value_of(given, 0)?;
                one(format!("{}({})", self.helper("as_json"), value.text), Type::Bytes)
            }
            "bytes" => {
                let size = words.first().map_or(Ok("0".to_string()), |n| self.whole(n))?;
                match words.get(1) {
                    None => one(format!("bytes({size})"), Type::Bytes),
                    Some(pattern) => {
                        let pattern = self.data(&[pattern])?;
                        one(format!("{}({size}, {})", self.helper("repeat_to"), pattern.text), Type::Bytes)
                    }
                }
            }
            "int" => {
                let value = self.letters(words.first().copied().ok_or_else(|| shape(name))?)?;
                match words.get(1) {
                    None => {
                        one(format!("{}({}, OverflowError)", self.helper("integer"), value.text), Type::Int)
                    }
                    Some(base) => {
                        let base = self.whole(base)?;
                        let value = self.octets(&value);
                        one(format!("{}(int({}, {base}))", self.helper("int64"), value.text), Type::Int)
                    }
                }
            }
            "format" => {
                let form = self.letters_of(given, 0)?;
                let value = self.value_of(given, 1)?;
                let value = match value.of {
                    Type::Int => value.text,
                    Type::Bytes => self.shown(&value),
                    _ => return Err(shape(name)),
                };
                one(format!("format({value}, {form}).encode()"), Type::Bytes)
            }
            "hash" => {
                let kind = self.letters_of(given, 0)?;
                let data = self.given_data(given, words.get(1..).unwrap_or_default())?;
                one(format!("{}({kind}, {})", self.helper("digest"), data.text), Type::Bytes)
            }
            "hmac" => {
                self.module("hmac");
                let kind = self.letters_of(given, 0)?;
                let key = self.data(words.get(1..2).unwrap_or_default())?;
                let data = self.given_data(given, words.get(2..).unwrap_or_default())?;
                one(format!("hmac.digest({}, {}, {kind})", key.text, data.text), Type::Bytes)
            }
            "encode" | "decode" => {
                let encoding = words.first().and_then(|w| known(w)).unwrap_or_default();
                let encoding = &encoding.to_ascii_lowercase().replace('_', "-");
                let data = self.given_data(given, words.get(1..).unwrap_or_default())?;
                let of = data.tight();
                let own = match (name, encoding.as_str()) {
                    ("encode", "python") => Some(format!("repr({}).encode()", data.text)),
                    ("encode", "hex") => Some(format!("{of}.hex().encode()")),
                    ("decode", "hex") => Some(format!("bytes.fromhex({of}.decode())")),
                    ("encode", "base64") => Some(format!("base64.b64encode({})", data.text)),
                    ("decode", "base64") => Some(format!("base64.b64decode({})", data.text)),
                    _ => None,
                };
                if let Some(text) = own {
                    if encoding == "base64" {
                        self.module("base64");
                    }
                    return one(text, Type::Bytes);
                }
                let known = [
                    "latin-1", "latin1", "utf-8", "utf-16", "utf-16le", "utf-16be", "utf-32", "ascii",
                    "cp437",
                ];
                if !known.iter().any(|known| known.replace('-', "") == encoding.replace('-', "")) {
                    return Err(shape(&format!("{name} {encoding}")));
                }
                let (from, to) = if name == "encode" {
                    ("utf-8", encoding.as_str())
                } else {
                    (encoding.as_str(), "utf-8")
                };
                one(format!("{of}.decode(\"{from}\").encode(\"{to}\")"), Type::Bytes)
            }
            "random" => {
                self.module("os");
                let size = words.first().map_or(Ok("0".to_string()), |n| self.whole(n))?;
                one(format!("os.urandom({size})"), Type::Bytes)
            }
            "now" => {
                self.module("time");
                let call = if given.has("--monotonic") { "monotonic_ns" } else { "time_ns" };
                one(format!("time.{call}()"), Type::Int)
            }
            "list" => {
                let items = words.iter().map(|word| self.value(word)).collect::<Got<Vec<Code>>>()?;
                let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
                let texts = texts.join(", ");
                let plain =
                    |of| matches!(of, Type::Int | Type::Bytes | Type::Socket | Type::Address | Type::Map);
                if items.iter().all(|item| plain(item.of)) {
                    return one(format!("[{texts}]"), Type::List);
                }
                one(format!("{}({texts})", self.helper("flat")), Type::List)
            }
            "map" => {
                let mut entries = Vec::new();
                for pair in words.chunks(2) {
                    let [key, value] = pair else { return Err(shape(name)) };
                    entries.push(format!("{}: {}", self.key(key)?, self.value(value)?.text));
                }
                one(format!("{{{}}}", entries.join(", ")), Type::Map)
            }
            "join" => {
                let list = self.value_of(given, 0)?;
                let separator = self.data(words.get(1..2).unwrap_or_default())?;
                let helper = self.helper("octets");
                one(format!("{}.join(map({helper}, {}))", separator.tight(), list.text), Type::Bytes)
            }
            "get" => {
                let whole = self.value_of(given, 0)?;
                let key = self.key(words.get(1).copied().ok_or_else(|| shape(name))?)?;
                let default = match words.get(2) {
                    Some(word) => format!(", {}", self.value(word)?.text),
                    None => String::new(),
                };
                one(format!("{}({}, {key}{default})", self.helper("get"), whole.text), Type::Any)
            }
            "readfile" => {
                let path = self.text(words.first().copied().ok_or_else(|| shape(name))?)?;
                one(format!("{}({path})", self.helper("read_file")), Type::Bytes)
            }
            "input" => {
                let text = words.first().map(|w| self.text(w)).transpose()?.unwrap_or_default();
                one(format!("input({text}).encode()"), Type::Bytes)
            }
            _ => self.name_command(name, given),
        }
    }

    /// The commands of names and addresses.
    fn name_command(&mut self, name: &str, given: &Given<'_, '_>) -> Got<Option<Made>> {
        let one = |text: String, of| Ok(Some(Made::one(Code::atom(text, of))));
        let text = |writer: &mut Self, at: usize| match given.words.get(at) {
            Some(word) => writer.text(word),
            None => Err(shape(name)),
        };
        let made = match name {
            "getaddrinfo"
                if given.other_than(&["--family", "--type", "--numeric", "--timeout"]).is_none() =>
            {
                let mut arguments = vec![text(self, 0)?];
                arguments.extend(given.words.get(1).map(|port| self.whole(port)).transpose()?);
                for (option, argument, table) in [("--family", "family", DOMAINS), ("--type", "kind", TYPES)]
                {
                    if let Some(word) = given.option(option) {
                        arguments.push(format!("{argument}={}", self.constant(word, table)?));
                    }
                }
                if given.has("--numeric") {
                    arguments.push("flags=socket.AI_NUMERICHOST".into());
                }
                one(format!("{}({})", self.helper("addresses"), arguments.join(", ")), Type::List)
            }
            "gethostname" => one("socket.gethostname().encode()".into(), Type::Bytes),
            "gethostbyname" => one(format!("socket.gethostbyname({}).encode()", text(self, 0)?), Type::Bytes),
            "getservbyname" | "getprotobyname" => {
                let mut arguments = text(self, 0)?;
                if given.words.len() > 1 {
                    arguments = format!("{arguments}, {}", text(self, 1)?);
                }
                one(format!("socket.{name}({arguments})"), Type::Int)
            }
            "getservbyport" => {
                let mut arguments = self.whole(given.words.first().ok_or_else(|| shape(name))?)?;
                if given.words.len() > 1 {
                    arguments = format!("{arguments}, {}", text(self, 1)?);
                }
                one(format!("socket.getservbyport({arguments}).encode()"), Type::Bytes)
            }
            "inet_pton" => {
                let Some((word, family)) = given.words.split_last() else { return Err(shape(name)) };
                let text = self.text(word)?;
                let family = match (family.first(), known(word)) {
                    (Some(family), _) => self.constant(family, DOMAINS)?,
                    (None, Some(text)) if text.contains(':') => "socket.AF_INET6".into(),
                    (None, Some(_)) => "socket.AF_INET".into(),
                    (None, None) => format!("{}({text})", self.helper("family_of")),
                };
                one(format!("socket.inet_pton({family}, {text})"), Type::Bytes)
            }
            "inet_aton" => one(format!("socket.inet_aton({})", text(self, 0)?), Type::Bytes),
            "inet_ntop" => {
                let bytes =
                    self.data(given.words.get(given.words.len().saturating_sub(1)..).unwrap_or_default())?;
                self.module("socket");
                one(
                    format!(
                        "socket.inet_ntop(socket.AF_INET if len({0}) == 4 else socket.AF_INET6, {0}).encode()",
                        bytes.text
                    ),
                    Type::Bytes,
                )
            }
            "htons" | "htonl" | "ntohs" | "ntohl" => {
                let n = self.whole(given.words.first().ok_or_else(|| shape(name))?)?;
                one(format!("socket.{name}({n})"), Type::Int)
            }
            "if_nametoindex" => one(format!("socket.if_nametoindex({})", text(self, 0)?), Type::Int),
            "if_indextoname" => {
                let n = self.whole(given.words.first().ok_or_else(|| shape(name))?)?;
                one(format!("socket.if_indextoname({n}).encode()"), Type::Bytes)
            }
            _ => return Ok(None),
        };
        self.module("socket");
        made
    }

    /// A word as a key of a map or a place in a list.
    pub fn key(&mut self, word: &crate::text::words::Word<'_>) -> Got<String> {
        Ok(self.value(word)?.text)
    }

    fn value_of(&mut self, given: &Given<'_, '_>, at: usize) -> Got<Code> {
        match given.words.get(at) {
            Some(word) => self.value(word),
            None => Err(shape("")),
        }
    }

    fn letters_of(&mut self, given: &Given<'_, '_>, at: usize) -> Got<String> {
        match given.words.get(at) {
            Some(word) => self.text(word),
            None => Err(shape("")),
        }
    }

    /// `append`, `remove`, `put`, `writefile`: what changes a name or a file, as a statement.
    pub fn changing_command(&mut self, name: &str, given: &Given<'_, '_>) -> Got<Option<Made>> {
        let text = |text: String| Ok(Some(Made::nothing(text)));
        if name == "writefile" {
            let Some((path, data)) = given.words.split_first() else { return Err(shape(name)) };
            let path = self.text(path)?;
            let data = self.given_data(given, data)?;
            let append = if given.has("--append") { ", append=True" } else { "" };
            return text(format!("{}({path}, {}{append})", self.helper("write_file"), data.text));
        }
        if !matches!(name, "append" | "remove" | "put") {
            return Ok(None);
        }
        let Some(target) = given.words.first().and_then(|w| w.bare()) else { return Err(shape(name)) };
        let own = code::name(target);
        let is_list = self.type_of(target) == Type::List;
        let items = given.words[1..].iter().map(|word| self.value(word)).collect::<Got<Vec<Code>>>()?;
        let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
        let plain = items.iter().all(|item| {
            matches!(
                item.of,
                Type::Int | Type::Bytes | Type::Line | Type::Socket | Type::Address | Type::Map | Type::Error
            )
        });
        let in_place = self.is_own_list(target);
        let shared = self.is_shared(target);
        let changed = match (name, items.as_slice()) {
            ("append", [one]) if in_place && is_list && plain => format!("{own}.append({})", one.text),
            ("append", _) if plain => {
                format!("{own} = {own} + [{}]", texts.join(", "))
            }
            ("append", _) => format!("{own} = {own} + {}({})", self.helper("flat"), texts.join(", ")),
            ("remove", [one]) if in_place && is_list && one.of == Type::Socket => {
                format!("{own}.remove({})", one.text)
            }
            ("remove", _) => format!("{own} = {}({own}, {})", self.helper("without"), texts.join(", ")),
            (_, [key, value]) if in_place && is_plain_key(key) => {
                format!("{own}[{}] = {}", key.text, value.text)
            }
            (_, [key, value]) if in_place => {
                format!("{own}[{}({own}, {})] = {}", self.helper("key_in"), key.text, value.text)
            }
            (_, [key, value]) => {
                format!("{own} = {}({own}, {}, {})", self.helper("with_key"), key.text, value.text)
            }
            _ => return Err(shape(name)),
        };
        if shared {
            return text(format!("with {}:\n    {changed}", self.helper("sharing")));
        }
        text(changed)
    }
}

/// Is it a key that no number is equal to?
fn is_plain_key(key: &Code) -> bool {
    let text = key.text.strip_prefix("b\"").and_then(|text| text.strip_suffix('"'));
    text.is_some_and(|text| text.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// The reason of a command whose words have no counterpart.
pub fn shape(name: &str) -> crate::words::Sentence {
    say!(
        en "`{name}` in this form has no counterpart in Python",
        es "`{name}` en esta forma no tiene equivalente en Python",
        name
    )
}
