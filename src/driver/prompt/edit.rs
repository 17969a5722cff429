//! `edit [N]`: a statement in the user's editor, and then run.

use std::fs;
use std::io::Write as _;
use std::os::fd::AsFd;
use std::process::{Command, ExitStatus};

use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{SetArg, tcgetattr, tcsetattr};
use nix::unistd::Pid;

use super::{Ended, Prompt};
use crate::driver::files;
use crate::net::gate::{Stop, main_gate};

/// `$VISUAL`, else `$EDITOR`, else vi, with its arguments.
fn editor() -> Vec<String> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let line = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".into());
    shlex::split(&line).filter(|words| !words.is_empty()).unwrap_or(vec![line])
}

impl Prompt<'_> {
    /// Opens the text of a line, or an empty one, in the editor; what comes back is run, unless it is the same.
    pub(super) fn edit(&mut self, number: Option<u32>) -> Ended {
        let text = match self.log.text(number) {
            Some(text) => text,
            None if number.is_none() => String::new(),
            None => {
                self.refuse_with(say!(
                    en "there is no such line; `history` lists them",
                    es "no existe esa línea; `history` las muestra"
                ));
                return Ended::Failed;
            }
        };
        if self.options.policy.as_ref().is_some_and(|policy| policy.holds_programs()) {
            self.refuse_with(say!(
                en "an editor is a program, and none may be started here",
                es "un editor es un programa, y aquí no se puede iniciar ninguno"
            ));
            return Ended::Failed;
        }
        let words = editor();
        let shown = words.join(" ");
        let edited = match self.edited(&words, &text) {
            Ok((status, edited)) if status.success() => edited,
            Ok(_) => {
                self.refuse_with(say!(
                    en "`{shown}` ended with a failure, so nothing was run",
                    es "`{shown}` terminó con una falla, así que no se ejecutó nada",
                    shown
                ));
                return Ended::Failed;
            }
            Err(e) => {
                self.refuse_with(say!(
                    en "`{shown}`: {why}; VISUAL or EDITOR names the editor",
                    es "`{shown}`: {why}; VISUAL o EDITOR nombran el editor",
                    shown,
                    why = files::io_words(&e)
                ));
                return Ended::Failed;
            }
        };
        let edited = match files::utf8(edited, "edit") {
            Ok(edited) => edited.trim_end().to_string(),
            Err(why) => {
                self.refuse_with(why);
                return Ended::Failed;
            }
        };
        if edited.trim().is_empty() || edited == text.trim_end() {
            self.tell(phrase!(en "nothing was changed, so nothing was run", es "no hubo cambios, así que no se ejecutó nada"));
            return Ended::Well;
        }
        self.announce_and_run(&edited)
    }

    /// Gives the terminal to the editor, and takes it back as it was.
    fn edited(&mut self, words: &[String], text: &str) -> std::io::Result<(ExitStatus, Vec<u8>)> {
        let mut file = tempfile::Builder::new().prefix("sockbook").suffix(".sock").tempfile()?;
        file.write_all(text.as_bytes())?;
        if !text.is_empty() && !text.ends_with('\n') {
            file.write_all(b"\n")?;
        }
        self.output().flush(&self.session.caller.gate);
        let stdin = std::io::stdin();
        let before = tcgetattr(stdin.as_fd()).ok();
        let (program, arguments) = words.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
        let mut child = Command::new(program).args(arguments).arg(file.path()).spawn()?;
        // A Ctrl-C that came before it was there to hear it.
        if let Some(Stop::Signal(libc::SIGINT)) = self.session.caller.gate.stopped()
            && let Ok(pid) = i32::try_from(child.id())
        {
            let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
        }
        let status = loop {
            match child.wait() {
                // A Ctrl-C is the editor's; here it has only been heard too.
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        if let Some(before) = before {
            let _ = tcsetattr(stdin.as_fd(), SetArg::TCSADRAIN, &before);
        }
        main_gate().reset();
        // Many editors write a new file in place of the old one.
        Ok((status?, fs::read(file.path())?))
    }
}
