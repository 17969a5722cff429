//! `--secret`: the value stands in nothing that is written, in no form.

use std::path::Path;
use std::process::{Command, Output};

const VALUE: &str = "hunter-2\n\"né\" & <co>";

/// Shows the value in every way that a script has, and fails on it at last.
const SCRIPT: &str = r#"# No letter of the value stands in the script.
print $key
print ${key.hex} ${key.base64} ${key.repr}
a, b = socketpair
a.sendall "0123456789ab${key}xyz"
let data = $(b.recv 100)
hexdump $data
print $data ${data.hex} ${data.base64}
tojson $data
print $(encode base64 "user:${key}")
print --no-newline $(slice $key 0 5)
print $(slice $key 5)
vars
sockets
try
    connect /no/such/${key}
except as e
    print ${e.message}
end
expect $(map "k" $key) == 1
"#;

/// No form of the value: its parts as they are, in hex and in base64.
fn is_clean(text: &str, what: &str) {
    use base64::Engine as _;
    let hex: String = VALUE[..8].bytes().map(|byte| format!("{byte:02x}")).collect();
    let code = base64::engine::general_purpose::STANDARD.encode(&VALUE[..6]);
    let folded = text.to_lowercase().replace([' ', '\n'], "");
    for form in ["hunter", &hex, &code.to_lowercase()] {
        assert!(!folded.contains(form), "{what} has {form}:\n{text}");
    }
    assert!(text.contains("[secret key]") || text.is_empty(), "{what}:\n{text}");
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockbook"));
    command.args(arguments).current_dir(folder).env("key", VALUE).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn no_form_of_a_secret_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("x.sock"), SCRIPT).unwrap();
    for arguments in [
        &["run", "--secret", "key", "x.sock"][..],
        &["run", "--secret", "key", "--echo", "--trace", "x.sock"],
        &["run", "--secret", "key", "--format", "json", "--trace", "x.sock"],
        &["run", "--secret", "key", "--lang", "es", "x.sock"],
    ] {
        let ran = run(folder, arguments);
        assert_eq!(ran.status.code(), Some(1), "{}", text(&ran.stderr));
        is_clean(&text(&ran.stdout), "standard output");
        is_clean(&text(&ran.stderr), "standard error");
    }
    std::fs::write(
        folder.join("drawn.sock"),
        "a, b = socketpair\na.sendall \"0123456789ab${key}xyz\"\nx = b.recv 100\nl = socket\nl.bind 127.0.0.1 0\nl.listen\n\
         c = socket\nc.connect 127.0.0.1 ${l.local.port}\nd = l.accept\nc.sendall $key\nx = d.recv 100\n\
         diagram --svg r.svg\ndiagram --mermaid\n",
    )
    .unwrap();
    let ran = run(folder, &["run", "--secret", "key", "--diagram", "--pcap", "r.pcap", "drawn.sock"]);
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    let capture = text(&std::fs::read(folder.join("r.pcap")).unwrap());
    assert!(capture.contains("0123456789ab****") && !capture.contains("hunter"), "{capture}");
    let svg = std::fs::read_to_string(folder.join("r.svg")).unwrap();
    for drawn in [svg, text(&ran.stdout), text(&ran.stderr)] {
        assert!(!drawn.contains("hunter"), "{drawn}");
    }
    let reports = ["junit=r.xml", "json=r.json", "tap=r.tap"];
    let mut arguments = vec!["test", "--secret", "key", "x.sock"];
    reports.iter().for_each(|report| arguments.extend(["--report", report]));
    let ran = run(folder, &arguments);
    assert_eq!(ran.status.code(), Some(1), "{}", text(&ran.stderr));
    is_clean(&text(&ran.stdout), "the run");
    for report in ["r.xml", "r.json", "r.tap"] {
        is_clean(&std::fs::read_to_string(folder.join(report)).unwrap(), report);
    }
}

#[test]
fn an_answer_has_the_name_and_holds() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let path = folder.join("a.sock");
    std::fs::write(&path, "print \"it is ${key}\"\n#> ?\n").unwrap();
    assert!(run(folder, &["test", "--secret", "key", "--bless", "a.sock"]).status.success());
    let blessed = std::fs::read_to_string(&path).unwrap();
    assert_eq!(blessed, "print \"it is ${key}\"\n#> it is [secret key]\n");
    assert!(run(folder, &["test", "--secret", "key", "a.sock"]).status.success());
}

#[test]
fn what_cannot_be_hidden_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (secret, why) in [
        ("key=short", "is too short to be hidden: it needs 6 bytes"),
        ("no_such_name", "the environment has no `no_such_name`"),
        ("if=longer", "is a word of the language"),
    ] {
        let ran = run(folder.path(), &["--secret", secret, "-c", "print 1"]);
        assert_eq!(ran.status.code(), Some(2), "{secret}");
        assert!(text(&ran.stderr).contains(why), "{secret}: {}", text(&ran.stderr));
    }
}
