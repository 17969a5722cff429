//! What the kernel holds of a sandbox: a network of its own, a view of the file system with little in it, Landlock for
//! files, and a seccomp filter for programs and families of sockets.
//!
//! [`Enclosure::begin`] is called once, while the process has one thread: only then may it leave for another user
//! namespace, without which an ordinary user can have no network of its own. All else is of one thread, and cannot be
//! lifted: [`Enclosure::enter`] is called on a thread that runs one script and ends with it. The threads of the script and
//! of its look-ups begin on that thread, and are held as it is.
//!
//! What each part holds, and what it does not, stands in SECURITY.md.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, CompatLevel, Compatible as _, PathBeneath, PathFd, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, RulesetStatus,
};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{chdir, pivot_root};

use super::{kernel, namespace};
use crate::words::Sentence;

/// The parts of a sandbox, each with why the kernel does not hold it, if so.
#[derive(Clone, Debug)]
pub struct Layers {
    /// Addresses of the internet protocols, and Unix names without a file.
    pub network: Result<(), Sentence>,
    /// Unix sockets that have a path.
    pub sockets: Result<(), Sentence>,
    /// Reading and writing.
    pub files: Result<(), Sentence>,
    /// Starting a program; and sockets of other families.
    pub programs: Result<(), Sentence>,
}

/// What a script may have beside its temporary folder.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    pub read: Vec<PathBuf>,
    pub write: Vec<PathBuf>,
    /// Unix paths.
    pub sockets: Vec<PathBuf>,
    /// The network is more than loopback: it stays the machine's.
    pub network: bool,
}

/// The sandbox that the kernel holds.
#[derive(Debug)]
pub struct Enclosure {
    layers: Layers,
    beside: Beside,
}

/// What look-ups in the tables of the C library read.
const TABLES: [&str; 8] = [
    "/etc/services",
    "/etc/protocols",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/resolv.conf",
    "/etc/gai.conf",
    "/etc/localtime",
];

impl Enclosure {
    /// Leaves for namespaces of its own, and tries on a thread what can be had beside them.
    pub fn begin(beside: Beside) -> Enclosure {
        let mine = if beside.network { namespace::begin() } else { namespace::private() };
        let network = match (&mine, beside.network) {
            (_, true) => Err(
                say!(en "only loopback can be a network of its own", es "solo loopback puede ser una red propia"),
            ),
            (mine, false) => mine.clone(),
        };
        let layers = Layers { network, sockets: mine, files: Ok(()), programs: Ok(()) };
        let mut enclosure = Enclosure { layers, beside };
        let tried = std::thread::scope(|scope| {
            let attempt = std::thread::Builder::new()
                .stack_size(kernel::THREAD_STACK)
                .spawn_scoped(scope, || enclosure.try_each());
            attempt.ok().and_then(|attempt| attempt.join().ok())
        });
        match tried {
            Some(layers) => enclosure.layers = layers,
            None => {
                let none = || Err(say!(en "no thread can be started", es "no se puede iniciar ningún hilo"));
                enclosure.layers =
                    Layers { network: none(), sockets: none(), files: none(), programs: none() };
            }
        }
        enclosure
    }

    /// What is held, and why the rest is not.
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// Each part by itself: one that fails leaves the others.
    fn try_each(&self) -> Layers {
        let why = |result: io::Result<()>| result.map_err(|e| Sentence::plain(e.to_string()));
        let mut layers = self.layers.clone();
        if layers.sockets.is_ok() {
            layers.sockets = why(self.view(&[]));
        }
        let dropped = why(kernel::drop_capabilities());
        layers.files = dropped.clone().and_then(|()| why(self.landlock(&[])));
        layers.programs = dropped.and_then(|()| why(kernel::filter_calls()));
        layers
    }

    /// Holds this thread, and all that it starts, for good. `folders`: the temporary ones.
    pub fn enter(&self, folders: &[PathBuf]) -> io::Result<()> {
        if self.layers.sockets.is_ok() {
            self.view(folders)?;
        }
        kernel::drop_capabilities()?;
        if self.layers.files.is_ok() {
            self.landlock(folders)?;
        }
        if self.layers.programs.is_ok() {
            kernel::filter_calls()?;
        }
        Ok(())
    }

    /// The folders that a script may see.
    fn seen<'a>(&'a self, folders: &'a [PathBuf]) -> impl Iterator<Item = &'a Path> {
        let beside = &self.beside;
        let all = folders.iter().chain(&beside.read).chain(&beside.write).chain(&beside.sockets);
        all.map(PathBuf::as_path)
    }

    /// A file system of this thread's own, in which the folders stand where they did, and nothing else does: a Unix socket
    /// elsewhere has no path any more.
    fn view(&self, folders: &[PathBuf]) -> io::Result<()> {
        namespace::privileged(|| self.enter_view(folders))
    }

    fn enter_view(&self, folders: &[PathBuf]) -> io::Result<()> {
        unshare(CloneFlags::CLONE_NEWNS)?;
        let none = None::<&str>;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
        let here = std::env::current_dir().unwrap_or_else(|_| "/".into());
        // Held open before the new root covers where they stand.
        let mut seen: Vec<(PathBuf, bool, fs::File)> = Vec::new();
        let whole = self.seen(folders).filter_map(|path| fs::canonicalize(path).ok());
        let tables = ["/etc".into()];
        let mut add = |from: &Path, to: PathBuf| -> io::Result<()> {
            use std::os::unix::fs::OpenOptionsExt as _;
            let opened = fs::File::options().read(true).custom_flags(libc::O_PATH).open(from)?;
            seen.push((to, opened.metadata()?.is_dir(), opened));
            Ok(())
        };
        for path in tables.into_iter().chain(whole) {
            add(&path, path.clone())?;
        }
        // Of this thread's own network, under the name by which they are read.
        add(Path::new("/proc/thread-self/net"), namespace::tables().into())?;
        let root = std::env::temp_dir();
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        mount(Some("tmpfs"), &root, Some("tmpfs"), flags, Some("size=1m,mode=755"))?;
        let within = |path: &Path| root.join(path.strip_prefix("/").unwrap_or(path));
        // A folder may lie within another: the outer one is put in first, and has the inner one then.
        seen.sort_by_key(|(path, ..)| path.components().count());
        let mut done: Vec<PathBuf> = Vec::new();
        for (path, is_folder, opened) in &seen {
            if done.iter().any(|outer| path.starts_with(outer)) {
                continue;
            }
            use std::os::fd::AsRawFd as _;
            let place = within(path);
            if *is_folder {
                fs::create_dir_all(&place)?;
            } else {
                place.parent().map_or(Ok(()), fs::create_dir_all)?;
                fs::File::create(&place)?;
            }
            let source = format!("/proc/self/fd/{}", opened.as_raw_fd());
            mount(Some(source.as_str()), &place, none, MsFlags::MS_BIND | MsFlags::MS_REC, none)?;
            done.push(path.clone());
        }
        if !done.iter().any(|outer| here.starts_with(outer)) {
            fs::create_dir_all(within(&here))?;
        }
        chdir(&root)?;
        pivot_root(".", ".")?;
        umount2(".", MntFlags::MNT_DETACH)?;
        chdir("/")?;
        Ok(chdir(&here)?)
    }

    /// Files are read and written only where they may be.
    fn landlock(&self, folders: &[PathBuf]) -> io::Result<()> {
        let other = |e: &dyn std::fmt::Display| io::Error::other(e.to_string());
        let own = AccessFs::from_all(ABI::V5);
        let (reads, writes) = (AccessFs::ReadFile | AccessFs::ReadDir, AccessFs::from_write(ABI::V5));
        let ruleset = Ruleset::default()
            // Without these (Linux 6.2) a file could be cut short: then the kernel holds no files.
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::from_all(ABI::V3))
            .map_err(|e| other(&e))?
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(own)
            .map_err(|e| other(&e))?;
        let mut ruleset = ruleset.create().map_err(|e| other(&e))?;
        let tables = TABLES.iter().map(Path::new).chain([namespace::tables()]);
        let beside = &self.beside;
        let rules = folders
            .iter()
            .map(|path| (path.as_path(), own))
            .chain(beside.read.iter().map(|path| (path.as_path(), reads)))
            .chain(beside.write.iter().map(|path| (path.as_path(), writes)))
            .chain(tables.map(|path| (path, reads)));
        for (path, access) in rules {
            // What is not there can be no way out.
            let Ok(opened) = PathFd::new(path) else { continue };
            let access = if path.is_dir() { access } else { access & AccessFs::from_file(ABI::V5) };
            ruleset = ruleset.add_rule(PathBeneath::new(opened, access)).map_err(|e| other(&e))?;
        }
        let status = ruleset.restrict_self().map_err(|e| other(&e))?;
        match status.ruleset {
            RulesetStatus::NotEnforced => Err(io::Error::from_raw_os_error(libc::ENOSYS)),
            _ => Ok(()),
        }
    }
}
