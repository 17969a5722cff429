//! The packets of a network as they really were: what goes over `lo`, each once, with the kernel's times.
//!
//! It needs a network of one's own (`--isolate`), where an ordinary user may look at all packets. A thread takes them out
//! of the kernel's ring as they come, so that little is lost; what is, is counted.

use std::io::{self, PipeWriter};
use std::os::fd::AsFd as _;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::gate::block_main_signals;
use super::kernel::PacketRing;
use super::namespace::privileged;

/// A packet that came.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Since 1970.
    pub when: Duration,
    /// From the header of IP on.
    pub bytes: Vec<u8>,
}

/// The packets of a network for some time.
#[derive(Clone, Debug, Default)]
pub struct Captured {
    pub packets: Vec<Packet>,
    /// So many more came and were not kept.
    pub lost: u64,
}

/// A capture that goes on.
#[derive(Debug)]
pub struct Capture {
    captured: Receiver<Captured>,
    /// Closed to end it.
    end: PipeWriter,
}

/// So many bytes of packets are kept.
const MOST: usize = 64 << 20;
/// How long the last packets are waited for, which the kernel hands over within milliseconds.
const LAST: Duration = Duration::from_millis(200);

impl Capture {
    /// Begins to look at the network that this thread is in.
    pub fn begin() -> io::Result<Capture> {
        let mut ring = privileged(PacketRing::open)?;
        let (ended, end) = io::pipe()?;
        let (done, captured) = channel();
        let work = move || {
            block_main_signals();
            let mut taken = Taken::default();
            loop {
                taken.blocks(&mut ring);
                let mut both = [&ring.as_fd(), &ended.as_fd()].map(|fd| PollFd::new(*fd, PollFlags::POLLIN));
                let waited = poll(&mut both, PollTimeout::NONE);
                let over = both[1].any() == Some(true);
                if over || matches!(waited, Err(e) if e != nix::errno::Errno::EINTR) {
                    // The kernel takes milliseconds to close the ring: the result is sent before.
                    let _ = done.send(taken.last(&mut ring));
                    return;
                }
            }
        };
        std::thread::Builder::new().name("capture".into()).stack_size(128 << 10).spawn(work)?;
        Ok(Capture { captured, end })
    }

    /// Ends it: what came until now.
    pub fn end(self) -> Captured {
        drop(self.end);
        self.captured.recv().unwrap_or_default()
    }
}

#[derive(Default)]
struct Taken {
    captured: Captured,
    /// How many packets were taken out of the ring.
    seen: u64,
    bytes: usize,
}

impl Taken {
    /// Takes the blocks that were handed over.
    fn blocks(&mut self, ring: &mut PacketRing) {
        while ring.block(|block| self.block(block)).is_some() {}
    }

    /// A block: struct tpacket_block_desc, then a struct tpacket3_hdr before each packet.
    fn block(&mut self, block: &[u8]) {
        let word = |at: usize| block.get(at..)?.first_chunk().map(|word| u32::from_ne_bytes(*word) as usize);
        let (Some(count), Some(first)) = (word(12), word(16)) else { return };
        let mut at = first;
        for _ in 0..count {
            let (Some(next), Some(seconds), Some(nanos), Some(length)) =
                (word(at), word(at + 4), word(at + 8), word(at + 12))
            else {
                return;
            };
            let begins = block.get(at + 24..).and_then(|rest| rest.first_chunk());
            let begins = at + begins.map_or(0, |two| usize::from(u16::from_ne_bytes(*two)));
            self.seen += 1;
            let bytes = block.get(begins..begins + length).unwrap_or_default();
            // What is no packet of IP has no place in the file.
            let is_ip = matches!(bytes.first().map(|byte| byte >> 4), Some(4 | 6));
            if is_ip && self.bytes + bytes.len() <= MOST {
                self.bytes += bytes.len();
                let when = Duration::new(seconds as u64, nanos as u32);
                self.captured.packets.push(Packet { when, bytes: bytes.to_vec() });
            } else if is_ip {
                self.captured.lost += 1;
            }
            at += next;
        }
    }

    /// Waits for those that had come and were not handed over yet.
    fn last(mut self, ring: &mut PacketRing) -> Captured {
        let (came, lost) = ring.counts().unwrap_or_default();
        let begun = Instant::now();
        self.blocks(ring);
        while self.seen + lost < came && begun.elapsed() < LAST {
            let mut one = [PollFd::new(ring.as_fd(), PollFlags::POLLIN)];
            let _ = poll(&mut one, PollTimeout::from(2u8));
            self.blocks(ring);
        }
        self.captured.lost += came.saturating_sub(self.seen);
        self.captured
    }
}
