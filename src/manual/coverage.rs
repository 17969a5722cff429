//! What of other libraries' sockets can be said here, method by method; and why not, where it can't.

use crate::net::options::table::OPTIONS;
use crate::value::outcome::Table;
use crate::words::{Phrase, Sentence};

/// socket2's public methods that are no option's (those are found in the option table): the line that
/// makes the call, in backticks, or the reason why there is none.
pub const SOCKET2: &[(&str, &str)] = &[
    // Life.
    ("Socket::new", "`socket`"),
    ("Socket::new_raw", "`socket`: the same call; descriptors here are always close-on-exec"),
    ("Socket::pair", "`socketpair`"),
    ("Socket::pair_raw", "`socketpair`: the same call; descriptors here are always close-on-exec"),
    ("Socket::bind", "`bind`"),
    ("Socket::listen", "`listen`"),
    ("Socket::accept", "`accept`"),
    ("Socket::accept_raw", "`accept`: the same call; descriptors here are always close-on-exec"),
    ("Socket::accept4", "`accept`: it is accept4(2) with SOCK_CLOEXEC"),
    ("Socket::connect", "`connect`"),
    ("Socket::connect_timeout", "`connect --timeout`: one connect(2), ended when the time is up"),
    ("Socket::shutdown", "`shutdown`"),
    ("Socket::try_clone", "`dup`"),
    ("Socket::local_addr", "`getsockname`"),
    ("Socket::peer_addr", "`getpeername`"),
    ("Socket::nonblocking", "`getblocking`"),
    ("Socket::set_nonblocking", "`setblocking`"),
    (
        "Socket::set_cloexec",
        "none: descriptors here are always close-on-exec; `process --listen` hands one on",
    ),
    // Sending and receiving.
    ("Socket::send", "`send`"),
    ("Socket::send_with_flags", "`send --more`, `send --dontwait`, `send --dontroute`"),
    ("Socket::send_out_of_band", "`send --oob`"),
    ("Socket::send_vectored", "`sendmsg`"),
    ("Socket::send_vectored_with_flags", "`sendmsg --more`, `sendmsg --dontwait`"),
    ("Socket::send_to", "`sendto`"),
    ("Socket::send_to_with_flags", "`sendto --dontwait`"),
    ("Socket::send_to_vectored", "`sendmsg`: on a connected socket; `sendto` joins its words itself"),
    (
        "Socket::send_to_vectored_with_flags",
        "`sendmsg`: on a connected socket; `sendto` joins its words itself",
    ),
    ("Socket::sendmsg", "`sendmsg`: the pieces and the flags; no control messages"),
    ("Socket::sendfile", "`sendfile`"),
    ("Socket::recv", "`recv`"),
    ("Socket::recv_with_flags", "`recv --waitall`, `recv --dontwait`, `recv --trunc`"),
    ("Socket::recv_out_of_band", "`recv --oob`"),
    ("Socket::recv_vectored", "`recv`: one buffer; `slice` cuts it afterwards"),
    ("Socket::recv_vectored_with_flags", "`recv`: one buffer; `slice` cuts it afterwards"),
    ("Socket::recv_from", "`recvfrom`"),
    ("Socket::recv_from_with_flags", "`recvfrom --dontwait`"),
    ("Socket::recv_from_vectored", "`recvfrom`: one buffer; `slice` cuts it afterwards"),
    ("Socket::recv_from_vectored_with_flags", "`recvfrom`: one buffer; `slice` cuts it afterwards"),
    ("Socket::recvmsg", "`recvfrom`: the bytes, the sender and what was lost"),
    ("Socket::peek", "`peek`"),
    ("Socket::peek_from", "`peekfrom`"),
    ("Socket::peek_sender", "`peekfrom 0`"),
    // The same option under another name.
    ("Socket::join_multicast_v4_n", "`setsockopt join_multicast`: by the interface's number or name"),
    ("Socket::leave_multicast_v4_n", "`setsockopt leave_multicast`: by the interface's number or name"),
    ("Socket::bind_device_by_index_v6", "`setsockopt bindtoifindex`: one option for both on Linux"),
    ("Socket::device_index_v6", "`getsockopt bindtoifindex`: one option for both on Linux"),
    (
        "Socket::header_included_v6",
        "`getsockopt hdrincl_v6`: by getsockopt(2), for socket2 0.6.5 asks Linux for another constant",
    ),
    (
        "Socket::set_tcp_keepalive",
        "`setsockopt keepalive`, `setsockopt tcp_keepalive_time`: one setsockopt(2) a line",
    ),
    ("TcpKeepalive::new", "none: each of its three times is an option"),
    ("TcpKeepalive::with_time", "`setsockopt keepidle`"),
    ("TcpKeepalive::with_interval", "`setsockopt keepintvl`"),
    ("TcpKeepalive::with_retries", "`setsockopt keepcnt`"),
    ("SockFilter::new", "`setsockopt attach_filter`: eight bytes an instruction"),
    // Of other systems.
    ("Socket::set_no_peercred", "none: for Cygwin"),
    ("Socket::set_nosigpipe", "none: for macOS; a send here never raises SIGPIPE"),
    ("Socket::set_fib", "none: for FreeBSD"),
    ("Socket::reuse_port_lb", "none: for FreeBSD; on Linux `setsockopt reuseport` spreads the peers"),
    ("Socket::set_reuse_port_lb", "none: for FreeBSD; on Linux `setsockopt reuseport` spreads the peers"),
    ("Socket::set_tcp_ack_frequency", "none: for Windows; on Linux there is `setsockopt quickack`"),
    // DCCP went out of Linux with 6.16: there is nothing left to try these on.
    ("Socket::set_dccp_service", GONE),
    ("Socket::dccp_service", GONE),
    ("Socket::set_dccp_ccid", GONE),
    ("Socket::dccp_tx_ccid", GONE),
    ("Socket::dccp_xx_ccid", GONE),
    ("Socket::set_dccp_server_timewait", GONE),
    ("Socket::dccp_server_timewait", GONE),
    ("Socket::set_dccp_send_cscov", GONE),
    ("Socket::dccp_send_cscov", GONE),
    ("Socket::set_dccp_recv_cscov", GONE),
    ("Socket::dccp_recv_cscov", GONE),
    ("Socket::set_dccp_qpolicy_txqlen", GONE),
    ("Socket::dccp_qpolicy_txqlen", GONE),
    ("Socket::dccp_available_ccids", GONE),
    ("Socket::dccp_cur_mps", GONE),
    // Addresses.
    ("SockAddr::unix", "`bind PATH`, `connect PATH`, `sendto DATA PATH`: a path, or `@name`"),
    ("SockAddr::vsock", VSOCK),
    ("SockAddr::as_vsock_address", VSOCK),
    ("SockAddr::family", "`print ${address.family}`"),
    ("SockAddr::domain", "`print ${address.family}`"),
    ("SockAddr::is_ipv4", "`expect ${address.family} == inet`"),
    ("SockAddr::is_ipv6", "`expect ${address.family} == inet6`"),
    ("SockAddr::is_unix", "`expect ${address.family} == unix`"),
    ("SockAddr::is_unnamed", "`expect $address == (unnamed)`"),
    ("SockAddr::as_socket", "`print ${address.host} ${address.port}`"),
    ("SockAddr::as_socket_ipv4", "`print ${address.host} ${address.port}`"),
    ("SockAddr::as_socket_ipv6", "`print ${address.host} ${address.port}`"),
    ("SockAddr::as_unix", "`print ${address.host}`"),
    ("SockAddr::as_pathname", "`print ${address.host}`"),
    ("SockAddr::as_abstract_namespace", "`print ${address.host}`: it begins with an `@`"),
    ("SockAddr::len", MEMORY),
    ("SockAddr::as_ptr", MEMORY),
    ("SockAddr::as_storage", MEMORY),
    ("SockAddr::set_length", MEMORY),
    ("SockAddr::try_init", MEMORY),
    ("SockAddr::new", MEMORY),
    ("SockAddrStorage::zeroed", MEMORY),
    ("SockAddrStorage::size_of", MEMORY),
    ("SockAddrStorage::view_as", MEMORY),
    // What calls take and give.
    ("Domain::for_address", "`socket inet`, `socket inet6`: the family is typed"),
    ("Type::nonblocking", "`setblocking false`: after `socket`, a call of its own"),
    ("Type::cloexec", "none: descriptors here are always close-on-exec"),
    ("RecvFlags::is_truncated", "`recvfrom`: \"4 of 16 bytes, 12 lost\""),
    ("RecvFlags::is_end_of_record", "none: only SCTP has records in a message"),
    ("RecvFlags::is_out_of_band", "`recv --oob`: who wants urgent data asks for it"),
    ("RecvFlags::is_confirm", "none: a flag of AF_CAN"),
    ("RecvFlags::is_dontroute", "none: a flag of AF_CAN"),
    ("MaybeUninitSlice::new", MEMORY),
    ("MsgHdr::new", MEMORY),
    ("MsgHdr::with_addr", "`sendto`"),
    ("MsgHdr::with_buffers", "`sendmsg`: a buffer a word"),
    ("MsgHdr::with_control", "none: sockbook sends no control messages"),
    ("MsgHdr::with_flags", "none: sendmsg(2) ignores them"),
    ("MsgHdrMut::new", MEMORY),
    ("MsgHdrMut::with_addr", "`recvfrom`"),
    ("MsgHdrMut::with_buffers", "`recvfrom`"),
    ("MsgHdrMut::with_control", "none: sockbook shows no control messages"),
    ("MsgHdrMut::flags", "`recvfrom`: \"4 of 16 bytes, 12 lost\""),
    ("MsgHdrMut::control_len", "none: sockbook shows no control messages"),
];

const GONE: &str = "none: Linux has no DCCP since 6.16; where there is one, `setsockopt 269 NUMBER VALUE`";
const MEMORY: &str = "none: it is about memory, which sockbook sees to";
const VSOCK: &str = "none yet: `socket vsock stream` can be made, and vsock addresses have no notation here";

/// The names of CPython's `socket` module (functions and classes) and of its socket objects: the line
/// that stands for it, in backticks, or the reason why there is none. What only some Pythons have is
/// here too.
pub const CPYTHON: &[(&str, &str)] = &[
    // Socket objects.
    ("socket.socket", "`socket`"),
    ("socket.socket.accept", "`accept`"),
    ("socket.socket.bind", "`bind`"),
    ("socket.socket.close", "`close`"),
    ("socket.socket.connect", "`connect`"),
    ("socket.socket.connect_ex", "`connect`: with `try` or `fails`, and then `.number`"),
    (
        "socket.socket.detach",
        "none: a descriptor here belongs to its socket; `process --listen` hands one on",
    ),
    ("socket.socket.dup", "`dup`"),
    ("socket.socket.family", "`print ${sock.family}`"),
    ("socket.socket.fileno", "`print ${sock.fd}`"),
    ("socket.socket.get_inheritable", "none: descriptors here are always close-on-exec"),
    ("socket.socket.getblocking", "`getblocking`"),
    ("socket.socket.getpeername", "`getpeername`"),
    ("socket.socket.getsockname", "`getsockname`"),
    ("socket.socket.getsockopt", "`getsockopt`"),
    ("socket.socket.gettimeout", "`gettimeout`"),
    ("socket.socket.ioctl", "none: for Windows"),
    ("socket.socket.listen", "`listen`"),
    ("socket.socket.makefile", "`recvline`, `recvuntil`, `recvall`: nothing is read ahead"),
    ("socket.socket.proto", "`getsockopt protocol`"),
    ("socket.socket.recv", "`recv`"),
    ("socket.socket.recv_into", "`recv`: a buffer that nobody holds is used again"),
    ("socket.socket.recvfrom", "`recvfrom`"),
    ("socket.socket.recvfrom_into", "`recvfrom`: a buffer that nobody holds is used again"),
    ("socket.socket.recvmsg", "`recvfrom`: the bytes, the sender and what was lost; no control messages"),
    ("socket.socket.recvmsg_into", "`recvfrom`: as for recvmsg"),
    ("socket.socket.send", "`send`"),
    ("socket.socket.sendall", "`sendall`"),
    ("socket.socket.sendfile", "`sendfile`"),
    ("socket.socket.sendmsg", "`sendmsg`: a buffer a word; no control messages"),
    ("socket.socket.sendmsg_afalg", "none: the kernel's ciphers are no network"),
    ("socket.socket.sendto", "`sendto`"),
    ("socket.socket.set_inheritable", "none: descriptors here are always close-on-exec"),
    ("socket.socket.setblocking", "`setblocking`"),
    ("socket.socket.setsockopt", "`setsockopt`"),
    ("socket.socket.settimeout", "`settimeout`"),
    ("socket.socket.share", "none: for Windows"),
    ("socket.socket.shutdown", "`shutdown`"),
    ("socket.socket.timeout", "`gettimeout`"),
    ("socket.socket.type", "`print ${sock.type}`"),
    // Making sockets.
    ("socket.SocketType", "`socket`: the class's other name"),
    ("socket.socketpair", "`socketpair`"),
    ("socket.create_connection", "`socket inet stream`, then `connect`: a line a call"),
    ("socket.create_server", "`socket`, `setsockopt reuseaddr`, `bind`, `listen`: a line a call"),
    ("socket.has_dualstack_ipv6", "`getsockopt ipv6_v6only`: it fails where there is no such thing"),
    ("socket.fromfd", "none: a descriptor from elsewhere has no socket here"),
    ("socket.fromshare", "none: for Windows"),
    ("socket.close", "`close`"),
    ("socket.dup", "`dup`"),
    ("socket.getdefaulttimeout", "`set timeout`: it is the limit of every call that may wait"),
    ("socket.setdefaulttimeout", "`set timeout`"),
    ("socket.SocketIO", "`recvline`, `sendall`: a socket is its own file"),
    // Names and numbers.
    ("socket.getaddrinfo", "`getaddrinfo`"),
    ("socket.getfqdn", "`gethostname`, then `gethostbyaddr`: its guess is two look-ups"),
    ("socket.gethostbyaddr", "`gethostbyaddr`: the name, without aliases"),
    ("socket.gethostbyname", "`gethostbyname`"),
    ("socket.gethostbyname_ex", "`getaddrinfo --family inet`: all addresses of a name"),
    ("socket.gethostname", "`gethostname`"),
    ("socket.sethostname", "none: the machine's name is no socket's business"),
    ("socket.getnameinfo", "`getnameinfo`"),
    ("socket.getprotobyname", "`getprotobyname`"),
    ("socket.getservbyname", "`getservbyname`"),
    ("socket.getservbyport", "`getservbyport`"),
    ("socket.htonl", "`htonl`"),
    ("socket.htons", "`htons`"),
    ("socket.ntohl", "`ntohl`"),
    ("socket.ntohs", "`ntohs`"),
    ("socket.if_indextoname", "`if_indextoname`"),
    ("socket.if_nameindex", "`if_nameindex`"),
    ("socket.if_nametoindex", "`if_nametoindex`"),
    ("socket.inet_aton", "`inet_pton inet`: of the forms of inet_aton(3) the one with four numbers"),
    ("socket.inet_ntoa", "`inet_ntop inet`"),
    ("socket.inet_ntop", "`inet_ntop`"),
    ("socket.inet_pton", "`inet_pton`"),
    // Control messages.
    ("socket.CMSG_LEN", CONTROL),
    ("socket.CMSG_SPACE", CONTROL),
    ("socket.recv_fds", CONTROL),
    ("socket.send_fds", CONTROL),
    // Constants' types and errors: names are written as in C, and errors are caught by name.
    ("socket.AddressFamily", "`socket AF_INET6`: the constants are words"),
    ("socket.SocketKind", "`socket AF_INET SOCK_DGRAM`: the constants are words"),
    ("socket.AddressInfo", "`getaddrinfo`: the flags are options"),
    ("socket.MsgFlag", "`recv --waitall`: the flags are options"),
    ("socket.error", "`fails OSError`"),
    ("socket.gaierror", "`fails gaierror`"),
    ("socket.herror", "`fails gaierror`: look-ups here have one error"),
    ("socket.timeout", "`fails TimeoutError`"),
];

const CONTROL: &str = "none: sockbook sends and shows no control messages";

/// Every method and what it is here, options included.
pub fn socket2() -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> =
        SOCKET2.iter().map(|(method, line)| (method.to_string(), line.to_string())).collect();
    for option in OPTIONS {
        for (method, line) in [(option.getter(), "getsockopt"), (option.setter(), "setsockopt")] {
            let Some(method) = method.map(|m| m.replace("r#", "")) else { continue };
            let line = format!("`{line} {}`", option.name);
            match rows.iter_mut().find(|r| r.0 == method) {
                Some(row) => row.1 = format!("{}, {line}", row.1),
                None => rows.push((method, line)),
            }
        }
    }
    rows
}

/// `sockbook help --coverage`: Rust's library, then Python's.
pub fn tables() -> [Table; 2] {
    let mut rust = socket2();
    rust.sort();
    let rows =
        rust.into_iter().map(|(method, line)| vec![Sentence::plain(method), Sentence::plain(line)]).collect();
    let python =
        CPYTHON.iter().map(|(name, line)| vec![Sentence::plain(*name), Sentence::plain(*line)]).collect();
    [
        Table { head: vec![Phrase::same("socket2"), Phrase::same("sockbook")], rows },
        Table { head: vec![Phrase::same("Python"), Phrase::same("sockbook")], rows: python },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command;
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    /// socket2's source, where cargo keeps it.
    fn source() -> PathBuf {
        let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap();
        let after = lock.split("name = \"socket2\"\nversion = \"").nth(1).unwrap();
        let version = after.split('"').next().unwrap();
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cargo"));
        let registries = home.join("registry/src");
        std::fs::read_dir(registries)
            .unwrap()
            .map(|registry| registry.unwrap().path().join(format!("socket2-{version}/src")))
            .find(|path| path.is_dir())
            .unwrap()
    }

    /// `Type::method` of every public method in the text.
    fn methods(text: &str) -> BTreeSet<String> {
        let mut of = String::new();
        let mut found = BTreeSet::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("impl") {
                let rest = if rest.starts_with('<') {
                    rest.split_once("> ").map_or("", |r| r.1)
                } else {
                    rest.trim()
                };
                let name = rest.strip_prefix("crate::").unwrap_or(rest);
                let end = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
                of = if rest.contains(" for ") { String::new() } else { name[..end].to_string() };
            }
            let line = line.trim_start();
            let function = ["pub fn ", "pub const fn ", "pub unsafe fn ", "pub const unsafe fn "];
            if let Some(rest) = function.iter().find_map(|f| line.strip_prefix(f))
                && !of.is_empty()
            {
                let rest = rest.trim_start_matches("r#");
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                found.insert(format!("{of}::{}", &rest[..end]));
            }
        }
        found
    }

    #[test]
    #[cfg_attr(without = "registry", ignore = "there is no source of the dependencies")]
    fn every_method_of_socket2_is_accounted_for() {
        let source = source();
        let mut there = BTreeSet::new();
        for file in ["lib.rs", "socket.rs", "sockaddr.rs", "sockref.rs", "sys/unix.rs"] {
            there.extend(methods(&std::fs::read_to_string(source.join(file)).unwrap()));
        }
        assert!(there.len() > 200, "{} methods: the source is not read right", there.len());
        let here: BTreeSet<String> = socket2().into_iter().map(|r| r.0).collect();
        let missing: Vec<_> = there.difference(&here).collect();
        let invented: Vec<_> = here.difference(&there).collect();
        assert!(missing.is_empty() && invented.is_empty(), "missing: {missing:?}\nnot there: {invented:?}");
    }

    #[test]
    fn every_line_it_names_can_be_typed() {
        let python = CPYTHON.iter().map(|(name, line)| (name.to_string(), line.to_string()));
        for (method, line) in socket2().into_iter().chain(python) {
            assert!(line.starts_with('`') || line.starts_with("none"), "{method}: {line}");
            for typed in line.split('`').skip(1).step_by(2) {
                let mut words = typed.split(' ');
                let name = words.next().unwrap_or("");
                let Some(row) = command::find(name) else {
                    let other = name.starts_with(['@', '.']) || crate::text::forms::find(name).is_some();
                    assert!(other, "{method}: no command `{name}`");
                    continue;
                };
                for word in words {
                    let option = word.starts_with("--");
                    assert!(
                        !option || row.options().any(|o| o.name == word),
                        "{method}: `{name}` has no {word}"
                    );
                    let by_name = row.params.iter().any(|p| p.kind == command::row::Kind::SocketOption)
                        && word.starts_with(char::is_lowercase);
                    assert!(
                        !by_name || crate::net::options::table::find(word).is_some(),
                        "{method}: no option `{word}`"
                    );
                }
            }
        }
    }

    #[test]
    #[cfg_attr(without = "python3", ignore = "python3 is missing")]
    fn every_name_of_pythons_socket_is_accounted_for() {
        let ask = "import socket\n\
             own = lambda v: callable(v) and getattr(v, '__module__', None) not in ('enum', 'io', 'os', 'selectors')\n\
             for n in dir(socket):\n\
             \x20   if not n.startswith('_') and own(getattr(socket, n)) and n not in ('IntEnum', 'IntFlag'):\n\
             \x20       print('socket.' + n)\n\
             for n in dir(socket.socket):\n\
             \x20   if not n.startswith('_'): print('socket.socket.' + n)\n";
        let output = std::process::Command::new("python3").args(["-c", ask]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let there: BTreeSet<&str> = text.lines().collect();
        let here: BTreeSet<&str> = CPYTHON.iter().map(|(name, _)| *name).collect();
        assert_eq!(here.len(), CPYTHON.len(), "a name stands twice");
        let missing: Vec<_> = there.difference(&here).collect();
        assert!(missing.is_empty(), "missing: {missing:?}");
        // Another Python may lack some, but hardly many.
        assert!(here.difference(&there).count() < 12, "{:?}", here.difference(&there));
    }
}
