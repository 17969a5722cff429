//! The recipes of docs/ci.md: they are read as what they are, and their lines of shell run, as far as they need neither a
//! network nor an engine: the program is there already, and the engine's variables are set.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod yaml;

use std::path::Path;
use std::process::Output;

use tempfile::TempDir;
use yaml_rust2::Yaml;

const SOCKBOOK: &str = env!("CARGO_BIN_EXE_sockbook");
const PAGE: &str = "docs/ci.md";

struct Recipe {
    /// The heading above it.
    section: String,
    kind: String,
    /// The comment right above: `runs`, `runs: TOOL`.
    mark: String,
    text: String,
}

fn recipes() -> Vec<Recipe> {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (mut found, mut section, mut mark) = (Vec::new(), String::new(), String::new());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let text = lines.by_ref().take_while(|l| *l != "```").map(|l| format!("{l}\n")).collect();
            found.push(Recipe {
                section: section.clone(),
                kind: kind.into(),
                mark: std::mem::take(&mut mark),
                text,
            });
        } else if let Some(comment) = line.strip_prefix("<!-- ").and_then(|l| l.strip_suffix(" -->")) {
            mark = comment.into();
        } else if let Some(title) = line.strip_prefix('#') {
            section = title.trim_start_matches('#').trim().into();
        }
    }
    found
}

fn recipe(section: &str, kind: &str) -> Recipe {
    recipes()
        .into_iter()
        .find(|r| r.section == section && r.kind == kind && r.mark.starts_with("runs"))
        .unwrap()
}

/// A project of six scripts in a folder, of which one fails if that is asked for.
fn project(fails: bool) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let tests = folder.path().join("tests");
    std::fs::create_dir(&tests).unwrap();
    for at in 0..6 {
        std::fs::write(tests.join(format!("t{at}.sock")), format!("print {at}\n")).unwrap();
    }
    std::fs::write(tests.join("slow.sock"), "test tag slow\ntest alone port\nprint slow\n").unwrap();
    if fails {
        std::fs::write(tests.join("bad.sock"), "expect 1 == 2\n").unwrap();
    }
    folder
}

#[track_caller]
fn well(run: &Output) -> String {
    let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{said}");
    said
}

/// How many tests a JUnit report has, and how many of them failed.
fn junit(path: &Path) -> (usize, usize) {
    let text = std::fs::read_to_string(path).unwrap();
    let report = roxmltree::Document::parse(&text).unwrap();
    let count = |name: &str| report.descendants().filter(|node| node.has_tag_name(name)).count();
    (count("testcase"), count("failure"))
}

#[test]
fn every_block_is_read() {
    for recipe in recipes() {
        match recipe.kind.as_str() {
            "yaml" => drop(yaml::read(&recipe.text)),
            "sh" => drop(well(&yaml::run(
                "sh -n script",
                written("script", &recipe.text).path(),
                Path::new(SOCKBOOK),
                &[],
            ))),
            "dockerfile" => assert!(recipe.text.starts_with("FROM "), "{}", recipe.section),
            other => panic!("{}: {other:?}", recipe.section),
        }
    }
    assert!(
        std::fs::read_to_string("README.md").unwrap().contains("](docs/ci.md)"),
        "the README leads to it"
    );
}

fn written(name: &str, text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    folder
}

#[test]
fn the_shards_of_github_are_put_together() {
    let job = yaml::read(&recipe("GitHub Actions", "yaml").text);
    let shards = job["jobs"]["test"]["strategy"]["matrix"]["shard"].as_vec().unwrap();
    for fails in [false, true] {
        let folder = project(fails);
        let mut failed = 0;
        for shard in shards.iter().filter_map(Yaml::as_i64) {
            let with = shard.to_string();
            for line in yaml::shell(&job["jobs"]["test"], &[("${{ matrix.shard }}", &with)]) {
                failed +=
                    usize::from(!yaml::run(&line, folder.path(), Path::new(SOCKBOOK), &[]).status.success());
            }
        }
        assert_eq!(failed, usize::from(fails), "one of the shards has it");
        let lines = yaml::shell(&job["jobs"]["report"], &[]);
        let merge = lines.last().unwrap();
        let run = yaml::run(merge, folder.path(), Path::new(SOCKBOOK), &[]);
        assert_eq!(run.status.code(), Some(i32::from(fails)), "{}", String::from_utf8_lossy(&run.stderr));
        assert_eq!(junit(&folder.path().join("sockbook.xml")), if fails { (8, 1) } else { (7, 0) });
        // A part that is lost is missed.
        std::fs::remove_file(folder.path().join("part-2.json")).unwrap();
        let run = yaml::run(merge, folder.path(), Path::new(SOCKBOOK), &[]);
        assert_eq!(run.status.code(), Some(2), "{}", String::from_utf8_lossy(&run.stderr));
    }
}

#[test]
fn the_parts_of_gitlab_are_all_of_it() {
    let job = &yaml::read(&recipe("GitLab", "yaml").text)["sockbook"];
    let parts = job["parallel"].as_i64().unwrap();
    let folder = project(false);
    std::fs::create_dir_all(folder.path().join(".sockbook/bin")).unwrap();
    std::os::unix::fs::symlink(SOCKBOOK, folder.path().join(".sockbook/bin/sockbook")).unwrap();
    let mut count = 0;
    for part in 1..=parts {
        let environment = [("CI_NODE_INDEX", &*part.to_string()), ("CI_NODE_TOTAL", &*parts.to_string())];
        for line in yaml::shell(job, &[]) {
            well(&yaml::run(&line, folder.path(), Path::new(SOCKBOOK), &environment));
        }
        count += junit(&folder.path().join("sockbook.xml")).0;
    }
    assert_eq!(count, 7);
}

/// A program of an earlier version is not taken from a cache.
#[test]
fn the_caches_are_those_of_a_version() {
    let (github, gitlab) = (recipe("GitHub Actions", "yaml").text, recipe("GitLab", "yaml").text);
    let versions =
        [&yaml::read(&github)["env"]["VERSION"], &yaml::read(&gitlab)["sockbook"]["variables"]["VERSION"]];
    assert!(
        versions.iter().all(|version| version.as_str() == Some(env!("CARGO_PKG_VERSION"))),
        "{versions:?}"
    );
    for line in github.lines().chain(gitlab.lines()).map(str::trim) {
        if line.starts_with("key:") || line.contains("cargo install") {
            assert!(line.contains("env.VERSION }}") || line.contains("$VERSION"), "{line}");
        }
    }
}

#[test]
fn the_pods_of_kubernetes_count_from_0() {
    let job = &yaml::read(&recipe("Kubernetes", "yaml").text)["spec"];
    let folder = project(true);
    let reports = folder.path().join("reports");
    std::fs::create_dir(&reports).unwrap();
    let mut codes = Vec::new();
    let completions = job["completions"].as_i64().unwrap();
    for index in 0..completions {
        let line = yaml::shell(&job["template"], &[("/reports", reports.to_str().unwrap())]).remove(0);
        let environment = [("JOB_COMPLETION_INDEX", &*index.to_string())];
        codes.extend(yaml::run(&line, folder.path(), Path::new(SOCKBOOK), &environment).status.code());
    }
    codes.sort_unstable();
    assert_eq!(codes, [0, 0, 0, 1]);
    let codes = &job["podFailurePolicy"]["rules"][0]["onExitCodes"]["values"];
    assert_eq!(codes.as_vec().unwrap().iter().filter_map(Yaml::as_i64).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(std::fs::read_dir(reports).unwrap().count() as i64, completions);
}

#[test]
#[cfg_attr(without = "parallel", ignore = "parallel is missing")]
fn gnu_parallel_runs_the_shards() {
    let recipe = recipe("GNU parallel", "sh");
    let folder = project(false);
    well(&yaml::run(&recipe.text, folder.path(), Path::new(SOCKBOOK), &[]));
    assert_eq!(junit(&folder.path().join("sockbook.xml")), (7, 0));
    let folder = project(true);
    let run = yaml::run(&recipe.text, folder.path(), Path::new(SOCKBOOK), &[]);
    assert_eq!(run.status.code(), Some(1), "so many parts failed");
}

#[test]
#[cfg_attr(without = "pytest", ignore = "pytest or pytest-xdist is missing")]
fn pytest_collects_scripts() {
    let recipe = recipe("pytest", "sh");
    let prepared = |fails| {
        let folder = project(fails);
        let to = folder.path().join("scripts/pytest");
        std::fs::create_dir_all(&to).unwrap();
        std::fs::copy("scripts/pytest/conftest.py", to.join("conftest.py")).unwrap();
        let tests = folder.path().join("tests");
        // None of these is a test by itself.
        for name in ["_own.sock", "fixture.sock", "lib.sock"] {
            std::fs::write(tests.join(name), "let n = 1\nexport n\n").unwrap();
        }
        std::fs::write(tests.join("lib.sock"), "def say\n    print lib\nend\n").unwrap();
        std::fs::write(tests.join("with_lib.sock"), "source lib.sock\nsay\nexpect $n == 1\n").unwrap();
        std::fs::write(tests.join("skipped.sock"), "skip \"not today\"\n").unwrap();
        std::fs::write(tests.join("known.sock"), "test fails \"as known\"\nexpect 1 == 2\n").unwrap();
        std::fs::write(tests.join("test_own.py"), "def test_own():\n    pass\n").unwrap();
        // A folder in which no script is a test.
        std::fs::create_dir(tests.join("shared")).unwrap();
        std::fs::write(tests.join("shared/_own.sock"), "print own\n").unwrap();
        folder
    };
    let environment = [("PY_COLORS", "0"), ("PYTEST_ADDOPTS", "-p no:cacheprovider -rs")];
    let folder = prepared(false);
    let said = well(&yaml::run(&recipe.text, folder.path(), Path::new(SOCKBOOK), &environment));
    assert!(said.contains("8 passed, 1 skipped, 1 xfailed"), "{said}");
    assert!(said.contains("not today"), "{said}");
    let folder = prepared(true);
    std::fs::write(folder.path().join("tests/invalid.sock"), "nonsense\n").unwrap();
    let run = yaml::run(&recipe.text, folder.path(), Path::new(SOCKBOOK), &environment);
    let said = String::from_utf8_lossy(&run.stdout);
    assert_eq!(run.status.code(), Some(1), "{said}");
    assert!(said.contains("2 failed, 8 passed, 1 skipped, 1 xfailed"), "{said}");
    assert!(said.contains("bad.sock:1:") && said.contains("expectation failed"), "{said}");
    // The program is not there.
    let environment = [environment[0], environment[1], ("SOCKBOOK", "/nowhere/sockbook")];
    let run = yaml::run(&recipe.text, folder.path(), Path::new(SOCKBOOK), &environment);
    assert!(
        !run.status.success() && String::from_utf8_lossy(&run.stdout).contains("`--sockbook=PATH` names")
    );
    // It is named as the page of the file says.
    let line = format!("{} --sockbook={SOCKBOOK}", recipe.text.trim_end());
    let run = yaml::run(&line, folder.path(), Path::new(SOCKBOOK), &environment);
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(said.contains("2 failed, 8 passed"), "{said}");
    // Where the list of scripts cannot be had, nothing passes.
    let folder = prepared(false);
    std::fs::write(folder.path().join("sockbook.toml"), "nonsense = 1\n").unwrap();
    let run = yaml::run(&recipe.text, folder.path(), Path::new(SOCKBOOK), &environment[..2]);
    let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(!run.status.success() && said.contains("nonsense"), "{said}");
}
