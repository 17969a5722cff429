//! While a line runs: after a second, who waits for what, and how far a transfer is. It stands on the terminal's line
//! until something else is written there.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use nix::sys::termios::{LocalFlags, tcgetattr};
use unicode_width::UnicodeWidthStr;

use super::terminal::echo;
use crate::driver::output::stand_by;
use crate::driver::terminal::{ERASE_LINE, colour as can_colour, on_line, size};
use crate::net::gate::Gate;
use crate::render::colour::{self, paint};
use crate::render::table::cut;
use crate::session::eyes::Eyes;
use crate::value::outcome::SocketFacts;
use crate::words::Lang;

/// Shorter waits are not worth a line.
const LONG: Duration = Duration::from_secs(1);
/// Calls that wait for the user, or for the terminal.
const OF_THE_TERMINAL: [&str; 3] = ["read", "write", "wait4"];

/// A call, as far as it can be told from another.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Call {
    name: &'static str,
    socket: u32,
    round: u64,
}

/// What is known of the line that runs.
pub struct Busy {
    gate: Arc<Gate>,
    lang: Lang,
    /// Counts what runs again and again: a call of the next round is another.
    pub round: Arc<AtomicU64>,
    /// The call that was seen last, and since when.
    call: Option<(Call, Instant)>,
    /// The bytes at the last two looks, for the rate.
    moved: Option<(u64, Instant)>,
    rate: f64,
}

impl Busy {
    pub fn new(gate: Arc<Gate>, lang: Lang) -> Busy {
        Busy { gate, lang, round: Arc::default(), call: None, moved: None, rate: 0.0 }
    }

    /// Shows who waits, where that is long.
    pub fn tell(&mut self, eyes: &mut Eyes, before: &HashMap<u32, SocketFacts>) {
        let doing = self.gate.doing().filter(|(name, _)| !OF_THE_TERMINAL.contains(name));
        let Some((name, socket)) = doing else {
            self.call = None;
            return;
        };
        let call = Call { name, socket, round: self.round.load(Relaxed) };
        let since = match self.call {
            Some((old, since)) if old == call => since,
            _ => Instant::now(),
        };
        self.call = Some((call, since));
        // A program that has the terminal to itself is not disturbed.
        let ours = tcgetattr(std::io::stdin()).is_ok_and(|t| t.local_flags.contains(LocalFlags::ICANON));
        if since.elapsed() < LONG || !ours {
            return;
        }
        let endpoint = eyes.socket(socket);
        let facts = endpoint.as_ref().map(|endpoint| eyes.facts(endpoint));
        let moved = self.moved(eyes, name, facts.as_ref(), before.get(&socket));
        let width = size(&std::io::stdout()).map_or(80, |(_, columns)| columns).saturating_sub(1);
        let text = self.text(name, since.elapsed(), facts.as_ref(), moved, width);
        let text = paint(text, colour::FAINT, can_colour(&std::io::stdout()));
        stand_by(move || {
            // What is typed meanwhile would be shown within it; the next prompt shows it.
            echo(false);
            put(&on_line(&text));
            Box::new(|| {
                put(ERASE_LINE);
                echo(true);
            })
        });
    }

    /// The bytes of the transfer so far and in all, where it is one.
    fn moved(
        &mut self,
        eyes: &Eyes,
        name: &str,
        facts: Option<&SocketFacts>,
        before: Option<&SocketFacts>,
    ) -> Option<(u64, u64)> {
        let transfer = eyes.transfer();
        let (mut done, total) = (transfer.done.load(Relaxed), transfer.total.load(Relaxed));
        let pair = |facts: Option<&SocketFacts>| facts.and_then(|facts| facts.moved);
        if let (Some(now), Some(then)) = (pair(facts), pair(before)) {
            let by_kernel = if name.starts_with("send") {
                now.0.saturating_sub(then.0)
            } else {
                now.1.saturating_sub(then.1)
            };
            done = done.max(if total > 0 { by_kernel.min(total) } else { by_kernel });
        }
        if done == 0 {
            return None;
        }
        if let Some((old, at)) = self.moved {
            let seconds = at.elapsed().as_secs_f64().max(0.001);
            let rate = done.saturating_sub(old) as f64 / seconds;
            self.rate = if self.rate > 0.0 { self.rate * 0.6 + rate * 0.4 } else { rate };
        }
        self.moved = Some((done, Instant::now()));
        Some((done, total))
    }

    /// `accept on srv 127.0.0.1:8998, 4 s; Ctrl-C ends it`, or as much of it as there is room for.
    fn text(
        &self,
        name: &str,
        waited: Duration,
        facts: Option<&SocketFacts>,
        moved: Option<(u64, u64)>,
        width: usize,
    ) -> String {
        let call = match name {
            "accept4" => "accept",
            "nanosleep" => "sleep",
            "waitid" => "wait",
            other => other,
        };
        let seconds = waited.as_secs();
        let on = facts.map(|facts| match (&facts.peer, &facts.local) {
            (Some(peer), _) => format!("{} → {peer}", facts.name),
            (None, Some(local)) => format!("{} {local}", facts.name),
            (None, None) => facts.name.clone(),
        });
        let what = match on {
            Some(on) => say!(en "{call} on {on}", es "{call} en {on}", call, on).show(self.lang),
            None => call.to_string(),
        };
        let far = moved.map_or(String::new(), |(done, total)| format!(", {}", self.far(done, total)));
        let text = format!("{what}{far}, {seconds} s");
        let whole = say!(en "{text}; Ctrl-C ends it", es "{text}; Ctrl-C lo termina", text).show(self.lang);
        if whole.width() <= width { whole } else { cut(&text, width) }
    }

    /// `12.0 MiB of 100.0 MiB, 4.0 MiB/s, 22 s left`
    fn far(&self, done: u64, total: u64) -> String {
        let mut out = bytes(done as f64);
        if total > 0 {
            let of = bytes(total as f64);
            out = say!(en "{out} of {of}", es "{out} de {of}", out, of).show(self.lang);
        }
        if self.rate > 0.0 {
            out.push_str(&format!(", {}/s", bytes(self.rate)));
            if total > done {
                let left = ((total - done) as f64 / self.rate).ceil() as u64;
                let left = say!(en "{left} s left", es "faltan {left} s", left).show(self.lang);
                out.push_str(&format!(", {left}"));
            }
        }
        out
    }
}

/// `12.3 MiB`
fn bytes(n: f64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut n = n;
    let mut unit = 0;
    while n >= 1024.0 && unit + 1 < UNITS.len() {
        n /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{n:.0} B") } else { format!("{n:.1} {}", UNITS[unit]) }
}

/// Straight to the terminal: it is no output of the session.
fn put(text: &str) {
    let mut stdout = std::io::stdout();
    let _ = stdout.write_all(text.as_bytes());
    let _ = stdout.flush();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::gate::main_gate;

    #[test]
    fn a_wait_is_told_with_its_socket_and_how_far_it_is() {
        let mut busy = Busy::new(main_gate(), Lang::EN);
        let local = Some(crate::value::Address::Inet("127.0.0.1:8998".parse().unwrap()));
        let facts = SocketFacts { name: "srv".into(), local, ..SocketFacts::default() };
        let text = busy.text("accept4", Duration::from_secs(4), Some(&facts), None, 80);
        assert_eq!(text, "accept on srv 127.0.0.1:8998, 4 s; Ctrl-C ends it");
        let text = busy.text("accept4", Duration::from_secs(4), Some(&facts), None, 39);
        assert_eq!(text, "accept on srv 127.0.0.1:8998, 4 s");
        let text = busy.text("accept4", Duration::from_secs(4), Some(&facts), None, 20);
        assert_eq!(text, "accept on srv 127.0…");
        busy.rate = 4.0 * 1024.0 * 1024.0;
        let text = busy.text("sendfile", Duration::from_secs(9), None, Some((12 << 20, 100 << 20)), 80);
        assert_eq!(text, "sendfile, 12.0 MiB of 100.0 MiB, 4.0 MiB/s, 22 s left, 9 s; Ctrl-C ends it");
        assert_eq!(bytes(999.0), "999 B");
    }
}
