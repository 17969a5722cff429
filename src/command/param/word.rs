//! Words: of a set, as text, as bytes, as flags.

use super::{Given, Got, Param, given, wrong};
use crate::command;
use crate::command::expr::Expr;
use crate::command::row::Does;
use crate::command::syntax::{Kind, OptionSpec};
use crate::command::words::Words;
use crate::session::Session;
use crate::text::diagnostic::{Diagnostic, suggest, there_are};
use crate::text::words::Word;
use crate::value::errno::Class;
use crate::value::{Bytes, Value};
use crate::words::Phrase;

/// Finds a word in a table of `(name, constant, number)`; numbers stand for themselves.
fn constant(table: &[(&str, &str, i32)], value: &Value) -> Option<i32> {
    if let Some(number) = value.to_int() {
        return i32::try_from(number).ok();
    }
    let text = value.to_bytes();
    let is = |name: &str| text.eq_ignore_ascii_case(name.as_bytes());
    table.iter().find(|(name, constant, _)| is(name) || is(constant)).map(|row| row.2)
}

fn read_constant(
    words: &mut Words<'_>,
    name: &'static str,
    table: &'static [(&'static str, &'static str, i32)],
    what: Phrase,
) -> Option<Given<i32>> {
    if let Some(word) = words.peek()
        && let Some(text) = word.bare()
        && let Some(row) = table.iter().find(|row| row.0 == text)
    {
        words.advance(name, word);
        return Some(Given::Now(row.2));
    }
    if let Some(word) = words.peek()
        && let Some(text) = word.bare()
        && std::ptr::eq(table, crate::value::DOMAINS)
        && let Some(meant) = domain_of(words.syntax.name, text)
    {
        words.advance(name, word);
        let message = say!(en "`{text}` is not {what}", es "`{text}` no es {what}", text, what);
        let help = say!(en "write `{meant}`", es "escribe `{meant}`", meant);
        words.report(Diagnostic::new(word.span, message).help(help));
        return None;
    }
    given(words, name, |value, text| {
        constant(table, value).ok_or_else(|| {
            let near = suggest(text, table.iter().flat_map(|r| [r.0, r.1]));
            let help = near.unwrap_or_else(|| there_are(table.iter().map(|r| r.0)));
            (say!(en "`{text}` is not {what}", es "`{text}` no es {what}", text, what), Some(help))
        })
    })
}

/// The domain that was meant by another of its names; for a command that takes a type after it, the domain and type that
/// were meant by a protocol, or by a type alone.
fn domain_of(command: &str, text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    let text = text.strip_prefix("sock_").or(text.strip_prefix("ipproto_")).unwrap_or(&text);
    let row = command::find(command);
    let (one, pair) = (
        row.is_some_and(|row| row.does(Does::MakesSocket)),
        row.is_some_and(|row| row.does(Does::MakesPair)),
    );
    Some(match text {
        "ip" | "ipv4" | "ip4" => "inet",
        "ipv6" | "ip6" => "inet6",
        "tcp" | "tcp4" | "stream" if one => "inet stream",
        "udp" | "udp4" | "dgram" if one => "inet dgram",
        "tcp6" if one => "inet6 stream",
        "udp6" if one => "inet6 dgram",
        // Only Unix sockets come in pairs.
        "stream" if pair => "unix stream",
        "dgram" if pair => "unix dgram",
        "seqpacket" if one || pair => "unix seqpacket",
        _ => return None,
    })
}

fn later_constant(
    expr: &Expr,
    session: &mut Session,
    table: &[(&str, &str, i32)],
    wanted: Phrase,
) -> Got<i32> {
    let value = expr.get(session)?;
    constant(table, &value).ok_or_else(|| wrong(Class::ValueError, wanted, &value))
}

macro_rules! constant_word {
    ($(#[$doc:meta])* $type:ident, $table:expr, $words:expr, $usage:literal, $what:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $type(Given<i32>);

        impl Param for $type {
            type Value<'a> = i32;
            const KIND: Kind = Kind::Word($words);
            const USAGE: &'static str = $usage;

            fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
                read_constant(words, name, $table, $what).map($type)
            }

            fn get(&self, session: &mut Session) -> Got<i32> {
                match &self.0 {
                    Given::Now(n) => Ok(*n),
                    Given::Later(expr) => later_constant(expr, session, $table, $what),
                }
            }
        }
    };
}

constant_word!(
    /// An address family.
    Family, crate::value::DOMAINS, &["inet", "inet6", "unix", "vsock", "packet", "netlink"],
    "DOMAIN", phrase!(en "a socket domain", es "un dominio de sockets"));
constant_word!(
/// A socket's type.
SocketType, crate::value::TYPES, &["stream", "dgram", "seqpacket", "raw", "rdm"], "TYPE", phrase!(
    en "a socket type",
    es "un tipo de socket"
));
constant_word!(
    /// A protocol's number or name.
    ProtocolWord, crate::value::PROTOCOLS, &["tcp", "udp", "icmp", "icmpv6", "mptcp", "sctp", "udplite", "dccp", "raw"],
    "PROTOCOL", phrase!(en "a protocol", es "un protocolo"));
constant_word!(
/// Which half of a connection to shut.
How, HOWS, &["read", "write", "both"], "read|write|both", phrase!(
    en "a half of a connection",
    es "una mitad de una conexión"
));
constant_word!(
    /// `true` or `false`.
    Flag, FLAGS, &["true", "false"], "true|false", phrase!(en "`true` or `false`", es "`true` ni `false`"));

/// The halves of a connection: our name, the constant, its number.
pub const HOWS: &[(&str, &str, i32)] = &[
    ("read", "SHUT_RD", libc::SHUT_RD),
    ("write", "SHUT_WR", libc::SHUT_WR),
    ("both", "SHUT_RDWR", libc::SHUT_RDWR),
];

const FLAGS: &[(&str, &str, i32)] = &[("true", "on", 1), ("false", "off", 0)];

/// Any one word as text.
#[derive(Debug)]
pub struct Text(pub Expr);

impl Param for Text {
    type Value<'a> = String;
    const KIND: Kind = Kind::Text;
    const USAGE: &'static str = "TEXT";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        Expr::letters(words, word).map(Text)
    }

    fn get(&self, session: &mut Session) -> Got<String> {
        self.0.text(session)
    }
}

/// Warns of a word to be shown that is a name which a line above gives a value, or such a name's property.
fn doubt_name(words: &mut Words<'_>, word: &Word<'_>) {
    let Some(text) = word.bare() else { return };
    let message = say!(en "`{text}` is text here", es "`{text}` es texto aquí", text);
    let problem = Diagnostic::warning("bare-name", word.span, message);
    if let Some(name) = words.given_name(word) {
        words.report(problem.help(say!(
            en "`${name}` prints what the name stands for", es "`${name}` muestra lo que el nombre representa", name
        )));
    } else if let Some(meant) = words.meant_by_dotted(word) {
        words.report(
            problem.help(say!(en "`{meant}` prints the value", es "`{meant}` muestra el valor", meant)),
        );
    }
}

/// One word that people are to read.
#[derive(Debug)]
pub struct Told(pub Text);

impl Param for Told {
    type Value<'a> = String;
    const KIND: Kind = Text::KIND;
    const USAGE: &'static str = Text::USAGE;

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        if let Some(word) = words.peek() {
            doubt_name(words, word);
        }
        Text::read(words, name).map(Told)
    }

    fn get(&self, session: &mut Session) -> Got<String> {
        self.0.get(session)
    }
}

/// The words that are left, each with its value.
#[derive(Debug)]
pub struct Rest(Vec<Expr>);

impl Param for Rest {
    type Value<'a> = Vec<Value>;
    const KIND: Kind = Kind::Words;
    const USAGE: &'static str = "WORD…";
    const OPTIONAL: bool = true;

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let mut exprs = Vec::new();
        if let (Some(word), None) = (words.peek(), words.peek_at(1)) {
            doubt_name(words, word);
        }
        while let Some(word) = words.next() {
            words.note(name, word.span);
            exprs.push(Expr::letters(words, word));
        }
        exprs.into_iter().collect::<Option<_>>().map(Rest)
    }

    fn get(&self, session: &mut Session) -> Got<Vec<Value>> {
        self.0.iter().map(|e| e.get(session).and_then(|v| session.look(&v))).collect()
    }
}

/// One word as bytes, without options of its own.
macro_rules! octets {
    ($(#[$doc:meta])* $type:ident, $usage:literal) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $type(Expr);

        impl Param for $type {
            type Value<'a> = Bytes;
            const KIND: Kind = Kind::Text;
            const USAGE: &'static str = $usage;

            fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
                let word = words.require(name)?;
                words.note(name, word.span);
                words.refuse_name(word)?;
                Expr::letters(words, word).map($type)
            }

            fn get(&self, session: &mut Session) -> Got<Bytes> {
                self.0.bytes(session)
            }
        }
    };
}

octets!(
    /// Any bytes.
    Octets, "BYTES");
octets!(
    /// What stands between pieces.
    Separator, "SEP");
octets!(
    /// What is looked for.
    Piece, "PART");
octets!(
    /// What is replaced.
    Old, "OLD");
octets!(
    /// What stands in its place.
    New, "NEW");
octets!(
    /// The bytes that are repeated up to a length.
    Pattern, "PATTERN");
octets!(
    /// What is mixed into a digest.
    Key, "KEY");
octets!(
    /// What each byte is changed by.
    Mask, "MASK");

/// Switches that become message flags.
macro_rules! flags {
    ($(#[$doc:meta])* $type:ident, [$($name:literal $flag:path, en $en:literal es $es:literal;)*]) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $type(i32);

        impl Param for $type {
            type Value<'a> = i32;
            const KIND: Kind = Kind::Options;
            const USAGE: &'static str = "";
            const OPTIONS: &'static [OptionSpec] =
                &[$(OptionSpec { name: $name, value: None, about: phrase!(en $en, es $es) }),*];

            fn read(words: &mut Words<'_>, _: &'static str) -> Option<Self> {
                let mut flags = 0;
                $(if words.switch($name).is_some() { flags |= $flag; })*
                Some($type(flags))
            }

            fn get(&self, _: &mut Session) -> Got<i32> {
                Ok(self.0)
            }
        }
    };
}

flags!(
    /// MSG_… for sending.
    SendFlags, [
    "--oob" libc::MSG_OOB, en "as urgent data (MSG_OOB)"
        es "como datos urgentes (MSG_OOB)";
    "--dontroute" libc::MSG_DONTROUTE, en "to hosts of this network only (MSG_DONTROUTE)"
        es "solo a hosts de esta red (MSG_DONTROUTE)";
    "--dontwait" libc::MSG_DONTWAIT, en "fail with EAGAIN where it would wait (MSG_DONTWAIT)"
        es "falla con EAGAIN donde tendría que esperar (MSG_DONTWAIT)";
    "--more" libc::MSG_MORE, en "hold it back, more is coming (MSG_MORE)"
        es "lo retiene, porque viene más (MSG_MORE)";
    "--eor" libc::MSG_EOR, en "a record ends here, where the protocol has records (MSG_EOR)"
        es "aquí termina un registro, si el protocolo los tiene (MSG_EOR)";
    "--fastopen" libc::MSG_FASTOPEN, en "TCP: connect with the data in the first packet (MSG_FASTOPEN)"
        es "TCP: se conecta con los datos en el primer paquete (MSG_FASTOPEN)";
    "--zerocopy" libc::MSG_ZEROCOPY, en "without a copy, after `setsockopt zerocopy true`; `recvmsg --errqueue` says when it is done (MSG_ZEROCOPY)"
        es "sin copiar, tras `setsockopt zerocopy true`; `recvmsg --errqueue` dice cuándo terminó (MSG_ZEROCOPY)";
]);
flags!(
    /// MSG_… for receiving.
    RecvFlags, [
    "--oob" libc::MSG_OOB, en "the urgent byte (MSG_OOB)"
        es "el byte urgente (MSG_OOB)";
    "--dontwait" libc::MSG_DONTWAIT, en "fail with EAGAIN where it would wait (MSG_DONTWAIT)"
        es "falla con EAGAIN donde tendría que esperar (MSG_DONTWAIT)";
    "--waitall" libc::MSG_WAITALL, en "wait until N bytes are there (MSG_WAITALL)"
        es "espera hasta que haya N bytes (MSG_WAITALL)";
    "--trunc" libc::MSG_TRUNC, en "TCP: throw the bytes away unread (MSG_TRUNC)"
        es "TCP: descarta los bytes sin leerlos (MSG_TRUNC)";
]);
