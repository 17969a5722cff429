//! What a Python expression becomes: a word of a line, a piece of quoted text, a command whose result it is, or a sum.
//! And what kind of value it has, as far as the text tells.

/// The kind of a value in Python. Bytes and text are one thing in sockbook, and two in Python.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Unknown,
    None,
    Bool,
    Int,
    Float,
    /// Nanoseconds, where Python has seconds.
    Clock,
    Text,
    /// With the length, where it is known.
    Bytes(Option<u64>),
    Socket,
    Address,
    List(Box<Kind>),
    Tuple(Vec<Kind>),
    /// The kind of its keys, and of its values.
    Map(Box<Kind>, Box<Kind>),
    /// What came out of JSON text.
    Json,
    Error,
    /// What an open file still holds; whether as text.
    File {
        text: bool,
    },
    /// Reads a socket by lines, as text or as bytes; the socket's name.
    SocketFile {
        socket: String,
        text: bool,
    },
    Thread(Thread),
    Lock,
    Event,
    Queue,
    /// The name of the hash; its value is the data.
    Digest(String),
    /// The only object of a class.
    Object(String),
}

/// A thread that is not started yet, or was under this name.
#[derive(Clone, Debug, PartialEq)]
pub struct Thread {
    /// What `wait` calls it.
    pub job: String,
    /// The line that its block holds.
    pub line: String,
    pub daemon: bool,
    /// The `def` that it was made in, if any.
    pub place: Option<String>,
}

impl Kind {
    pub fn list(item: Kind) -> Kind {
        Kind::List(Box::new(item.inner()))
    }

    pub fn map(key: Kind, item: Kind) -> Kind {
        Kind::Map(Box::new(key.inner()), Box::new(item.inner()))
    }

    pub fn tuple(kinds: Vec<Kind>) -> Kind {
        Kind::Tuple(kinds.into_iter().map(Kind::inner).collect())
    }

    /// So many kinds are in it, with itself.
    fn size(&self) -> usize {
        1 + match self {
            Kind::List(item) => item.size(),
            Kind::Map(key, item) => key.size() + item.size(),
            Kind::Tuple(kinds) => kinds.iter().map(Kind::size).sum(),
            _ => 0,
        }
    }

    /// As the kind of a part of another. What has many parts is not known: parts of parts could be without end.
    fn inner(self) -> Kind {
        const MOST: usize = 64;
        if self.size() > MOST { Kind::Unknown } else { self }
    }

    /// Whether a value of this kind may be empty, as None is here.
    pub fn may_be_empty(&self) -> bool {
        self.is_text() || self.is_list() || matches!(self, Kind::Map(..) | Kind::Json | Kind::Unknown)
    }

    /// What is one value in Python under all its names, and sees the changes that are made through any of them.
    pub fn is_shared(&self) -> bool {
        matches!(self, Kind::List(_) | Kind::Map(..) | Kind::Json | Kind::Unknown)
    }

    /// Whether it would be several words of a line, or may be.
    pub fn is_spread(&self) -> bool {
        self.is_list() || matches!(self, Kind::Json | Kind::Unknown)
    }

    pub fn is_text(&self) -> bool {
        matches!(self, Kind::Text | Kind::Bytes(_))
    }

    pub fn is_bytes(&self) -> bool {
        matches!(self, Kind::Bytes(_))
    }

    pub fn is_list(&self) -> bool {
        matches!(self, Kind::List(_) | Kind::Tuple(_))
    }

    /// The kind of the items, or of one of them.
    pub fn item(&self, at: Option<usize>) -> Kind {
        match self {
            Kind::List(item) | Kind::Map(_, item) => (**item).clone(),
            Kind::Tuple(kinds) => match at {
                Some(at) => kinds.get(at).cloned().unwrap_or(Kind::Unknown),
                None => kinds.iter().cloned().reduce(Kind::merge).unwrap_or(Kind::Unknown),
            },
            Kind::Bytes(_) => Kind::Int,
            Kind::Text => Kind::Text,
            Kind::Json => Kind::Json,
            Kind::Address => match at {
                Some(0) => Kind::Text,
                Some(_) => Kind::Int,
                None => Kind::Unknown,
            },
            _ => Kind::Unknown,
        }
    }

    /// The kind of the keys of a map.
    pub fn key(&self) -> Kind {
        match self {
            Kind::Map(key, _) => (**key).clone(),
            Kind::Json => Kind::Text,
            _ => Kind::Unknown,
        }
    }

    /// The kind of a value that is of either kind.
    pub fn merge(self, other: Kind) -> Kind {
        match (self, other) {
            (a, b) if a == b => a,
            (Kind::Bytes(_), Kind::Bytes(_)) => Kind::Bytes(None),
            (Kind::None, kind) | (kind, Kind::None) => kind,
            (Kind::List(a), Kind::List(b)) => Kind::list(a.merge(*b)),
            (Kind::Map(a, x), Kind::Map(b, y)) => Kind::map(a.merge(*b), x.merge(*y)),
            _ => Kind::Unknown,
        }
    }
}

/// A part of quoted text.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    Bytes(Vec<u8>),
    /// `x`, `x.len`: stands as `${x.len}`.
    Path(String),
}

/// The sockbook of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// Quoted text with values in it.
    Text(Vec<Piece>),
    /// A name with or without properties: `$x`, `${x.len}`.
    Path(String),
    /// A bare word: a number, `none`.
    Word(String),
    /// A command whose result it is: `$(c.recv 10)`, or a line of its own.
    Call(String),
    /// A property of a command's result: `$(unpack ">I" $x).0`.
    Part(String, String),
    /// A command whose result is a pair: `client, address = l.accept`.
    Pair(String),
    /// Values that have names already, for as many names of a target.
    Lists(Vec<String>),
    /// A command without a result; nothing at all where it is empty.
    Act(String),
    /// An expression of `let`, and whether it is a single product.
    Sum(String),
}

/// An expression of Python in sockbook.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    pub form: Form,
    pub kind: Kind,
}

impl Operand {
    pub fn new(form: Form, kind: Kind) -> Operand {
        Operand { form, kind }
    }

    pub fn text(bytes: impl Into<Vec<u8>>, kind: Kind) -> Operand {
        Operand::new(Form::Text(vec![Piece::Bytes(bytes.into())]), kind)
    }

    pub fn int(n: i64) -> Operand {
        Operand::new(Form::Word(n.to_string()), Kind::Int)
    }

    pub fn call(command: impl Into<String>, kind: Kind) -> Operand {
        Operand::new(Form::Call(command.into()), kind)
    }

    pub fn act(command: impl Into<String>) -> Operand {
        Operand::new(Form::Act(command.into()), Kind::None)
    }

    pub fn path(path: impl Into<String>, kind: Kind) -> Operand {
        Operand::new(Form::Path(path.into()), kind)
    }

    /// Whether it runs a command when it is due.
    pub fn runs(&self) -> bool {
        match &self.form {
            Form::Call(_) | Form::Part(..) | Form::Pair(_) | Form::Act(_) => true,
            Form::Sum(text) => text.contains("$("),
            _ => false,
        }
    }

    /// The name that a value is under, or is a part of.
    pub fn root(&self) -> Option<&str> {
        match &self.form {
            Form::Path(path) => path.split('.').next(),
            Form::Call(command) => {
                let word = command.strip_prefix("get ")?.split(' ').next()?;
                word.trim_start_matches(['$', '{']).trim_end_matches('}').split('.').next()
            }
            _ => None,
        }
    }

    /// A list or a map of its own: what changes it leaves the one that it was made from as it is, as in Python.
    pub fn copied(self) -> Operand {
        match &self.form {
            Form::Path(path) if self.kind.is_list() => {
                Operand::call(format!("slice {} 0", dollar(path)), self.kind)
            }
            Form::Path(path) => Operand::new(Form::Word(dollar(path)), self.kind),
            _ => self,
        }
    }

    /// The command that it runs, or the sum that it is.
    pub fn command(&self) -> Option<&str> {
        match &self.form {
            Form::Call(text) | Form::Part(text, _) | Form::Pair(text) | Form::Act(text) | Form::Sum(text) => {
                Some(text)
            }
            _ => None,
        }
    }

    /// The names whose values it is made of.
    pub fn reads(&self) -> Vec<&str> {
        let first = |path: &'_ str| path.find('.').map_or(path.len(), |at| at);
        match &self.form {
            Form::Path(path) => vec![&path[..first(path)]],
            Form::Text(pieces) => pieces
                .iter()
                .filter_map(|piece| match piece {
                    Piece::Path(path) => Some(&path[..first(path)]),
                    Piece::Bytes(_) => None,
                })
                .collect(),
            _ => self.command().map_or_else(Vec::new, |text| {
                let words = text.split('$').skip(1).map(|word| word.trim_start_matches('{'));
                words
                    .map(|word| {
                        let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                        &word[..end.unwrap_or(word.len())]
                    })
                    .collect()
            }),
        }
    }

    /// The bytes of a literal.
    pub fn literal(&self) -> Option<Vec<u8>> {
        match &self.form {
            Form::Text(pieces) => pieces.iter().try_fold(Vec::new(), |mut all, piece| match piece {
                Piece::Bytes(bytes) => {
                    all.extend_from_slice(bytes);
                    Some(all)
                }
                Piece::Path(_) => None,
            }),
            _ => None,
        }
    }

    /// The number of a literal.
    pub fn number(&self) -> Option<i64> {
        match &self.form {
            Form::Word(word) if self.kind == Kind::Int => word.parse().ok(),
            _ => None,
        }
    }
}

/// `$x`, `${x.len}`.
pub fn dollar(path: &str) -> String {
    if path.contains('.') { format!("${{{path}}}") } else { format!("${path}") }
}

/// Bytes as quoted text that reads back as the same bytes.
pub fn quoted(pieces: &[Piece]) -> String {
    let mut out = String::from("\"");
    for piece in pieces {
        match piece {
            Piece::Bytes(bytes) => push_escaped(bytes, &mut out),
            Piece::Path(path) => {
                out.push_str("${");
                out.push_str(path);
                out.push('}');
            }
        }
    }
    out.push('"');
    out
}

fn push_escaped(bytes: &[u8], out: &mut String) {
    for chunk in bytes.utf8_chunks() {
        let text = chunk.valid();
        let mut letters = text.chars().peekable();
        while let Some(c) = letters.next() {
            let begins_name = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '{' | '(');
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '$' if letters.peek().is_none_or(begins_name) => out.push_str("\\$"),
                c if c.is_ascii_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
                c if is_odd(c) => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
                c => out.push(c),
            }
        }
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
    }
}

/// Letters that are not seen, or turn the text around them.
fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c), 0xa0 | 0xad | 0x200b..=0x200f | 0x2028..=0x202f | 0x2060..=0x206f | 0xfeff)
}
