//! The terminal around the line editor: Ctrl-Z and Ctrl-\ while it edits, and the redraw after `fg`.
//!
//! The editor leaves the terminal's signal keys on, so that a Ctrl-C is a signal at every moment and
//! none is lost between two lines. Ctrl-Z and Ctrl-\ are signals then, too.

use std::os::fd::AsFd;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc;

use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use rustyline::ExternalPrinter;

use crate::driver::output::clear_the_way;
use crate::driver::terminal::NO_LINE;
use crate::net::gate;

/// The terminal as the shell left it.
static COOKED: OnceLock<libc::termios> = OnceLock::new();

/// Gives the shell a terminal it can use, stops, and comes back to the line as it was.
///
/// Every call here is async-signal-safe: the library's wrappers add nothing to them.
extern "C" fn on_stop(_: i32) {
    let saved = Errno::last_raw();
    let stdin = std::io::stdin();
    let now = tcgetattr(stdin.as_fd()).ok();
    if let (Some(_), Some(cooked)) = (&now, COOKED.get()) {
        let _ = tcsetattr(stdin.as_fd(), SetArg::TCSADRAIN, &Termios::from(*cooked));
    }
    gate::stop_as_by_default(on_stop);
    if let Some(now) = &now {
        let _ = tcsetattr(stdin.as_fd(), SetArg::TCSADRAIN, now);
        if edits(now) {
            gate::ask_redraw();
        }
    }
    Errno::set_raw(saved);
}

/// Ctrl-\ would end the session, sockets and all. It empties the terminal's input and output, as Ctrl-Z
/// does, so it is followed by a redraw as well.
extern "C" fn on_quit(_: i32) {
    let saved = Errno::last_raw();
    if tcgetattr(std::io::stdin().as_fd()).is_ok_and(|now| edits(&now)) {
        gate::ask_redraw();
    }
    Errno::set_raw(saved);
}

/// Is the terminal the editor's, and not a call's?
fn edits(now: &Termios) -> bool {
    !now.local_flags.contains(LocalFlags::ICANON)
}

/// Does the terminal show what is typed while the editor has it not? Where the shell left it so, it never does.
pub fn echo(on: bool) {
    let stdin = std::io::stdin();
    let usual = COOKED.get().is_some_and(|cooked| cooked.c_lflag & libc::ECHO != 0);
    if let Ok(mut now) = tcgetattr(stdin.as_fd()) {
        now.local_flags.set(LocalFlags::ECHO, on && usual);
        let _ = tcsetattr(stdin.as_fd(), SetArg::TCSANOW, &now);
    }
}

/// Lines that are shown above the one being typed.
pub type Announcer = mpsc::Sender<String>;

/// A line is being edited. What only redraws it is nothing to a terminal without one.
pub static EDITING: AtomicBool = AtomicBool::new(false);

/// Puts the handlers in. The printer shows lines, and [`NO_LINE`] redraws, on a thread of its own:
/// it may have to wait for the editor, and nothing else may wait for it.
pub fn take_care(mut printer: impl ExternalPrinter + Send + 'static) -> Option<Announcer> {
    if let Ok(now) = tcgetattr(std::io::stdin().as_fd()) {
        let _ = COOKED.set(now.into());
    }
    gate::on_signal_restarting(Signal::SIGTSTP, on_stop);
    gate::on_signal_restarting(Signal::SIGQUIT, on_quit);
    let (say, said) = mpsc::channel::<String>();
    let thread = std::thread::Builder::new().name("printer".into()).stack_size(128 << 10);
    let started = thread.spawn(move || {
        gate::block_main_signals();
        while let Ok(text) = said.recv() {
            if text == NO_LINE && !EDITING.load(SeqCst) {
                continue;
            }
            clear_the_way();
            if printer.print(text).is_err() {
                break;
            }
        }
    });
    started.ok()?;
    let redraw = say.clone();
    if gate::start_kicker().is_ok() {
        gate::set_redraw(Box::new(move || {
            let _ = redraw.send(NO_LINE.into());
        }));
    }
    Some(say)
}
