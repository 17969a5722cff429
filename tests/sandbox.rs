//! Ways out of a sandbox: each script of `tests/ways_out` tries one, and prints `OUT` where it was out.
//!
//! They run as an ordinary user in a network namespace whose `lo` has an address that is not loopback, with a server
//! behind it: once without a sandbox, where each must be out, and then held by the checks alone, by the kernel alone, and
//! by both, where none may be. A script says in its first lines what is not so of it: `# kernel: …`, the namespace itself
//! is what holds it and the call may succeed; `# control: …`, without a sandbox it may fail too.

mod common;

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The user `nobody`, who owns no file and has no privilege.
const ORDINARY: u32 = 65534;

/// How one script ended.
struct Tried {
    code: i32,
    out: String,
    err: String,
    /// What its first lines say of it.
    head: String,
}

impl Tried {
    fn is_out(&self) -> bool {
        self.out.lines().any(|line| line.starts_with("OUT"))
    }

    fn says(&self, layer: &str) -> bool {
        self.head.contains(&format!("# {layer}:"))
    }
}

/// The folder of a world, and what was tried in it.
struct World {
    folder: tempfile::TempDir,
    tried: BTreeMap<String, Tried>,
}

/// Every way, each in one run of the program with these arguments, all in one world.
fn world(arguments: &str) -> World {
    let ways = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ways_out");
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let path = |name: &str| root.join(name);
    for name in ["outside", "in", "ways", "ways/lib", "results", "tmp"] {
        std::fs::create_dir(path(name)).unwrap();
    }
    for (name, text) in [("outside/secret", "TOP"), ("outside/log", "kept"), ("in/own", "own")] {
        std::fs::write(path(name), text).unwrap();
    }
    symlink("../outside", path("in/folder_link")).unwrap();
    symlink("../outside/secret", path("in/file_link")).unwrap();
    symlink("../outside/log", path("in/log_link")).unwrap();
    symlink("../outside/made_lost", path("in/lost_link")).unwrap();
    let scripts = common::scripts(&ways);
    for script in &scripts {
        std::fs::copy(script, path("ways").join(script.strip_prefix(&ways).unwrap())).unwrap();
    }
    // Who may not read the folder that it was built in.
    std::fs::copy(env!("CARGO_BIN_EXE_sockbook"), path("sockbook")).unwrap();
    let text = format!(
        r#"
        ip link set lo up && ip addr add 192.0.2.1/32 dev lo || exit 3
        cd "{root}" || exit 3
        plain="setpriv --ambient-caps=-all --inh-caps=-all"
        export TMPDIR="{root}/tmp"
        $plain ./sockbook run --timeout 10m --var out="{root}/outside" --var in="{root}/in" ways/lib/_world.sock &
        world=$!
        $plain ./sockbook -c "waitport --timeout 20s 192.0.2.1 7001" || exit 4
        for script in ways/*.sock; do
            name=$(basename "$script" .sock)
            $plain ./sockbook run {arguments} --timeout 2s --var out="{root}/outside" --var in="{root}/in" \
                "$script" >results/$name.out 2>results/$name.err 8<>/dev/tcp/192.0.2.1/7001 9<outside/secret
            echo $? >results/$name.code
        done
        kill $world
        "#,
        root = root.display()
    );
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-current-user", "--keep-caps", "--net", "bash", "-c", &text]);
    if nix::unistd::geteuid().is_root() {
        use std::os::unix::process::CommandExt as _;
        own(root);
        command.uid(ORDINARY).gid(ORDINARY);
    }
    let ran = command.output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(matches!(ran.status.code(), Some(0 | 143)), "{}: {said}", ran.status);
    let mut tried = BTreeMap::new();
    for script in scripts.iter().filter(|script| script.parent() == Some(&*ways)) {
        let name = script.file_stem().unwrap().to_string_lossy().into_owned();
        let result = |kind: &str| {
            let bytes = std::fs::read(path("results").join(format!("{name}.{kind}"))).unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let text = std::fs::read_to_string(script).unwrap();
        let head = text.lines().take_while(|line| line.starts_with('#')).collect::<Vec<_>>().join("\n");
        let code = result("code").trim().parse().unwrap();
        tried.insert(name.clone(), Tried { code, out: result("out"), err: result("err"), head });
    }
    World { folder, tried }
}

/// Gives a folder and all below it to the ordinary user.
fn own(path: &Path) {
    std::os::unix::fs::lchown(path, Some(ORDINARY), Some(ORDINARY)).unwrap();
    if path.is_dir() && !path.is_symlink() {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::read_dir(path).unwrap().for_each(|entry| own(&entry.unwrap().path()));
    }
}

impl World {
    /// What lies outside, but for the sockets of the world.
    fn outside(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let folder = self.folder.path().join("outside");
        let mut all: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        all.sort();
        all.retain(|path| !path.ends_with("stream") && !path.ends_with("dgram"));
        all.into_iter()
            .map(|path| (path.file_name().unwrap().into(), std::fs::read(&path).unwrap_or_default()))
            .collect()
    }

    /// None is out, and outside all is as it was.
    fn holds(&self, layer: &str, checks: bool) {
        assert!(self.tried.len() >= 40, "{} ways", self.tried.len());
        let mut wrong = String::new();
        for (name, tried) in &self.tried {
            let by_namespace = !checks && tried.says("kernel");
            // What the system itself refuses is not asked of the checks.
            let named = tried.err.contains("PolicyError") || tried.says("control");
            let refused = tried.code == 1 && !tried.is_out() && (!checks || named);
            if !by_namespace && !refused {
                wrong +=
                    &format!("--- {layer}: {name} ended with {}\n{}{}\n", tried.code, tried.out, tried.err);
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
        let kept = [("log", "kept"), ("secret", "TOP")]
            .map(|(name, text)| (PathBuf::from(name), text.as_bytes().to_vec()));
        assert_eq!(self.outside(), kept, "{layer}");
        let of_kernel = |t: &&Tried| t.err.contains("sandbox: network (");
        assert_eq!(self.tried.values().filter(of_kernel).count() > 0, layer != "checks", "{layer}");
    }
}

const BESIDE: &str = "--allow-read in --allow-write in";

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
fn without_a_sandbox_each_way_leads_out() {
    let world = world("");
    for (name, tried) in world.tried.iter().filter(|(_, tried)| !tried.says("control")) {
        assert!(
            tried.is_out() && tried.code == 0,
            "{name} ended with {}\n{}{}",
            tried.code,
            tried.out,
            tried.err
        );
    }
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
fn the_checks_alone_hold_each_way() {
    world(&format!("--sandbox=checks {BESIDE}")).holds("checks", true);
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
fn the_kernel_alone_holds_each_way() {
    world(&format!("--sandbox=kernel {BESIDE}")).holds("kernel", false);
}

#[test]
#[cfg_attr(without = "bash", ignore = "bash is missing")]
#[cfg_attr(without = "unshare", ignore = "there are no user namespaces")]
fn both_together_hold_each_way() {
    world(&format!("--sandbox=both {BESIDE}")).holds("both", true);
}
