//! Sockets by their names.

use std::sync::Arc;

use super::{Got, Param, wrong};
use crate::command::expr::{Expr, Lookup};
use crate::command::syntax::Kind;
use crate::command::words::Words;
use crate::session::Session;
use crate::text::words::Word;
use crate::value::Value;
use crate::value::errno::Class;
use crate::value::socket::Endpoint;

/// A socket by its name.
#[derive(Debug)]
pub struct SocketName(Expr);

impl SocketName {
    /// Of a word that was read.
    pub fn of(expr: Expr) -> SocketName {
        SocketName(expr)
    }
}

impl Param for SocketName {
    type Value<'a> = Arc<Endpoint>;
    const KIND: Kind = Kind::Socket;
    const USAGE: &'static str = "SOCKET";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let word = words.require(name)?;
        words.note(name, word.span);
        read_socket(words, word).map(SocketName)
    }

    fn get(&self, session: &mut Session) -> Got<Arc<Endpoint>> {
        socket_of(self.0.get(session)?)
    }
}

fn socket_of(value: Value) -> Got<Arc<Endpoint>> {
    match value {
        Value::Socket(socket) => Ok(socket),
        other => Err(wrong(Class::TypeError, phrase!(en "a socket", es "un socket"), &other)),
    }
}

/// `S` of `S open`: a socket by its bare name, or a value.
pub fn read_socket(words: &mut Words<'_>, word: &Word<'_>) -> Option<Expr> {
    read_named(words, word, "socket")
}

/// A bare word that names something, or a value. `what` says in a message what has the name.
pub fn read_named(words: &mut Words<'_>, word: &Word<'_>, what: &str) -> Option<Expr> {
    let Some(name) = word.bare() else { return Expr::read(words, word) };
    let place = words.scope.require(name, word.span, what);
    let place = words.accept(place)?;
    Some(Expr::lookup(Lookup::of(place), word.span))
}

/// Some sockets, or none for the current one.
#[derive(Debug)]
pub struct SocketNames(Vec<SocketName>);

impl Param for SocketNames {
    /// None where no word was given: a list may be empty.
    type Value<'a> = Option<Vec<Arc<Endpoint>>>;
    const KIND: Kind = Kind::Sockets;
    const USAGE: &'static str = "SOCKET…";
    const OPTIONAL: bool = true;

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let mut sockets = Vec::new();
        while !words.is_empty() {
            sockets.push(SocketName::read(words, name));
        }
        sockets.into_iter().collect::<Option<_>>().map(SocketNames)
    }

    fn get(&self, session: &mut Session) -> Got<Option<Vec<Arc<Endpoint>>>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let mut sockets = Vec::with_capacity(self.0.len());
        for name in &self.0 {
            // A list stands for its items.
            match name.0.get(session)? {
                Value::List(items) => {
                    for item in items.iter() {
                        sockets.push(socket_of(item.clone())?);
                    }
                }
                one => sockets.push(socket_of(one)?),
            }
        }
        Ok(Some(sockets))
    }
}
