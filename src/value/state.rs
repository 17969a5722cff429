//! The states of a socket: TCP's own, as ss(8) and RFC 9293 call them, and those of the others.

use crate::words::Phrase;

/// A state, what it means, and what ends it.
pub struct State {
    /// As `sockets` shows it.
    pub name: &'static str,
    /// It is one of TCP.
    pub tcp: bool,
    /// What it says of the socket.
    pub means: Phrase,
    /// What comes next, and what to do.
    pub next: Phrase,
}

/// A row: its name, whether it is TCP's, what it means, what comes next.
const fn row(name: &'static str, tcp: bool, means: Phrase, next: Phrase) -> State {
    State { name, tcp, means, next }
}

/// Every state, TCP's in the order of a connection's life.
pub const STATES: &[State] = &[
    row(
        "CLOSE",
        true,
        phrase!(
            en "a TCP socket without a connection: new, bound, or refused",
            es "un socket TCP sin conexión: nuevo, con dirección, o rechazado"
        ),
        phrase!(
            en "`listen` makes it a server's, `connect` a client's; after a refusal make a new socket.",
            es "`listen` lo hace de servidor y `connect` de cliente; tras un rechazo, crea un socket nuevo."
        ),
    ),
    row(
        "LISTEN",
        true,
        phrase!(
            en "a server's socket: it waits for clients, and never carries data itself",
            es "el socket de un servidor: espera clientes, y nunca lleva datos él mismo"
        ),
        phrase!(
            en "`accept` takes a client's connection out of its queue as a new socket; `close` ends it.",
            es "`accept` saca de su cola la conexión de un cliente como un socket nuevo; `close` lo termina."
        ),
    ),
    row(
        "SYN_SENT",
        true,
        phrase!(
            en "a client has asked (SYN) and waits for the answer",
            es "un cliente preguntó (SYN) y espera la respuesta"
        ),
        phrase!(
            en "The answer makes it ESTABLISHED, a RST refuses it (ECONNREFUSED); no answer at all is ETIMEDOUT, after minutes.",
            es "La respuesta lo deja en ESTABLISHED, un RST lo rechaza (ECONNREFUSED); sin respuesta alguna es ETIMEDOUT, a los minutos."
        ),
    ),
    row(
        "SYN_RECV",
        true,
        phrase!(
            en "a server has answered a client's SYN and waits for the third packet",
            es "un servidor respondió el SYN de un cliente y espera el tercer paquete"
        ),
        phrase!(
            en "The client's ACK makes it ESTABLISHED; the kernel does this, before `accept` sees anything.",
            es "El ACK del cliente lo deja en ESTABLISHED; lo hace el kernel, antes de que `accept` vea algo."
        ),
    ),
    row(
        "ESTABLISHED",
        true,
        phrase!(
            en "the connection is made: both sides can send and receive",
            es "la conexión está hecha: ambos lados pueden enviar y recibir"
        ),
        phrase!(
            en "`close` or `shutdown write` here sends FIN and makes it FIN_WAIT1; the peer's FIN makes it CLOSE_WAIT.",
            es "`close` o `shutdown write` aquí envía FIN y lo deja en FIN_WAIT1; el FIN del otro extremo, en CLOSE_WAIT."
        ),
    ),
    row(
        "FIN_WAIT1",
        true,
        phrase!(
            en "this side has said that it sends no more (FIN), and the peer has not confirmed it yet",
            es "este lado dijo que no envía más (FIN), y el otro extremo aún no lo confirma"
        ),
        phrase!(
            en "The peer's ACK makes it FIN_WAIT2. Where it stays, the data before the FIN do not get through.",
            es "El ACK del otro extremo lo deja en FIN_WAIT2. Si permanece así, los datos previos al FIN no llegan."
        ),
    ),
    row(
        "FIN_WAIT2",
        true,
        phrase!(
            en "this side sends no more and the peer knows it; the peer may still send",
            es "este lado no envía más y el otro extremo lo sabe; este aún puede enviar"
        ),
        phrase!(
            en "The peer's `close` makes it TIME_WAIT. Where it stays, the peer has not closed its end (it is in CLOSE_WAIT).",
            es "El `close` del otro extremo lo deja en TIME_WAIT. Si permanece así, el otro extremo no cerró el suyo (está en CLOSE_WAIT)."
        ),
    ),
    row(
        "CLOSING",
        true,
        phrase!(
            en "both sides said at the same time that they send no more",
            es "ambos lados dijeron a la vez que no envían más"
        ),
        phrase!(
            en "The peer's ACK makes it TIME_WAIT.",
            es "El ACK del otro extremo lo deja en TIME_WAIT."
        ),
    ),
    row(
        "TIME_WAIT",
        true,
        phrase!(
            en "the connection is over; the kernel remembers it for a minute, so that late packets do no harm",
            es "la conexión terminó; el kernel la recuerda un minuto, para que paquetes tardíos no hagan daño"
        ),
        phrase!(
            en "The side that closed first has it. Nothing needs doing; a server that is to be started again on the same port sets `setsockopt reuseaddr true` before `bind`.",
            es "Lo tiene el lado que cerró primero. No hay que hacer nada; un servidor que se reinicia en el mismo puerto usa `setsockopt reuseaddr true` antes de `bind`."
        ),
    ),
    row(
        "CLOSE_WAIT",
        true,
        phrase!(
            en "the peer sends no more: `recv` gives the end of stream once everything was read",
            es "el otro extremo no envía más: `recv` da el fin del flujo cuando todo se leyó"
        ),
        phrase!(
            en "This side may still send; `close` makes it LAST_ACK. A program that stays here has forgotten to close.",
            es "Este lado aún puede enviar; `close` lo deja en LAST_ACK. Un programa que permanece así olvidó cerrar."
        ),
    ),
    row(
        "LAST_ACK",
        true,
        phrase!(
            en "both sides have closed; the peer has not confirmed this side's FIN yet",
            es "ambos lados cerraron; el otro extremo aún no confirma el FIN de este lado"
        ),
        phrase!(
            en "The peer's ACK ends it.",
            es "El ACK del otro extremo lo termina."
        ),
    ),
    row(
        "CLOSED",
        false,
        phrase!(
            en "the socket was closed here: its descriptor is gone",
            es "el socket se cerró aquí: su descriptor ya no existe"
        ),
        phrase!(
            en "Any use of it is EBADF; make a new one with `socket`.",
            es "Cualquier uso es EBADF; crea uno nuevo con `socket`."
        ),
    ),
    row(
        "NEW",
        false,
        phrase!(
            en "made, without an address and without a peer",
            es "creado, sin dirección y sin otro extremo"
        ),
        phrase!(
            en "`bind` gives it an address, `connect` a peer; a datagram socket may `sendto` at once.",
            es "`bind` le da una dirección y `connect` un otro extremo; uno de datagramas puede usar `sendto` de inmediato."
        ),
    ),
    row(
        "BOUND",
        false,
        phrase!(
            en "it has its own address, and no peer",
            es "tiene su propia dirección, y ningún otro extremo"
        ),
        phrase!(
            en "A datagram socket can `recvfrom` now; one of a stream needs `listen` or `connect`.",
            es "Uno de datagramas ya puede usar `recvfrom`; uno de flujo requiere `listen` o `connect`."
        ),
    ),
    row(
        "CONNECTED",
        false,
        phrase!(
            en "a Unix or datagram socket with a peer: `send` and `recv` need no address",
            es "un socket Unix o de datagramas con otro extremo: `send` y `recv` no requieren dirección"
        ),
        phrase!(
            en "For UDP no packet was exchanged: the kernel only remembers the address.",
            es "En UDP no se intercambió ningún paquete: el kernel solo recuerda la dirección."
        ),
    ),
];

/// The state of this name, in any case, with `-` for `_` as ss(8) writes it.
pub fn find(name: &str) -> Option<&'static State> {
    let is = |row: &&State| row.name.eq_ignore_ascii_case(&name.replace('-', "_"));
    STATES.iter().find(is)
}

/// How connections go from state to state, as wide as a narrow terminal. A state stands between blanks, so that there is
/// room for a mark around it.
pub const DIAGRAM: &str = "               CLOSE
 listen  │               │ connect: SYN
         ▼               ▼
      LISTEN          SYN_SENT
 SYN ←   │               │ SYN+ACK ←
         ▼               │
     SYN_RECV            │
 ACK ←   │               │
         └► ESTABLISHED ◄┘
 close: FIN │          │ FIN ←
            ▼          ▼
       FIN_WAIT1   CLOSE_WAIT
 ACK ← │    │ FIN ←    │ close: FIN
       ▼    ▼          ▼
 FIN_WAIT2 CLOSING  LAST_ACK
 FIN ← │    │ ACK ←    │ ACK ←
       ▼    ▼          ▼
      TIME_WAIT      CLOSE
          │ 60 s
          ▼
        CLOSE";
