//! What the user keeps for every session, in the configuration folder: `settings.sock`, which `set --keep` writes, and
//! `init.sock`, whose `def`s are the user's commands.

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::log::{Entry, Script};
use super::{Ended, Prompt};
use crate::command::session::kept_settings;
use crate::driver::files;
use crate::driver::terminal;
use crate::text::diagnostic::Span;
use crate::text::literal;

/// The user's folder for configuration, if there is one.
fn folder() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let all = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))?;
    Some(all.join("sockbook"))
}

/// The script that runs at the start.
pub fn init() -> Option<PathBuf> {
    Some(folder()?.join("init.sock"))
}

fn settings() -> Option<PathBuf> {
    Some(folder()?.join("settings.sock"))
}

impl Prompt<'_> {
    /// Takes over the settings that were kept. What the command line says wins.
    pub(super) fn load_settings(&mut self) {
        if self.options.no_init {
            return;
        }
        let Some(path) = settings() else { return };
        self.run_own(&path);
        let (options, settings) = (self.options, &mut self.session.settings);
        settings.timeout = options.timeout.or(settings.timeout);
        settings.echo |= options.echo;
        if options.lang_given {
            settings.lang = options.lang;
        }
        if options.trace {
            self.session.set_trace(true);
        }
    }

    /// Runs `init.sock`. Whatever is wrong with it is told, and the prompt opens.
    pub(super) fn run_init(&mut self) {
        if self.options.no_init {
            return;
        }
        let Some(path) = init() else { return };
        if !self.run_own(&path) {
            return;
        }
        // A saved session that uses what it defines begins with it.
        self.log.push(Entry { script: Some(Script::Init(path)), ..Entry::default() });
    }

    /// Runs a script of the user's own, if it is there; did it end well?
    fn run_own(&mut self, path: &Path) -> bool {
        let name = path.to_string_lossy().into_owned();
        let text = match files::read_if_there(path) {
            Ok(Some(text)) => text,
            Ok(None) => return false,
            Err(why) => {
                self.refuse_with(why);
                return false;
            }
        };
        let program = self.compile(&name, &text);
        let read = program.is_some();
        let ended = program.map_or(Ended::Failed, |program| self.execute(&program, Span::default(), 0));
        if ended != Ended::Failed {
            return true;
        }
        let name = literal::one_line(&name);
        let open = if read {
            say!(
                en "{name} ended there; the prompt opens all the same (`sockbook --no-init` opens it without)",
                es "{name} terminó ahí; el prompt se abre de todos modos (`sockbook --no-init` lo abre sin él)",
                name
            )
        } else {
            say!(
                en "nothing of {name} was run; the prompt opens all the same (`sockbook --no-init` opens it without)",
                es "no se ejecutó nada de {name}; el prompt se abre de todos modos (`sockbook --no-init` lo abre sin él)",
                name
            )
        };
        self.complain(open.show(self.lang()));
        false
    }

    /// `set --keep`
    pub(super) fn keep_settings(&mut self) -> Ended {
        let Some(path) = settings() else {
            self.refuse_with(say!(
                en "there is no folder for it: HOME and XDG_CONFIG_HOME are not set",
                es "no hay carpeta para guardarlos: HOME y XDG_CONFIG_HOME no están definidas"
            ));
            return Ended::Failed;
        };
        let head = phrase!(
            en "Written by `set --keep`; read when the prompt opens, before init.sock.",
            es "Escrito por `set --keep`; se lee al abrir el prompt, antes de init.sock."
        );
        let mut text = format!("# {}\n", head.show(self.lang()));
        for line in kept_settings(&self.session.settings, terminal::lang(None)) {
            text.push_str(&line);
            text.push('\n');
        }
        let shown = literal::one_line(&path.to_string_lossy());
        match make_folder(&path).and_then(|()| files::write(&path, &text)) {
            Ok(()) => {
                let kept = say!(en "kept in {shown}", es "guardados en {shown}", shown);
                self.tell(kept);
                Ended::Well
            }
            Err(e) => {
                self.refuse_with(files::cannot_write(&shown, &e));
                Ended::Failed
            }
        }
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder),
        None => Ok(()),
    }
}
