//! Networks of their own: namespaces of the kernel that have nothing in them but loopback.
//!
//! [`begin`] is called once, while the process has one thread: only then may it leave for a user namespace of its own,
//! without which an ordinary user can make no network. The user keeps the same number in it, and has no other. What
//! follows is about the calling thread and those that it starts from then on: [`private`] puts the whole process into
//! one network, [`Network::make`] and [`Network::enter`] are for a thread that runs one script after another.
//!
//! The user namespace comes with every capability. An ordinary user's script is to have none, so they are put aside but
//! for the moments that need them (`privileged`); the programs that it starts lose them by execve(2).

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{getegid, geteuid};

use super::kernel;
use crate::value::errno::Code;
use crate::words::Sentence;

/// Where the capabilities that a network needs come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rights {
    /// The process had them: it is root's.
    Own,
    /// The user namespace gave them to it.
    Lent,
}

static RIGHTS: OnceLock<Result<Rights, Sentence>> = OnceLock::new();
static PRIVATE: OnceLock<Result<(), Sentence>> = OnceLock::new();
static ISOLATED: AtomicBool = AtomicBool::new(false);

/// Gets the right to make networks; or why there is none, and the way out. To be called before any thread is made.
pub fn begin() -> Result<(), Sentence> {
    RIGHTS
        .get_or_init(|| {
            if kernel::capabilities().is_ok_and(|held| held & NEEDED == NEEDED) {
                return Ok(Rights::Own);
            }
            // To be asked for before: in a user namespace without a map every number is 65534, the overflow user's.
            let (user, group) = (geteuid(), getegid());
            unshare(CloneFlags::CLONE_NEWUSER).map_err(|e| refused("unshare(2)", e.into()))?;
            let maps = [
                ("/proc/self/setgroups", "deny".to_string()),
                ("/proc/self/uid_map", format!("{user} {user} 1")),
                ("/proc/self/gid_map", format!("{group} {group} 1")),
            ];
            for (file, text) in maps {
                fs::write(file, text).map_err(|e| refused(file, e))?;
            }
            Ok(Rights::Lent)
        })
        .as_ref()
        .map_err(Sentence::clone)?;
    let _ = put_aside();
    Ok(())
}

/// CAP_NET_ADMIN, CAP_NET_RAW and CAP_SYS_ADMIN.
const NEEDED: u64 = 1 << 12 | 1 << 13 | 1 << 21;

/// Puts this process, which has one thread, into a network of its own.
pub fn private() -> Result<(), Sentence> {
    begin()?;
    PRIVATE.get_or_init(|| privileged(leave).map_err(|e| refused("unshare(2)", e))).clone()
}

/// Scripts are isolated from here on: `require isolated` holds, and each thread's network may be another.
pub fn isolate() {
    ISOLATED.store(true, SeqCst);
}

/// Has each script a network of its own, or shares it only with those of its fixture?
pub fn is_isolated() -> bool {
    ISOLATED.load(SeqCst)
}

/// The kernel's tables of sockets. `/proc/net` is about the process's first thread, whose network may be another.
pub fn tables() -> &'static Path {
    Path::new(if is_isolated() { "/proc/thread-self/net" } else { "/proc/net" })
}

/// A network that is held open.
#[derive(Debug)]
pub struct Network(File);

impl Network {
    /// Makes a network, and puts this thread into it.
    pub fn make() -> io::Result<Network> {
        privileged(leave)?;
        Network::of_thread()
    }

    /// The network that this thread is in.
    pub fn of_thread() -> io::Result<Network> {
        File::open("/proc/thread-self/ns/net").map(Network)
    }

    /// Puts this thread into it.
    pub fn enter(&self) -> io::Result<()> {
        // Made of system calls alone: a child that is about to become a program makes them too.
        privileged(|| Ok(setns(&self.0, CloneFlags::CLONE_NEWNET)?))
    }
}

fn leave() -> io::Result<()> {
    unshare(CloneFlags::CLONE_NEWNET)?;
    kernel::raise_loopback()
}

/// Does what needs the capabilities of the user namespace.
pub fn privileged<T>(work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    kernel::use_capabilities(true)?;
    let done = work();
    put_aside()?;
    done
}

/// What was lent to an ordinary user is not used; root keeps what root has.
fn put_aside() -> io::Result<()> {
    match RIGHTS.get() {
        Some(Ok(Rights::Lent)) if !geteuid().is_root() => kernel::use_capabilities(false),
        _ => Ok(()),
    }
}

/// Why the system refuses a namespace, and the way out.
pub fn refused(call: &str, error: io::Error) -> Sentence {
    let number = |file: &str| fs::read_to_string(file).ok().and_then(|text| text.trim().parse::<u64>().ok());
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let facts = Facts {
        error: error.raw_os_error().unwrap_or(0),
        users: number("/proc/sys/user/max_user_namespaces"),
        networks: number("/proc/sys/user/max_net_namespaces"),
        debian: number("/proc/sys/kernel/unprivileged_userns_clone"),
        apparmor: number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
        filtered: status.lines().any(|line| line.starts_with("Seccomp:") && line.ends_with('2')),
    };
    let words = Code::Errno(facts.error).words();
    let words = Sentence::of(move |lang| words.show(lang).to_lowercase());
    let why = facts.why();
    let call = call.to_string();
    say!(en "{call}: {words}; {why}", es "{call}: {words}; {why}", call, words, why)
}

/// What tells why a namespace was refused. Numbers are absent where the kernel has no such setting.
struct Facts {
    /// The error's number.
    error: i32,
    /// `user.max_user_namespaces` and `user.max_net_namespaces`.
    users: Option<u64>,
    networks: Option<u64>,
    /// `kernel.unprivileged_userns_clone`
    debian: Option<u64>,
    /// `kernel.apparmor_restrict_unprivileged_userns`
    apparmor: Option<u64>,
    /// A seccomp filter holds this process.
    filtered: bool,
}

impl Facts {
    fn why(&self) -> Sentence {
        let limit = |name: &'static str, most: Option<u64>| {
            let most = most.map_or_else(|| "?".to_string(), |n| n.to_string());
            say!(
                en "the limit of namespaces is reached (`{name}` is {most}): `sudo sysctl -w {name}=10000` raises it",
                es "se alcanzó el límite de espacios de nombres (`{name}` es {most}): `sudo sysctl -w {name}=10000` lo sube",
                name,
                most
            )
        };
        if self.error == libc::ENOSPC {
            // The kernel does not say which: the smaller one is the likelier.
            return match (self.users, self.networks) {
                (Some(users), Some(networks)) if networks < users => {
                    limit("user.max_net_namespaces", self.networks)
                }
                _ => limit("user.max_user_namespaces", self.users),
            };
        }
        if matches!(self.error, libc::EINVAL | libc::ENOSYS) {
            return phrase!(
                en "this kernel was built without namespaces (CONFIG_USER_NS, CONFIG_NET_NS)",
                es "este kernel se compiló sin espacios de nombres (CONFIG_USER_NS, CONFIG_NET_NS)"
            )
            .into();
        }
        if self.debian == Some(0) {
            return phrase!(
                en "this kernel keeps user namespaces to root: `sudo sysctl -w kernel.unprivileged_userns_clone=1` allows them",
                es "este kernel reserva a root los espacios de nombres de usuario: `sudo sysctl -w kernel.unprivileged_userns_clone=1` los permite"
            )
            .into();
        }
        if self.filtered {
            return phrase!(
                en "a seccomp filter refuses it, as Docker's does: `docker run --cap-add SYS_ADMIN` (as root in the container) or \
                    `--security-opt seccomp=unconfined` allows it",
                es "un filtro de seccomp lo rechaza, como el de Docker: `docker run --cap-add SYS_ADMIN` (como root en el \
                    contenedor) o `--security-opt seccomp=unconfined` lo permite"
            )
            .into();
        }
        if self.apparmor == Some(1) {
            return phrase!(
                en "AppArmor keeps user namespaces to programs that have a profile: \
                    `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0` allows them, and root needs none",
                es "AppArmor reserva los espacios de nombres de usuario a los programas con un perfil: \
                    `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0` los permite, y root no los necesita"
            )
            .into();
        }
        phrase!(
            en "an ordinary user may have no namespaces here; root may",
            es "un usuario común no puede tener espacios de nombres aquí; root sí"
        )
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_its_way_out() {
        let plain = Facts {
            error: libc::EPERM,
            users: Some(1000),
            networks: Some(1000),
            debian: None,
            apparmor: None,
            filtered: false,
        };
        for (facts, want) in [
            (Facts { error: libc::ENOSPC, users: Some(0), ..plain }, "-w user.max_user_namespaces=10000"),
            (Facts { error: libc::ENOSPC, networks: Some(0), ..plain }, "-w user.max_net_namespaces=10000"),
            (Facts { error: libc::EINVAL, ..plain }, "CONFIG_USER_NS"),
            (Facts { debian: Some(0), ..plain }, "kernel.unprivileged_userns_clone=1"),
            (Facts { filtered: true, apparmor: Some(1), ..plain }, "--security-opt seccomp=unconfined"),
            (Facts { apparmor: Some(1), ..plain }, "apparmor_restrict_unprivileged_userns=0"),
            (plain, "root may"),
        ] {
            let why = facts.why().english();
            assert!(why.contains(want), "{why}");
        }
    }
}
