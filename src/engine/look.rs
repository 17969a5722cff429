//! An outcome is shown: what is read only then (a local address) is read now.

use crate::session::Session;
use crate::value::Value;
use crate::value::outcome::{Fact, Outcome};

/// The outcome with every address read, and the own address of a socket that has connected.
pub fn look(session: &mut Session, outcome: &Outcome) -> (Value, Option<String>) {
    let value = session.look(&outcome.value).unwrap_or_else(|_| outcome.value.clone());
    let local = match &outcome.fact {
        Fact::Connected { number } => session.numbered(*number),
        _ => None,
    };
    let local = local.and_then(|socket| session.look_local(&socket).ok()).map(|a| a.to_string());
    (value, local)
}
