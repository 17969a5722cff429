//! What the names of a script stand for, `$_`, and the properties of values.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use super::names::Place;
use super::{Session, lock};
use crate::net::address::from_kernel;
use crate::net::door::{About, Call, Returned, closed};
use crate::net::look::Look;
use crate::value::errno::{Class, number_of};
use crate::value::outcome::{CallError, Detail, Halt};
use crate::value::socket::Endpoint;
use crate::value::{Address, Local, Value};

/// Calls of `def`s within calls.
const DEEPEST_CALL: usize = 500;

/// The names of a script, by slot; its threads share them.
#[derive(Debug, Default)]
pub struct Names(RwLock<Vec<Arc<str>>>);

impl Names {
    fn get(&self, slot: u32) -> Option<Arc<str>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(slot as usize).cloned()
    }

    /// Takes over the names that came up since; what it has stays as it is.
    fn extend(&self, all: &[Arc<str>]) {
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let known = names.len();
        names.extend(all.iter().skip(known).cloned());
    }
}

impl Session {
    /// Makes room for the names of a script that was read.
    pub fn prepare(&mut self, names: &[Arc<str>]) {
        self.names.extend(names);
        self.slots.resize(names.len().max(self.slots.len()), None);
        let mut shared = self.shared.names.write().unwrap_or_else(PoisonError::into_inner);
        let length = names.len().max(shared.len());
        shared.resize(length, None);
    }

    /// The name of a place, if it is one of the script's.
    pub fn name_of(&self, place: Place) -> Option<String> {
        match place {
            Place::Slot(slot) | Place::Shared(slot) => self.names.get(slot).map(|name| name.to_string()),
            _ => None,
        }
    }

    /// The value of a name, if it has one.
    pub fn at_hand(&self, place: Place) -> Option<&Value> {
        match place {
            Place::Slot(slot) => self.slots.get(slot as usize)?.as_ref(),
            Place::Local(local) => self.frames.last()?.get(local as usize)?.as_ref(),
            _ => None,
        }
    }

    /// The value at a place, or the error that there is none.
    pub fn get(&mut self, place: Place) -> Result<Value, Box<Halt>> {
        let value = match place {
            Place::Slot(slot) => self.slots.get(slot as usize).and_then(Option::clone),
            Place::Local(local) => {
                self.frames.last().and_then(|f| f.get(local as usize)).and_then(Option::clone)
            }
            Place::Last => Some(self.last.0.clone()).filter(|last| !matches!(last, Value::Nothing)),
            Place::Out(n) => self.outs.get(n).map(|l| l.0.clone()),
            Place::Argument(n) => self.arguments.get((n as usize).wrapping_sub(1)).cloned(),
            Place::Tmpdir => return self.tmpdir().map(|p| Value::text(&p.to_string_lossy())),
            Place::Numbered(n) => self.numbered(n).map(Value::Socket),
            Place::Shared(slot) => self.shared_value(slot),
        };
        value.ok_or_else(|| {
            if let Place::Out(number) = place
                && self.outs.had(number)
            {
                let text = say!(
                    en "the result of `In [{number}]` was let go: only the latest are kept; `let NAME = $_{number}` keeps one in time",
                    es "el resultado de `In [{number}]` ya se descartó: solo se guardan los últimos; `let NAME = $_{number}` guarda uno a tiempo",
                    number
                );
                return CallError::class(Class::NameError, Detail::Text(text)).into();
            }
            let name = self.place_name(place);
            CallError::class(Class::NameError, Detail::Unset { name }).into()
        })
    }

    fn place_name(&self, place: Place) -> String {
        match place {
            Place::Slot(_) | Place::Shared(_) => self.name_of(place).unwrap_or_default(),
            // A name inside a `def` has a place, and no text.
            Place::Local(_) => String::new(),
            Place::Last => "$_".into(),
            Place::Out(n) => format!("$_{n}"),
            Place::Argument(n) => format!("${n}"),
            Place::Tmpdir => "tmpdir".into(),
            Place::Numbered(n) => format!("s{n}"),
        }
    }

    /// What a name stands for that all threads have in common.
    fn shared_value(&self, slot: u32) -> Option<Value> {
        let names = self.shared.names.read().unwrap_or_else(PoisonError::into_inner);
        names.get(slot as usize).and_then(Option::clone)
    }

    /// Changes what a name stands for, where it is: `prepare` reads what `change` needs. One step, where threads have the
    /// name in common.
    pub fn change<T>(
        &mut self,
        place: Place,
        prepare: impl FnOnce(&mut Session) -> Result<T, Box<Halt>>,
        change: impl FnOnce(&mut Value, T) -> Result<(), Box<Halt>>,
    ) -> Result<(), Box<Halt>> {
        let shared = self.shared.clone();
        let _step = place.is_shared().then(|| lock(&shared.step));
        let needed = prepare(self)?;
        let mut names;
        let cell = match place {
            Place::Slot(slot) => self.slots.get_mut(slot as usize),
            Place::Local(local) => self.frames.last_mut().and_then(|f| f.get_mut(local as usize)),
            Place::Shared(slot) => {
                names = shared.names.write().unwrap_or_else(PoisonError::into_inner);
                names.get_mut(slot as usize)
            }
            _ => None,
        };
        match cell {
            Some(Some(value)) => change(value, needed),
            _ => {
                let name = self.place_name(place);
                Err(CallError::class(Class::NameError, Detail::Unset { name }).into())
            }
        }
    }

    /// Gives a name what `make` gives, as one step where threads have it in common.
    pub fn assign_made(
        &mut self,
        place: Place,
        make: impl FnOnce(&mut Session) -> Result<Value, Box<Halt>>,
    ) -> Result<(), Box<Halt>> {
        let shared = self.shared.clone();
        let _step = place.is_shared().then(|| lock(&shared.step));
        let value = make(self)?;
        self.assign(place, value);
        Ok(())
    }

    /// The socket a name stands for.
    pub fn socket_at(&mut self, place: Place) -> Result<Arc<Endpoint>, Box<Halt>> {
        match self.get(place)? {
            Value::Socket(socket) => Ok(socket),
            other => Err(self.is_no_socket(place, &other)),
        }
    }

    /// What stands before the dot.
    pub fn aimed(&mut self) -> Result<Value, Box<Halt>> {
        match self.aim {
            Some(place) => self.get(place),
            None => Ok(Value::Nothing),
        }
    }

    fn is_no_socket(&self, place: Place, other: &Value) -> Box<Halt> {
        // A name of a `def` has no name here; what it holds says more.
        let name = match place {
            Place::Local(_) => other.to_literal(),
            _ => format!("`{}`", self.place_name(place)),
        };
        let found = match other {
            Value::Jobs(_) => {
                let job = self.place_name(place);
                say!(
                    en "{name} is still waited for (`wait {job}` first), so it",
                    es "{name} aún se espera (primero `wait {job}`), así que",
                    name,
                    job
                )
            }
            other => say!(en "{name} ({kind})", es "{name} ({kind})", name, kind = other.kind()),
        };
        CallError::class(
            Class::TypeError,
            Detail::NotA { wanted: phrase!(en "a socket", es "un socket"), found },
        )
        .into()
    }

    /// Gives a name a value. A socket takes the name; the one that bore it is `sN` again.
    pub fn assign(&mut self, place: Place, value: Value) {
        if let Place::Slot(slot) = place {
            self.name_sockets(slot, &value);
        }
        if let Place::Shared(slot) = place {
            self.assign_shared(slot, value);
            return;
        }
        let cell = match place {
            Place::Slot(slot) => self.slots.get_mut(slot as usize),
            Place::Local(local) => self.frames.last_mut().and_then(|f| f.get_mut(local as usize)),
            _ => None,
        };
        if let Some(cell) = cell
            && let Some(old) = cell.replace(value)
        {
            self.reuse(old);
        }
    }

    fn assign_shared(&mut self, slot: u32, value: Value) {
        self.rename_sockets(slot, self.shared_value(slot).as_ref(), &value);
        let mut names = self.shared.names.write().unwrap_or_else(PoisonError::into_inner);
        let old = names.get_mut(slot as usize).map(|cell| cell.replace(value));
        // What is dropped here may be large: others wait for the lock no longer than they must.
        drop(names);
        drop(old);
    }

    /// The socket that has the name of this slot loses it, the new one gets it.
    fn name_sockets(&self, slot: u32, new: &Value) {
        self.rename_sockets(slot, self.slots.get(slot as usize).and_then(Option::as_ref), new);
    }

    fn rename_sockets(&self, slot: u32, old: Option<&Value>, new: &Value) {
        if !matches!(old, Some(Value::Socket(_))) && !matches!(new, Value::Socket(_)) {
            return;
        }
        let Some(name) = self.names.get(slot) else { return };
        if let Some(Value::Socket(old)) = old {
            old.lose_name(&name);
        }
        if let Value::Socket(new) = new {
            new.set_name(name);
        }
    }

    /// `$_`, with the other of a pair.
    pub fn set_last(&mut self, value: Value, second: Value) {
        let (old, _) = std::mem::replace(&mut self.last, (value, second));
        self.reuse(old);
    }

    /// `$_` as if no command had run.
    pub fn forget_last(&mut self) {
        self.last = Default::default();
    }

    /// `$_` and the other of its pair, which is nothing afterwards.
    pub fn take_last(&mut self) -> (Value, Value) {
        std::mem::take(&mut self.last)
    }

    /// Keeps `$_` as the result of `In [number]`.
    pub fn remember(&mut self, number: u32) {
        self.remember_as(number, self.last.clone());
    }

    /// Keeps a value, with the other of a pair, as the result of `In [number]`.
    pub fn remember_as(&mut self, number: u32, result: (Value, Value)) {
        if !matches!(result.0, Value::Nothing) {
            self.outs.insert(number, result);
        }
    }

    /// The number of the last line whose result was let go to make room, the first time that there is one.
    pub fn first_gone(&mut self) -> Option<u32> {
        self.outs.first_gone()
    }

    /// `$_.1`: the other of a pair.
    pub fn second(&self, place: Place) -> Option<Value> {
        let (_, second) = match place {
            Place::Last => &self.last,
            Place::Out(n) => self.outs.get(n)?,
            _ => return None,
        };
        (!matches!(second, Value::Nothing)).then(|| second.clone())
    }

    /// All names with a value, in the order they came up.
    pub fn named(&self) -> Vec<(Arc<str>, Value)> {
        let of = |(slot, value): (u32, Option<Value>)| Some((self.names.get(slot)?, value?));
        let shared = self.shared.names.read().unwrap_or_else(PoisonError::into_inner);
        let either = self.slots.iter().enumerate().map(|(at, own)| match shared.get(at) {
            Some(Some(value)) => Some(value.clone()),
            _ => own.clone(),
        });
        (0..).zip(either).filter_map(of).collect()
    }

    /// Begins a call of a `def` with so many names, its arguments first.
    pub fn enter(&mut self, locals: usize, arguments: Vec<Value>) -> Result<(), Box<Halt>> {
        if self.frames.len() >= DEEPEST_CALL {
            let detail = Detail::Depth { most: DEEPEST_CALL };
            return Err(CallError::class(Class::RecursionError, detail).into());
        }
        let mut frame: Vec<Option<Value>> = arguments.into_iter().map(Some).collect();
        frame.resize(locals.max(frame.len()), None);
        self.frames.push(frame);
        Ok(())
    }

    /// The names of the innermost `def`, its arguments first.
    pub fn locals(&self) -> &[Option<Value>] {
        self.frames.last().map_or(&[], Vec::as_slice)
    }

    /// Ends the innermost call of a `def`.
    pub fn leave(&mut self) {
        self.frames.pop();
    }

    /// An empty buffer: the memory of bytes that were replaced, where there is some.
    pub fn buffer(&mut self) -> Vec<u8> {
        let mut buffer = std::mem::take(&mut self.spare);
        buffer.clear();
        buffer
    }

    /// Keeps the memory of bytes that no name stands for any more, for the next receive.
    fn reuse(&mut self, old: Value) {
        if let Value::Bytes(bytes) = old
            && let Some(bytes) = Arc::into_inner(bytes)
        {
            self.give_back(bytes.into_vec());
        }
    }

    /// Gives a buffer back. One is kept, the largest, but none above 4 MiB.
    pub fn give_back(&mut self, buffer: Vec<u8>) {
        const KEPT: usize = 4 << 20;
        if (self.spare.capacity() + 1..=KEPT).contains(&buffer.capacity()) {
            self.spare = buffer;
        }
    }

    /// The value with nothing left to be read: getsockname(2) where a local address stands.
    pub fn look(&self, value: &Value) -> Result<Value, Box<Halt>> {
        match value {
            Value::Local(local) => match local.read.get() {
                Some(address) => Ok(Value::Address(address.clone())),
                None => {
                    let address = self.look_local(&local.socket)?;
                    Ok(Value::Address(local.read.get_or_init(|| Arc::new(address)).clone()))
                }
            },
            other => Ok(other.clone()),
        }
    }

    /// getsockname(2) of an address that is shown or used, not asked for by its command.
    pub fn look_local(&self, socket: &Arc<Endpoint>) -> Result<Address, Box<Halt>> {
        looked("getsockname", socket, Look::new(&self.caller, socket).local())
    }

    /// getsockname(2)
    pub fn local_address(&mut self, socket: &Arc<Endpoint>) -> Result<Address, Box<Halt>> {
        let call = Call { name: "getsockname", on: socket, about: About::Plain };
        self.caller.call(call, None, |s| s.socket().local_addr().map(|a| from_kernel(&a)))
    }

    /// getpeername(2)
    pub fn peer_address(&mut self, socket: &Arc<Endpoint>) -> Result<Address, Box<Halt>> {
        let call = Call { name: "getpeername", on: socket, about: About::Plain };
        self.caller.call(call, None, |s| s.socket().peer_addr().map(|a| from_kernel(&a)))
    }

    /// A local address that is read when it is first used or shown.
    pub fn local_later(socket: &Arc<Endpoint>) -> Value {
        Value::Local(Arc::new(Local { socket: socket.clone(), read: OnceLock::new() }))
    }

    /// A property, of what is at hand or by asking the kernel.
    pub fn property(&mut self, value: &Value, name: &str) -> Result<Value, Box<Halt>> {
        let value = self.look(value)?;
        if let Value::Socket(socket) = &value {
            let look = Look::new(&self.caller, socket);
            match name {
                "fd" => {
                    let Ok(open) = socket.open() else { return Err(closed("fileno", socket)) };
                    return Ok(Value::Int(std::os::fd::AsRawFd::as_raw_fd(open.socket()).into()));
                }
                "local" => return self.look_local(socket).map(Value::address),
                "peer" => return looked("getpeername", socket, look.peer()).map(Value::address),
                "state" if !socket.is_open() => return Ok(Value::text(self.closed_state(socket))),
                "state" => return Ok(Value::text(&look.state())),
                "info" => {
                    let info = looked("getsockopt", socket, look.tcp_info())?;
                    return Ok(info.map().into());
                }
                "recvq" => return looked("ioctl", socket, look.receive_queue()).map(Value::Int),
                "sendq" => return looked("ioctl", socket, look.send_queue()).map(Value::Int),
                "backlog" => {
                    return match looked("getsockopt", socket, look.backlog())? {
                        Some((waiting, _)) => Ok(Value::Int(waiting.into())),
                        None => Err(crate::value::no_property(
                            "backlog",
                            phrase!(en "a socket that does not listen", es "un socket que no escucha"),
                        )
                        .into()),
                    };
                }
                "events" => {
                    if !socket.is_open() {
                        return Err(closed("poll", socket));
                    }
                    let events = look.events().into_iter().map(Value::text);
                    return Ok(Value::list(events.collect()));
                }
                _ => {}
            }
        }
        if let (Value::Process(process), "status") = (&value, name) {
            let status = crate::net::process::status(&self.caller, process);
            return Ok(status.map_or(Value::text("running"), |s| Value::Int(s.code().into())));
        }
        match value.property(name) {
            Some(result) => result.map_err(Box::<Halt>::from),
            None => Err(crate::value::no_property(name, value.kind()).into()),
        }
    }

    /// The script's temporary folder, made when first used. Short enough for a Unix path.
    pub fn tmpdir(&mut self) -> Result<PathBuf, Box<Halt>> {
        let shared = self.shared.clone();
        let mut tmpdir = lock(&shared.tmpdir);
        if let Some(made) = &*tmpdir {
            return Ok(made.path().to_path_buf());
        }
        let parent = short_temp();
        let call = Call { name: "mkdir", on: (), about: About::Path(parent.as_path().into()) };
        let make = |_: &()| match tempfile::Builder::new().prefix("sb").tempdir_in(&parent) {
            Ok(made) => Ok(Folder(made)),
            Err(e) => Err(number_of(&e).map_or(e, io::Error::from_raw_os_error)),
        };
        let made = self.caller.by_itself(|caller| caller.call(call, None, make));
        let Folder(made) = made.map_err(|halt| about_file(halt, &parent))?;
        let path = made.path().to_path_buf();
        self.caller.roster.has_folder(&path);
        if let Some(guard) = self.caller.guard() {
            guard.own_folder(&path);
        }
        *tmpdir = Some(made);
        Ok(path)
    }

    /// The temporary folder's path, if anything used it.
    pub fn tmpdir_if_made(&self) -> Option<String> {
        lock(&self.shared.tmpdir).as_ref().map(|t| t.path().to_string_lossy().into_owned())
    }

    /// Exports a name, or its newer value.
    pub fn export(&mut self, name: Arc<str>, value: Value) {
        let mut exports = lock(&self.shared.exports);
        match exports.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => exports.push((name, value)),
        }
    }

    /// What was exported.
    pub fn exports(&self) -> Vec<(Arc<str>, Value)> {
        lock(&self.shared.exports).clone()
    }

    /// Leaves the temporary folder where it is, and says where that is; none where nothing used it.
    pub fn keep_tmpdir(&mut self) -> Option<PathBuf> {
        lock(&self.shared.tmpdir).take().map(tempfile::TempDir::keep)
    }

    /// Removes the temporary folder: the script has ended, and its threads with it.
    pub fn remove_tmpdir(&mut self) {
        let Some(folder) = lock(&self.shared.tmpdir).take() else { return };
        let path = folder.path().to_path_buf();
        let call = Call { name: "rmdir", on: (), about: About::Path(path.as_path().into()) };
        let mut folder = Some(folder);
        // What cannot be removed is the system's to clear.
        let _ = self.caller.settle(call, |()| folder.take().map_or(Ok(()), tempfile::TempDir::close));
    }
}

/// A failed call was about this file.
fn about_file(mut halt: Box<Halt>, path: &Path) -> Box<Halt> {
    if let Halt::Error(error) = &mut *halt {
        error.detail = Detail::File { path: path.display().to_string(), written: None };
    }
    halt
}

/// A folder that was made.
struct Folder(tempfile::TempDir);

impl Returned for Folder {
    fn returned(&self) -> i64 {
        0
    }

    fn gave(&self) -> Value {
        Value::text(&self.0.path().to_string_lossy())
    }
}

/// What a look gave, or why it gave nothing.
fn looked<T>(call: &'static str, socket: &Arc<Endpoint>, result: std::io::Result<T>) -> Result<T, Box<Halt>> {
    result.map_err(|e| {
        if !socket.is_open() {
            return closed(call, socket);
        }
        let mut error = CallError::io(call, &e);
        error.socket = Some(socket.clone());
        error.into()
    })
}

/// A Unix socket's path has 107 bytes: a deep TMPDIR would leave none for the name.
fn short_temp() -> PathBuf {
    let usual = std::env::temp_dir();
    if usual.as_os_str().len() > 60 && Path::new("/tmp").is_dir() { PathBuf::from("/tmp") } else { usual }
}
