//! `talk [SOCKET]`: the terminal becomes the connection. The bytes of both directions are numbered as lines, so that
//! `save` makes a test of them.

use std::io::{self, BufRead};
use std::os::fd::{AsFd, AsRawFd};
use std::sync::{Arc, Mutex, PoisonError};

use anstyle::Style;
use nix::sys::termios::{
    InputFlags, LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr,
};
use unicode_width::UnicodeWidthStr;

use super::log::{Entry, Script};
use super::{Ended, Prompt, log, name};
use crate::driver::terminal::{ERASE_LINE, colour as can_colour, is_capable, left, size};
use crate::engine::{Event, Runner, Watch};
use crate::net::gate::{Gate, Stop};
use crate::net::kernel;
use crate::net::look::Look;
use crate::render::colour::{self, paint};
use crate::render::{hexdump, outcome::out};
use crate::session::Session;
use crate::text::literal;
use crate::text::tree::Answer;
use crate::value::outcome::{Fact, Halt, Outcome};
use crate::value::socket::Endpoint;
use crate::value::{Bytes, Value};

/// How a conversation is to be held.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// What comes is shown in hex; Ctrl-X changes it.
    pub hex: bool,
    /// Lines end in CR LF.
    pub crlf: bool,
}

/// So much is received at once.
const ROOM: usize = 64 << 10;

/// What is happening at the two ends.
enum News {
    Typed(Vec<u8>),
    Came,
    Over,
}

/// The watcher of one line: what it gave.
#[derive(Default)]
struct Gave(Mutex<Option<Value>>);

impl Watch for Gave {
    fn wants(&self, _: &Session, _: Option<&Answer>) -> bool {
        true
    }

    fn done(&self, _: &mut Session, event: &Event<'_>) -> Result<(), Box<Halt>> {
        if let Ok(outcome) = event.result {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome.value.clone());
        }
        Ok(())
    }

    fn flush(&self, _: &Gate) {}
}

/// The terminal without its line editing, and with it again when this is dropped.
struct Raw(Option<Termios>);

impl Raw {
    fn new(wanted: bool) -> Raw {
        let stdin = io::stdin();
        let Some(before) = tcgetattr(stdin.as_fd()).ok().filter(|_| wanted) else { return Raw(None) };
        let mut raw = before.clone();
        // The keys that are signals stay so: Ctrl-C has to end a send that waits.
        raw.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::IEXTEN);
        raw.input_flags.remove(InputFlags::ICRNL | InputFlags::IXON);
        raw.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
        raw.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
        match tcsetattr(stdin.as_fd(), SetArg::TCSADRAIN, &raw) {
            Ok(()) => Raw(Some(before)),
            Err(_) => Raw(None),
        }
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(io::stdin().as_fd(), SetArg::TCSADRAIN, before);
        }
    }
}

/// The line that is being typed.
#[derive(Default)]
struct Typed {
    line: Vec<char>,
    at: usize,
    /// Bytes of a character or of a key that is not whole yet.
    part: Vec<u8>,
}

/// What a key does beside changing the line.
#[derive(Debug, PartialEq, Eq)]
enum Key {
    Send(String),
    Hex,
    Leave,
}

impl Typed {
    /// Takes a byte; a key that does more comes back.
    fn take(&mut self, byte: u8) -> Option<Key> {
        self.part.push(byte);
        match self.part.as_slice() {
            [b'\x1b'] | [b'\x1b', b'[' | b'O'] => return None,
            [b'\x1b', b'[', .., last] if !(0x40..=0x7e).contains(last) => return None,
            [b'\x1b', b'[' | b'O', .., last] => {
                match (last, self.part.get(2)) {
                    (b'D', _) => self.at = self.at.saturating_sub(1),
                    (b'C', _) => self.at = (self.at + 1).min(self.line.len()),
                    (b'H', _) | (b'~', Some(b'1' | b'7')) => self.at = 0,
                    (b'F', _) | (b'~', Some(b'4' | b'8')) => self.at = self.line.len(),
                    (b'~', Some(b'3')) if self.at < self.line.len() => drop(self.line.remove(self.at)),
                    _ => {}
                }
                self.part.clear();
                return None;
            }
            [b'\x1b', ..] => {
                self.part.clear();
                return None;
            }
            _ => {}
        }
        let text = match std::str::from_utf8(&self.part) {
            Ok(text) => text.to_string(),
            // The rest of the character is on its way.
            Err(e) if e.error_len().is_none() => return None,
            Err(_) => "\u{fffd}".to_string(),
        };
        self.part.clear();
        text.chars().find_map(|c| self.key(c))
    }

    fn key(&mut self, c: char) -> Option<Key> {
        match c {
            '\r' | '\n' => {
                self.at = 0;
                return Some(Key::Send(self.line.drain(..).collect()));
            }
            '\x18' => return Some(Key::Hex),
            '\x1d' => return Some(Key::Leave),
            '\x04' if self.line.is_empty() => return Some(Key::Leave),
            '\x04' if self.at < self.line.len() => drop(self.line.remove(self.at)),
            '\x7f' | '\x08' if self.at > 0 => {
                self.at -= 1;
                self.line.remove(self.at);
            }
            '\x01' => self.at = 0,
            '\x05' => self.at = self.line.len(),
            '\x02' => self.at = self.at.saturating_sub(1),
            '\x06' => self.at = (self.at + 1).min(self.line.len()),
            '\x0b' => self.line.truncate(self.at),
            '\x15' => drop(self.line.drain(..std::mem::take(&mut self.at))),
            '\x17' => {
                let before = &self.line[..self.at];
                let word = before.iter().rposition(|c| *c != ' ').map_or(0, |n| n + 1);
                let from = before[..word].iter().rposition(|c| *c == ' ').map_or(0, |n| n + 1);
                self.line.drain(from..self.at);
                self.at = from;
            }
            c if c.is_control() && c != '\t' => {}
            c => {
                self.line.insert(self.at, c);
                self.at += 1;
            }
        }
        None
    }

    /// The part of the line that fits into so many columns, and how far from its end the cursor is.
    fn shown(&self, columns: usize) -> (String, usize) {
        let width = |chars: &[char]| -> usize {
            chars.iter().map(|c| literal::visible(&c.to_string()).width()).sum()
        };
        let mut from = 0;
        while from < self.at && width(&self.line[from..self.at]) >= columns {
            from += 1;
        }
        let mut to = self.line.len();
        while to > self.at && width(&self.line[from..to]) >= columns {
            to -= 1;
        }
        let text: String = self.line[from..to].iter().collect();
        (literal::visible(&text), width(&self.line[self.at..to]))
    }
}

/// A conversation.
struct Talk {
    socket: Arc<Endpoint>,
    /// What the socket is called in the lines.
    called: String,
    manner: Manner,
    typed: Typed,
    /// The terminal obeys control sequences.
    capable: bool,
    colour: bool,
    /// What has come since something was sent.
    heard: Vec<u8>,
}

/// What was sent, and what has come.
const SENT: Style = colour::COMMAND;
const CAME: Style = colour::GOOD;

impl Prompt<'_> {
    /// Hands the terminal to a connection, until a key gives it back or the connection ends.
    pub(super) fn talk(&mut self, named: Option<&str>, manner: Manner) -> Ended {
        let found = match named {
            Some(named) => {
                self.session.open_sockets().into_iter().find(|s| *s.name() == *named).or_else(|| {
                    let (_, value) = self.session.named().into_iter().find(|(known, _)| **known == *named)?;
                    if let Value::Socket(socket) = value { Some(socket) } else { None }
                })
            }
            None => self.session.current(),
        };
        let Some(socket) = found.filter(|socket| socket.is_open()) else {
            self.refuse_with(match named {
                Some(named) => {
                    say!(en "there is no open socket `{named}`", es "no hay un socket abierto `{named}`", named)
                }
                None => say!(en "there is no current socket", es "no hay un socket actual"),
            });
            return Ended::Failed;
        };
        let called = socket.name().to_string();
        if Look::new(&self.session.caller, &socket).peer().is_err() {
            self.refuse_with(say!(
                en "`{called}` is not connected, so there is no one to talk to",
                es "`{called}` no está conectado, así que no hay con quién hablar",
                called
            ));
            return Ended::Failed;
        }
        let capable = is_capable(&io::stdout());
        let colour = can_colour(&io::stdout());
        let about = match capable {
            true => say!(
                en "{called}: Enter sends the line; Ctrl-X shows hex; Ctrl-C, Ctrl-D or Ctrl-] leaves",
                es "{called}: `Enter` envía la línea; Ctrl-X muestra hexadecimal; Ctrl-C, Ctrl-D o Ctrl-] sale",
                called
            ),
            false => say!(
                en "{called}: Enter sends the line; Ctrl-C or Ctrl-D leaves",
                es "{called}: `Enter` envía la línea; Ctrl-C o Ctrl-D sale",
                called
            ),
        };
        // Before it is told how to leave: a key that follows is a key, and no end of a line.
        let raw = Raw::new(capable);
        self.tell(about);
        let first = self.number;
        let mut talk =
            Talk { socket, called, manner, typed: Typed::default(), capable, colour, heard: Vec::new() };
        let ended = self.converse_with(&mut talk);
        // What follows is written also after a Ctrl-C.
        self.session.caller.gate.reset();
        self.heard(&mut talk);
        if talk.capable {
            self.output().control(&self.session.caller.gate, ERASE_LINE);
        }
        drop(raw);
        let ended = match ended {
            Ok(()) => Ended::Well,
            Err(mut halt) => match *halt {
                Halt::Signal { number: libc::SIGINT, .. } => Ended::Well,
                _ => self.halted(&mut halt),
            },
        };
        if self.number > first {
            let last = self.number - 1;
            let lines = if first == last { format!("In [{first}]") } else { format!("In [{first}-{last}]") };
            self.tell(say!(
                en "said: {lines}; `save FILE` makes a test of it",
                es "lo dicho: {lines}; `save FILE` lo hace una prueba",
                lines
            ));
        }
        ended
    }

    fn converse_with(&mut self, talk: &mut Talk) -> Result<(), Box<Halt>> {
        loop {
            self.draw_typed(talk);
            match self.news(talk)? {
                News::Over => return Ok(()),
                News::Came => {
                    if !self.hear(talk)? {
                        return Ok(());
                    }
                }
                News::Typed(bytes) if bytes.is_empty() => return Ok(()),
                News::Typed(bytes) if !talk.capable => {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    self.speak(talk, text.trim_end_matches(['\n', '\r']))?;
                }
                News::Typed(bytes) => {
                    for byte in bytes {
                        match talk.typed.take(byte) {
                            None => {}
                            Some(Key::Leave) => return Ok(()),
                            Some(Key::Hex) => talk.manner.hex = !talk.manner.hex,
                            Some(Key::Send(line)) => {
                                self.above(
                                    talk,
                                    &[paint(format!("→ {}", literal::visible(&line)), SENT, talk.colour)],
                                );
                                self.speak(talk, &line)?;
                            }
                        }
                    }
                }
            }
        }
    }

    /// Waits for either end.
    fn news(&mut self, talk: &Talk) -> Result<News, Box<Halt>> {
        let Ok(open) = talk.socket.open() else { return Ok(News::Over) };
        let fd = open.socket().as_raw_fd();
        let gate = self.session.caller.gate.clone();
        let mut fds = [
            libc::pollfd { fd: io::stdin().as_raw_fd(), events: libc::POLLIN, revents: 0 },
            libc::pollfd { fd, events: libc::POLLIN, revents: 0 },
        ];
        let stopped = |prompt: &Prompt<'_>, stop: Stop| prompt.session.caller.halt("poll", stop, None, None);
        gate.blocking(None, "poll", talk.socket.id, || kernel::poll(&mut fds, -1))
            .map_err(|stop| stopped(self, stop))?;
        drop(open);
        // What has come is shown before the answer to it.
        if fds[1].revents != 0 {
            return Ok(News::Came);
        }
        if fds[0].revents == 0 {
            return Ok(News::Typed(Vec::new()));
        }
        let mut stdin = io::stdin().lock();
        let typed = gate.blocking(None, "read", 0, || stdin.fill_buf().map(<[u8]>::to_vec));
        let typed = typed.map_err(|stop| stopped(self, stop))?;
        stdin.consume(typed.len());
        Ok(News::Typed(typed))
    }

    /// Takes what has come and shows it; false: the peer has ended.
    fn hear(&mut self, talk: &mut Talk) -> Result<bool, Box<Halt>> {
        let line = format!("{}.recv {ROOM}", talk.called);
        let Some(Value::Bytes(bytes)) = self.quietly(&line)? else { return Ok(false) };
        let messages = !talk.socket.is_stream();
        if bytes.is_empty() && !messages {
            self.heard(talk);
            let line = format!("{}.recv", talk.called);
            self.said(&line, bytes, Fact::Received { end: true, whole: None, peeked: false, unsure: false });
            let end = phrase!(en "the peer sends no more", es "el otro extremo no envía más");
            let end = paint(end.show(self.lang()), colour::FAINT, talk.colour);
            self.above(talk, &[end]);
            return Ok(false);
        }
        let text = match talk.manner.hex {
            true => hexdump::dump(&bytes),
            false => literal::visible(&literal::text(&bytes).replace("\r\n", "\n")),
        };
        let lines: Vec<String> =
            text.lines().map(|line| paint(format!("← {line}"), CAME, talk.colour)).collect();
        self.above(talk, &lines);
        if messages {
            let line = format!("{}.recv {ROOM}", talk.called);
            self.said(&line, bytes, Fact::Value);
        } else {
            talk.heard.extend_from_slice(&bytes);
        }
        Ok(true)
    }

    /// Sends a line.
    fn speak(&mut self, talk: &mut Talk, line: &str) -> Result<(), Box<Halt>> {
        self.heard(talk);
        let end = if talk.manner.crlf { "\r\n" } else { "\n" };
        let command = format!("{}.sendall {}", talk.called, literal::show(format!("{line}{end}").as_bytes()));
        self.quietly(&command)?;
        self.said(&command, Bytes::default(), Fact::Nothing);
        Ok(())
    }

    /// What has come since the last line was sent, as the line that receives it.
    fn heard(&mut self, talk: &mut Talk) {
        let bytes = std::mem::take(&mut talk.heard);
        if !bytes.is_empty() {
            let line = format!("{}.recvexact {}", talk.called, bytes.len());
            self.said(&line, Arc::new(bytes.into()), Fact::Value);
        }
    }

    /// Runs a line of which nothing is shown; what it gave.
    fn quietly(&mut self, line: &str) -> Result<Option<Value>, Box<Halt>> {
        let Some(program) = self.compile(&name(self.number), line) else { return Ok(None) };
        let gave = Arc::new(Gave::default());
        Runner::new(&mut self.session, program.functions.clone(), gave.clone()).run(&program.body)?;
        Ok(gave.0.lock().unwrap_or_else(PoisonError::into_inner).take())
    }

    /// Enters a line with what it gave, as if it had been typed.
    fn said(&mut self, line: &str, bytes: Bytes, fact: Fact) {
        let number = self.number;
        self.number += 1;
        let shown = log::Shown::default();
        if !matches!(fact, Fact::Nothing) {
            let value = Value::Bytes(bytes);
            let outcome = Outcome { value: value.clone(), second: Value::Nothing, fact };
            let (format, lang) = (self.session.settings.format, self.lang());
            if let Some(text) = out(&outcome, &value, None, format, lang) {
                shown.lock().unwrap_or_else(PoisonError::into_inner).add(&text);
            }
            self.session.remember_as(number, (value, Value::Nothing));
        }
        let script = Some(Script::Text(line.to_string()));
        self.log.push(Entry {
            number,
            text: line.to_string(),
            worked: true,
            shown,
            script,
            ..Entry::default()
        });
    }

    /// Shows lines above the one that is typed.
    fn above(&self, talk: &Talk, lines: &[String]) {
        let gate = &self.session.caller.gate;
        let mut output = self.output();
        if talk.capable {
            output.control(gate, ERASE_LINE);
        }
        for line in lines {
            // Where there is colour it is a terminal, and what came is visible already.
            if talk.colour {
                output.control(gate, line);
                let _ = output.text(gate, "\n");
            } else {
                let _ = output.line(gate, line);
            }
        }
        output.flush(gate);
    }

    /// Draws the line that is typed.
    fn draw_typed(&self, talk: &Talk) {
        if !talk.capable {
            return;
        }
        let (_, columns) = size(&io::stdout()).unwrap_or((24, 80));
        let head = format!("{} {} ", talk.called, if talk.manner.hex { "⇄" } else { "→" });
        let (line, back) = talk.typed.shown(columns.saturating_sub(head.width() + 1).max(4));
        let head = paint(head, colour::PROMPT, talk.colour);
        let back = left(back);
        self.output().control(&self.session.caller.gate, &format!("{ERASE_LINE}{head}{line}{back}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[u8]) -> (Vec<Key>, String, usize) {
        let mut typed = Typed::default();
        let keys = keys.iter().filter_map(|byte| typed.take(*byte)).collect();
        (keys, typed.line.iter().collect(), typed.at)
    }

    #[test]
    fn keys_edit_the_line() {
        let line = |keys: &str| typed(keys.as_bytes()).1;
        for (keys, want) in [
            ("hola", "hola"),
            ("hola\x7f\x7f", "ho"),
            ("año\x1b[D\x1b[Dñ", "añño"),
            ("uno dos\x17tres", "uno tres"),
            ("uno\x15dos", "dos"),
            ("uno\x01\x1b[3~", "no"),
            ("uno\x1b[1;5Cx", "unox"),
            ("uno\x1bOHx", "xuno"),
            ("a\x07b", "ab"),
        ] {
            assert_eq!(line(keys), want, "{keys:?}");
        }
        assert_eq!(typed(b"hola\r").0, [Key::Send("hola".into())]);
        assert_eq!(typed(b"\x18\x04").0, [Key::Hex, Key::Leave]);
        assert_eq!(typed(b"x\x04").0, []);
        assert_eq!(typed(b"\x1d").0, [Key::Leave]);
        assert_eq!(typed(b"\xff").1, "\u{fffd}");
    }

    #[test]
    fn a_long_line_shows_its_cursor() {
        let mut long = Typed::default();
        (0..30).for_each(|n| drop(long.take(b'a' + n % 26)));
        assert_eq!(long.shown(10), ("vwxyzabcd".to_string(), 0));
        long.at = 0;
        assert_eq!(long.shown(10), ("abcdefghi".to_string(), 9));
    }
}
