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
    Map(Box<Kind>),
    /// What came out of JSON text.
    Json,
    /// Whether it may be one of the system, whose words are others here.
    Error(bool),
    /// What an open file still holds; whether as text.
    File {
        text: bool,
    },
    /// Reads a socket by lines; the socket's name.
    SocketFile(String),
    Thread(Thread),
    Lock,
    Event,
    Queue,
    Digest(String, String),
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
        Kind::List(Box::new(item))
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
            Kind::List(item) | Kind::Map(item) => (**item).clone(),
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

    /// The kind of a value that is of either kind.
    pub fn merge(self, other: Kind) -> Kind {
        match (self, other) {
            (a, b) if a == b => a,
            (Kind::Bytes(_), Kind::Bytes(_)) => Kind::Bytes(None),
            (Kind::None, kind) | (kind, Kind::None) => kind,
            (Kind::List(a), Kind::List(b)) => Kind::List(Box::new(a.merge(*b))),
            (Kind::Map(a), Kind::Map(b)) => Kind::Map(Box::new(a.merge(*b))),
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
