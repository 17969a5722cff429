//! Which socket is the current one, as far as that is known before the script runs.
//!
//! Where every path to a line leaves the same sockets open in the same order, the line names its socket. Where it
//! depends on the run (a loop that leaves one more open each round), the whole program keeps the stack itself.

use super::Writer;

/// The sockets that are open, by their names in Python; the last one is current.
#[derive(Clone, Debug)]
pub struct Stack {
    /// None where it depends on the run.
    names: Option<Vec<String>>,
    dynamic: bool,
}

impl Stack {
    pub fn new(dynamic: bool) -> Stack {
        Stack { names: Some(Vec::new()), dynamic }
    }

    /// A stack that depends on the run.
    pub fn unknown(dynamic: bool) -> Stack {
        Stack { names: None, dynamic }
    }

    /// Does it depend on the run?
    pub fn is_unknown(&self) -> bool {
        self.names.is_none()
    }

    /// The same stack, or an unknown one.
    pub fn meet(&mut self, other: &Stack) {
        if self.names != other.names {
            self.names = None;
        }
    }

    /// From here on it depends on the run.
    pub fn forget(&mut self) {
        self.names = None;
    }

    /// A socket of this name is current now. One of the same name below it has none any more.
    pub fn push(&mut self, name: &str) {
        if let Some(names) = &mut self.names {
            for old in names.iter_mut().filter(|old| *old == name) {
                old.clear();
            }
            names.push(name.to_string());
        }
    }

    /// The socket of this name is current now, wherever it stood.
    pub fn raise(&mut self, name: &str) {
        match &mut self.names {
            Some(names) if names.iter().any(|n| n == name) => {
                names.retain(|n| n != name);
                names.push(name.to_string());
            }
            _ => self.names = None,
        }
    }

    /// The socket of this name is closed.
    pub fn drop(&mut self, name: &str) {
        match &mut self.names {
            // Another name of a socket on the stack, or one that is closed already.
            Some(names) if !names.iter().any(|n| n == name) => self.names = None,
            Some(names) => names.retain(|n| n != name),
            None => {}
        }
    }

    fn top(&self) -> Option<&str> {
        self.names.as_ref()?.last().map(String::as_str).filter(|name| !name.is_empty())
    }
}

impl Writer<'_> {
    /// The current socket.
    pub fn current(&mut self) -> String {
        if !self.stack.dynamic
            && let Some(name) = self.stack.top()
        {
            return name.to_string();
        }
        self.found.dynamic = true;
        format!("{}()", self.helper("current"))
    }

    /// Does the program keep the stack itself?
    pub fn is_dynamic(&self) -> bool {
        self.stack.dynamic
    }
}
