//! What a release is made of: the action fetches one and checks it, the workflows are read, the package has its files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod yaml;

use std::path::Path;
use std::process::Command;

const SOCKBOOK: &str = env!("CARGO_BIN_EXE_sockbook");
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn shell(line: &str, folder: &Path) -> std::process::Output {
    Command::new("bash")
        .args(["-euo", "pipefail", "-c", line])
        .current_dir(folder)
        .output()
        .expect("bash runs")
}

/// Releases in a folder, as the server has them: `v1.2.3/sockbook-1.2.3-….tar.gz` and its checksum.
fn released(folder: &Path) {
    let line = format!(
        "name=sockbook-{VERSION}-$(uname -m)-unknown-linux-musl; mkdir -p $name download/v{VERSION}; cp {SOCKBOOK} $name/sockbook
        tar -czf download/v{VERSION}/$name.tar.gz $name; cd download/v{VERSION}; sha256sum $name.tar.gz >$name.tar.gz.sha256"
    );
    let run = shell(&line, folder);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
#[cfg_attr(without = "curl", ignore = "curl is missing")]
fn the_action_fetches_a_release_and_runs_tests() {
    let action = yaml::read(&std::fs::read_to_string("action.yml").unwrap());
    let lines = yaml::shell(&action["runs"], &[]);
    let [fetch, test] = lines.as_slice() else { panic!("{lines:?}") };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let releases = folder.join("owner/sockbook/releases");
    std::fs::create_dir_all(&releases).unwrap();
    released(&releases);
    std::fs::create_dir(folder.join("tests")).unwrap();
    std::fs::write(folder.join("tests/a.sock"), "print hola\n").unwrap();
    let here = std::env::current_dir().unwrap();
    let server = format!("file://{}", folder.display());
    let text = |path: &Path| path.to_str().unwrap().to_string();
    let (temp, path) = (text(&folder.join("temp")), text(&folder.join("path")));
    let here = text(&here);
    let environment = [
        ("GITHUB_ACTION_PATH", here.as_str()),
        ("GITHUB_SERVER_URL", &server),
        ("REPOSITORY", "owner/sockbook"),
        ("VERSION", ""),
        ("RUNNER_TEMP", &temp),
        ("GITHUB_PATH", &path),
        ("ARGUMENTS", "tests --report junit=sockbook.xml"),
    ];
    let run = yaml::run(fetch, folder, Path::new(SOCKBOOK), &environment);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let fetched = std::fs::read_to_string(&path).unwrap();
    let run = yaml::run(test, folder, &Path::new(fetched.trim()).join("sockbook"), &environment);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(folder.join("sockbook.xml").is_file());
    // A relative folder is one below the caller's.
    let run = shell(
        &format!(
            "{here}/scripts/release/install.sh {server}/owner/sockbook/releases/download {VERSION} own/bin"
        ),
        folder,
    );
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(folder.join("own/bin/sockbook").is_file());
    // An archive that is whole and not the one of the checksum is not installed.
    let other = "s/^[0-9a-f]\\{16\\}/0123456789abcdef/";
    let run = shell(&format!("rm -r {temp}; sed -i '{other}' owner/*/*/*/*/*.sha256"), folder);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let run = yaml::run(fetch, folder, Path::new(SOCKBOOK), &environment);
    assert!(!run.status.success() && !Path::new(&temp).exists(), "{}", String::from_utf8_lossy(&run.stderr));
    // Nor is a release that is not there.
    let environment =
        environment.map(|(name, value)| (name, if name == "VERSION" { "9.9.9" } else { value }));
    assert!(!yaml::run(fetch, folder, Path::new(SOCKBOOK), &environment).status.success());
}

#[test]
fn the_workflows_are_read() {
    let folder = Path::new(".github/workflows");
    // A package of the registry has none.
    for entry in folder.read_dir().into_iter().flatten() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let lines = yaml::shell(&yaml::read(&text), &[("${{ matrix.target }}", "x86_64-unknown-linux-musl")]);
        assert!(!lines.is_empty());
        for line in lines {
            let run = Command::new("bash").args(["-nc", &line]).output().expect("bash runs");
            assert!(run.status.success(), "{line}\n{}", String::from_utf8_lossy(&run.stderr));
            // A script that it names is there.
            for word in line.split_whitespace().filter(|word| word.starts_with("scripts/")) {
                assert!(Path::new(word).exists(), "{word}");
            }
        }
    }
}

#[test]
fn the_package_has_what_it_takes() {
    let run = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline"])
        .output()
        .unwrap();
    let (list, said) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{said}");
    assert!(!said.contains("warning"), "{said}");
    let listed = |name: &str| list.lines().any(|line| line == name);
    for name in [
        "README.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "Cargo.lock",
        "src/build.rs",
        "src/order.ld",
        "src/driver/init/es/first.sock",
    ] {
        assert!(listed(name), "{name}");
    }
    // The build packs them.
    for folder in ["scripts/course", "scripts/curso"] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            assert!(listed(path.to_str().unwrap()), "{}", path.display());
        }
    }
    assert!(!list.lines().any(|line| line.starts_with(".ci") || line.starts_with(".github")));
}

/// The files of the .deb are those that the release makes, and they are known by its names.
#[test]
fn the_assets_of_the_deb_are_made() {
    let build = std::fs::read_to_string("scripts/release/build.sh").unwrap();
    let manifest = std::fs::read_to_string("Cargo.toml").unwrap();
    let assets: Vec<&str> =
        manifest.split("[\"target/deb/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(assets.len(), 5);
    for asset in assets {
        assert!(build.contains(asset), "{asset}");
    }
}
