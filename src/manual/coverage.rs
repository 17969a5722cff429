//! What of other libraries' sockets can be said here, method by method; and why not, where it can't.

use crate::net::options::table::OPTIONS;
use crate::value::outcome::Table;
use crate::words::{Phrase, Sentence};

/// A line that makes the call: the same in every language.
const fn code(line: &'static str) -> Phrase {
    Phrase::same(line)
}

/// socket2's public methods that are no option's (those are found in the option table): the line that
/// makes the call, in backticks, or the reason why there is none.
pub const SOCKET2: &[(&str, Phrase)] = &[
    // Life.
    ("Socket::new", code("`socket`")),
    (
        "Socket::new_raw",
        phrase!(en "`socket`: the same call; descriptors here are always close-on-exec", es "`socket`: la misma llamada; aquí los descriptores siempre son close-on-exec"),
    ),
    ("Socket::pair", code("`socketpair`")),
    (
        "Socket::pair_raw",
        phrase!(en "`socketpair`: the same call; descriptors here are always close-on-exec", es "`socketpair`: la misma llamada; aquí los descriptores siempre son close-on-exec"),
    ),
    ("Socket::bind", code("`bind`")),
    ("Socket::listen", code("`listen`")),
    ("Socket::accept", code("`accept`")),
    (
        "Socket::accept_raw",
        phrase!(en "`accept`: the same call; descriptors here are always close-on-exec", es "`accept`: la misma llamada; aquí los descriptores siempre son close-on-exec"),
    ),
    (
        "Socket::accept4",
        phrase!(en "`accept`: it is accept4(2) with SOCK_CLOEXEC", es "`accept`: es accept4(2) con SOCK_CLOEXEC"),
    ),
    ("Socket::connect", code("`connect`")),
    (
        "Socket::connect_timeout",
        phrase!(en "`connect --timeout`: one connect(2), ended when the time is up", es "`connect --timeout`: un solo connect(2), que termina cuando se acaba el tiempo"),
    ),
    ("Socket::shutdown", code("`shutdown`")),
    ("Socket::try_clone", code("`dup`")),
    ("Socket::local_addr", code("`getsockname`")),
    ("Socket::peer_addr", code("`getpeername`")),
    ("Socket::nonblocking", code("`getblocking`")),
    ("Socket::set_nonblocking", code("`setblocking`")),
    (
        "Socket::set_cloexec",
        phrase!(en "none: descriptors here are always close-on-exec; `process --listen` hands one on", es "ninguna: aquí los descriptores siempre son close-on-exec; `process --listen` entrega uno"),
    ),
    // Sending and receiving.
    ("Socket::send", code("`send`")),
    ("Socket::send_with_flags", code("`send --more`, `send --dontwait`, `send --dontroute`")),
    ("Socket::send_out_of_band", code("`send --oob`")),
    ("Socket::send_vectored", code("`sendmsg`")),
    ("Socket::send_vectored_with_flags", code("`sendmsg --more`, `sendmsg --dontwait`")),
    ("Socket::send_to", code("`sendto`")),
    ("Socket::send_to_with_flags", code("`sendto --dontwait`")),
    ("Socket::send_to_vectored", code("`sendmsg --to`")),
    ("Socket::send_to_vectored_with_flags", code("`sendmsg --to --dontwait`")),
    ("Socket::sendmsg", code("`sendmsg --to`, `sendmsg --fd`, `sendmsg --ttl`, `sendmsg --pktinfo`")),
    ("Socket::sendfile", code("`sendfile`")),
    ("Socket::recv", code("`recv`")),
    ("Socket::recv_with_flags", code("`recv --waitall`, `recv --dontwait`, `recv --trunc`")),
    ("Socket::recv_out_of_band", code("`recv --oob`")),
    (
        "Socket::recv_vectored",
        phrase!(en "`recv`: one buffer; `slice` cuts it afterwards", es "`recv`: un solo búfer; luego `slice` lo corta"),
    ),
    (
        "Socket::recv_vectored_with_flags",
        phrase!(en "`recv`: one buffer; `slice` cuts it afterwards", es "`recv`: un solo búfer; luego `slice` lo corta"),
    ),
    ("Socket::recv_from", code("`recvfrom`")),
    ("Socket::recv_from_with_flags", code("`recvfrom --dontwait`")),
    (
        "Socket::recv_from_vectored",
        phrase!(en "`recvfrom`: one buffer; `slice` cuts it afterwards", es "`recvfrom`: un solo búfer; luego `slice` lo corta"),
    ),
    (
        "Socket::recv_from_vectored_with_flags",
        phrase!(en "`recvfrom`: one buffer; `slice` cuts it afterwards", es "`recvfrom`: un solo búfer; luego `slice` lo corta"),
    ),
    ("Socket::recvmsg", code("`recvmsg`, `recvmsg --errqueue`")),
    ("Socket::peek", code("`peek`")),
    ("Socket::peek_from", code("`peekfrom`")),
    ("Socket::peek_sender", code("`peekfrom 0`")),
    // The same option under another name.
    (
        "Socket::join_multicast_v4_n",
        phrase!(en "`setsockopt join_multicast`: by the interface's number or name", es "`setsockopt join_multicast`: por el número o el nombre de la interfaz"),
    ),
    (
        "Socket::leave_multicast_v4_n",
        phrase!(en "`setsockopt leave_multicast`: by the interface's number or name", es "`setsockopt leave_multicast`: por el número o el nombre de la interfaz"),
    ),
    (
        "Socket::bind_device_by_index_v6",
        phrase!(en "`setsockopt bindtoifindex`: one option for both on Linux", es "`setsockopt bindtoifindex`: en Linux, una sola opción para ambas"),
    ),
    (
        "Socket::device_index_v6",
        phrase!(en "`getsockopt bindtoifindex`: one option for both on Linux", es "`getsockopt bindtoifindex`: en Linux, una sola opción para ambas"),
    ),
    (
        "Socket::header_included_v6",
        phrase!(en "`getsockopt hdrincl_v6`: by getsockopt(2), for socket2 0.6.5 asks Linux for another constant", es "`getsockopt hdrincl_v6`: con getsockopt(2), porque socket2 0.6.5 pide a Linux otra constante"),
    ),
    (
        "Socket::set_tcp_keepalive",
        phrase!(en "`setsockopt keepalive`, `setsockopt tcp_keepalive_time`: one setsockopt(2) a line", es "`setsockopt keepalive`, `setsockopt tcp_keepalive_time`: un setsockopt(2) por línea"),
    ),
    (
        "TcpKeepalive::new",
        phrase!(en "none: each of its three times is an option", es "ninguna: cada uno de sus tres tiempos es una opción"),
    ),
    ("TcpKeepalive::with_time", code("`setsockopt keepidle`")),
    ("TcpKeepalive::with_interval", code("`setsockopt keepintvl`")),
    ("TcpKeepalive::with_retries", code("`setsockopt keepcnt`")),
    (
        "SockFilter::new",
        phrase!(en "`setsockopt attach_filter`: eight bytes an instruction", es "`setsockopt attach_filter`: ocho bytes por instrucción"),
    ),
    // Of other systems.
    ("Socket::set_no_peercred", phrase!(en "none: for Cygwin", es "ninguna: es de Cygwin")),
    (
        "Socket::set_nosigpipe",
        phrase!(en "none: for macOS; a send here never raises SIGPIPE", es "ninguna: es de macOS; aquí un envío nunca provoca SIGPIPE"),
    ),
    ("Socket::set_fib", phrase!(en "none: for FreeBSD", es "ninguna: es de FreeBSD")),
    (
        "Socket::reuse_port_lb",
        phrase!(en "none: for FreeBSD; on Linux `setsockopt reuseport` spreads the peers", es "ninguna: es de FreeBSD; en Linux `setsockopt reuseport` reparte los clientes"),
    ),
    (
        "Socket::set_reuse_port_lb",
        phrase!(en "none: for FreeBSD; on Linux `setsockopt reuseport` spreads the peers", es "ninguna: es de FreeBSD; en Linux `setsockopt reuseport` reparte los clientes"),
    ),
    (
        "Socket::set_tcp_ack_frequency",
        phrase!(en "none: for Windows; on Linux there is `setsockopt quickack`", es "ninguna: es de Windows; en Linux está `setsockopt quickack`"),
    ),
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
    (
        "SockAddr::unix",
        phrase!(en "`bind PATH`, `connect PATH`, `sendto DATA PATH`: a path, or `@name`", es "`bind PATH`, `connect PATH`, `sendto DATA PATH`: una ruta, o `@name`"),
    ),
    ("SockAddr::vsock", VSOCK),
    ("SockAddr::as_vsock_address", VSOCK),
    ("SockAddr::family", code("`print ${address.family}`")),
    ("SockAddr::domain", code("`print ${address.family}`")),
    ("SockAddr::is_ipv4", code("`expect ${address.family} == inet`")),
    ("SockAddr::is_ipv6", code("`expect ${address.family} == inet6`")),
    ("SockAddr::is_unix", code("`expect ${address.family} == unix`")),
    ("SockAddr::is_unnamed", code("`expect $address == (unnamed)`")),
    ("SockAddr::as_socket", code("`print ${address.host} ${address.port}`")),
    ("SockAddr::as_socket_ipv4", code("`print ${address.host} ${address.port}`")),
    ("SockAddr::as_socket_ipv6", code("`print ${address.host} ${address.port}`")),
    ("SockAddr::as_unix", code("`print ${address.host}`")),
    ("SockAddr::as_pathname", code("`print ${address.host}`")),
    (
        "SockAddr::as_abstract_namespace",
        phrase!(en "`print ${address.host}`: it begins with an `@`", es "`print ${address.host}`: empieza con `@`"),
    ),
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
    (
        "Domain::for_address",
        phrase!(en "`socket inet`, `socket inet6`: the family is typed", es "`socket inet`, `socket inet6`: la familia se escribe"),
    ),
    (
        "Type::nonblocking",
        phrase!(en "`setblocking false`: after `socket`, a call of its own", es "`setblocking false`: después de `socket`, en una llamada aparte"),
    ),
    (
        "Type::cloexec",
        phrase!(en "none: descriptors here are always close-on-exec", es "ninguna: aquí los descriptores siempre son close-on-exec"),
    ),
    (
        "RecvFlags::is_truncated",
        phrase!(en "`recvmsg`: TRUNC in `.flags`; `recvfrom`: \"4 of 16 bytes, 12 lost\"", es "`recvmsg`: TRUNC en `.flags`; `recvfrom`: \"4 de 16 bytes, 12 perdidos\""),
    ),
    (
        "RecvFlags::is_end_of_record",
        phrase!(en "`recvmsg`: EOR in `.flags`", es "`recvmsg`: EOR en `.flags`"),
    ),
    ("RecvFlags::is_out_of_band", phrase!(en "`recvmsg`: OOB in `.flags`", es "`recvmsg`: OOB en `.flags`")),
    (
        "RecvFlags::is_confirm",
        phrase!(en "`recvmsg`: CONFIRM in `.flags`, of AF_CAN", es "`recvmsg`: CONFIRM en `.flags`, de AF_CAN"),
    ),
    (
        "RecvFlags::is_dontroute",
        phrase!(en "none: a flag of AF_CAN", es "ninguna: es un indicador de AF_CAN"),
    ),
    ("MaybeUninitSlice::new", MEMORY),
    ("MsgHdr::new", MEMORY),
    ("MsgHdr::with_addr", code("`sendmsg --to`")),
    ("MsgHdr::with_buffers", phrase!(en "`sendmsg`: a buffer a word", es "`sendmsg`: un búfer por palabra")),
    (
        "MsgHdr::with_control",
        code(
            "`sendmsg --fd`, `sendmsg --ttl`, `sendmsg --pktinfo`, `sendmsg --credentials`, `sendmsg --other`",
        ),
    ),
    ("MsgHdr::with_flags", phrase!(en "none: sendmsg(2) ignores them", es "ninguna: sendmsg(2) los ignora")),
    ("MsgHdrMut::new", MEMORY),
    ("MsgHdrMut::with_addr", phrase!(en "`recvmsg`: as `.from`", es "`recvmsg`: como `.from`")),
    (
        "MsgHdrMut::with_buffers",
        phrase!(en "`recvmsg`: one buffer; `slice` cuts it afterwards", es "`recvmsg`: un solo búfer; luego `slice` lo corta"),
    ),
    ("MsgHdrMut::with_control", code("`recvmsg --control`")),
    ("MsgHdrMut::flags", phrase!(en "`recvmsg`: as `.flags`", es "`recvmsg`: como `.flags`")),
    (
        "MsgHdrMut::control_len",
        phrase!(en "`recvmsg`: each message under a key of its own, CTRUNC where one did not fit", es "`recvmsg`: cada mensaje con su propia clave, y CTRUNC si alguno no cupo"),
    ),
];

const GONE: Phrase = phrase!(en "none: Linux has no DCCP since 6.16; where there is one, `setsockopt 269 NUMBER VALUE`", es "ninguna: Linux no tiene DCCP desde 6.16; donde lo hay, `setsockopt 269 NUMBER VALUE`");
const MEMORY: Phrase = phrase!(en "none: it is about memory, which sockbook sees to", es "ninguna: se trata de la memoria, de la que se ocupa sockbook");
const VSOCK: Phrase = code("`connect cid=2 port=1024`, `bind cid=any port=any`");

/// The names of CPython's `socket` module (functions and classes) and of its socket objects: the line
/// that stands for it, in backticks, or the reason why there is none. What only some Pythons have is
/// here too.
pub const CPYTHON: &[(&str, Phrase)] = &[
    // Socket objects.
    ("socket.socket", code("`socket`")),
    ("socket.socket.accept", code("`accept`")),
    ("socket.socket.bind", code("`bind`")),
    ("socket.socket.close", code("`close`")),
    ("socket.socket.connect", code("`connect`")),
    (
        "socket.socket.connect_ex",
        phrase!(en "`connect`: with `try` or `fails`, and then `.number`", es "`connect`: con `try` o `fails`, y luego `.number`"),
    ),
    (
        "socket.socket.detach",
        phrase!(en "none: a descriptor here belongs to its socket; `process --listen` hands one on", es "ninguna: aquí un descriptor pertenece a su socket; `process --listen` entrega uno"),
    ),
    ("socket.socket.dup", code("`dup`")),
    ("socket.socket.family", code("`print ${sock.family}`")),
    ("socket.socket.fileno", code("`print ${sock.fd}`")),
    (
        "socket.socket.get_inheritable",
        phrase!(en "none: descriptors here are always close-on-exec", es "ninguna: aquí los descriptores siempre son close-on-exec"),
    ),
    ("socket.socket.getblocking", code("`getblocking`")),
    ("socket.socket.getpeername", code("`getpeername`")),
    ("socket.socket.getsockname", code("`getsockname`")),
    ("socket.socket.getsockopt", code("`getsockopt`")),
    ("socket.socket.gettimeout", code("`gettimeout`")),
    ("socket.socket.ioctl", phrase!(en "none: for Windows", es "ninguna: es de Windows")),
    ("socket.socket.listen", code("`listen`")),
    (
        "socket.socket.makefile",
        phrase!(en "`recvline`, `recvuntil`, `recvall`: nothing is read ahead", es "`recvline`, `recvuntil`, `recvall`: nada se lee por adelantado"),
    ),
    ("socket.socket.proto", code("`getsockopt protocol`")),
    ("socket.socket.recv", code("`recv`")),
    (
        "socket.socket.recv_into",
        phrase!(en "`recv`: a buffer that is free again is reused", es "`recv`: un búfer que quedó libre se reutiliza"),
    ),
    ("socket.socket.recvfrom", code("`recvfrom`")),
    (
        "socket.socket.recvfrom_into",
        phrase!(en "`recvfrom`: a buffer that is free again is reused", es "`recvfrom`: un búfer que quedó libre se reutiliza"),
    ),
    ("socket.socket.recvmsg", code("`recvmsg`")),
    (
        "socket.socket.recvmsg_into",
        phrase!(en "`recvmsg`: a buffer that is free again is reused", es "`recvmsg`: un búfer que quedó libre se reutiliza"),
    ),
    ("socket.socket.send", code("`send`")),
    ("socket.socket.sendall", code("`sendall`")),
    ("socket.socket.sendfile", code("`sendfile`")),
    ("socket.socket.sendmsg", code("`sendmsg --to`, `sendmsg --fd`, `sendmsg --ttl`, `sendmsg --pktinfo`")),
    (
        "socket.socket.sendmsg_afalg",
        phrase!(en "none: the kernel's ciphers are no network", es "ninguna: los cifrados del kernel no son red"),
    ),
    ("socket.socket.sendto", code("`sendto`")),
    (
        "socket.socket.set_inheritable",
        phrase!(en "none: descriptors here are always close-on-exec", es "ninguna: aquí los descriptores siempre son close-on-exec"),
    ),
    ("socket.socket.setblocking", code("`setblocking`")),
    ("socket.socket.setsockopt", code("`setsockopt`")),
    ("socket.socket.settimeout", code("`settimeout`")),
    ("socket.socket.share", phrase!(en "none: for Windows", es "ninguna: es de Windows")),
    ("socket.socket.shutdown", code("`shutdown`")),
    ("socket.socket.timeout", code("`gettimeout`")),
    ("socket.socket.type", code("`print ${sock.type}`")),
    // Making sockets.
    (
        "socket.SocketType",
        phrase!(en "`socket`: the class's other name", es "`socket`: el otro nombre de la clase"),
    ),
    ("socket.socketpair", code("`socketpair`")),
    (
        "socket.create_connection",
        phrase!(en "`socket inet stream`, then `connect`: a line a call", es "`socket inet stream`, luego `connect`: una línea por llamada"),
    ),
    (
        "socket.create_server",
        phrase!(en "`socket`, `setsockopt reuseaddr`, `bind`, `listen`: a line a call", es "`socket`, `setsockopt reuseaddr`, `bind`, `listen`: una línea por llamada"),
    ),
    (
        "socket.has_dualstack_ipv6",
        phrase!(en "`getsockopt ipv6_v6only`: it fails where there is no such thing", es "`getsockopt ipv6_v6only`: falla donde no existe"),
    ),
    ("socket.fromfd", code("`socket --fd`")),
    ("socket.fromshare", phrase!(en "none: for Windows", es "ninguna: es de Windows")),
    ("socket.close", code("`close`")),
    ("socket.dup", code("`dup`")),
    (
        "socket.getdefaulttimeout",
        phrase!(en "`set timeout`: it is the limit of every call that may wait", es "`set timeout`: es el límite de toda llamada que pueda esperar"),
    ),
    ("socket.setdefaulttimeout", code("`set timeout`")),
    (
        "socket.SocketIO",
        phrase!(en "`recvline`, `sendall`: a socket is its own file", es "`recvline`, `sendall`: un socket es su propio archivo"),
    ),
    // Names and numbers.
    ("socket.getaddrinfo", code("`getaddrinfo`")),
    (
        "socket.getfqdn",
        phrase!(en "`gethostname`, then `gethostbyaddr`: its guess is two look-ups", es "`gethostname`, luego `gethostbyaddr`: adivina con dos búsquedas"),
    ),
    (
        "socket.gethostbyaddr",
        phrase!(en "`gethostbyaddr`: the name, without aliases", es "`gethostbyaddr`: el nombre, sin alias"),
    ),
    ("socket.gethostbyname", code("`gethostbyname`")),
    (
        "socket.gethostbyname_ex",
        phrase!(en "`getaddrinfo --family inet --canonname`: all addresses of a name, and its own", es "`getaddrinfo --family inet --canonname`: todas las direcciones de un nombre, y el suyo propio"),
    ),
    ("socket.gethostname", code("`gethostname`")),
    (
        "socket.sethostname",
        phrase!(en "none: the machine's name is no socket's business", es "ninguna: el nombre de la máquina no es asunto de un socket"),
    ),
    ("socket.getnameinfo", code("`getnameinfo`")),
    ("socket.getprotobyname", code("`getprotobyname`")),
    ("socket.getservbyname", code("`getservbyname`")),
    ("socket.getservbyport", code("`getservbyport`")),
    ("socket.htonl", code("`htonl`")),
    ("socket.htons", code("`htons`")),
    ("socket.ntohl", code("`ntohl`")),
    ("socket.ntohs", code("`ntohs`")),
    ("socket.if_indextoname", code("`if_indextoname`")),
    ("socket.if_nameindex", code("`if_nameindex`")),
    ("socket.if_nametoindex", code("`if_nametoindex`")),
    ("socket.inet_aton", code("`inet_aton`")),
    ("socket.inet_ntoa", code("`inet_ntop inet`")),
    ("socket.inet_ntop", code("`inet_ntop`")),
    ("socket.inet_pton", code("`inet_pton`")),
    // Control messages.
    (
        "socket.CMSG_LEN",
        phrase!(en "`recvmsg --control`: room is asked for in bytes, and headers are seen to", es "`recvmsg --control`: el espacio se pide en bytes, y de los encabezados se ocupa sockbook"),
    ),
    (
        "socket.CMSG_SPACE",
        phrase!(en "`recvmsg --control`: room is asked for in bytes, and headers are seen to", es "`recvmsg --control`: el espacio se pide en bytes, y de los encabezados se ocupa sockbook"),
    ),
    (
        "socket.recv_fds",
        phrase!(en "`recvmsg`: they are sockets of the table, in `.fds`", es "`recvmsg`: son sockets de la tabla, en `.fds`"),
    ),
    ("socket.send_fds", code("`sendmsg --fd`")),
    // Constants' types and errors: names are written as in C, and errors are caught by name.
    (
        "socket.AddressFamily",
        phrase!(en "`socket AF_INET6`: the constants are words", es "`socket AF_INET6`: las constantes son palabras"),
    ),
    (
        "socket.SocketKind",
        phrase!(en "`socket AF_INET SOCK_DGRAM`: the constants are words", es "`socket AF_INET SOCK_DGRAM`: las constantes son palabras"),
    ),
    (
        "socket.AddressInfo",
        phrase!(en "`getaddrinfo`: the flags are options", es "`getaddrinfo`: los indicadores son opciones"),
    ),
    (
        "socket.MsgFlag",
        phrase!(en "`recv --waitall`: the flags are options", es "`recv --waitall`: los indicadores son opciones"),
    ),
    ("socket.error", code("`fails OSError`")),
    ("socket.gaierror", code("`fails gaierror`")),
    (
        "socket.herror",
        phrase!(en "`fails gaierror`: look-ups here have one error", es "`fails gaierror`: aquí las búsquedas tienen un solo error"),
    ),
    ("socket.timeout", code("`fails TimeoutError`")),
    // Readiness, of Python's `select`.
    ("select.select", code("`poll --read`, `poll --write`")),
    ("select.poll", code("`poll --read`, `poll --write`, `poll --pri`")),
    (
        "select.epoll",
        phrase!(en "`poll`: it says what holds now. Edges, changes since the last look, are for loops over thousands of sockets: a line that looks once would miss those that came before it", es "`poll`: dice lo que se cumple ahora. Los flancos, cambios desde la última consulta, son para bucles sobre miles de sockets: una línea que mira una vez no vería los anteriores"),
    ),
];

/// Every method and what it is here, options included.
pub fn socket2() -> Vec<(String, Sentence)> {
    let mut rows: Vec<(String, Sentence)> =
        SOCKET2.iter().map(|(method, line)| (method.to_string(), (*line).into())).collect();
    for option in OPTIONS {
        for (method, line) in [(option.getter(), "getsockopt"), (option.setter(), "setsockopt")] {
            let Some(method) = method.map(|m| m.replace("r#", "")) else { continue };
            let line = format!("`{line} {}`", option.name);
            match rows.iter_mut().find(|r| r.0 == method) {
                Some(row) => row.1 = say!(en "{known}, {line}", es "{known}, {line}", known = row.1, line),
                None => rows.push((method, Sentence::plain(line))),
            }
        }
    }
    rows
}

/// `sockbook help --coverage`: Rust's library, then Python's.
pub fn tables() -> [Table; 2] {
    let mut rust = socket2();
    rust.sort_by(|one, other| one.0.cmp(&other.0));
    let rows = rust.into_iter().map(|(method, line)| vec![Sentence::plain(method), line]).collect();
    let python = CPYTHON.iter().map(|(name, line)| vec![Sentence::plain(*name), (*line).into()]).collect();
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
        let python = CPYTHON.iter().map(|(name, line)| (name.to_string(), (*line).into()));
        for (method, line) in socket2().into_iter().chain(python) {
            let line: String = line.english();
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
