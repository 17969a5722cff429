//! What a script may reach: the rules of `--allow-net`, `--allow-read`, `--allow-write`, `--no-process` and `--sandbox`.
//!
//! A [`Policy`] is read once from the command line; each session has a [`Guard`] of its own, an observer that the door
//! asks before every call. A kind of call (network, reading, writing, programs) that no rule names is not held at all; one
//! that has a rule is refused wherever no rule allows it. An address is checked after its name was looked up, as the very
//! value that is handed to the kernel. A file is checked by where it really lies, and then opened from the folder that
//! allows it, with openat2(2) and without following a link, so that a folder swapped meanwhile leads nowhere else.
//!
//! Programs that a script starts are not held by this: see [`super::enclosure`] for what the kernel holds.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd as _, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use nix::sys::stat::Mode;

use super::address::from_kernel;
use super::door::{About, Asked, Observer};
use super::kernel;
use super::options::setting::Setting;
use crate::text::literal::one_line;
use crate::value::Address;
use crate::value::control::Control;
use crate::value::errno::{Class, Code};
use crate::value::outcome::{CallError, Detail, Halt};
use crate::value::socket::{Endpoint, Triple};
use crate::words::Sentence;

/// The rules of a run; none of a kind: that kind is not held.
#[derive(Debug, Default)]
pub struct Policy {
    net: Option<Vec<Net>>,
    read: Option<Vec<Place>>,
    write: Option<Vec<Place>>,
    no_process: bool,
    /// As they were given, for the messages.
    said: Said,
}

/// The options of each kind as they were given.
#[derive(Debug, Default)]
struct Said {
    net: Vec<String>,
    read: Vec<String>,
    write: Vec<String>,
    process: String,
}

/// The rules as the command line has them.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub net: Vec<String>,
    pub read: Vec<PathBuf>,
    pub write: Vec<PathBuf>,
    pub no_process: bool,
    /// Loopback, the temporary folder, no programs, and what the rules above add.
    pub sandbox: bool,
}

impl Rules {
    /// Is there nothing to hold?
    pub fn is_empty(&self) -> bool {
        self.net.is_empty()
            && self.read.is_empty()
            && self.write.is_empty()
            && !self.no_process
            && !self.sandbox
    }
}

/// A place of the network.
#[derive(Debug, PartialEq, Eq)]
enum Net {
    /// 127.0.0.0/8 and ::1
    Loopback(Option<u16>),
    /// Addresses that begin with so many bits of this one.
    Range { base: IpAddr, bits: u8, port: Option<u16> },
    /// A name, in lower case: the addresses that a look-up of it gave.
    Host { name: String, port: Option<u16> },
    /// A Unix path, or those below it; whole.
    Path(PathBuf),
    /// A Unix name without a file.
    Abstract(Vec<u8>),
}

impl Net {
    /// `HOST[:PORT]`, a CIDR, `loopback`, `/PATH` or `@NAME`.
    fn read(text: &str) -> Result<Net, Sentence> {
        let wrong = || {
            say!(
                en "`--allow-net {text}` is none of HOST, HOST:PORT, ADDRESS/BITS, loopback, a Unix path and @NAME; like `10.0.0.0/8` or `example.com:443`",
                es "`--allow-net {text}` no es HOST, HOST:PORT, ADDRESS/BITS, loopback, una ruta Unix ni @NAME; como `10.0.0.0/8` o `example.com:443`",
                text
            )
        };
        if text.starts_with('/') {
            return Ok(Net::Path(real(Path::new(text)).unwrap_or_else(|| text.into())));
        }
        if let Some(name) = text.strip_prefix('@').filter(|name| !name.is_empty()) {
            return Ok(Net::Abstract(name.as_bytes().to_vec()));
        }
        if let Some((address, bits)) = text.split_once('/') {
            let base: IpAddr = address.parse().map_err(|_| wrong())?;
            let bits: u8 = bits.parse().map_err(|_| wrong())?;
            let most = if base.is_ipv4() { 32 } else { 128 };
            return if bits <= most { Ok(Net::Range { base, bits, port: None }) } else { Err(wrong()) };
        }
        let one = |base: IpAddr, port| Net::Range { base, bits: if base.is_ipv4() { 32 } else { 128 }, port };
        if let Ok(ip) = text.parse() {
            return Ok(one(ip, None));
        }
        let (host, port) = match text.rsplit_once(':') {
            None => (text, None),
            Some((host, port)) => {
                let port: u16 = port.parse().map_err(|_| wrong())?;
                (host, Some(port))
            }
        };
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        if let Ok(ip) = bare.unwrap_or(host).parse() {
            return Ok(one(ip, port));
        }
        if host == "loopback" {
            return Ok(Net::Loopback(port));
        }
        let name = super::idna::to_ascii(host).map_err(|_| wrong())?.to_lowercase();
        let part = |label: &str| {
            !label.is_empty() && !label.contains(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c))
        };
        match name.trim_end_matches('.').split('.').all(part) {
            true => Ok(Net::Host { name: name.trim_end_matches('.').into(), port }),
            false => Err(wrong()),
        }
    }

    /// Does it allow this address and port, as they are?
    fn has(&self, ip: IpAddr, port: u16) -> bool {
        let fits = |wanted: &Option<u16>| wanted.is_none_or(|wanted| wanted == port);
        match self {
            Net::Loopback(wanted) => ip.is_loopback() && fits(wanted),
            Net::Range { base, bits, port: wanted } => {
                begins_alike(base.to_canonical(), ip, *bits) && fits(wanted)
            }
            Net::Host { .. } | Net::Path(_) | Net::Abstract(_) => false,
        }
    }

    /// Every address of one family.
    fn is_everywhere(&self) -> bool {
        matches!(self, Net::Range { bits: 0, port: None, .. })
    }
}

fn begins_alike(base: IpAddr, ip: IpAddr, bits: u8) -> bool {
    match (base, ip) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let shift = 32 - u32::from(bits.min(32));
            u64::from(a.to_bits()) >> shift == u64::from(b.to_bits()) >> shift
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let other = a.to_bits() ^ b.to_bits();
            other.leading_zeros() >= u32::from(bits)
        }
        _ => false,
    }
}

/// A folder or a file that may be used, held open.
#[derive(Debug)]
struct Place {
    /// The folder, or that of the file.
    folder: OwnedFd,
    /// Where that folder really lies.
    real: PathBuf,
    /// Only this file of it.
    file: Option<OsString>,
}

impl Place {
    fn at(path: &Path) -> io::Result<Place> {
        let whole = std::fs::canonicalize(path)?;
        let (real, file) = match whole.is_dir() {
            true => (whole, None),
            false => {
                let folder = whole.parent().unwrap_or(Path::new("/")).to_path_buf();
                (folder, whole.file_name().map(OsStr::to_os_string))
            }
        };
        let flags = libc::O_PATH | libc::O_DIRECTORY | libc::O_NOFOLLOW;
        let folder = File::options().read(true).custom_flags(flags).open(&real)?.into();
        Ok(Place { folder, real, file })
    }

    /// The rest of a path that lies here, seen from the folder.
    fn rest<'a>(&self, path: &'a Path) -> Option<&'a Path> {
        let rest = path.strip_prefix(&self.real).ok()?;
        self.file.as_ref().is_none_or(|file| rest == Path::new(file)).then_some(rest)
    }

    /// Opens what lies here; no link is followed, because the path was followed before.
    fn open(&self, rest: &Path, flags: i32) -> io::Result<OwnedFd> {
        let rest = if rest.as_os_str().is_empty() { Path::new(".") } else { rest };
        let flags = OFlag::from_bits_retain(flags) | OFlag::O_CLOEXEC;
        let mode = if flags.contains(OFlag::O_CREAT) { Mode::from_bits_retain(0o666) } else { Mode::empty() };
        let resolve = ResolveFlag::RESOLVE_BENEATH
            | ResolveFlag::RESOLVE_NO_SYMLINKS
            | ResolveFlag::RESOLVE_NO_MAGICLINKS;
        let how = OpenHow::new().flags(flags).mode(mode).resolve(resolve);
        Ok(openat2(self.folder.as_fd(), rest, how)?)
    }
}

/// Where a path really lies; of what is not there, where it would. `None`: that cannot be said.
fn real(path: &Path) -> Option<PathBuf> {
    let mut rest: Vec<&OsStr> = Vec::new();
    let mut known = path;
    loop {
        let at = if known.as_os_str().is_empty() { Path::new(".") } else { known };
        match std::fs::canonicalize(at) {
            Ok(found) => {
                let whole = rest.iter().rev().fold(found, |path, part| path.join(part));
                return Some(whole);
            }
            // A link that leads nowhere: what is written there would be made somewhere else.
            Err(_) if std::fs::symlink_metadata(at).is_ok() => return None,
            Err(_) => {}
        }
        match known.components().next_back()? {
            Component::Normal(part) => rest.push(part),
            // `..` behind what is not there.
            _ => return None,
        }
        known = known.parent()?;
    }
}

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Read,
    Write,
}

fn uses(flags: i32) -> &'static [Use] {
    match flags & libc::O_ACCMODE {
        libc::O_RDONLY if flags & (libc::O_CREAT | libc::O_TRUNC) == 0 => &[Use::Read],
        libc::O_WRONLY => &[Use::Write],
        _ => &[Use::Read, Use::Write],
    }
}

impl Policy {
    /// The rules in force; or what is wrong with one of them.
    pub fn of(rules: &Rules) -> Result<Policy, Sentence> {
        let mut net: Vec<Net> = rules.net.iter().map(|text| Net::read(text)).collect::<Result<_, _>>()?;
        if rules.sandbox {
            net.push(Net::Loopback(None));
        }
        let places = |option: &str, paths: &[PathBuf]| -> Result<Vec<Place>, Sentence> {
            let place = |path: &PathBuf| {
                Place::at(path).map_err(|e| {
                    let why = CallError::io("", &e).code.words();
                    let why = Sentence::of(|lang| why.show(lang).to_lowercase());
                    let path = one_line(&path.to_string_lossy());
                    say!(en "`{option} {path}`: {why}", es "`{option} {path}`: {why}", option, path, why)
                })
            };
            paths.iter().map(place).collect()
        };
        let (read, write) = (places("--allow-read", &rules.read)?, places("--allow-write", &rules.write)?);
        let said = |option: &str, given: Vec<String>| {
            let own = rules.sandbox.then(|| "--sandbox".to_string());
            own.into_iter().chain(given.into_iter().map(|text| format!("{option} {text}"))).collect()
        };
        let shown = |paths: &[PathBuf]| paths.iter().map(|path| one_line(&path.to_string_lossy())).collect();
        Ok(Policy {
            net: (rules.sandbox || !net.is_empty()).then_some(net),
            read: (rules.sandbox || !read.is_empty()).then_some(read),
            write: (rules.sandbox || !write.is_empty()).then_some(write),
            no_process: rules.sandbox || rules.no_process,
            said: Said {
                net: said("--allow-net", rules.net.clone()),
                read: said("--allow-read", shown(&rules.read)),
                write: said("--allow-write", shown(&rules.write)),
                process: if rules.sandbox { "--sandbox" } else { "--no-process" }.into(),
            },
        })
    }

    /// May programs be started that no line of the script names: an editor, a pager?
    pub fn holds_programs(&self) -> bool {
        self.no_process
    }

    /// May a text that a script names with `source` be read? Scripts are read before anything runs; what bears another name
    /// lies below a folder that may be read.
    pub fn may_source(&self, path: &Path) -> Result<(), Sentence> {
        let Some(allowed) = &self.read else { return Ok(()) };
        let whole = real(path);
        let is_script = |path: &PathBuf| path.extension() == Some(OsStr::new("sock")) && path.is_file();
        match whole {
            Some(path) if is_script(&path) || allowed.iter().any(|place| place.rest(&path).is_some()) => {
                Ok(())
            }
            _ => {
                let (name, rules) = (one_line(&path.to_string_lossy()), self.said.read.join(" "));
                Err(say!(
                    en "{name} may not be read: it is not a `.sock` file, and lies outside of what `{rules}` allows",
                    es "{name} no se puede leer: no es un archivo `.sock`, y está fuera de lo que permite `{rules}`",
                    name,
                    rules
                ))
            }
        }
    }
}

/// The policy of one session: the observer that refuses.
#[derive(Debug)]
pub struct Guard {
    policy: Arc<Policy>,
    /// The temporary folders: the script's own, and those of the fixtures it stands on.
    own: Mutex<Vec<Arc<Place>>>,
    /// The addresses that look-ups of allowed names gave, with the port of their rule.
    resolved: Mutex<HashSet<(IpAddr, Option<u16>)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Observer for Guard {
    fn before(&self, call: &Asked<'_>) -> Result<(), Box<Halt>> {
        match &call.about {
            About::Make(triple) => self.may_make(call.name, *triple),
            About::At(address) if call.name == "bind" => self.may_bind(call.name, address),
            About::At(address) => self.may_reach(call.name, address),
            About::Bytes { to: Some(to), .. } => self.may_reach(call.name, to),
            About::Slices { to, control, .. } => {
                to.iter().try_for_each(|to| self.may_reach(call.name, to))?;
                control.iter().try_for_each(|beside| self.may_go_beside(call.name, beside))
            }
            About::Backlog(_) => self.may_listen(call),
            About::Option { level, number, value: Some(value) } => {
                self.may_set(call.name, *level, *number, value)
            }
            About::Lookup { host: Some(host), flags, .. } => self.may_look_up(call.name, host, *flags),
            About::Reverse { address, flags } => self.may_look_back(call.name, *address, *flags),
            About::Open { path, flags } => {
                uses(*flags).iter().try_for_each(|used| self.may_open(call.name, path, *used))
            }
            About::Path(path) => self.may_open(call.name, path, Use::Write),
            About::Rename { from, to } => {
                self.may_open(call.name, from, Use::Write)?;
                self.may_open(call.name, to, Use::Write)
            }
            About::Program(words) => self.may_start(call.name, words),
            _ => Ok(()),
        }
    }

    fn wants_facts(&self) -> bool {
        false
    }
}

/// A call that no rule allows. It is no `OSError`: the kernel was not asked, and `fails` does not take it for the failure
/// that a script expects.
fn refused(call: &'static str, what: Sentence, rules: &str, allow: Option<String>) -> Box<Halt> {
    let blame = match call {
        "open" | "rename" => "path",
        "bind" | "connect" | "sendto" | "sendmsg" | "getnameinfo" => "address",
        "getaddrinfo" => "host",
        "setsockopt" => "value",
        _ => "",
    };
    let text = say!(en "`{rules}` does not allow {what}", es "`{rules}` no permite {what}", rules = rules.to_string(), what);
    let error = CallError::new(call, Code::Class(Class::PolicyError), Detail::Text(text)).blame(blame);
    match allow {
        Some(option) => error.advice(say!(
            en "the call was not made; `{option}` would allow it",
            es "la llamada no se hizo; `{option}` la permitiría",
            option
        )),
        None => error.advice(phrase!(
            en "the call was not made; no rule allows it, only a run without these options",
            es "la llamada no se hizo; ninguna regla la permite, solo una ejecución sin estas opciones"
        )),
    }
    .into()
}

impl Guard {
    /// `folders`: the temporary folders of the fixtures that the script stands on.
    pub fn new(policy: Arc<Policy>, folders: &[PathBuf]) -> Guard {
        let guard = Guard { policy, own: Mutex::default(), resolved: Mutex::default() };
        folders.iter().for_each(|folder| guard.own_folder(folder));
        guard
    }

    /// The rules.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// A folder that the session has made for itself: its script may do there what it likes.
    pub fn own_folder(&self, path: &Path) {
        if let Ok(place) = Place::at(path) {
            lock(&self.own).push(Arc::new(place));
        }
    }

    /// A look-up has given these addresses for this name.
    pub fn has_resolved(&self, host: &str, found: impl Iterator<Item = IpAddr>) {
        let Some(rules) = &self.policy.net else { return };
        let found: Vec<IpAddr> = found.map(|ip| ip.to_canonical()).collect();
        for rule in rules {
            if let Net::Host { name, port } = rule
                && is_name(host, name)
            {
                lock(&self.resolved).extend(found.iter().map(|ip| (*ip, *port)));
            }
        }
    }

    fn no_net(&self, call: &'static str, what: Sentence, allow: Option<String>) -> Box<Halt> {
        refused(call, what, &self.policy.said.net.join(" "), allow.map(|rule| format!("--allow-net {rule}")))
    }

    /// Sockets of other families and raw ones reach what no rule can name.
    fn may_make(&self, call: &'static str, triple: Triple) -> Result<(), Box<Halt>> {
        if self.policy.net.is_none() {
            return Ok(());
        }
        let family = i32::from(triple.domain());
        let plain =
            matches!(i32::from(triple.kind()), libc::SOCK_STREAM | libc::SOCK_DGRAM | libc::SOCK_SEQPACKET);
        let protocol = triple.protocol().map_or(0, i32::from);
        let allowed = match family {
            libc::AF_UNIX => plain,
            libc::AF_INET | libc::AF_INET6 => {
                plain
                    && matches!(
                        protocol,
                        0 | libc::IPPROTO_TCP | libc::IPPROTO_UDP | libc::IPPROTO_ICMP | libc::IPPROTO_ICMPV6
                    )
            }
            _ => false,
        };
        if allowed {
            return Ok(());
        }
        let name = crate::value::domain_name(triple.domain());
        let what = match plain {
            true => say!(
                en "a socket of the family `{name}` and the protocol {protocol}",
                es "un socket de la familia `{name}` y el protocolo {protocol}",
                name,
                protocol
            ),
            false => say!(en "a raw socket (`{name}`)", es "un socket crudo (`{name}`)", name),
        };
        Err(self.no_net(call, what, None))
    }

    /// An address that a call would send to or connect to.
    pub fn may_reach(&self, call: &'static str, address: &Address) -> Result<(), Box<Halt>> {
        let Address::Inet(inet) = address else { return self.may_use(call, address) };
        // The kernel takes "any address" for the machine itself.
        let ip = match inet.ip().to_canonical() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        self.may_inet(call, *inet, ip)
    }

    /// An address that a socket would be given: "any address" is every address of the machine.
    fn may_bind(&self, call: &'static str, address: &Address) -> Result<(), Box<Halt>> {
        let Address::Inet(inet) = address else { return self.may_use(call, address) };
        self.may_inet(call, *inet, inet.ip().to_canonical())
    }

    fn may_inet(&self, call: &'static str, shown: SocketAddr, ip: IpAddr) -> Result<(), Box<Halt>> {
        let Some(rules) = &self.policy.net else { return Ok(()) };
        let port = shown.port();
        let resolved = || {
            let resolved = lock(&self.resolved);
            resolved.contains(&(ip, None)) || resolved.contains(&(ip, Some(port)))
        };
        if rules.iter().any(|rule| rule.has(ip, port)) || resolved() {
            return Ok(());
        }
        let allow = match (ip.is_unspecified(), port) {
            (true, _) if ip.is_ipv4() => "0.0.0.0/0".to_string(),
            (true, _) => "::/0".to_string(),
            (false, 0) => ip.to_string(),
            (false, port) => SocketAddr::new(ip, port).to_string(),
        };
        let shown = shown.to_string();
        Err(self.no_net(call, say!(en "`{shown}`", es "`{shown}`", shown), Some(allow)))
    }

    /// An address that is none of IP.
    fn may_use(&self, call: &'static str, address: &Address) -> Result<(), Box<Halt>> {
        match address {
            Address::Path(path) => self.may_unix(call, Path::new(OsStr::from_bytes(path))),
            Address::Abstract(name) => {
                let Some(rules) = &self.policy.net else { return Ok(()) };
                let known = |rule: &Net| matches!(rule, Net::Abstract(known) if known == name);
                if rules.iter().any(known) {
                    return Ok(());
                }
                let shown = address.to_string();
                let allow = one_line(&String::from_utf8_lossy(name));
                let what = say!(en "the Unix name `{shown}`", es "el nombre Unix `{shown}`", shown);
                Err(self.no_net(call, what, Some(format!("@{allow}"))))
            }
            // autobind(7): the system chooses a name that no other socket has.
            Address::Unnamed => Ok(()),
            // No peer any more. Elsewhere the kernel takes AF_UNSPEC for AF_INET.
            Address::Other { family: libc::AF_UNSPEC, .. } if call == "connect" => Ok(()),
            _ if self.policy.net.is_none() => Ok(()),
            _ => {
                let shown = address.to_string();
                Err(self.no_net(call, say!(en "`{shown}`", es "`{shown}`", shown), None))
            }
        }
    }

    /// A Unix socket is a file, and behind it may be any program of the machine.
    fn may_unix(&self, call: &'static str, path: &Path) -> Result<(), Box<Halt>> {
        let (net, write) = (&self.policy.net, &self.policy.write);
        if net.is_none() && write.is_none() {
            return Ok(());
        }
        let whole = real(path);
        let named = |path: &Path| {
            net.iter().flatten().any(|rule| matches!(rule, Net::Path(allowed) if path.starts_with(allowed)))
        };
        let written = |path: &Path| write.iter().flatten().any(|place| place.rest(path).is_some());
        if whole.as_deref().is_some_and(|path| self.is_own(path) || named(path) || written(path)) {
            return Ok(());
        }
        let path = one_line(&whole.as_deref().unwrap_or(path).to_string_lossy());
        let what = say!(en "the Unix socket {path}", es "el socket Unix {path}", path = path.clone());
        Err(match net {
            Some(_) => self.no_net(call, what, Some(path)),
            None => {
                let folder = Path::new(&path).parent().unwrap_or(Path::new("/")).display().to_string();
                refused(
                    call,
                    what,
                    &self.policy.said.write.join(" "),
                    Some(format!("--allow-write {folder}")),
                )
            }
        })
    }

    /// listen(2) on a socket without an address gives it one: every address of the machine.
    fn may_listen(&self, call: &Asked<'_>) -> Result<(), Box<Halt>> {
        if self.policy.net.is_none() {
            return Ok(());
        }
        let local = call.sockets.iter().find_map(local_of);
        match local {
            Some(Address::Inet(inet)) => self.may_bind(call.name, &Address::Inet(inet)),
            _ => Ok(()),
        }
    }

    /// A descriptor from outside, which the script is about to have: what it is bound and connected to.
    pub fn may_have(&self, call: &'static str, fd: RawFd) -> Result<(), Box<Halt>> {
        if self.policy.net.is_none() {
            return Ok(());
        }
        kernel::with_descriptor(fd, |fd| {
            let socket = socket2::SockRef::from(&fd);
            // What is no socket is no way to the network.
            let (Ok(domain), Ok(kind)) = (socket.domain(), socket.r#type()) else { return Ok(()) };
            let protocol = socket.protocol().ok().flatten();
            self.may_make(call, Triple::new(domain, kind, protocol))?;
            let Ok(local) = socket.local_addr() else { return Ok(()) };
            if let Ok(peer) = socket.peer_addr() {
                return self.may_reach(call, &from_kernel(&peer));
            }
            match from_kernel(&local) {
                Address::Inet(inet) if inet.port() == 0 => Ok(()),
                local => self.may_bind(call, &local),
            }
        })
    }

    /// The options that would lead a socket past its address: another interface, another route, a group.
    fn may_set(&self, call: &'static str, level: i32, number: i32, value: &Setting) -> Result<(), Box<Halt>> {
        if self.policy.net.is_none() {
            return Ok(());
        }
        if let Some(group) = group_of(level, number, value) {
            let address = Address::Inet(SocketAddr::new(group, 0));
            return self.may_bind(call, &address);
        }
        if is_harmless(level, number) {
            return Ok(());
        }
        let what = say!(
            en "this option (level {level}, number {number}): it can lead past the socket's address",
            es "esta opción (nivel {level}, número {number}): puede llevar más allá de la dirección del socket",
            level,
            number
        );
        Err(self.no_net(call, what, None))
    }

    /// A control message of sendmsg(2) that would lead the bytes past their address, as an option could: a source route, a
    /// mark.
    fn may_go_beside(&self, call: &'static str, beside: &Control) -> Result<(), Box<Halt>> {
        if self.policy.net.is_none() || is_harmless_beside(beside.level, beside.kind) {
            return Ok(());
        }
        let (level, kind) = (beside.level, beside.kind);
        let what = say!(
            en "this control message (level {level}, type {kind}): it can lead past the address",
            es "este mensaje de control (nivel {level}, tipo {kind}): puede llevar más allá de la dirección",
            level,
            kind
        );
        Err(self.no_net(call, what, None))
    }

    /// A look-up is traffic, and its name is data.
    fn may_look_up(&self, call: &'static str, host: &str, flags: i32) -> Result<(), Box<Halt>> {
        let Some(rules) = &self.policy.net else { return Ok(()) };
        let own = |rule: &Net| match rule {
            Net::Host { name, .. } => is_name(host, name),
            Net::Loopback(_) => is_own_name(host),
            rule => rule.is_everywhere(),
        };
        if is_number(host) || flags & libc::AI_NUMERICHOST != 0 || rules.iter().any(own) {
            return Ok(());
        }
        let host = one_line(host);
        let what = say!(en "the look-up of `{host}`", es "la búsqueda de `{host}`", host = host.clone());
        Err(self.no_net(call, what, Some(host)))
    }

    fn may_look_back(&self, call: &'static str, address: SocketAddr, flags: i32) -> Result<(), Box<Halt>> {
        if flags & libc::NI_NUMERICHOST != 0 {
            return Ok(());
        }
        self.may_reach(call, &Address::Inet(address))?;
        // The tables of the machine have these two; any other of its own addresses is asked for on the network.
        let ip = address.ip().to_canonical();
        let own = ip == Ipv4Addr::LOCALHOST || ip == Ipv6Addr::LOCALHOST;
        let ranged = |rule: &Net| matches!(rule, Net::Range { .. }) && rule.has(ip, address.port());
        if !ip.is_loopback() || own || self.policy.net.iter().flatten().any(ranged) {
            return Ok(());
        }
        let shown = ip.to_string();
        let what = say!(en "the look-up of `{shown}`", es "la búsqueda de `{shown}`", shown = shown.clone());
        Err(self.no_net(call, what, Some(shown)))
    }

    fn may_start(&self, call: &'static str, words: &[String]) -> Result<(), Box<Halt>> {
        if !self.policy.no_process {
            return Ok(());
        }
        let program = one_line(words.first().map_or("", String::as_str));
        let what = say!(en "the program `{program}`", es "el programa `{program}`", program);
        Err(refused(call, what, &self.policy.said.process, None))
    }

    fn places(&self, used: Use) -> &Option<Vec<Place>> {
        match used {
            Use::Read => &self.policy.read,
            Use::Write => &self.policy.write,
        }
    }

    fn is_own(&self, path: &Path) -> bool {
        lock(&self.own).iter().any(|place| place.rest(path).is_some())
    }

    fn may_open(&self, call: &'static str, path: &Path, used: Use) -> Result<(), Box<Halt>> {
        let Some(places) = self.places(used) else { return Ok(()) };
        let whole = real(path);
        let allowed =
            |path: &Path| self.is_own(path) || places.iter().any(|place| place.rest(path).is_some());
        if whole.as_deref().is_some_and(allowed) {
            return Ok(());
        }
        let whole = whole.unwrap_or_else(|| path.to_path_buf());
        let shown = one_line(&whole.to_string_lossy());
        let folder = one_line(&whole.parent().unwrap_or(Path::new("/")).to_string_lossy());
        let (what, rules, option) = match used {
            Use::Read => (
                say!(en "reading {shown}", es "leer {shown}", shown),
                self.policy.said.read.join(" "),
                format!("--allow-read {folder}"),
            ),
            Use::Write => (
                say!(en "writing {shown}", es "escribir {shown}", shown),
                self.policy.said.write.join(" "),
                format!("--allow-write {folder}"),
            ),
        };
        Err(refused(call, what, &rules, Some(option)))
    }

    /// Opens a file that `before` has allowed, from the folder that allows it; `None` where files of this use are not
    /// held. Where the path leads elsewhere by now the kernel refuses: ELOOP or EXDEV.
    pub fn open(&self, path: &Path, flags: i32) -> Option<io::Result<OwnedFd>> {
        let used = uses(flags).iter().find(|used| self.places(**used).is_some())?;
        let denied = || Err(io::Error::from_raw_os_error(libc::EACCES));
        let Some(whole) = real(path) else { return Some(denied()) };
        let own = lock(&self.own).clone();
        let allowed = own.iter().map(|place| &**place).chain(self.places(*used).iter().flatten());
        let mut found = allowed.filter_map(|place| Some((place, place.rest(&whole)?)));
        Some(found.next().map_or_else(denied, |(place, rest)| place.open(rest, flags)))
    }
}

fn local_of(socket: &Arc<Endpoint>) -> Option<Address> {
    let open = socket.open().ok()?;
    open.socket().local_addr().ok().map(|address| from_kernel(&address))
}

/// Names are the same in any case, and with a dot at their end.
fn is_name(host: &str, name: &str) -> bool {
    host.trim_end_matches('.').eq_ignore_ascii_case(name)
}

/// An address as text, which nothing is asked about. Only one of IPv6 has a scope: `10.0.0.1%x` is a name to the C library.
fn is_number(host: &str) -> bool {
    match host.split_once('%') {
        Some((host, _)) => host.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<IpAddr>().is_ok(),
    }
}

/// The names that stand for the machine itself.
fn is_own_name(host: &str) -> bool {
    ["localhost", "ip6-localhost", "ip6-loopback"].iter().any(|own| is_name(host, own))
}

/// The group that an option joins.
fn group_of(level: i32, number: i32, value: &Setting) -> Option<IpAddr> {
    let joins = matches!(
        (level, number),
        (libc::IPPROTO_IP, libc::IP_ADD_MEMBERSHIP | libc::IP_ADD_SOURCE_MEMBERSHIP)
            | (libc::IPPROTO_IPV6, libc::IPV6_ADD_MEMBERSHIP)
    );
    match value {
        _ if !joins => None,
        Setting::Group4 { group, .. } | Setting::Source { group, .. } => Some((*group).into()),
        Setting::Group6 { group, .. } => Some((*group).into()),
        Setting::Bytes(bytes) if level == libc::IPPROTO_IPV6 => {
            Some(IpAddr::from(<[u8; 16]>::try_from(bytes.get(..16)?).ok()?))
        }
        Setting::Bytes(bytes) => Some(IpAddr::from(<[u8; 4]>::try_from(bytes.get(..4)?).ok()?)),
        _ => None,
    }
}

/// The control messages that change neither where a message goes nor by which way. Any other is refused.
fn is_harmless_beside(level: i32, kind: i32) -> bool {
    /// SO_PRIORITY, SO_TIMESTAMPING, SO_TXTIME (SCM_TXTIME)
    const OWN: [i32; 3] = [12, 37, 61];
    match level {
        libc::SOL_SOCKET => matches!(kind, libc::SCM_RIGHTS | libc::SCM_CREDENTIALS) || OWN.contains(&kind),
        libc::IPPROTO_IP => matches!(kind, libc::IP_TTL | libc::IP_TOS | libc::IP_PKTINFO),
        libc::IPPROTO_IPV6 => {
            matches!(kind, libc::IPV6_HOPLIMIT | libc::IPV6_TCLASS | libc::IPV6_PKTINFO | libc::IPV6_DONTFRAG)
        }
        libc::IPPROTO_UDP => kind == crate::value::control::UDP_SEGMENT,
        _ => false,
    }
}

/// The options that change what a socket does with its own traffic, and not where that goes. Any other is refused.
fn is_harmless(level: i32, number: i32) -> bool {
    /// SO_BINDTOIFINDEX
    const BIND_TO_INDEX: i32 = 62;
    match level {
        libc::SOL_SOCKET => !matches!(number, libc::SO_BINDTODEVICE | BIND_TO_INDEX | libc::SO_MARK),
        // TOS, TTL, RECVOPTS, RETOPTS, PKTINFO, MTU_DISCOVER, RECVERR, RECVTTL, RECVTOS, RECVORIGDSTADDR, MINTTL, NODEFRAG,
        // CHECKSUM, BIND_ADDRESS_NO_PORT, RECVFRAGSIZE, RECVERR_RFC4884, the multicast options that join nothing, and
        // LOCAL_PORT_RANGE. Not: OPTIONS (a source route), FREEBIND, TRANSPARENT, UNICAST_IF, HDRINCL.
        libc::IPPROTO_IP => matches!(
            number,
            1 | 2
                | 6
                | 7
                | 8
                | 10
                | 11
                | 12
                | 13
                | 20
                | 21
                | 22
                | 23
                | 24
                | 25
                | 26
                | 33
                | 34
                | 36
                | 37
                | 38
                | 40
                | 49
                | 51
        ),
        // FLOWINFO, UNICAST_HOPS, MULTICAST_HOPS, MULTICAST_LOOP, LEAVE_GROUP, MTU_DISCOVER, MTU, RECVERR, V6ONLY,
        // MULTICAST_ALL, the RECV… options, FLOWINFO_SEND, DONTFRAG, TCLASS, AUTOFLOWLABEL, ADDR_PREFERENCES, MINHOPCOUNT.
        // Not: RTHDR, HOPOPTS, DSTOPTS, PKTINFO, NEXTHOP, UNICAST_IF.
        libc::IPPROTO_IPV6 => matches!(
            number,
            11 | 16
                | 18
                | 19
                | 21
                | 23
                | 24
                | 25
                | 26
                | 29
                | 31
                | 33
                | 49
                | 51
                | 53
                | 56
                | 58
                | 60
                | 62
                | 66
                | 67
                | 70
                | 72
                | 73
                | 74
                | 77
        ),
        // All but TCP_REPAIR and what goes with it.
        libc::IPPROTO_TCP => !(19..=22).contains(&number),
        // CORK, NO_CHECK6_TX, NO_CHECK6_RX, SEGMENT, GRO
        libc::IPPROTO_UDP => matches!(number, 1 | 101 | 102 | 103 | 104),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Net {
        Net::read(text).unwrap_or_else(|wrong| panic!("{text}: {}", wrong.english()))
    }

    #[test]
    fn a_rule_has_its_addresses_and_no_other() {
        for (text, address, want) in [
            ("loopback", "127.0.0.1:80", true),
            ("loopback", "127.255.255.255:80", true),
            ("loopback", "[::1]:80", true),
            ("loopback", "[::ffff:127.0.0.1]:80", true),
            ("loopback", "[::127.0.0.1]:80", false),
            ("loopback", "[64:ff9b::7f00:1]:80", false),
            ("loopback", "0.0.0.0:80", false),
            ("loopback", "128.0.0.1:80", false),
            ("loopback", "[fe80::1]:80", false),
            ("loopback:81", "127.0.0.1:80", false),
            ("10.0.0.0/8", "10.255.0.1:1", true),
            ("10.0.0.0/8", "11.0.0.1:1", false),
            ("10.0.0.0/8", "[::ffff:10.1.1.1]:1", true),
            ("10.0.0.1/32", "10.0.0.2:1", false),
            ("0.0.0.0/0", "8.8.8.8:53", true),
            ("0.0.0.0/0", "[2001:db8::1]:53", false),
            ("::/0", "[2001:db8::1]:53", true),
            ("2001:db8::/33", "[2001:db8:8000::1]:53", false),
            ("2001:db8::/33", "[2001:db8:7fff::1]:53", true),
            ("8.8.8.8:53", "8.8.8.8:53", true),
            ("8.8.8.8:53", "8.8.8.8:54", false),
            ("[2001:db8::1]:53", "[2001:db8::1]:53", true),
            ("2001:db8::1", "[2001:db8::1]:9", true),
            ("::ffff:8.8.8.8", "8.8.8.8:9", true),
            ("example.com", "127.0.0.1:80", false),
        ] {
            let address: SocketAddr = address.parse().unwrap();
            assert_eq!(rule(text).has(address.ip().to_canonical(), address.port()), want, "{text} {address}");
        }
    }

    #[test]
    fn only_what_the_library_takes_for_an_address_is_a_number() {
        for (host, want) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("fe80::1%lo", true),
            ("127.0.0.1%secret.example.com", false),
            ("127.1", false),
            ("localhost", false),
            ("%", false),
        ] {
            assert_eq!(is_number(host), want, "{host}");
        }
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for text in [
            "",
            ":80",
            "a:b",
            "10.0.0.0/33",
            "::/129",
            "10.0.0/8",
            "a b",
            "a..b",
            "x/y",
            "@",
            "[::1",
            "http://a",
            "a:70000",
        ] {
            assert!(Net::read(text).is_err(), "{text}");
        }
        assert_eq!(rule("Example.COM.:443"), Net::Host { name: "example.com".into(), port: Some(443) });
        assert_eq!(rule("@x"), Net::Abstract(b"x".to_vec()));
    }

    #[test]
    fn a_path_is_where_it_really_lies() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        std::fs::create_dir(root.join("in")).unwrap();
        std::os::unix::fs::symlink("/etc", root.join("in/out")).unwrap();
        std::os::unix::fs::symlink("/no/such", root.join("in/lost")).unwrap();
        for (path, want) in [
            ("in", Some("in".into())),
            ("in/new", Some("in/new".into())),
            ("in/a/b", Some("in/a/b".into())),
            ("in/../new", Some("new".into())),
            ("in/none/../new", None),
            ("in/out/passwd", Some("/etc/passwd".into())),
            ("in/out/none", Some("/etc/none".into())),
            ("in/lost", None),
            ("in/lost/x", None),
        ] {
            let want = want.map(|path: PathBuf| root.join(path));
            assert_eq!(real(&root.join(path)), want, "{path}");
        }
        assert_eq!(real(Path::new("")), std::fs::canonicalize(".").ok());
    }

    #[test]
    fn a_folder_that_was_swapped_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        std::fs::create_dir_all(root.join("in/a")).unwrap();
        std::fs::create_dir(root.join("out")).unwrap();
        std::fs::write(root.join("out/secret"), "x").unwrap();
        std::fs::write(root.join("in/a/secret"), "").unwrap();
        let place = Place::at(&root.join("in")).unwrap();
        let path = root.join("in/a/secret");
        let rest = place.rest(&path).unwrap();
        assert!(place.open(rest, libc::O_RDONLY).is_ok());
        // Between the look and the call.
        std::fs::rename(root.join("in/a"), root.join("in/b")).unwrap();
        std::os::unix::fs::symlink("../out", root.join("in/a")).unwrap();
        assert_eq!(place.open(rest, libc::O_RDONLY).unwrap_err().raw_os_error(), Some(libc::ELOOP));
        // The folder itself is another: the one that was opened still holds.
        std::fs::rename(root.join("in"), root.join("gone")).unwrap();
        std::os::unix::fs::symlink("out", root.join("in")).unwrap();
        assert!(place.open(Path::new("secret"), libc::O_RDONLY).is_err());
        assert!(place.open(Path::new("b/secret"), libc::O_RDONLY).is_ok());
    }
}
