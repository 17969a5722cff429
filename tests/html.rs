//! The report for a browser: what stands in it, that it is one of a run or of several, and what a real browser makes of it.

use std::path::Path;
use std::process::{Command, Output};

/// What a peer sends here is markup, and what a terminal obeys.
const EVIL: &str = "server = socket inet stream\nserver.bind 127.0.0.1 0\nserver.listen\nclient = socket inet stream\n\
    client.connect 127.0.0.1 ${server.local.port}\nconn = server.accept\n\
    conn.sendall \"</pre><script>document.title='out'</script>\\x1b[31m\\u202e\\n\"\nprint \"<img src=x onerror=document.title=1>\"\n\
    def ask s\n    expect $(s.recvline) == \"hola\\n\"\nend\nask $client\n";

fn sockbook(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockbook"));
    command.args(arguments).current_dir(folder);
    for name in ["SOCKBOOK_LANG", "GITHUB_ACTIONS", "XDG_CACHE_HOME"] {
        command.env_remove(name);
    }
    command.env("HOME", folder).output().unwrap()
}

/// A folder with a suite that has failed, and its report.
fn suite(arguments: &[&str]) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("t/http/evil.sock", EVIL);
    write("t/http/good.sock", "test tag fast\nprint hola\n#> hola\n");
    write("t/dns/other.sock", "test tag slow net\ntest title \"An answer\"\nprint uno\n#> dos\n");
    write(
        "t/dns/program.sock",
        "process p sh -c \"echo its last words; echo more >&2; exit 3\"\nwait p\nfail \"no\"\n",
    );
    write("t/skipped.sock", "skip \"not today\"\n");
    write("t/invalid.sock", "sendal hola\n");
    let ran = sockbook(folder.path(), &[&["test", "t", "--report", "html=out/r.html"], arguments].concat());
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    let page = std::fs::read_to_string(folder.path().join("out/r.html")).unwrap();
    (folder, page)
}

fn has(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "the page has no {part}");
    }
}

#[test]
fn each_failure_has_all_that_is_known_of_it() {
    let (_folder, page) = suite(&[]);
    has(
        &page,
        &[
            "6 scripts: 1 passed, 4 failed, 1 skipped",
            // The source, the way, both sides, the sockets, the ladder, what was printed, the programs.
            "<span class=\"fault\"><span class=\"ln\">10</span>    expect $(s.recvline) == &quot;hola\\n&quot;</span>",
            "<td>t/http/evil.sock:12</td><td>ask $client</td>",
            "<mark>hola</mark>",
            "<mark>&lt;/pre&gt;&lt;script&gt;",
            "<td>ESTABLISHED</td>",
            "<svg class=\"ladder\"",
            "SYN ACK",
            "&lt;img src=x onerror=document.title=1&gt;",
            "its last words",
            "<p class=\"mono dim\">stderr</p>\n<pre>more</pre>",
            "<pre>dos</pre>".replace("dos", "<mark>dos</mark>").as_str(),
            "not today",
            "An answer",
            "unknown command `sendal`",
        ],
    );
    assert_eq!(page.matches("<script").count(), 1);
}

#[test]
fn the_page_is_in_spanish_too() {
    let (_folder, page) = suite(&["--lang", "es"]);
    has(
        &page,
        &["<html lang=\"es\">", "Fallas", "Se esperaba", "Lo que pasó hasta entonces", "fallido", "Carpetas"],
    );
}

#[test]
fn a_merged_report_is_the_same_page() {
    let (folder, _) = suite(&[]);
    let folder = folder.path();
    for part in ["1/2", "2/2"] {
        let json = format!("json=part-{}.json", &part[..1]);
        sockbook(folder, &["test", "t", "--shard", part, "--report", &json]);
    }
    let merged =
        sockbook(folder, &["report", "merge", "part-1.json", "part-2.json", "--report", "html=m.html"]);
    assert_eq!(merged.status.code(), Some(1), "{merged:?}");
    let page = std::fs::read_to_string(folder.join("m.html")).unwrap();
    has(
        &page,
        &[
            "6 scripts: 1 passed, 4 failed, 1 skipped",
            "<mark>hola</mark>",
            "<svg class=\"ladder\"",
            "<td>ESTABLISHED</td>",
            "its last words",
            "class=\"fault\"",
        ],
    );
    // What is in the file is data: a picture with a script in it is none.
    let name = ["part-1.json", "part-2.json"]
        .into_iter()
        .find(|name| std::fs::read_to_string(folder.join(name)).unwrap().contains("<svg "));
    let path = folder.join(name.unwrap());
    let text = std::fs::read_to_string(&path).unwrap().replace("</svg>", "<script>alert(1)</script></svg>");
    std::fs::write(&path, text).unwrap();
    sockbook(folder, &["report", "merge", "part-1.json", "part-2.json", "--report", "html=m.html"]);
    let page = std::fs::read_to_string(folder.join("m.html")).unwrap();
    assert!(page.matches("<script").count() == 1 && !page.contains("alert(1)"), "{page}");
}

#[test]
fn it_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.sock"), "print ran\n").unwrap();
    let ran = sockbook(folder.path(), &["test", "x.sock", "--report", "html=x.sock/no/r.html"]);
    assert_eq!((ran.status.code(), ran.stdout.len()), (Some(2), 0), "{ran:?}");
}

#[test]
fn no_report_takes_the_place_of_what_it_is_about() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    write("x.sock", "print ran\n");
    let ran = sockbook(folder.path(), &["test", "x.sock", "--report", "html=./x.sock"]);
    assert_eq!((ran.status.code(), ran.stdout.len()), (Some(2), 0), "{ran:?}");
    assert_eq!(read("x.sock"), "print ran\n");
    assert!(sockbook(folder.path(), &["test", "x.sock", "--report", "json=r.json"]).status.success());
    let whole = read("r.json");
    let ran = sockbook(folder.path(), &["report", "merge", "r.json", "--report", "html=r.json"]);
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    assert_eq!(read("r.json"), whole);
}

#[test]
fn a_foreign_report_is_told_in_plain_characters() {
    let (folder, _) = suite(&["--report", "json=r.json"]);
    let path = folder.path().join("r.json");
    let mut report: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    report["signal"] = 128.into();
    for script in report["scripts"].as_array_mut().unwrap() {
        script["title"] = "\x1b[31mt".into();
        if let Some(error) = script["error"].as_object_mut() {
            error.insert("detail".into(), "\x1b]0;owned\x07\x1b[2Jx\nsecond".into());
            error.insert("message".into(), "\x1b[2Jx".into());
            if let Some(first) = error["source"].get_mut(0) {
                first["first"] = u64::MAX.into();
            }
        }
    }
    std::fs::write(&path, report.to_string()).unwrap();
    let ran = sockbook(folder.path(), &["report", "merge", "r.json", "--report", "html=m.html"]);
    let told = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    assert!(told.contains("owned") && told.contains("\nsecond"), "{told}");
    assert!(!told.contains(['\x1b', '\x07']), "{told:?}");
}

#[test]
fn a_secret_is_hidden_before_a_side_is_cut_or_marked() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("marked.sock", "expect \"token=${k}\" == \"token=ghp_other\"\n");
    write("cut.sock", "let long = $(bytes 4085 \"a\")\nexpect \"${long}${k}zzz\" == \"b\"\n");
    let secret = "ghp_A1b2C3d4E5f6";
    let reports = ["--report", "html=r.html", "--report", "json=r.json"];
    let given = format!("k={secret}");
    let ran = sockbook(folder.path(), &[&["test", ".", "--secret", &given], &reports[..]].concat());
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    for name in ["r.html", "r.json"] {
        let report = std::fs::read_to_string(folder.path().join(name)).unwrap();
        let seen = report.replace("<mark>", "").replace("</mark>", "");
        assert!(seen.contains("[secret k]"), "{name}");
        // What the other side has in common with it is its own.
        let other = seen.replace("ghp_other", "");
        assert!(!other.contains("ghp_"), "{name}");
    }
}

/// The page as a browser has it, once its script has run; what the browser complains of.
fn opened(folder: &Path, fragment: &str) -> (String, String) {
    let profile = tempfile::tempdir().unwrap();
    let url = format!("file://{}/out/r.html{fragment}", folder.display());
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(["--enable-logging=stderr", "--dump-dom", &url])
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = text(&output.stderr);
    let said: Vec<&str> = said.lines().filter(|line| line.contains("CONSOLE")).collect();
    (text(&output.stdout), said.join("\n"))
}

#[test]
#[cfg_attr(without = "chromium", ignore = "chromium is missing")]
fn a_browser_runs_its_script_and_nothing_that_came() {
    let (folder, _) = suite(&[]);
    let (page, said) = opened(folder.path(), "");
    assert_eq!(said, "");
    has(&page, &["<title>sockbook test: 6 scripts", "<div class=\"controls\" id=\"controls\">"]);
    assert!(!page.contains("<img"), "{page}");
    // The rows that are left, in their order.
    let rows = |page: &str| -> Vec<String> {
        let row = |row: &str| {
            let path = row.split("data-path=\"").nth(1)?.split('"').next()?.to_string();
            let open = row.split('>').next().unwrap_or("");
            (!open.contains("class=\"out\"")).then_some(path)
        };
        page.split("<tr ").skip(1).filter_map(row).collect()
    };
    assert_eq!(rows(&page).len(), 6);
    let of = |fragment: &str| {
        let (page, said) = opened(folder.path(), fragment);
        assert_eq!(said, "", "{fragment}");
        rows(&page)
    };
    assert_eq!(of("#search=answer+dns"), ["t/dns/other.sock"]);
    assert_eq!(of("#folder=t/http&sort=-script"), ["t/http/good.sock", "t/http/evil.sock"]);
    assert_eq!(of("#tag=net"), ["t/dns/other.sock"]);
    assert_eq!(of("#without=failed,invalid,skipped"), ["t/http/good.sock"]);
    let number = page.split("class=\"failure\" id=\"f").nth(1).unwrap().split('"').next().unwrap();
    let (page, _) = opened(folder.path(), &format!("#f{number}"));
    let failure = page.split(&format!("id=\"f{number}\"")).nth(1).unwrap().split('>').next().unwrap();
    assert!(failure.contains("open"), "{failure}");
}
