//! What a run may reach, as the command line says it: `--allow-net` and the like, `--sandbox` and `--isolate`.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::failure::failure;
use super::output::complain;
use crate::net::capture::Capture;
use crate::net::enclosure::{Beside, Enclosure, Layers};
use crate::net::kernel::THREAD_STACK;
use crate::net::namespace::{self, Network};
use crate::net::policy::{Policy, Rules};
use crate::text::parse::name_problem;
use crate::text::secrets::{SHORTEST, keep};
use crate::words::{Lang, Noun, Sentence, counted};

/// The options of `run` and `test`.
#[derive(Args, Clone, Default)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub struct Held {
    /// The network is only this: a name, an address, a CIDR, `loopback`, a Unix path; may be given several times
    #[arg(long, value_name = "HOST[:PORT]")]
    allow_net: Vec<String>,
    /// Files are read only below this folder, and the temporary one; may be given several times
    #[arg(long, value_name = "DIR")]
    allow_read: Vec<PathBuf>,
    /// Files are written only below this folder, and the temporary one; may be given several times
    #[arg(long, value_name = "DIR")]
    allow_write: Vec<PathBuf>,
    /// No programs; one that may be started is held by none of these options
    #[arg(long)]
    no_process: bool,
    /// Loopback, the temporary folder, no programs: held by the checks, by the kernel, or by both [default: what there is]
    #[arg(long, value_name = "BY", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "auto",
        hide_possible_values = true)]
    sandbox: Option<By>,
    /// A network of its own for each script, with nothing in it but loopback; scripts below one fixture share one
    #[arg(long)]
    pub isolate: bool,
    /// A name with a value that is never shown; without VALUE it is the environment's of that name
    #[arg(long = "secret", value_name = "NAME[=VALUE]")]
    secrets: Vec<String>,
}

/// What the command line begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    /// One script.
    Script,
    /// The prompt, which needs files of its own.
    Prompt,
    /// Scripts side by side.
    Tests,
}

impl Begins {
    /// A script, behind which the prompt may open.
    pub fn of(interactive: bool) -> Begins {
        if interactive { Begins::Prompt } else { Begins::Script }
    }
}

/// Who holds a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// The checks, and the kernel where it can.
    #[value(hide = true)]
    Auto,
    /// The checks of this program alone.
    Checks,
    /// The kernel alone.
    Kernel,
    /// Both, or nothing is run.
    Both,
}

impl Held {
    /// The secrets, which are hidden from here on, as names and values.
    pub fn secrets(&self) -> Result<Vec<(String, String)>> {
        let mut all = Vec::new();
        for text in &self.secrets {
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name.to_string(), value.to_string()),
                None => {
                    let missing = || {
                        failure(say!(
                            en "`--secret {text}`: the environment has no `{text}` that is text; write `--secret NAME=VALUE`, or set it",
                            es "`--secret {text}`: el entorno no tiene un `{text}` que sea texto; escribe `--secret NAME=VALUE`, o defínelo",
                            text
                        ))
                    };
                    (text.clone(), std::env::var(text).map_err(|_| missing())?)
                }
            };
            if let Some(problem) = name_problem(&name, Default::default()) {
                return Err(failure(problem.message));
            }
            if value.len() < SHORTEST {
                let least = counted(SHORTEST, Noun::Byte);
                return Err(failure(say!(
                    en "the secret `{name}` is too short to be hidden: it needs {least}",
                    es "el secreto `{name}` es demasiado corto para ocultarlo: necesita {least}",
                    name,
                    least
                )));
            }
            all.push((name, value));
        }
        if !all.is_empty() {
            keep(&all).map_err(|name| {
                failure(say!(
                    en "the secret `{name}` is too long to be hidden",
                    es "el secreto `{name}` es demasiado largo para ocultarlo",
                    name
                ))
            })?;
        }
        Ok(all)
    }

    /// The policy that the sessions of this run are held to.
    pub fn policy(&self) -> Result<Option<Arc<Policy>>> {
        let rules = Rules {
            net: self.allow_net.clone(),
            read: self.allow_read.clone(),
            write: self.allow_write.clone(),
            no_process: self.no_process,
            sandbox: self.sandbox.is_some(),
        };
        match rules.is_empty() || self.sandbox == Some(By::Kernel) {
            true => Ok(None),
            false => Policy::of(&rules).map(|policy| Some(Arc::new(policy))).map_err(failure),
        }
    }

    /// Begins what is asked of the kernel. To be called before any thread is made. `captures`: the packets are to be seen.
    pub fn begin(&self, what: Begins, captures: bool, lang: Lang) -> Result<Option<Arc<Enclosure>>> {
        if self.isolate {
            isolate(what, captures).map_err(|why| {
                failure(say!(
                    en "`--isolate` cannot be had here, and nothing was run: {why}",
                    es "`--isolate` no es posible aquí, y no se ejecutó nada: {why}",
                    why
                ))
            })?;
        }
        self.enclosure(what == Begins::Prompt, lang)
    }

    /// Begins the part of the sandbox that the kernel holds, and reports it on standard error.
    fn enclosure(&self, prompt: bool, lang: Lang) -> Result<Option<Arc<Enclosure>>> {
        static BEGUN: OnceLock<Arc<Enclosure>> = OnceLock::new();
        let Some(by) = self.sandbox else {
            self.tell_programs(lang);
            return Ok(None);
        };
        let demanded = matches!(by, By::Kernel | By::Both);
        if by == By::Checks || prompt {
            return match demanded {
                true => Err(failure(say!(
                    en "the kernel cannot hold the prompt, which has files of its own; `--sandbox=checks` can",
                    es "el kernel no puede sujetar al prompt, que tiene archivos propios; `--sandbox=checks` sí"
                ))),
                false => Ok(None),
            };
        }
        // `--watch` asks anew.
        let told = BEGUN.get().is_some();
        let enclosure = BEGUN.get_or_init(|| Arc::new(Enclosure::begin(self.beside()))).clone();
        let layers = enclosure.layers();
        let parts = [&layers.network, &layers.sockets, &layers.files, &layers.programs];
        let lacking = parts.iter().find_map(|part| part.as_ref().err());
        if let Some(why) = lacking.filter(|_| demanded) {
            let option = if by == By::Kernel { "--sandbox=kernel" } else { "--sandbox=both" };
            let held = held_by(layers, by);
            return Err(failure(say!(
                en "`{option}` cannot be had here, and nothing was run: {why} ({held})",
                es "`{option}` no es posible aquí, y no se ejecutó nada: {why} ({held})",
                option,
                why = why.clone(),
                held
            )));
        }
        if !told {
            complain(say!(en "sandbox: {held}", es "sandbox: {held}", held = held_by(layers, by)).show(lang));
        }
        Ok(Some(enclosure))
    }

    /// Rules without a sandbox hold the script's own calls, and leave the programs that it may start as they are: that is
    /// said, once.
    fn tell_programs(&self, lang: Lang) {
        static TOLD: OnceLock<()> = OnceLock::new();
        let rules = !(self.allow_net.is_empty() && self.allow_read.is_empty() && self.allow_write.is_empty());
        if rules && !self.no_process && TOLD.set(()).is_ok() {
            let text = say!(
                en "policy: the script's own calls (checks), the programs that it starts (nothing); `--no-process` refuses them, and `--sandbox` lets the kernel hold too",
                es "política: las llamadas del propio script (comprobaciones), los programas que inicia (nada); `--no-process` los rechaza, y con `--sandbox` también sujeta el kernel"
            );
            complain(text.show(lang));
        }
    }

    /// What the rules add to the sandbox.
    fn beside(&self) -> Beside {
        let path = |rule: &String| rule.starts_with('/').then(|| PathBuf::from(rule));
        Beside {
            read: self.allow_read.clone(),
            write: self.allow_write.clone(),
            sockets: self.allow_net.iter().filter_map(path).collect(),
            network: self
                .allow_net
                .iter()
                .any(|rule| !rule.starts_with('/') && rule != "loopback" && !rule.starts_with("loopback:")),
        }
    }
}

/// A network for this process; of tests each thread makes its own, which is tried here.
fn isolate(what: Begins, captures: bool) -> std::result::Result<(), Sentence> {
    // `--watch` asks anew.
    if namespace::is_isolated() {
        return Ok(());
    }
    match what {
        Begins::Script | Begins::Prompt => namespace::private()?,
        Begins::Tests => namespace::begin()?,
    }
    let attempt = move || -> std::result::Result<(), Sentence> {
        if what == Begins::Tests {
            Network::make().map_err(|e| namespace::refused("unshare(2)", e))?;
        }
        if captures {
            let capture = Capture::begin().map_err(|e| namespace::refused("socket(2), AF_PACKET", e))?;
            drop(capture);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(THREAD_STACK);
        let tried = builder.spawn_scoped(scope, attempt).ok().and_then(|tried| tried.join().ok());
        tried.unwrap_or_else(|| {
            Err(phrase!(en "no thread can be started", es "no se puede iniciar ningún hilo").into())
        })
    })?;
    namespace::isolate();
    Ok(())
}

/// Which part is held by what.
fn held_by(layers: &Layers, by: By) -> Sentence {
    let who = |part: &Result<(), Sentence>| match (part, by) {
        (Ok(()), By::Kernel) => phrase!(en "kernel", es "kernel"),
        (Ok(()), _) => phrase!(en "kernel and checks", es "kernel y comprobaciones"),
        (Err(_), By::Kernel) => phrase!(en "nothing", es "nada"),
        (Err(_), _) => phrase!(en "checks", es "comprobaciones"),
    };
    say!(
        en "network ({network}), Unix sockets ({sockets}), files ({files}), programs ({programs})",
        es "red ({network}), sockets Unix ({sockets}), archivos ({files}), programas ({programs})",
        network = who(&layers.network),
        sockets = who(&layers.sockets),
        files = who(&layers.files),
        programs = who(&layers.programs)
    )
}
