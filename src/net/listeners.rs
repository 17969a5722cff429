//! Who listens on this machine: read from the kernel's tables, so that no connection of a server is used up.

use std::ffi::OsStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::children::{MARK, command_of, descends, group_of};
use super::door::{About, Call, Caller};
use super::{file, namespace};
use crate::value::outcome::Halt;
use crate::value::process::Process;

/// More than any table of this size is read; what lies beyond is not looked at.
const MOST: usize = 64 << 20;

/// A table of this thread's network; empty where the kernel has none.
fn table(caller: &mut Caller, name: &str) -> Result<String, Box<Halt>> {
    let path = namespace::tables().join(name);
    let read = caller.by_itself(|caller| file::read(caller, &path, MOST, None));
    match read.map_err(|halt| *halt) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(Halt::Error(_)) => Ok(String::new()),
        Err(stopped) => Err(Box::new(stopped)),
    }
}

/// What listens at this TCP address: the number of the socket (its inode).
pub fn at(caller: &mut Caller, address: SocketAddr) -> Result<Option<u64>, Box<Halt>> {
    let (v4, v6) = (table(caller, "tcp")?, table(caller, "tcp6")?);
    let wanted = unmapped(address.ip());
    let mut listeners = v4.lines().chain(v6.lines()).filter_map(listener);
    Ok(listeners.find_map(|(at, port, socket)| {
        let at = unmapped(at);
        let fits = at == wanted || (at.is_unspecified() && (at.is_ipv6() || wanted.is_ipv4()));
        (fits && port == address.port()).then_some(socket)
    }))
}

fn unmapped(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        v4 => v4,
    }
}

/// A line of /proc/net/tcp: the address and the inode, if it is a listener's (state 0A).
fn listener(line: &str) -> Option<(IpAddr, u16, u64)> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    if *fields.get(3)? != "0A" {
        return None;
    }
    let (address, port) = fields.get(1)?.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    // Words of the machine's own byte order, each as eight digits.
    let mut bytes = Vec::new();
    for word in address.as_bytes().chunks(8) {
        let word = u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()?;
        bytes.extend_from_slice(&word.to_ne_bytes());
    }
    let ip = match bytes.len() {
        4 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
        _ => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)),
    };
    Some((ip, port, fields.get(9)?.parse().ok()?))
}

/// What listens at this path, or has bound a datagram socket there; `@name` is an abstract one.
pub fn at_path(caller: &mut Caller, path: &[u8]) -> Result<Option<u64>, Box<Halt>> {
    let path = Path::new(OsStr::from_bytes(path));
    // A server may have bound the whole path where the script names it from its folder.
    let whole =
        if path.as_os_str().as_bytes().starts_with(b"@") { None } else { std::path::absolute(path).ok() };
    let wanted = whole.unwrap_or_else(|| path.to_path_buf());
    let table = table(caller, "unix")?;
    Ok(table.lines().find_map(|line| unix_listener(line, &wanted)))
}

/// A line of /proc/net/unix: the inode, if it listens at `wanted`, a whole path or an abstract name.
fn unix_listener(line: &str, wanted: &Path) -> Option<u64> {
    /// Flags: `listen` was called.
    const ACCEPTS: u32 = 0x10000;
    let mut rest = line;
    let mut fields = [""; 7];
    for field in &mut fields {
        rest = rest.trim_start();
        let end = rest.find(' ').unwrap_or(rest.len());
        (*field, rest) = rest.split_at(end);
    }
    let at = rest.strip_prefix(' ')?;
    let is_datagram = fields[4] == "0002";
    let flags = u32::from_str_radix(fields[3], 16).ok()?;
    // A server that has bound a relative path stands there with it.
    let relative = !at.starts_with(['/', '@']) && !at.is_empty();
    let at = Path::new(at.strip_prefix("./").unwrap_or(at));
    let fits = at == wanted || relative && wanted.ends_with(at);
    (fits && (is_datagram || flags & ACCEPTS != 0)).then(|| fields[6].parse().ok())?
}

/// Whose a listener is.
#[derive(Debug, PartialEq, Eq)]
pub enum Owner {
    /// This process, or a program of the script.
    Ours,
    /// Another process.
    Other {
        /// Its number.
        pid: i32,
        /// What it was started with.
        command: String,
    },
    /// One whose descriptors may not be seen.
    Unknown,
}

/// Who holds the socket of this inode: a look through /proc, which the trace shows as one readlink.
pub fn owner(caller: &Caller, socket: u64, programs: &[Arc<Process>], mark: &str) -> Owner {
    let link = PathBuf::from(format!("socket:[{socket}]"));
    let about = About::Path(Path::new("/proc/*/fd/*").into());
    let mut holder = None;
    let _ = caller.look(Call { name: "readlink", on: (), about }, |()| {
        let own = i32::try_from(std::process::id()).unwrap_or(0);
        let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        let likely = [own].into_iter().chain(programs.iter().map(|p| p.pid));
        // A shell that hands a listener on holds it too: one of ours goes first.
        let holds = |pid: &i32| {
            let fds = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
            fds.filter_map(|fd| std::fs::read_link(fd.path()).ok()).any(|target| target == link)
        };
        let ours = |pid: i32| {
            let of_group = group_of(pid).is_some_and(|group| programs.iter().any(|p| p.pid == group));
            pid == own || of_group || {
                let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
                let prefix = format!("{MARK}=");
                let mut lines = environment.split(|b| *b == 0);
                match lines.find_map(|line| line.strip_prefix(prefix.as_bytes())) {
                    Some(other) => other == mark.as_bytes(),
                    // Servers write their titles there (redis, nginx, PostgreSQL). A daemon is this process's own child.
                    None => descends(pid),
                }
            }
        };
        for pid in likely.chain(pids).filter(holds) {
            if ours(pid) {
                holder = Some(Owner::Ours);
                break;
            }
            holder.get_or_insert_with(|| Owner::Other { pid, command: command_of(pid) });
        }
        Ok(())
    });
    holder.unwrap_or(Owner::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_are_seen_and_only_they() {
        let registered = crate::net::gate::register().unwrap();
        let mut caller = Caller::new(registered.gate());
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let found = at(&mut caller, address).unwrap().unwrap();
        assert_eq!(owner(&caller, found, &[], ""), Owner::Ours);
        assert_eq!(at(&mut caller, SocketAddr::new([127, 0, 0, 2].into(), address.port())).unwrap(), None);
        drop(socket);
        assert_eq!(at(&mut caller, address).unwrap(), None);
    }

    #[test]
    fn unix_listeners_are_known_by_their_path() {
        for (line, path, want) in [
            ("ffff: 00000002 00000000 00010000 0001 01 77 /run/a b.sock", "/run/a b.sock", Some(77)),
            ("ffff: 00000002 00000000 00010000 0001 01 77 /run/a.sock", "/run/b.sock", None),
            ("ffff: 00000003 00000000 00000000 0001 03 78 /run/a.sock", "/run/a.sock", None),
            ("ffff: 00000002 00000000 00000000 0002 01 79 /dev/log", "/dev/log", Some(79)),
            ("ffff: 00000002 00000000 00010000 0005 01 80 ./s", "/tmp/x/s", Some(80)),
            ("ffff: 00000002 00000000 00010000 0001 01 81 @name", "@name", Some(81)),
            ("ffff: 00000002 00000000 00010000 0001 01 82", "/tmp/s", None),
        ] {
            assert_eq!(unix_listener(line, Path::new(path)), want, "{line}");
        }
    }
}
