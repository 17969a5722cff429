//! The second table: every socket option, once, with its level, its constant and what its value is.
//!
//! A row is resolved when a line is read. Running it is one system call: socket2's method where it has
//! one, else getsockopt(2) or setsockopt(2) with the value in the kernel's form.

use std::borrow::Cow;
use std::io;
use std::net::Ipv4Addr;
use std::num::NonZeroU32;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use super::setting::{Form, Interface, Setting};
use super::typed::{
    Shown, Taken, cpu, group_6, index_of, join_or_leave_4, misfit, source_4, take_error, text_of, units,
};
use crate::net::door::About;
use crate::net::kernel;
use crate::net::tcp_info::TcpInfo;
use crate::text::diagnostic::nearest;
use crate::value::Value;
use crate::value::errno::Code;
use crate::value::socket::Endpoint;
use crate::words::Phrase;

/// One option.
pub struct SocketOption {
    /// What is typed: `rcvbuf`.
    pub name: &'static str,
    /// `SOL_SOCKET`
    pub level_name: &'static str,
    /// SOL_SOCKET, IPPROTO_TCP, …
    pub level: i32,
    /// `SO_REUSEADDR`
    pub constant: &'static str,
    /// The number of the option within its level.
    pub number: i32,
    /// Other names that are understood.
    pub aliases: &'static [&'static str],
    /// What its value is.
    pub form: Form,
    /// The sockets that it is for.
    pub on: On,
    /// Where else it is known by this meaning: Linux has all of them.
    pub platforms: Phrase,
    /// How it is read.
    pub get: Get,
    /// How it is set.
    pub set: Set,
    /// What it does, in a phrase.
    pub summary: Phrase,
    /// A value to try it with; empty for what is only read.
    pub example: &'static str,
}

/// The kinds of socket an option is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct On(u16);

impl On {
    const TCP4: On = On(1);
    const TCP6: On = On(2);
    const UDP4: On = On(4);
    const UDP6: On = On(8);
    /// Raw sockets, and ICMP's datagram sockets.
    const RAW4: On = On(16);
    const RAW6: On = On(32);
    const UNIX_STREAM: On = On(64);
    const UNIX_MESSAGE: On = On(128);
    const VSOCK: On = On(256);
    const OTHER: On = On(512);

    /// Every kind of socket.
    pub const ANY: On = On(1023);
    const TCP: On = On(3);
    const UDP: On = On(12);
    const RAW: On = On(48);
    const DGRAM: On = On(60);
    const DGRAM4: On = On(20);
    const DGRAM6: On = On(40);
    const INET4: On = On(21);
    const INET6: On = On(42);
    const INET: On = On(63);
    const UNIX: On = On(192);
    /// What has bytes in a row.
    const STREAM: On = On(67);
    const PEEKS: On = On(207);
    const QUEUES: On = On(60);
    const COPIES: On = On(15);

    /// The kind that this socket is.
    pub fn of(socket: &Endpoint) -> On {
        let number: i32 = socket.protocol().map_or(0, i32::from);
        let six = socket.domain() == Domain::IPV6;
        let pick = |four, other| if six { other } else { four };
        match (socket.is_inet(), socket.domain() == Domain::UNIX, socket.kind()) {
            (true, _, Type::STREAM) if matches!(number, 0 | libc::IPPROTO_TCP | libc::IPPROTO_MPTCP) => {
                pick(On::TCP4, On::TCP6)
            }
            (true, _, Type::DGRAM) if matches!(number, 0 | libc::IPPROTO_UDP | libc::IPPROTO_UDPLITE) => {
                pick(On::UDP4, On::UDP6)
            }
            (true, _, Type::DGRAM | Type::RAW) => pick(On::RAW4, On::RAW6),
            (_, true, Type::STREAM) => On::UNIX_STREAM,
            (_, true, _) => On::UNIX_MESSAGE,
            _ if socket.domain() == Domain::VSOCK => On::VSOCK,
            _ => On::OTHER,
        }
    }

    /// Is `one` among these kinds?
    pub fn includes(self, one: On) -> bool {
        self.0 & one.0 == one.0
    }

    /// `TCP sockets`, for messages.
    pub fn words(self) -> Phrase {
        match self {
            On::ANY => phrase!(en "all sockets", es "todos los sockets"),
            On::TCP => phrase!(en "TCP sockets", es "sockets TCP"),
            On::TCP4 => phrase!(en "IPv4's TCP sockets", es "sockets TCP de IPv4"),
            On::TCP6 => phrase!(en "IPv6's TCP sockets", es "sockets TCP de IPv6"),
            On::UDP => phrase!(en "UDP sockets", es "sockets UDP"),
            On::RAW | On::RAW4 | On::RAW6 => phrase!(en "raw sockets", es "sockets raw"),
            On::DGRAM => phrase!(en "UDP and raw sockets", es "sockets UDP y raw"),
            On::DGRAM4 => phrase!(en "IPv4's UDP and raw sockets", es "sockets UDP y raw de IPv4"),
            On::DGRAM6 => phrase!(en "IPv6's UDP and raw sockets", es "sockets UDP y raw de IPv6"),
            On::INET4 => phrase!(en "IPv4 sockets", es "sockets IPv4"),
            On::INET6 => phrase!(en "IPv6 sockets", es "sockets IPv6"),
            On::INET => phrase!(en "Internet sockets", es "sockets de Internet"),
            On::UNIX => phrase!(en "Unix sockets", es "sockets Unix"),
            On::STREAM => phrase!(en "streams", es "flujos"),
            On::COPIES => phrase!(en "TCP and UDP sockets", es "sockets TCP y UDP"),
            On::VSOCK => phrase!(en "vsock sockets", es "sockets vsock"),
            _ => phrase!(en "some sockets", es "algunos sockets"),
        }
    }

    /// A line that makes a socket it is for, where that takes no privilege.
    pub fn example(self) -> &'static str {
        if matches!(self, On::INET4) {
            // Any address will do: nothing is sent.
            "socket inet dgram"
        } else if self.includes(On::TCP4) {
            "socket inet stream"
        } else if self.includes(On::UDP4) {
            "socket inet dgram"
        } else if self == On::VSOCK {
            "socket vsock stream"
        } else if self.includes(On::UDP6) {
            "socket inet6 dgram"
        } else if self.includes(On::TCP6) {
            "socket inet6 stream"
        } else if self.includes(On::UNIX_STREAM) {
            "a, b = socketpair"
        } else if self.includes(On::RAW4) {
            "socket inet raw icmp"
        } else {
            "socket inet6 raw 253"
        }
    }
}

/// How it is read.
#[derive(Clone, Copy)]
pub enum Get {
    /// It cannot be read.
    No,
    /// getsockopt(2), the value in the form's shape.
    Raw,
    /// By this method of socket2.
    Method(&'static str, fn(&Socket) -> io::Result<Value>),
}

/// How it is set.
#[derive(Clone, Copy)]
pub enum Set {
    /// It cannot be set.
    No,
    /// setsockopt(2) with the value in the form's shape.
    Raw,
    /// By this method of socket2.
    Method(&'static str, fn(&Socket, &Setting) -> io::Result<()>),
}

/// C's names for the ways of finding a path's MTU.
const DISCOVER: &[(&str, &str, i32)] = &[
    ("dont", "IP_PMTUDISC_DONT", 0),
    ("want", "IP_PMTUDISC_WANT", 1),
    ("do", "IP_PMTUDISC_DO", 2),
    ("probe", "IP_PMTUDISC_PROBE", 3),
    ("interface", "IP_PMTUDISC_INTERFACE", 4),
    ("omit", "IP_PMTUDISC_OMIT", 5),
];

// Constants that libc has not got for Linux, from the kernel's headers.
mod more {
    pub const SO_MAX_PACING_RATE: i32 = 47;
    pub const SO_INCOMING_NAPI_ID: i32 = 56;
    pub const SO_LOCK_FILTER: i32 = 44;
    pub const SO_SELECT_ERR_QUEUE: i32 = 45;
    pub const SO_ZEROCOPY: i32 = 60;
    pub const SO_MEMINFO: i32 = 55;
    pub const SO_PREFER_BUSY_POLL: i32 = 69;
    pub const IP_LOCAL_PORT_RANGE: i32 = 51;
    pub const TCP_TX_DELAY: i32 = 37;
    pub const SO_VM_SOCKETS_BUFFER_SIZE: i32 = 0;
    pub const SO_VM_SOCKETS_BUFFER_MIN_SIZE: i32 = 1;
    pub const SO_VM_SOCKETS_BUFFER_MAX_SIZE: i32 = 2;
}

const EVERYWHERE: Phrase = phrase!(en "everywhere", es "en todas partes");
const UNIXES: Phrase = phrase!(en "every Unix", es "todo Unix");
const BSDS: Phrase = phrase!(en "also the BSDs and macOS", es "también los BSD y macOS");
const BSD: Phrase = phrase!(en "also FreeBSD", es "también FreeBSD");
const ANDROID: Phrase = phrase!(en "also Android", es "también Android");
const WINDOWS: Phrase = phrase!(en "also Windows", es "también Windows");
const LINUX: Phrase = phrase!(en "Linux only", es "solo Linux");

/// A unit of options: the second.
pub const SECONDS: Duration = Duration::from_secs(1);
/// A unit of options: the millisecond.
pub const MILLIS: Duration = Duration::from_millis(1);
/// A unit of options: the microsecond.
pub const MICROS: Duration = Duration::from_micros(1);

const PEER: Phrase = phrase!(en "[process, user, group]", es "[proceso, usuario, grupo]");

/// What a number counts.
const BYTES: Phrase = phrase!(en "bytes", es "bytes");
const HOPS: Phrase = phrase!(en "hops", es "saltos");
const CLASS: Phrase = phrase!(en "class", es "clase");

/// A number that C keeps in an int.
const fn int(of: Phrase) -> Form {
    Form::Int { of, low: i32::MIN as i64, high: i32::MAX as i64, wide: false }
}

const fn count(of: Phrase) -> Form {
    Form::Int { of, low: 0, high: i32::MAX as i64, wide: false }
}

const fn unsigned(of: Phrase) -> Form {
    Form::Int { of, low: 0, high: u32::MAX as i64, wide: false }
}

const fn time(unit: Duration) -> Form {
    Form::Time { unit, none: None }
}

const fn time_or_none(unit: Duration) -> Form {
    Form::Time { unit, none: Some(0) }
}

macro_rules! get {
    (no) => {
        Get::No
    };
    (raw) => {
        Get::Raw
    };
    ($method:ident) => {
        Get::Method(concat!("Socket::", stringify!($method)), |s| Socket::$method(s).map(Shown::shown))
    };
    (($method:ident = $function:expr)) => {
        Get::Method(concat!("Socket::", stringify!($method)), $function)
    };
}

macro_rules! set {
    (no) => {
        Set::No
    };
    (raw) => {
        Set::Raw
    };
    ($method:ident) => {
        Set::Method(concat!("Socket::", stringify!($method)), |s, v| Socket::$method(s, Taken::taken(v)?))
    };
    (($method:ident = $function:expr)) => {
        Set::Method(concat!("Socket::", stringify!($method)), $function)
    };
}

/// `LEVEL: CONSTANT "name" [aliases], form, for whom, where else, how read / how set, example, en summary es summary;`
macro_rules! options {
    ($($from:ident :: $level:ident: $home:ident :: $constant:ident $name:literal [$($alias:literal)*],
       $form:expr, $on:ident, $platforms:expr, $get:tt / $set:tt, $example:literal, en $en:literal es $es:literal;)*) => {
        &[$(SocketOption {
            name: $name,
            level_name: stringify!($level),
            level: $from::$level,
            constant: stringify!($constant),
            number: $home::$constant,
            aliases: &[$($alias),*],
            form: $form,
            on: On::$on,
            platforms: $platforms,
            get: get!($get),
            set: set!($set),
            summary: phrase!(en $en, es $es),
            example: $example,
        }),*]
    };
}

/// Every option, level by level.
pub const OPTIONS: &[SocketOption] = options! {
    // Any socket.
    libc::SOL_SOCKET: libc::SO_REUSEADDR "reuseaddr" [], Form::Flag, ANY, EVERYWHERE,
        reuse_address / set_reuse_address, "true",
        en "a port that TIME_WAIT holds may be bound again"
        es "permite hacer `bind` de nuevo a un puerto que TIME_WAIT retiene";
    libc::SOL_SOCKET: libc::SO_REUSEPORT "reuseport" [], Form::Flag, INET, UNIXES,
        reuse_port / set_reuse_port, "true",
        en "several sockets may bind one port, and the kernel spreads the peers over them"
        es "varios sockets pueden hacer `bind` al mismo puerto, y el kernel reparte los clientes entre ellos";
    libc::SOL_SOCKET: libc::SO_BROADCAST "broadcast" [], Form::Flag, ANY, EVERYWHERE,
        broadcast / set_broadcast, "true",
        en "datagrams may go to broadcast addresses"
        es "los datagramas pueden ir a direcciones de broadcast";
    libc::SOL_SOCKET: libc::SO_KEEPALIVE "keepalive" [], Form::Flag, ANY, EVERYWHERE,
        keepalive / set_keepalive, "true",
        en "probe a silent peer now and then, to learn that it is gone"
        es "sondea cada cierto tiempo a un extremo en silencio, para saber si ya no está";
    libc::SOL_SOCKET: libc::SO_LINGER "linger" [], time_or_none(SECONDS), ANY, EVERYWHERE,
        linger / set_linger, "5s",
        en "`close` waits so long for unsent data; 0 throws it away and resets the connection"
        es "`close` espera este tiempo por los datos sin enviar; 0 los descarta y reinicia la conexión";
    libc::SOL_SOCKET: libc::SO_OOBINLINE "oobinline" [], Form::Flag, ANY, EVERYWHERE,
        out_of_band_inline / set_out_of_band_inline, "true",
        en "the urgent byte stays in the stream"
        es "el byte urgente queda dentro del flujo";
    libc::SOL_SOCKET: libc::SO_RCVBUF "rcvbuf" [], count(BYTES), ANY, EVERYWHERE,
        recv_buffer_size / set_recv_buffer_size, "64KiB",
        en "room for what has arrived; Linux reads back the double, its bookkeeping included"
        es "espacio para lo que llegó; Linux devuelve el doble, con su propia contabilidad";
    libc::SOL_SOCKET: libc::SO_SNDBUF "sndbuf" [], count(BYTES), ANY, EVERYWHERE,
        send_buffer_size / set_send_buffer_size, "64KiB",
        en "room for what is on its way; Linux reads back the double, its bookkeeping included"
        es "espacio para lo que va en camino; Linux devuelve el doble, con su propia contabilidad";
    libc::SOL_SOCKET: libc::SO_RCVBUFFORCE "rcvbufforce" [], count(BYTES), ANY, ANDROID,
        no / raw, "64KiB",
        en "`rcvbuf` beyond the system's limit, for root; read it as `rcvbuf`"
        es "`rcvbuf` más allá del límite del sistema, para root; se lee como `rcvbuf`";
    libc::SOL_SOCKET: libc::SO_SNDBUFFORCE "sndbufforce" [], count(BYTES), ANY, ANDROID,
        no / raw, "64KiB",
        en "`sndbuf` beyond the system's limit, for root; read it as `sndbuf`"
        es "`sndbuf` más allá del límite del sistema, para root; se lee como `sndbuf`";
    libc::SOL_SOCKET: libc::SO_RCVLOWAT "rcvlowat" [], count(BYTES), ANY, UNIXES,
        raw / raw, "16",
        en "a receive and `poll` wait until so much has arrived"
        es "una recepción y `poll` esperan hasta que haya llegado esta cantidad";
    libc::SOL_SOCKET: libc::SO_SNDLOWAT "sndlowat" [], count(BYTES), ANY, UNIXES,
        raw / no, "",
        en "room that `poll` waits for; Linux has it fixed at 1"
        es "espacio que `poll` espera; en Linux es siempre 1";
    libc::SOL_SOCKET: libc::SO_RCVTIMEO "rcvtimeo" [], time_or_none(MICROS), ANY, EVERYWHERE,
        read_timeout / set_read_timeout, "2s",
        en "how long a receive, or `accept`, may wait; `settimeout` sets this and `sndtimeo`"
        es "cuánto puede esperar una recepción o un `accept`; `settimeout` fija esta y `sndtimeo`";
    libc::SOL_SOCKET: libc::SO_SNDTIMEO "sndtimeo" [], time_or_none(MICROS), ANY, EVERYWHERE,
        write_timeout / set_write_timeout, "2s",
        en "how long a send, or `connect`, may wait"
        es "cuánto puede esperar un envío o un `connect`";
    libc::SOL_SOCKET: libc::SO_ERROR "error" [], Form::Error, ANY, EVERYWHERE,
        (take_error = take_error) / no, "",
        en "the error that is pending, or 0; reading clears it"
        es "el error pendiente, o 0; al leerlo se borra";
    libc::SOL_SOCKET: libc::SO_TYPE "type" [], Form::Type, ANY, EVERYWHERE,
        r#type / no, "",
        en "the socket's type: stream, dgram, …"
        es "el tipo del socket: stream, dgram, …";
    libc::SOL_SOCKET: libc::SO_DOMAIN "domain" [], Form::Domain, ANY, ANDROID,
        domain / no, "",
        en "the socket's family: inet, inet6, unix, …"
        es "la familia del socket: inet, inet6, unix, …";
    libc::SOL_SOCKET: libc::SO_PROTOCOL "protocol" [], Form::Protocol, ANY, BSD,
        protocol / no, "",
        en "the socket's protocol: tcp, udp, …"
        es "el protocolo del socket: tcp, udp, …";
    libc::SOL_SOCKET: libc::SO_ACCEPTCONN "acceptconn" [], Form::Flag, ANY, UNIXES,
        is_listener / no, "",
        en "is it listening?"
        es "¿está escuchando?";
    libc::SOL_SOCKET: libc::SO_DEBUG "debug" [], Form::Flag, ANY, UNIXES,
        raw / raw, "false",
        en "the kernel notes what happens to the socket, for root"
        es "el kernel anota lo que pasa con el socket, para root";
    libc::SOL_SOCKET: libc::SO_DONTROUTE "dontroute" [], Form::Flag, ANY, EVERYWHERE,
        raw / raw, "true",
        en "send to hosts of this network only, past the routing table"
        es "envía solo a hosts de esta red, sin usar la tabla de rutas";
    libc::SOL_SOCKET: libc::SO_PRIORITY "priority" [], unsigned(CLASS), ANY, ANDROID,
        priority / set_priority, "6",
        en "the packets' class in this host's queues, 0 to 6; more is for root"
        es "la clase de los paquetes en las colas de este host, de 0 a 6; más es para root";
    libc::SOL_SOCKET: libc::SO_MARK "mark" [], unsigned(phrase!(en "mark", es "marca")), ANY, ANDROID,
        mark / set_mark, "7",
        en "a mark on the packets for routing and firewall, for root"
        es "una marca en los paquetes para las rutas y el firewall, para root";
    libc::SOL_SOCKET: libc::SO_BINDTODEVICE "device" ["bindtodevice"], Form::Text, INET, ANDROID,
        device / (bind_device = |s, v| s.bind_device(text_of(v)?)), "lo",
        en "one network interface, by name, is all the socket sees; `none` lifts it"
        es "el socket ve una sola interfaz de red, dada por su nombre; `none` quita el límite";
    libc::SOL_SOCKET: libc::SO_BINDTOIFINDEX "bindtoifindex" ["bind_device_by_index"], Form::Interface, INET,
        phrase!(en "also macOS and illumos", es "también macOS e illumos"),
        device_index_v4 / (bind_device_by_index_v4 =
            |s, v| s.bind_device_by_index_v4(NonZeroU32::new(index_of(v)?))), "1",
        en "as `device`, by the interface's number; 0 lifts it"
        es "como `device`, por el número de la interfaz; 0 quita el límite";
    libc::SOL_SOCKET: libc::SO_INCOMING_CPU "incoming_cpu" [], unsigned(phrase!(
        en "CPU",
        es "CPU"
    )), INET, LINUX,
        (cpu_affinity = cpu) / set_cpu_affinity, "0",
        en "the CPU that takes the socket's packets in"
        es "la CPU que recibe los paquetes del socket";
    libc::SOL_SOCKET: libc::SO_BUSY_POLL "busy_poll" [], time(MICROS), ANY, LINUX,
        (busy_poll = |s| s.busy_poll().map(|n| Duration::from_micros(n.into()).into())) /
        (set_busy_poll = |s, v| s.set_busy_poll(units(v, MICROS)?)), "50us",
        en "a receive asks the network card so long before it sleeps"
        es "una recepción consulta la tarjeta de red durante este tiempo antes de dormirse";
    libc::SOL_SOCKET: more::SO_PREFER_BUSY_POLL "prefer_busy_poll" [], Form::Flag, ANY, LINUX,
        raw / raw, "false",
        en "leave the card's interrupts off while `busy_poll` asks"
        es "deja apagadas las interrupciones de la tarjeta mientras `busy_poll` consulta";
    libc::SOL_SOCKET: more::SO_INCOMING_NAPI_ID "incoming_napi_id" [], unsigned(phrase!(
        en "queue",
        es "cola"
    )), INET, LINUX,
        raw / no, "",
        en "the card's queue the last packet came from; 0 where there is none"
        es "la cola de la tarjeta de la que vino el último paquete; 0 si no hay ninguna";
    libc::SOL_SOCKET: more::SO_MAX_PACING_RATE "max_pacing_rate" [],
        Form::Int { of: phrase!(
            en "bytes a second",
            es "bytes por segundo"
        ), low: -1, high: i64::MAX, wide: true }, ANY, LINUX,
        raw / raw, "1000000",
        en "bytes a second that the kernel lets out at most; -1 is no limit"
        es "máximo de bytes por segundo que el kernel deja salir; -1 es sin límite";
    libc::SOL_SOCKET: libc::SO_COOKIE "cookie" [],
        Form::Int { of: phrase!(en "number", es "número"), low: 0, high: i64::MAX, wide: true }, ANY, LINUX,
        cookie / no, "",
        en "the kernel's own number of this socket, never used again"
        es "el número que el kernel da a este socket y que no vuelve a usar";
    libc::SOL_SOCKET: more::SO_MEMINFO "meminfo" [], Form::Numbers(
        phrase!(
            en "[receive used, receive room, send used, send room, set aside, send queued, options, \
                backlog, dropped]",
            es "[recepción usada, espacio de recepción, envío usado, espacio de envío, reservado, envío en cola, opciones, \
                cola de espera, descartados]"
        )),
        ANY, LINUX, raw / no, "",
        en "the buffers' memory in bytes, and how many packets were dropped"
        es "la memoria de los búferes en bytes, y cuántos paquetes se descartaron";
    libc::SOL_SOCKET: libc::SO_TIMESTAMP "timestamp" [], Form::Flag, ANY, BSDS,
        raw / raw, "true",
        en "a message comes with the time it arrived, in microseconds"
        es "un mensaje viene con la hora en que llegó, en microsegundos";
    libc::SOL_SOCKET: libc::SO_TIMESTAMPNS "timestampns" [], Form::Flag, ANY, ANDROID,
        raw / raw, "true",
        en "a message comes with the time it arrived, in nanoseconds"
        es "un mensaje viene con la hora en que llegó, en nanosegundos";
    libc::SOL_SOCKET: libc::SO_TIMESTAMPING "timestamping" [], unsigned(phrase!(
        en "SOF_TIMESTAMPING_… flags",
        es "indicadores SOF_TIMESTAMPING_…"
    )), INET, ANDROID,
        raw / raw, "16",
        en "which times of a packet are noted, by whom: SOF_TIMESTAMPING_… added up"
        es "qué horas de un paquete se anotan y quién las anota: suma de SOF_TIMESTAMPING_…";
    libc::SOL_SOCKET: libc::SO_RXQ_OVFL "rxq_ovfl" [], Form::Flag, QUEUES, ANDROID,
        raw / raw, "true",
        en "a message comes with the number of those that were dropped before it"
        es "un mensaje viene con el número de los que se descartaron antes de él";
    libc::SOL_SOCKET: libc::SO_PEEK_OFF "peek_off" [], int(BYTES), PEEKS, ANDROID,
        raw / raw, "0",
        en "`peek` goes on where the last one ended, from this byte; -1 turns it off"
        es "`peek` sigue donde terminó el anterior, desde este byte; -1 lo desactiva";
    libc::SOL_SOCKET: more::SO_SELECT_ERR_QUEUE "select_err_queue" [], Form::Flag, ANY, LINUX,
        raw / raw, "true",
        en "`poll` tells of the error queue by itself"
        es "`poll` avisa por sí solo de la cola de errores";
    libc::SOL_SOCKET: more::SO_ZEROCOPY "zerocopy" [], Form::Flag, COPIES, LINUX,
        raw / raw, "true",
        en "sends may ask for MSG_ZEROCOPY"
        es "los envíos pueden pedir MSG_ZEROCOPY";
    libc::SOL_SOCKET: libc::SO_ATTACH_FILTER "attach_filter" [], Form::Filter, ANY, ANDROID,
        no / (attach_filter = |s, v| match v {
            Setting::Filter(lines) => s.attach_filter(lines),
            _ => misfit(),
        }), "x\"06 00 00 00 ff ff 00 00\"",
        en "a BPF program decides what comes in: eight bytes an instruction"
        es "un programa BPF decide qué entra: ocho bytes por instrucción";
    libc::SOL_SOCKET: libc::SO_DETACH_FILTER "detach_filter" [], Form::Order, ANY, ANDROID,
        no / (detach_filter = |s, _| s.detach_filter()), "",
        en "take the BPF program away"
        es "quita el programa BPF";
    libc::SOL_SOCKET: more::SO_LOCK_FILTER "lock_filter" [], Form::Flag, ANY, LINUX,
        raw / raw, "true",
        en "the BPF program can't be changed any more"
        es "el programa BPF ya no se puede cambiar";

    // Unix sockets.
    libc::SOL_SOCKET: libc::SO_PASSCRED "passcred" [], Form::Flag, UNIX, phrase!(
        en "also Cygwin",
        es "también Cygwin"
    ),
        passcred / set_passcred, "true",
        en "a message comes with its sender's process, user and group"
        es "un mensaje viene con el proceso, el usuario y el grupo de quien lo envió";
    libc::SOL_SOCKET: libc::SO_PASSSEC "passsec" [], Form::Flag, UNIX, ANDROID,
        raw / raw, "true",
        en "a message comes with its sender's security label"
        es "un mensaje viene con la etiqueta de seguridad de quien lo envió";
    libc::SOL_SOCKET: libc::SO_PEERCRED "peercred" [], Form::Numbers(PEER), UNIX, ANDROID,
        raw / no, "",
        en "who was at the other end when it connected: process, user, group"
        es "quién estaba en el otro extremo al conectarse: proceso, usuario, grupo";
    libc::SOL_SOCKET: libc::SO_PEERSEC "peersec" [], Form::Text, UNIX, ANDROID,
        raw / no, "",
        en "the other end's security label, where the system has them"
        es "la etiqueta de seguridad del otro extremo, donde el sistema las tiene";

    // IPv4.
    libc::IPPROTO_IP: libc::IP_TTL "ttl" [], unsigned(HOPS), INET4, EVERYWHERE,
        ttl_v4 / set_ttl_v4, "64",
        en "how many routers a packet may pass, 1 to 255"
        es "cuántos routers puede cruzar un paquete, de 1 a 255";
    libc::IPPROTO_IP: libc::IP_TOS "tos" [], unsigned(CLASS), INET4, EVERYWHERE,
        tos_v4 / set_tos_v4, "0x10",
        en "the packets' class of service, 0 to 255; TCP keeps the last two bits for itself"
        es "la clase de servicio de los paquetes, de 0 a 255; TCP se reserva los dos últimos bits";
    libc::IPPROTO_IP: libc::IP_RECVTOS "recvtos" [], Form::Flag, INET4, BSDS,
        recv_tos_v4 / set_recv_tos_v4, "true",
        en "a datagram comes with its class of service"
        es "un datagrama viene con su clase de servicio";
    libc::IPPROTO_IP: libc::IP_RECVTTL "recvttl" [], Form::Flag, INET4, BSDS,
        raw / raw, "true",
        en "a datagram comes with its TTL"
        es "un datagrama viene con su TTL";
    libc::IPPROTO_IP: libc::IP_HDRINCL "hdrincl" [], Form::Flag, RAW4, EVERYWHERE,
        header_included_v4 / set_header_included_v4, "true",
        en "what is sent brings its own IP header"
        es "lo que se envía trae su propio encabezado IP";
    libc::IPPROTO_IP: libc::IP_TRANSPARENT "transparent" [], Form::Flag, INET4, ANDROID,
        ip_transparent_v4 / set_ip_transparent_v4, "true",
        en "bind any address, to stand in for another host, for root"
        es "permite `bind` a cualquier dirección, para hacerse pasar por otro host, para root";
    libc::IPPROTO_IP: libc::IP_FREEBIND "freebind" [], Form::Flag, INET4, ANDROID,
        freebind_v4 / set_freebind_v4, "true",
        en "bind an address this host does not have yet"
        es "permite `bind` a una dirección que este host aún no tiene";
    libc::IPPROTO_IP: libc::IP_BIND_ADDRESS_NO_PORT "bind_address_no_port" [], Form::Flag, INET4, LINUX,
        raw / raw, "true",
        en "`bind HOST 0` leaves the port to `connect`, so that more connections fit"
        es "`bind HOST 0` deja el puerto a `connect`, para que quepan más conexiones";
    libc::IPPROTO_IP: more::IP_LOCAL_PORT_RANGE "local_port_range" [], unsigned(phrase!(
        en "ports",
        es "puertos"
    )), INET4, LINUX,
        raw / raw, "0xea60c350",
        en "the ports the system chooses from: the highest times 65536 plus the lowest; 0 is the system's"
        es "los puertos entre los que elige el sistema: el mayor por 65536 más el menor; 0 son los del \
            sistema";
    libc::IPPROTO_IP: libc::IP_PKTINFO "pktinfo" [], Form::Flag, INET4, phrase!(
        en "also macOS and Windows",
        es "también macOS y Windows"
    ),
        raw / raw, "true",
        en "a datagram comes with the interface and address it arrived at"
        es "un datagrama viene con la interfaz y la dirección a las que llegó";
    libc::IPPROTO_IP: libc::IP_RECVORIGDSTADDR "recvorigdstaddr" [], Form::Flag, INET4, BSD,
        raw / raw, "true",
        en "a datagram comes with the address it was first sent to"
        es "un datagrama viene con la dirección a la que se envió al principio";
    libc::IPPROTO_IP: libc::IP_RECVOPTS "recvopts" [], Form::Flag, INET4, UNIXES,
        raw / raw, "true",
        en "a datagram comes with its IP options"
        es "un datagrama viene con sus opciones IP";
    libc::IPPROTO_IP: libc::IP_RETOPTS "retopts" ["IP_RECVRETOPTS"], Form::Flag, INET4, UNIXES,
        raw / raw, "true",
        en "a datagram comes with its IP options, ready to send back"
        es "un datagrama viene con sus opciones IP, listas para enviarlas de vuelta";
    libc::IPPROTO_IP: libc::IP_RECVERR "recverr" [], Form::Flag, INET4, ANDROID,
        raw / raw, "true",
        en "ICMP's errors are queued, each with its sender; unconnected sockets hear of them too"
        es "los errores de ICMP van a una cola, cada uno con quien lo envió; también los ven los sockets \
            sin conexión";
    libc::IPPROTO_IP: libc::IP_MTU_DISCOVER "mtu_discover" [], Form::Choice(DISCOVER), INET4, WINDOWS,
        raw / raw, "do",
        en "may packets be cut on their way? `dont` lets them, `do` forbids it, `want` decides by route"
        es "¿se pueden fragmentar los paquetes en el camino? `dont` lo permite, `do` lo prohíbe, `want` \
            decide según la ruta";
    libc::IPPROTO_IP: libc::IP_MTU "mtu" [], count(BYTES), INET4, WINDOWS,
        raw / no, "",
        en "the largest packet the way to the peer takes; needs a connected socket"
        es "el mayor paquete que admite la ruta al otro extremo; requiere un socket conectado";
    libc::IPPROTO_IP: libc::IP_MINTTL "minttl" [], count(HOPS), INET4, BSD,
        raw / raw, "1",
        en "drop packets that come with a lower TTL"
        es "descarta los paquetes que llegan con un TTL menor";
    libc::IPPROTO_IP: libc::IP_NODEFRAG "nodefrag" [], Form::Flag, RAW4, LINUX,
        raw / raw, "true",
        en "packets in pieces are sent on as they are"
        es "los paquetes fragmentados se reenvían tal como están";
    libc::IPPROTO_IP: libc::IP_CHECKSUM "checksum" [], Form::Flag, INET4, LINUX,
        raw / raw, "true",
        en "a datagram comes with its checksum"
        es "un datagrama viene con su suma de verificación";
    libc::IPPROTO_IP: libc::IP_OPTIONS "ip_options" [], Form::Bytes(40), INET4, EVERYWHERE,
        raw / raw, "x\"01 01 01 00\"",
        en "IP options in each packet, byte by byte"
        es "opciones IP en cada paquete, byte por byte";
    libc::IPPROTO_IP: libc::IP_UNICAST_IF "unicast_if" [], int(phrase!(
        en "interface, in network order",
        es "interfaz, en orden de red"
    )), INET4, WINDOWS,
        raw / raw, "0",
        en "the interface unicast packets leave by; its number in network byte order"
        es "la interfaz por la que salen los paquetes unicast; su número en orden de red";
    libc::IPPROTO_IP: libc::SO_ORIGINAL_DST "original_dst" [], Form::Address, TCP4, phrase!(
        en "also Android and Windows",
        es "también Android y Windows"
    ),
        original_dst_v4 / no, "",
        en "where a connection was to go before the firewall sent it here"
        es "adónde iba una conexión antes de que el firewall la enviara aquí";
    libc::IPPROTO_IP: libc::IP_ADD_MEMBERSHIP "join_multicast" [], Form::Group4, DGRAM4, EVERYWHERE,
        no / (join_multicast_v4 = |s, v| {
            join_or_leave_4(v, |g, a| s.join_multicast_v4(g, a), |g, i| s.join_multicast_v4_n(g, i))
        }), "239.1.2.3 127.0.0.1",
        en "hear what is sent to a group; the interface by address, number or name"
        es "recibe lo que se envía a un grupo; la interfaz por su dirección, número o nombre";
    libc::IPPROTO_IP: libc::IP_DROP_MEMBERSHIP "leave_multicast" [], Form::Group4, DGRAM4, EVERYWHERE,
        no / (leave_multicast_v4 = |s, v| {
            join_or_leave_4(v, |g, a| s.leave_multicast_v4(g, a), |g, i| s.leave_multicast_v4_n(g, i))
        }), "239.1.2.3 127.0.0.1",
        en "hear a group no more"
        es "deja de recibir de un grupo";
    libc::IPPROTO_IP: libc::IP_ADD_SOURCE_MEMBERSHIP "join_ssm" [], Form::Source, DGRAM4, EVERYWHERE,
        no / (join_ssm_v4 = |s, v| source_4(v).and_then(|(from, to, on)| s.join_ssm_v4(from, to, on))),
        "232.1.2.3 127.0.0.1 127.0.0.1",
        en "hear what one source sends to a group"
        es "recibe lo que un origen envía a un grupo";
    libc::IPPROTO_IP: libc::IP_DROP_SOURCE_MEMBERSHIP "leave_ssm" [], Form::Source, DGRAM4, EVERYWHERE,
        no / (leave_ssm_v4 = |s, v| source_4(v).and_then(|(from, to, on)| s.leave_ssm_v4(from, to, on))),
        "232.1.2.3 127.0.0.1 127.0.0.1",
        en "hear that source no more"
        es "deja de recibir de ese origen";
    libc::IPPROTO_IP: libc::IP_BLOCK_SOURCE "block_source" [], Form::Source, DGRAM4, EVERYWHERE,
        no / raw, "239.1.2.3 127.0.0.1 127.0.0.1",
        en "of a group that was joined, do not hear this source"
        es "de un grupo al que se unió, no recibe de este origen";
    libc::IPPROTO_IP: libc::IP_UNBLOCK_SOURCE "unblock_source" [], Form::Source, DGRAM4, EVERYWHERE,
        no / raw, "239.1.2.3 127.0.0.1 127.0.0.1",
        en "hear that source again"
        es "vuelve a recibir de ese origen";
    libc::IPPROTO_IP: libc::IP_MULTICAST_IF "multicast_if" [], Form::Address4, DGRAM4, EVERYWHERE,
        multicast_if_v4 / (set_multicast_if_v4 = |s, v| match v {
            Setting::Interface(Interface::Address(address)) => s.set_multicast_if_v4(address),
            Setting::Interface(Interface::Any) => s.set_multicast_if_v4(&Ipv4Addr::UNSPECIFIED),
            _ => misfit(),
        }), "127.0.0.1",
        en "the interface multicast leaves by, one of its addresses; 0.0.0.0 is the system's choice"
        es "la interfaz por la que sale el multicast, una de sus direcciones; 0.0.0.0 es la que elija el \
            sistema";
    libc::IPPROTO_IP: libc::IP_MULTICAST_LOOP "multicast_loop" [], Form::Flag, DGRAM4, EVERYWHERE,
        multicast_loop_v4 / set_multicast_loop_v4, "true",
        en "this host hears its own multicast"
        es "este host recibe su propio multicast";
    libc::IPPROTO_IP: libc::IP_MULTICAST_TTL "multicast_ttl" [], unsigned(HOPS), DGRAM4, EVERYWHERE,
        multicast_ttl_v4 / set_multicast_ttl_v4, "2",
        en "how many routers multicast may pass; 1 stays in this network"
        es "cuántos routers puede cruzar el multicast; 1 se queda en esta red";
    libc::IPPROTO_IP: libc::IP_MULTICAST_ALL "multicast_all" [], Form::Flag, DGRAM4, LINUX,
        multicast_all_v4 / set_multicast_all_v4, "false",
        en "hear the groups that other sockets of this host joined too"
        es "recibe también de los grupos a los que se unieron otros sockets de este host";

    // IPv6.
    libc::IPPROTO_IPV6: libc::IPV6_V6ONLY "v6only" [], Form::Flag, INET6, EVERYWHERE,
        only_v6 / set_only_v6, "true",
        en "IPv6 peers only; false: IPv4 peers too, as ::ffff:127.0.0.1"
        es "solo extremos IPv6; false: también IPv4, como ::ffff:127.0.0.1";
    libc::IPPROTO_IPV6: libc::IPV6_UNICAST_HOPS "unicast_hops" [], unsigned(HOPS), INET6, EVERYWHERE,
        unicast_hops_v6 / set_unicast_hops_v6, "64",
        en "how many routers a packet may pass, 0 to 255"
        es "cuántos routers puede cruzar un paquete, de 0 a 255";
    libc::IPPROTO_IPV6: libc::IPV6_TCLASS "tclass" [], unsigned(CLASS), INET6, UNIXES,
        tclass_v6 / set_tclass_v6, "0x10",
        en "the packets' traffic class, 0 to 255"
        es "la clase de tráfico de los paquetes, de 0 a 255";
    libc::IPPROTO_IPV6: libc::IPV6_RECVTCLASS "recvtclass" [], Form::Flag, INET6, UNIXES,
        recv_tclass_v6 / set_recv_tclass_v6, "true",
        en "a datagram comes with its traffic class"
        es "un datagrama viene con su clase de tráfico";
    libc::IPPROTO_IPV6: libc::IPV6_RECVHOPLIMIT "recvhoplimit" [], Form::Flag, INET6, UNIXES,
        recv_hoplimit_v6 / set_recv_hoplimit_v6, "true",
        en "a datagram comes with its hop limit"
        es "un datagrama viene con su límite de saltos";
    libc::IPPROTO_IPV6: libc::IPV6_RECVPKTINFO "recvpktinfo" [], Form::Flag, INET6, UNIXES,
        raw / raw, "true",
        en "a datagram comes with the interface and address it arrived at"
        es "un datagrama viene con la interfaz y la dirección a las que llegó";
    libc::IPPROTO_IPV6: libc::IPV6_PKTINFO "pktinfo_v6" [], Form::Bytes(20), INET6, UNIXES,
        no / raw, "x\"00000000000000000000000000000001 00000000\"",
        en "the address and interface packets leave by: a struct in6_pktinfo"
        es "la dirección y la interfaz por las que salen los paquetes: un `struct in6_pktinfo`";
    libc::IPPROTO_IPV6: libc::IPV6_RECVERR "recverr_v6" [], Form::Flag, INET6, ANDROID,
        raw / raw, "true",
        en "ICMPv6's errors are queued, each with its sender"
        es "los errores de ICMPv6 van a una cola, cada uno con quien lo envió";
    libc::IPPROTO_IPV6: libc::IPV6_MTU_DISCOVER "mtu_discover_v6" [], Form::Choice(DISCOVER), INET6, WINDOWS,
        raw / raw, "do",
        en "may packets be cut where they leave? as `mtu_discover`"
        es "¿se pueden fragmentar los paquetes donde salen? como `mtu_discover`";
    libc::IPPROTO_IPV6: libc::IPV6_MTU "mtu_v6" [], count(BYTES), INET6, WINDOWS,
        raw / raw, "1280",
        en "the largest packet the way to the peer takes; read it on a connected socket"
        es "el mayor paquete que admite la ruta al otro extremo; se lee en un socket conectado";
    libc::IPPROTO_IPV6: libc::IPV6_DONTFRAG "dontfrag" [], Form::Flag, INET6, UNIXES,
        raw / raw, "true",
        en "never cut a datagram: EMSGSIZE instead"
        es "nunca fragmenta un datagrama: en su lugar, EMSGSIZE";
    libc::IPPROTO_IPV6: libc::IPV6_RECVPATHMTU "recvpathmtu" [], Form::Flag, INET6, UNIXES,
        raw / raw, "true",
        en "be told when a path's MTU changes"
        es "avisa cuando cambia la MTU de una ruta";
    libc::IPPROTO_IPV6: libc::IPV6_PATHMTU "pathmtu" [], Form::Bytes(32), INET6, UNIXES,
        raw / no, "",
        en "the path's MTU as a struct ip6_mtuinfo; needs a connected socket"
        es "la MTU de la ruta como un `struct ip6_mtuinfo`; requiere un socket conectado";
    libc::IPPROTO_IPV6: libc::IPV6_RECVRTHDR "recvrthdr" [], Form::Flag, INET6, UNIXES,
        raw / raw, "true",
        en "a datagram comes with its routing header"
        es "un datagrama viene con su encabezado de rutas";
    libc::IPPROTO_IPV6: libc::IPV6_RECVHOPOPTS "recvhopopts" [], Form::Flag, INET6, UNIXES,
        raw / raw, "true",
        en "a datagram comes with its hop-by-hop options"
        es "un datagrama viene con sus opciones de salto a salto";
    libc::IPPROTO_IPV6: libc::IPV6_RECVDSTOPTS "recvdstopts" [], Form::Flag, INET6, UNIXES,
        raw / raw, "true",
        en "a datagram comes with its destination options"
        es "un datagrama viene con sus opciones de destino";
    libc::IPPROTO_IPV6: libc::IPV6_RTHDR "rthdr" [], Form::Bytes(256), INET6, UNIXES,
        raw / raw, "\"\"",
        en "the routing header of each packet, byte by byte"
        es "el encabezado de rutas de cada paquete, byte por byte";
    libc::IPPROTO_IPV6: libc::IPV6_HOPOPTS "hopopts" [], Form::Bytes(256), INET6, UNIXES,
        raw / raw, "\"\"",
        en "the hop-by-hop options of each packet, byte by byte, for root"
        es "las opciones de salto a salto de cada paquete, byte por byte, para root";
    libc::IPPROTO_IPV6: libc::IPV6_DSTOPTS "dstopts" [], Form::Bytes(256), INET6, UNIXES,
        raw / raw, "\"\"",
        en "the destination options of each packet, byte by byte, for root"
        es "las opciones de destino de cada paquete, byte por byte, para root";
    libc::IPPROTO_IPV6: libc::IPV6_RTHDRDSTOPTS "rthdrdstopts" [], Form::Bytes(256), INET6, UNIXES,
        raw / raw, "\"\"",
        en "the destination options before the routing header, for root"
        es "las opciones de destino antes del encabezado de rutas, para root";
    libc::IPPROTO_IPV6: libc::IPV6_MINHOPCOUNT "minhopcount" [], count(HOPS), INET6, LINUX,
        raw / raw, "1",
        en "drop packets that come with a lower hop limit"
        es "descarta los paquetes que llegan con un límite de saltos menor";
    libc::IPPROTO_IPV6: libc::IPV6_FLOWINFO "flowinfo" [], Form::Flag, INET6, LINUX,
        raw / raw, "true",
        en "`recvmsg` also gives the flow label and the traffic class of a packet"
        es "`recvmsg` entrega también la etiqueta de flujo y la clase de tráfico de un paquete";
    libc::IPPROTO_IPV6: libc::IPV6_FLOWINFO_SEND "flowinfo_send" [], Form::Flag, INET6, LINUX,
        raw / raw, "true",
        en "what `--flow` gave the peer's address goes out in the packets"
        es "lo que `--flow` dio a la dirección del otro extremo sale en los paquetes";
    libc::IPPROTO_IPV6: libc::IPV6_AUTOFLOWLABEL "autoflowlabel" [], Form::Flag, INET6, phrase!(
        en "also FreeBSD and macOS",
        es "también FreeBSD y macOS"
    ),
        raw / raw, "true",
        en "the kernel chooses a flow label for the packets"
        es "el kernel elige una etiqueta de flujo para los paquetes";
    libc::IPPROTO_IPV6: libc::IPV6_CHECKSUM "checksum_v6" [], int(phrase!(
        en "offset",
        es "posición"
    )), RAW6, UNIXES,
        raw / raw, "2",
        en "where in the packet the kernel puts the checksum; -1: nowhere"
        es "dónde pone el kernel la suma de verificación en el paquete; -1: en ninguna parte";
    libc::IPPROTO_IPV6: libc::IPV6_HDRINCL "hdrincl_v6" [], Form::Flag, RAW6, WINDOWS,
        raw / set_header_included_v6, "true",
        en "what is sent brings its own IPv6 header"
        es "lo que se envía trae su propio encabezado IPv6";
    libc::IPPROTO_IPV6: libc::IPV6_TRANSPARENT "transparent_v6" [], Form::Flag, INET6, ANDROID,
        ip_transparent_v6 / set_ip_transparent_v6, "true",
        en "bind any address, to stand in for another host, for root"
        es "permite `bind` a cualquier dirección, para hacerse pasar por otro host, para root";
    libc::IPPROTO_IPV6: libc::IPV6_FREEBIND "freebind_v6" [], Form::Flag, INET6, ANDROID,
        freebind_v6 / set_freebind_v6, "true",
        en "bind an address this host does not have yet"
        es "permite `bind` a una dirección que este host aún no tiene";
    libc::IPPROTO_IPV6: libc::IP6T_SO_ORIGINAL_DST "original_dst_v6" [], Form::Address, TCP6,
        phrase!(en "also Android and Windows", es "también Android y Windows"),
        original_dst_v6 / no, "",
        en "where a connection was to go before the firewall sent it here"
        es "adónde iba una conexión antes de que el firewall la enviara aquí";
    libc::IPPROTO_IPV6: libc::IPV6_ADD_MEMBERSHIP "join_multicast_v6" ["IPV6_JOIN_GROUP"],
        Form::Group6, DGRAM6, EVERYWHERE,
        no / (join_multicast_v6 = |s, v| group_6(v).and_then(|(group, on)| s.join_multicast_v6(group, on))),
        "ff02::1:3 lo",
        en "hear what is sent to a group; the interface by number or name"
        es "recibe lo que se envía a un grupo; la interfaz por su número o nombre";
    libc::IPPROTO_IPV6: libc::IPV6_DROP_MEMBERSHIP "leave_multicast_v6" ["IPV6_LEAVE_GROUP"],
        Form::Group6, DGRAM6, EVERYWHERE,
        no / (leave_multicast_v6 = |s, v| group_6(v).and_then(|(group, on)| s.leave_multicast_v6(group, on))),
        "ff02::1:3 lo",
        en "hear a group no more"
        es "deja de recibir de un grupo";
    libc::IPPROTO_IPV6: libc::IPV6_MULTICAST_IF "multicast_if_v6" [], Form::Interface, DGRAM6, EVERYWHERE,
        multicast_if_v6 / (set_multicast_if_v6 = |s, v| s.set_multicast_if_v6(index_of(v)?)), "lo",
        en "the interface multicast leaves by, by number or name; 0 is the system's choice"
        es "la interfaz por la que sale el multicast, por su número o nombre; 0 es la que elija el sistema";
    libc::IPPROTO_IPV6: libc::IPV6_MULTICAST_LOOP "multicast_loop_v6" [], Form::Flag, DGRAM6, EVERYWHERE,
        multicast_loop_v6 / set_multicast_loop_v6, "true",
        en "this host hears its own multicast"
        es "este host recibe su propio multicast";
    libc::IPPROTO_IPV6: libc::IPV6_MULTICAST_HOPS "multicast_hops" [], unsigned(HOPS), DGRAM6, EVERYWHERE,
        multicast_hops_v6 / set_multicast_hops_v6, "2",
        en "how many routers multicast may pass; 1 stays in this network"
        es "cuántos routers puede cruzar el multicast; 1 se queda en esta red";
    libc::IPPROTO_IPV6: libc::IPV6_MULTICAST_ALL "multicast_all_v6" [], Form::Flag, DGRAM6, LINUX,
        multicast_all_v6 / set_multicast_all_v6, "false",
        en "hear the groups that other sockets of this host joined too"
        es "recibe también de los grupos a los que se unieron otros sockets de este host";

    // TCP.
    libc::IPPROTO_TCP: libc::TCP_NODELAY "nodelay" [], Form::Flag, TCP, EVERYWHERE,
        tcp_nodelay / set_tcp_nodelay, "true",
        en "small pieces leave at once, and do not wait for more (Nagle's algorithm off)"
        es "los trozos pequeños salen de inmediato y no esperan a que haya más (sin el algoritmo de Nagle)";
    libc::IPPROTO_TCP: libc::TCP_CORK "cork" [], Form::Flag, TCP, ANDROID,
        tcp_cork / set_tcp_cork, "true",
        en "only full packets leave, until it is off again, or for 200 ms"
        es "solo salen paquetes llenos, hasta que se apague de nuevo o pasen 200 ms";
    libc::IPPROTO_TCP: libc::TCP_QUICKACK "quickack" [], Form::Flag, TCP, ANDROID,
        tcp_quickack / set_tcp_quickack, "true",
        en "acknowledge at once; the kernel may turn it off again by itself"
        es "confirma de inmediato; el kernel puede apagarla por sí solo";
    libc::IPPROTO_TCP: libc::TCP_MAXSEG "maxseg" [], unsigned(BYTES), TCP, UNIXES,
        tcp_mss / set_tcp_mss, "1000",
        en "the largest segment to send and to ask for, before connecting; then what was agreed"
        es "el mayor segmento que se envía y se pide, antes de conectar; después, lo acordado";
    libc::IPPROTO_TCP: libc::TCP_KEEPIDLE "keepidle" [], time(SECONDS), TCP, EVERYWHERE,
        tcp_keepalive_time / raw, "60s",
        en "with `keepalive`: silence before the first probe"
        es "con `keepalive`: silencio antes de la primera sonda";
    libc::IPPROTO_TCP: libc::TCP_KEEPINTVL "keepintvl" [], time(SECONDS), TCP, EVERYWHERE,
        tcp_keepalive_interval / raw, "10s",
        en "with `keepalive`: time from one probe to the next"
        es "con `keepalive`: tiempo entre una sonda y la siguiente";
    libc::IPPROTO_TCP: libc::TCP_KEEPCNT "keepcnt" [], unsigned(phrase!(
        en "probes",
        es "sondas"
    )), TCP, EVERYWHERE,
        tcp_keepalive_retries / raw, "3",
        en "with `keepalive`: probes without an answer until the peer counts as gone"
        es "con `keepalive`: sondas sin respuesta hasta dar por perdido al otro extremo";
    libc::IPPROTO_TCP: libc::TCP_USER_TIMEOUT "user_timeout" [], time_or_none(MILLIS), TCP, ANDROID,
        tcp_user_timeout / set_tcp_user_timeout, "5s",
        en "how long sent data may stay unacknowledged until the connection ends with ETIMEDOUT"
        es "cuánto pueden seguir sin confirmar los datos enviados antes de que la conexión termine con \
            ETIMEDOUT";
    libc::IPPROTO_TCP: libc::TCP_CONGESTION "congestion" [], Form::Text, TCP, BSD,
        tcp_congestion / (set_tcp_congestion = |s, v| s.set_tcp_congestion(text_of(v)?.unwrap_or_default())),
        "reno",
        en "the congestion control algorithm, by name"
        es "el algoritmo de control de congestión, por su nombre";
    libc::IPPROTO_TCP: libc::TCP_THIN_LINEAR_TIMEOUTS "thin_linear_timeouts" [], Form::Flag, TCP, ANDROID,
        tcp_thin_linear_timeouts / set_tcp_thin_linear_timeouts, "true",
        en "with little on its way, send again at even intervals"
        es "con poco en camino, retransmite a intervalos iguales";
    libc::IPPROTO_TCP: libc::TCP_THIN_DUPACK "thin_dupack" [], Form::Flag, TCP, ANDROID,
        raw / raw, "false",
        en "with little on its way, send again after one duplicate ACK; without effect since Linux 4.18"
        es "con poco en camino, retransmite tras un ACK duplicado; sin efecto desde Linux 4.18";
    libc::IPPROTO_TCP: libc::TCP_NOTSENT_LOWAT "notsent_lowat" [], unsigned(BYTES), TCP, phrase!(
        en "also macOS",
        es "también macOS"
    ),
        tcp_notsent_lowat / set_tcp_notsent_lowat, "16KiB",
        en "`poll` finds it writable only while less than this is unsent"
        es "`poll` lo da por escribible solo mientras haya menos que esto sin enviar";
    libc::IPPROTO_TCP: libc::TCP_FASTOPEN "fastopen" [], count(phrase!(
        en "connections",
        es "conexiones"
    )), TCP, EVERYWHERE,
        raw / raw, "5",
        en "a listener takes data in a SYN, from so many at a time"
        es "un socket que escucha acepta datos en un SYN, de esta cantidad a la vez";
    libc::IPPROTO_TCP: libc::TCP_FASTOPEN_CONNECT "fastopen_connect" [], Form::Flag, TCP, LINUX,
        raw / raw, "true",
        en "`connect` returns at once, and the first send goes with the SYN"
        es "`connect` vuelve de inmediato, y el primer envío va con el SYN";
    libc::IPPROTO_TCP: libc::TCP_FASTOPEN_NO_COOKIE "fastopen_no_cookie" [], Form::Flag, TCP, LINUX,
        raw / raw, "true",
        en "take data in a SYN without asking for a cookie"
        es "acepta datos en un SYN sin pedir una cookie";
    libc::IPPROTO_TCP: libc::TCP_FASTOPEN_KEY "fastopen_key" [], Form::Bytes(32), TCP, LINUX,
        raw / raw, "x\"00112233445566778899aabbccddeeff\"",
        en "the listener's secret for its cookies: 16 bytes, or 32 with the one before"
        es "el secreto de las cookies del socket que escucha: 16 bytes, o 32 con el anterior";
    libc::IPPROTO_TCP: libc::TCP_DEFER_ACCEPT "defer_accept" [], time_or_none(SECONDS), TCP, ANDROID,
        raw / raw, "1s",
        en "`accept` gives a connection only when its first data is there, or after about so long"
        es "`accept` entrega una conexión solo cuando llegan sus primeros datos, o tras más o menos este \
            tiempo";
    libc::IPPROTO_TCP: libc::TCP_SYNCNT "syncnt" [], count(phrase!(en "tries", es "intentos")), TCP, ANDROID,
        raw / raw, "2",
        en "how many more SYNs `connect` sends before it gives up, 1 to 127"
        es "cuántos SYN más envía `connect` antes de rendirse, de 1 a 127";
    libc::IPPROTO_TCP: libc::TCP_LINGER2 "linger2" [], Form::Time { unit: SECONDS, none: Some(-1) }, TCP, ANDROID,
        raw / raw, "10s",
        en "how long a closed socket stays in FIN_WAIT2; `none` does without"
        es "cuánto permanece en FIN_WAIT2 un socket cerrado; `none` lo omite";
    libc::IPPROTO_TCP: libc::TCP_WINDOW_CLAMP "window_clamp" [], count(BYTES), TCP, ANDROID,
        raw / raw, "64KiB",
        en "the most the peer may send ahead"
        es "lo máximo que el otro extremo puede enviar por adelantado";
    libc::IPPROTO_TCP: libc::TCP_TIMESTAMP "tcp_timestamp" [], unsigned(phrase!(
        en "clock",
        es "reloj"
    )), TCP, LINUX,
        raw / no, "",
        en "the clock of TCP's timestamps, as it stands now"
        es "el reloj de las marcas de tiempo de TCP, como está ahora";
    libc::IPPROTO_TCP: libc::TCP_SAVE_SYN "save_syn" [], Form::Flag, TCP, LINUX,
        raw / raw, "true",
        en "a listener keeps each peer's SYN, for `saved_syn`"
        es "un socket que escucha guarda el SYN de cada cliente, para `saved_syn`";
    libc::IPPROTO_TCP: libc::TCP_SAVED_SYN "saved_syn" [], Form::Bytes(512), TCP, LINUX,
        raw / no, "",
        en "the headers of the SYN this connection began with; given once"
        es "los encabezados del SYN con que empezó esta conexión; se entregan una vez";
    libc::IPPROTO_TCP: libc::TCP_INQ "inq" [], Form::Flag, TCP, LINUX,
        raw / raw, "true",
        en "a receive comes with the number of bytes that are left"
        es "una recepción viene con el número de bytes que quedan";
    libc::IPPROTO_TCP: more::TCP_TX_DELAY "tx_delay" [], time(MICROS), TCP, LINUX,
        raw / raw, "1ms",
        en "hold each packet back so long: a slow line on purpose"
        es "retiene cada paquete durante este tiempo: una línea lenta a propósito";
    libc::IPPROTO_TCP: libc::TCP_ULP "ulp" [], Form::Text, TCP, LINUX,
        raw / raw, "tls",
        en "a protocol on top, in the kernel: `tls`; needs a connection"
        es "un protocolo encima, en el kernel: `tls`; requiere una conexión";
    libc::IPPROTO_TCP: libc::TCP_INFO "tcp_info" [], Form::Account, TCP, BSD,
        raw / no, "",
        en "the kernel's account of the connection, as a map; `info` shows it in words"
        es "los datos del kernel sobre la conexión, como mapa; `info` los muestra en palabras";

    // UDP.
    libc::IPPROTO_UDP: libc::UDP_CORK "udp_cork" [], Form::Flag, UDP, LINUX,
        raw / raw, "true",
        en "what is sent is gathered into one datagram, until it is off again"
        es "lo que se envía se junta en un solo datagrama, hasta que se apague de nuevo";
    libc::IPPROTO_UDP: libc::UDP_SEGMENT "udp_segment" ["gso"], count(BYTES), UDP, LINUX,
        raw / raw, "1200",
        en "one send is cut into datagrams of this size"
        es "un envío se corta en datagramas de este tamaño";
    libc::IPPROTO_UDP: libc::UDP_GRO "udp_gro" ["gro"], Form::Flag, UDP, LINUX,
        raw / raw, "true",
        en "datagrams of one sender may come joined"
        es "los datagramas de un mismo origen pueden llegar juntos";

    // Virtual machines.
    libc::AF_VSOCK: more::SO_VM_SOCKETS_BUFFER_SIZE "vsock_buffer_size" [],
        Form::Int { of: BYTES, low: 0, high: i64::MAX, wide: true }, VSOCK, LINUX,
        raw / raw, "64KiB",
        en "a vsock stream's room for what has arrived"
        es "el espacio de un flujo vsock para lo que llegó";
    libc::AF_VSOCK: more::SO_VM_SOCKETS_BUFFER_MIN_SIZE "vsock_buffer_min_size" [],
        Form::Int { of: BYTES, low: 0, high: i64::MAX, wide: true }, VSOCK, LINUX,
        raw / raw, "128",
        en "the least that `vsock_buffer_size` may be"
        es "lo menos que puede ser `vsock_buffer_size`";
    libc::AF_VSOCK: more::SO_VM_SOCKETS_BUFFER_MAX_SIZE "vsock_buffer_max_size" [],
        Form::Int { of: BYTES, low: 0, high: i64::MAX, wide: true }, VSOCK, LINUX,
        raw / raw, "256KiB",
        en "the most that `vsock_buffer_size` may be"
        es "lo más que puede ser `vsock_buffer_size`";
};

/// The levels, with their other names.
pub const LEVELS: &[(&str, i32, &[&str])] = &[
    ("SOL_SOCKET", libc::SOL_SOCKET, &[]),
    ("IPPROTO_IP", libc::IPPROTO_IP, &["SOL_IP"]),
    ("IPPROTO_IPV6", libc::IPPROTO_IPV6, &["SOL_IPV6"]),
    ("IPPROTO_TCP", libc::IPPROTO_TCP, &["SOL_TCP"]),
    ("IPPROTO_UDP", libc::IPPROTO_UDP, &["SOL_UDP"]),
    ("IPPROTO_UDPLITE", libc::IPPROTO_UDPLITE, &["SOL_UDPLITE"]),
    ("IPPROTO_ICMP", libc::IPPROTO_ICMP, &[]),
    ("IPPROTO_ICMPV6", libc::IPPROTO_ICMPV6, &["SOL_ICMPV6"]),
    ("IPPROTO_RAW", libc::IPPROTO_RAW, &["SOL_RAW"]),
    ("IPPROTO_SCTP", libc::IPPROTO_SCTP, &["SOL_SCTP"]),
    ("SOL_PACKET", libc::SOL_PACKET, &[]),
    ("SOL_NETLINK", libc::SOL_NETLINK, &[]),
    ("SOL_TIPC", libc::SOL_TIPC, &[]),
    ("AF_VSOCK", libc::AF_VSOCK, &[]),
];

/// The level of this name, in either case: `SOL_SOCKET`, `tcp`, `ip`.
pub fn level(text: &str) -> Option<(&'static str, i32)> {
    let text = plain(text);
    let same = |name: &str| name.eq_ignore_ascii_case(text);
    // `tcp` for IPPROTO_TCP; `socket` for SOL_SOCKET.
    let short = |name: &str| name.split_once('_').is_some_and(|(_, rest)| same(rest));
    let found = LEVELS.iter().find(|l| same(l.0) || short(l.0) || l.2.iter().any(|a| same(a)))?;
    Some((found.0, found.1))
}

/// Python's `socket.SO_REUSEADDR` is C's `SO_REUSEADDR`.
pub fn plain(text: &str) -> &str {
    text.strip_prefix("socket.").unwrap_or(text)
}

/// The option of this name: its own, C's or Python's constant in either case, or socket2's method.
pub fn find(text: &str) -> Option<&'static SocketOption> {
    let text = plain(text);
    OPTIONS.iter().find(|o| o.names().any(|n| n.eq_ignore_ascii_case(text)))
}

/// The option of these numbers.
pub fn by_number(level: i32, number: i32) -> Option<&'static SocketOption> {
    OPTIONS.iter().find(|o| o.level == level && o.number == number)
}

/// A name near this one.
pub fn suggestion(text: &str) -> Option<&'static str> {
    let own = nearest(text, OPTIONS.iter().map(|o| o.name));
    own.or_else(|| nearest(text, OPTIONS.iter().flat_map(SocketOption::names)))
}

impl SocketOption {
    /// What a read of it is about, for the door.
    pub fn asked(&self) -> About<'static> {
        About::Option { level: self.level, number: self.number, value: None }
    }

    /// What a change of it to this value is about.
    pub fn changed<'a>(&self, value: &'a Setting) -> About<'a> {
        About::Option { level: self.level, number: self.number, value: Some(Cow::Borrowed(value)) }
    }

    /// All it answers to; each once.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        let method = |m: Option<&'static str>| m.and_then(|m| m.strip_prefix("Socket::"));
        // `Socket::r#type` is typed `type`, which is the option's own name.
        let getter = method(self.getter()).map(|m| m.trim_start_matches("r#"));
        let setter = method(self.setter());
        let (name, constant) = (self.name, self.constant);
        let mut all: Vec<&'static str> = vec![name];
        for other in
            [Some(constant), getter, setter].into_iter().flatten().chain(self.aliases.iter().copied())
        {
            if !all.iter().any(|seen| seen.eq_ignore_ascii_case(other)) {
                all.push(other);
            }
        }
        all.into_iter()
    }

    /// socket2's method that reads it.
    pub fn getter(&self) -> Option<&'static str> {
        if let Get::Method(name, _) = self.get { Some(name) } else { None }
    }

    /// socket2's method that sets it.
    pub fn setter(&self) -> Option<&'static str> {
        if let Set::Method(name, _) = self.set { Some(name) } else { None }
    }

    /// `Socket::linger, set_linger`, or the system calls where socket2 has no method.
    pub fn method(&self) -> String {
        let get = match self.get {
            Get::No => None,
            Get::Raw => Some("getsockopt(2)"),
            Get::Method(name, _) => Some(name),
        };
        let set = match self.set {
            Set::No => None,
            Set::Raw => Some("setsockopt(2)"),
            Set::Method(name, _) if get.is_some_and(|g| g.starts_with("Socket::")) => {
                name.strip_prefix("Socket::")
            }
            Set::Method(name, _) => Some(name),
        };
        let both: Vec<&str> = [get, set].into_iter().flatten().collect();
        both.join(", ").replace("r#", "")
    }

    /// Can it be read?
    pub fn is_read(&self) -> bool {
        !matches!(self.get, Get::No)
    }

    /// Can it be set?
    pub fn is_set(&self) -> bool {
        !matches!(self.set, Set::No)
    }

    /// Does reading it take something away?
    pub fn is_taken_by_reading(&self) -> bool {
        matches!((self.form, self.number), (Form::Error, _)) || self.constant == "TCP_SAVED_SYN"
    }

    /// Is it set for what only recvmsg(2) shows, beside the bytes?
    pub fn brings_news(&self) -> bool {
        const OTHERS: [&str; 10] = [
            "SO_TIMESTAMP",
            "SO_TIMESTAMPNS",
            "SO_RXQ_OVFL",
            "SO_PASSSEC",
            "IP_PKTINFO",
            "IP_RETOPTS",
            "IP_CHECKSUM",
            "IPV6_FLOWINFO",
            "TCP_INQ",
            "UDP_GRO",
        ];
        let receives = ["IP_RECV", "IPV6_RECV"].iter().any(|begin| self.constant.starts_with(begin));
        // An error is reported without its queue too.
        receives && !self.constant.ends_with("RECVERR") || OTHERS.contains(&self.constant)
    }

    /// Lines that show it.
    pub fn lines(&self) -> String {
        let mut lines = vec![self.on.example().to_string()];
        let line = |command: &str, name: &str, value: &str| {
            format!("{command} {name} {value}").trim_end().to_string()
        };
        // Some want something done before.
        lines.extend(match self.name {
            "leave_multicast" => Some(line("setsockopt", "join_multicast", self.example)),
            "leave_ssm" => Some(line("setsockopt", "join_ssm", self.example)),
            "leave_multicast_v6" => Some(line("setsockopt", "join_multicast_v6", self.example)),
            "block_source" | "unblock_source" => Some("setsockopt join_multicast 239.1.2.3 127.0.0.1".into()),
            "mtu" => Some("connect 127.0.0.1 9".into()),
            "mtu_v6" | "pathmtu" => Some("connect ::1 9".into()),
            "detach_filter" => Some("setsockopt attach_filter x\"06 00 00 00 ff ff 00 00\"".into()),
            _ => None,
        });
        if self.name == "unblock_source" {
            lines.push(line("setsockopt", "block_source", self.example));
        }
        if self.is_set() {
            lines.push(line("setsockopt", self.name, self.example));
        }
        if self.is_read() {
            lines.push(format!("getsockopt {}", self.name));
        }
        lines.join("\n")
    }

    /// getsockopt(2), once.
    #[inline]
    pub fn get(&self, socket: &Socket) -> io::Result<Value> {
        match self.get {
            Get::Method(_, method) => method(socket),
            Get::Raw => self.get_raw(socket),
            Get::No => Err(io::Error::from_raw_os_error(libc::ENOPROTOOPT)),
        }
    }

    fn get_raw(&self, socket: &Socket) -> io::Result<Value> {
        let mut buffer = [0; 512];
        let room = match self.form {
            Form::Bytes(most) => most,
            Form::Account => buffer.len(),
            Form::Text | Form::Numbers(_) => 256,
            Form::Int { wide: true, .. } => 8,
            _ => 4,
        };
        let length = kernel::getsockopt(socket, self.level, self.number, &mut buffer[..room])?;
        let bytes = &buffer[..length];
        let number = native(bytes);
        Ok(match self.form {
            Form::Flag => Value::flag(number != 0),
            // The kernel's unsigned 32 bits come back as they were given.
            Form::Int { low: 0, wide: false, .. } => Value::Int(number & 0xffff_ffff),
            Form::Time { none: Some(none), .. } if number == none || number < 0 => Value::text("none"),
            Form::Time { unit, .. } => {
                let count = u32::try_from(number.max(0)).unwrap_or(u32::MAX);
                unit.saturating_mul(count).into()
            }
            Form::Choice(words) => match words.iter().find(|w| i64::from(w.2) == number) {
                Some(word) => Value::text(word.0),
                None => Value::Int(number),
            },
            Form::Text => bytes.to_vec().shown(),
            Form::Bytes(_) => Value::bytes(bytes),
            Form::Account => TcpInfo::of(bytes).map().into(),
            Form::Numbers(_) => {
                Value::list(bytes.chunks_exact(4).map(|four| Value::Int(native(four))).collect())
            }
            _ => Value::Int(number),
        })
    }

    /// setsockopt(2), once.
    #[inline]
    pub fn set(&self, socket: &Socket, setting: &Setting) -> io::Result<()> {
        match (self.set, setting) {
            (Set::No, _) => Err(io::Error::from_raw_os_error(libc::ENOPROTOOPT)),
            (_, Setting::Bytes(bytes)) => kernel::setsockopt(socket, self.level, self.number, bytes),
            (Set::Method(_, method), _) => method(socket, setting),
            (Set::Raw, _) => self.set_raw(socket, setting),
        }
    }

    fn set_raw(&self, socket: &Socket, setting: &Setting) -> io::Result<()> {
        let put = |bytes: &[u8]| kernel::setsockopt(socket, self.level, self.number, bytes);
        match setting {
            Setting::Flag(on) => put(&i32::from(*on).to_ne_bytes()),
            Setting::Int(n) if matches!(self.form, Form::Int { wide: true, .. }) => put(&n.to_ne_bytes()),
            // The range was looked at when it was read: what fits 32 bits, with a sign or without.
            Setting::Int(n) => put(&(*n as u32).to_ne_bytes()),
            Setting::Time(time) => {
                let Form::Time { unit, none } = self.form else { return misfit() };
                let count = match time {
                    Some(time) => i64::try_from(time.as_nanos() / unit.as_nanos()).unwrap_or(i64::MAX),
                    None => none.unwrap_or(0),
                };
                put(&i32::try_from(count).unwrap_or(i32::MAX).to_ne_bytes())
            }
            Setting::Text(text) => put(text.as_deref().unwrap_or_default()),
            Setting::Source { group, source, on } => {
                // struct ip_mreq_source: the group, the interface, the source.
                put(&[group.octets(), on.octets(), source.octets()].concat())
            }
            _ => misfit(),
        }
    }
}

/// An integer of the kernel's, of the length it gave: one byte for some of IP's.
fn native(bytes: &[u8]) -> i64 {
    match bytes {
        [one] => i64::from(*one),
        [a, b, c, d] => i64::from(i32::from_ne_bytes([*a, *b, *c, *d])),
        [a, b, c, d, e, f, g, h] => i64::from_ne_bytes([*a, *b, *c, *d, *e, *f, *g, *h]),
        _ => 0,
    }
}

/// Is this error the kernel's way to say that the option is not for this socket?
pub fn is_not_for_it(code: Code) -> bool {
    matches!(code, Code::Errno(libc::ENOPROTOOPT | libc::EOPNOTSUPP))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn no_name_stands_for_two_options() {
        let mut seen: HashMap<String, &str> = HashMap::new();
        for option in OPTIONS {
            for name in option.names() {
                if let Some(other) = seen.insert(name.to_ascii_lowercase(), option.name) {
                    panic!("`{name}` is both {other} and {}", option.name);
                }
                assert!(level(name).is_none(), "`{name}` is a level too");
            }
        }
    }

    #[test]
    fn no_option_stands_twice() {
        let mut seen = HashMap::new();
        for option in OPTIONS {
            if let Some(other) = seen.insert((option.level, option.number), option.name) {
                panic!("{other} and {} are one", option.name);
            }
            assert!(level(option.level_name).is_some_and(|l| l.1 == option.level), "{}", option.name);
        }
    }

    #[test]
    fn every_row_is_whole() {
        for option in OPTIONS {
            assert!(option.is_read() || option.is_set(), "{}", option.name);
            let needs = option.is_set() && option.arity().1 > 0;
            assert_eq!(needs, !option.example.is_empty(), "{}", option.name);
            for text in [option.summary.en, option.summary.es] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{}", option.name);
            }
        }
    }

    #[test]
    fn options_are_found_by_any_of_their_names() {
        for name in ["reuseaddr", "SO_REUSEADDR", "so_reuseaddr", "reuse_address", "socket.SO_REUSEADDR"] {
            assert_eq!(find(name).map(|o| o.name), Some("reuseaddr"), "{name}");
        }
        assert_eq!(find("TCP_NODELAY").map(|o| o.name), Some("nodelay"));
        assert_eq!(find("IPV6_JOIN_GROUP").map(|o| o.name), Some("join_multicast_v6"));
        assert!(find("reuse").is_none());
        assert_eq!(suggestion("reuseadr"), Some("reuseaddr"));
        assert_eq!(level("SOL_TCP").map(|l| l.0), Some("IPPROTO_TCP"));
        assert_eq!(level("tcp").map(|l| l.1), Some(6));
    }

    /// socket2 0.6.5 reads one option by another's number; this finds the next such slip.
    #[test]
    fn methods_and_numbers_tell_the_same() {
        let make = |domain, kind, protocol: Option<i32>| {
            let protocol = protocol.map(socket2::Protocol::from);
            let socket = Socket::new(domain, kind, protocol).ok()?;
            let twin = socket.try_clone().ok()?;
            Some((
                Endpoint::new(
                    1,
                    std::sync::Arc::new(socket),
                    crate::value::socket::Triple::new(domain, kind, protocol),
                ),
                twin,
            ))
        };
        let sockets = [
            make(Domain::IPV4, Type::STREAM, None),
            make(Domain::IPV4, Type::DGRAM, None),
            make(Domain::IPV6, Type::STREAM, None),
            make(Domain::IPV6, Type::DGRAM, None),
            make(Domain::UNIX, Type::STREAM, None),
            make(Domain::IPV4, Type::RAW, Some(253)),
            make(Domain::IPV6, Type::RAW, Some(253)),
        ];
        let numbers = |f: Form| matches!(f, Form::Flag | Form::Int { .. } | Form::Time { .. });
        // A struct, and a number of the kernel's that stands for none.
        let apart = ["linger", "rcvtimeo", "sndtimeo", "incoming_cpu"];
        let mut compared = 0;
        for (endpoint, socket) in sockets.iter().flatten() {
            for option in OPTIONS.iter().filter(|o| o.getter().is_some() && numbers(o.form)) {
                if !option.on.includes(On::of(endpoint)) || apart.contains(&option.name) {
                    continue;
                }
                let setting = option.read(&[Value::text(option.example)]);
                if let (true, Ok(setting)) = (option.is_set(), &setting) {
                    // What only root may set stays as it is.
                    let _ = option.set(socket, setting);
                }
                let (Ok(one), Ok(other)) = (option.get(socket), option.get_raw(socket)) else { continue };
                assert_eq!(one.to_text(), other.to_text(), "{}", option.name);
                compared += 1;
            }
        }
        assert!(compared > 80, "{compared}");
    }
}
