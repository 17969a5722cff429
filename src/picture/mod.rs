//! Pictures of a session: who called what, and what went from one end to the other.
//!
//! **events** → **ladder** → **text**, **svg**, **mermaid**, **pcap**
//!
//! [`events`] is an observer of the one door. It keeps the calls on sockets, the last [`events::MOST`] of them, with the
//! line that made each, and looks at the sockets right after a call: their addresses, and for TCP their state and what
//! TCP_INFO counts. It is there only where a picture may be asked for: at the prompt, in a script that has a `diagram`,
//! and with `--diagram` and `--pcap`; other scripts pay nothing. Its looks are facts as others are, marked as looks; at the
//! prompt no trace shows them, because no line asked for them.
//!
//! [`ladder`] makes one model out of it, from which all pictures are drawn: a lane for each end, the acts in the order in
//! which one can have caused another (a send where it began, a receive where it ended), between the lanes the arrows,
//! beside them the states. The other end of a connection is found by the two addresses, that of a Unix connection by the
//! listener's queue, which keeps its order; an end that is none of the session's has a lane too, with its address. What a
//! call or TCP_INFO does not tell is inferred, and every picture says so. [`fold`] makes one row of what repeats.
//!
//! [`states`] is TCP's diagram of states with the session's sockets in it.
//!
//! In a network of the script's own (`--isolate`) a capture has the packets themselves, and [`told`] finds their lines.

pub(crate) mod events;
mod fold;
pub(crate) mod ladder;
mod mermaid;
pub(crate) mod pcap;
pub(crate) mod states;
mod svg;
mod text;
mod told;

use crate::picture::ladder::Ladder;
use crate::value::outcome::Drawing;
use crate::words::Lang;

pub use mermaid::mermaid;
pub use svg::{STYLE, inline, svg};

impl Drawing for Ladder {
    fn draw(&self, columns: usize, lang: Lang) -> String {
        text::text(self, columns, lang)
    }
}
