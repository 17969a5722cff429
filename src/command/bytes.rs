//! Bytes at hand: no call is made.

use std::sync::Arc;

use super::param::Data;
use super::row::{Command, Gives::*, command};
use crate::errno::Class;
use crate::outcome::{CallError, Detail, Fact, Outcome, Reply};
use crate::scope::Place;
use crate::session::Session;
use crate::value::Value;

pub const ROWS: &[Command] = &[command!(Bytes, "hexdump", hexdump, (data: Option<Data>), Nothing,
        "bytes in hex and as text; `$_` without words",
        c "", rust "", python "",
        errors [],
        like "hexdump \"hola\\r\\n\"")];

fn hexdump(session: &mut Session, data: Option<Arc<Vec<u8>>>) -> Reply {
    let bytes = match data {
        Some(bytes) => bytes,
        None => match session.get(Place::Last)? {
            Value::Bytes(bytes) => bytes,
            other => {
                let found = format!("{} ({})", other.to_literal(), other.kind());
                return Err(
                    CallError::class(Class::TypeError, Detail::NotA { wanted: "bytes", found }).into()
                );
            }
        },
    };
    Outcome::with(Value::Bytes(bytes), Fact::Hexdump)
}
