//! The children of this process: the one thread that starts them, and the descendants that a script leaves behind.
//!
//! A child is killed when the *thread* that forked it ends (PR_SET_PDEATHSIG), so all are forked by one thread that lives
//! as long as the process. A daemon leaves its process group and its parent; it becomes this process's child
//! (PR_SET_CHILD_SUBREAPER), and the variable [`MARK`] of its environment says which script it is of.

use std::collections::HashSet;
use std::io;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::door::{About, Call, Caller};
use super::gate::block_main_signals;
use super::kernel;
use crate::text::literal;
use crate::value::process::Left;

/// The variable in a program's environment that says whose it is.
pub const MARK: &str = "SOCKBOOK_SCRIPT";

/// The children that are known: none may be forked or waited for while the list is looked at.
#[derive(Default)]
struct Known {
    /// Started by a script and not yet taken back.
    started: HashSet<i32>,
    /// Those that this process had before it started any: they are another's.
    before: Option<HashSet<i32>>,
}

static KNOWN: Mutex<Option<Known>> = Mutex::new(None);

fn known() -> MutexGuard<'static, Option<Known>> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A command to start, and where the child goes.
type Order = (Command, SyncSender<io::Result<Child>>);

/// The thread that starts programs, from the first one on.
static STARTER: Mutex<Option<Sender<Order>>> = Mutex::new(None);

/// fork(2) and execve(2), on the thread that is made for it.
pub fn spawn(command: Command) -> io::Result<Child> {
    let gone = || io::Error::from_raw_os_error(libc::EAGAIN);
    let (answer, answered) = sync_channel(1);
    {
        let mut starter = STARTER.lock().unwrap_or_else(PoisonError::into_inner);
        if starter.is_none() {
            *starter = Some(start_starter()?);
        }
        starter.as_ref().ok_or_else(gone)?.send((command, answer)).map_err(|_| gone())?;
    }
    answered.recv().map_err(|_| gone())?
}

fn start_starter() -> io::Result<Sender<Order>> {
    let (orders, coming) = channel::<Order>();
    let work = move || {
        block_main_signals();
        while let Ok((mut command, answer)) = coming.recv() {
            let mut known = known();
            let known = known.get_or_insert_default();
            if known.before.is_none() {
                known.before = Some(list().into_iter().collect());
                kernel::adopt_descendants();
            }
            let child = command.spawn();
            if let Ok(child) = &child {
                known.started.extend(i32::try_from(child.id()));
            }
            let _ = answer.send(child);
        }
    };
    std::thread::Builder::new().name("starter".into()).stack_size(256 << 10).spawn(work)?;
    Ok(orders)
}

/// waitpid(2): takes a program's number back. Returns 0 where it has not ended and `wait` is false.
pub fn take_back(pid: i32, wait: bool) -> i32 {
    let mut known = known();
    let taken = kernel::reap(pid, wait);
    if taken == pid
        && let Some(known) = known.as_mut()
    {
        known.started.remove(&pid);
    }
    taken
}

/// The programs of one script, with their descendants.
pub struct Family {
    number: u64,
}

/// How many scripts have programs now.
static FAMILIES: AtomicUsize = AtomicUsize::new(0);

impl Family {
    /// A script starts its first program.
    pub fn new() -> Family {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        FAMILIES.fetch_add(1, SeqCst);
        Family { number: NUMBERS.fetch_add(1, SeqCst) + 1 }
    }

    /// What [`MARK`] is set to.
    pub fn mark(&self) -> String {
        format!("{}-{}", std::process::id(), self.number)
    }

    /// Whose is a process with this environment? Where it says nothing of a script of ours, the last that has programs
    /// takes it.
    fn owns(&self, environment: &[u8]) -> bool {
        let ours = format!("{MARK}={}-", std::process::id());
        let of_script = environment.split(|b| *b == 0).find_map(|line| line.strip_prefix(ours.as_bytes()));
        match of_script {
            Some(number) => number == self.number.to_string().as_bytes(),
            None => FAMILIES.load(SeqCst) <= 1,
        }
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        FAMILIES.fetch_sub(1, SeqCst);
    }
}

/// A child that no script has started.
struct Orphan {
    pid: i32,
    group: i32,
    /// It has ended, but for threads that the system has not done with: it cannot be taken back yet.
    ends: bool,
}

impl Family {
    /// The descendants that have lost their parent. Those that have ended are taken back by the way.
    fn orphans(&self) -> Vec<Orphan> {
        let known = known();
        let Some(known) = known.as_ref() else { return Vec::new() };
        let is_known = |pid: &i32| {
            known.started.contains(pid) || known.before.as_ref().is_some_and(|before| before.contains(pid))
        };
        let mut orphans = Vec::new();
        for pid in list().into_iter().filter(|pid| !is_known(pid)) {
            let Some((state, group)) = state_and_group(pid) else { continue };
            if state == b'Z' {
                if kernel::reap(pid, false) == 0 {
                    orphans.push(Orphan { pid, group, ends: true });
                }
            } else if self.owns(&std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default()) {
                orphans.push(Orphan { pid, group, ends: false });
            }
        }
        orphans
    }

    /// Ends what the script's programs, which have these groups and have ended, left behind: SIGTERM, and SIGKILL for
    /// what is left after `polite`.
    pub fn end_orphans(&self, caller: &Caller, groups: &[i32], polite: Duration) -> Vec<Left> {
        let begun = Instant::now();
        let mut left: Vec<Left> = Vec::new();
        let mut over = false;
        loop {
            let orphans = self.orphans();
            // Those of a program's own group were sent SIGKILL with it.
            let outside: Vec<&Orphan> =
                orphans.iter().filter(|o| !o.ends && !groups.contains(&o.group)).collect();
            let late = begun.elapsed() > polite;
            for orphan in &outside {
                if !left.iter().any(|l| l.pid == orphan.pid) {
                    left.push(Left { pid: orphan.pid, command: command_of(orphan.pid), ended: true });
                    signal(caller, orphan.pid, libc::SIGTERM);
                } else if late && !over {
                    signal(caller, orphan.pid, libc::SIGKILL);
                }
            }
            if orphans.is_empty() || begun.elapsed() > polite * 2 {
                for one in &mut left {
                    one.ended = !outside.iter().any(|o| o.pid == one.pid);
                }
                return left;
            }
            over = late;
            std::thread::park_timeout(Duration::from_millis(1));
        }
    }
}

fn signal(caller: &Caller, pid: i32, signal: i32) {
    let call = Call { name: "kill", on: (), about: About::Signal { pid, signal } };
    let _ = caller.settle(call, |()| kernel::kill(pid, signal));
}

/// The children of this process.
fn list() -> Vec<i32> {
    let mut pids = Vec::new();
    for task in std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        match std::fs::read_to_string(task.path().join("children")) {
            Ok(line) => pids.extend(line.split_ascii_whitespace().filter_map(|pid| pid.parse::<i32>().ok())),
            // A kernel without CONFIG_PROC_CHILDREN.
            Err(e) if e.kind() == io::ErrorKind::NotFound && task.path().exists() => return list_all(),
            Err(_) => {}
        }
    }
    pids
}

fn list_all() -> Vec<i32> {
    let own = std::process::id().to_string();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| fields(*pid).is_some_and(|fields| fields.get(1) == Some(&own))).collect()
}

/// The fields of /proc/PID/stat behind the name: the state, the parent, the group, …
fn fields(pid: i32) -> Option<Vec<String>> {
    let line = String::from_utf8_lossy(&std::fs::read(format!("/proc/{pid}/stat")).ok()?).into_owned();
    let (_, rest) = line.rsplit_once(')')?;
    Some(rest.split_ascii_whitespace().map(str::to_string).collect())
}

fn state_and_group(pid: i32) -> Option<(u8, i32)> {
    let fields = fields(pid)?;
    Some((*fields.first()?.as_bytes().first()?, fields.get(2)?.parse().ok()?))
}

/// Is it this process, or does it descend from it?
pub fn descends(mut pid: i32) -> bool {
    let own = i32::try_from(std::process::id()).unwrap_or(0);
    while pid > 1 {
        if pid == own {
            return true;
        }
        let parent = fields(pid).and_then(|fields| fields.get(1)?.parse().ok());
        pid = parent.unwrap_or(0);
    }
    false
}

/// The process group of a process.
pub fn group_of(pid: i32) -> Option<i32> {
    state_and_group(pid).map(|(_, group)| group)
}

/// The words that a process was started with; its name, where it has none any more.
pub fn command_of(pid: i32) -> String {
    let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<String> = words
        .split(|b| *b == 0)
        .filter(|w| !w.is_empty())
        .map(|w| literal::one_line(&literal::text(w)))
        .collect();
    match words.is_empty() {
        true => std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim().to_string(),
        false => words.join(" "),
    }
}
