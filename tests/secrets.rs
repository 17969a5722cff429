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

/// What a report shows of some bytes, and cuts in a secret.
const CUT: &[&str] = &[
    "expect \"key: ${key}.\" matches r\"^key: HUNTERab-\"",
    "expect $key startswith \"HUNTERab----------\"",
    "expect $key endswith \"----------------89\"",
    "expect \"x${key}\" == \"xHUNTER89\"",
    "expect \"x${key}y\" == \"xHUNTERy\"",
    "let x = $(join $(list $(bytes 1000 \"-\") $key) \"\")\nexpect $x == 1",
    "let x = $(join $(list $(bytes 50 \"-\") $key) \"\")\ndef f a\n    fail \"no\"\nend\nf $x",
    "a, b = socketpair\na.sendall $key $(bytes 50 \"-\")\nfail \"no\"",
    "a, b = socketpair\na.sendall $key\nb.recvexact 20\nfail \"no\"",
    "a, b = socketpair\na.sendall \"${key}12345678\"\nb.recvexact 20\nb.recvuntil \"_\" --max 8",
    "set format hex\nlet x = $(join $(list $(bytes 240 \"-\") $key) \"\")\nx\nvars\nfail \"no\"",
    "process p sh -c \"printf %s ${key}; printf %0390d 1; exit 3\"\nsleep 5s",
    "let x = \"------------------${key}\"\nf = unpack \">20s27x\" $x\nhexdump $x\nfail \"no\"",
];

#[test]
fn what_is_cut_in_a_secret_shows_no_piece_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sockbook"));
        command
            .args(arguments)
            .current_dir(folder.path())
            .env("key", "HUNTERabcdefghijklmnopq456789")
            .output()
    };
    for script in CUT {
        std::fs::write(folder.path().join("x.sock"), format!("{script}\n")).unwrap();
        let mut ways =
            vec![&["run", "--secret", "key", "x.sock"][..], &["test", "--secret", "key", "x.sock"]];
        // What a script receives in pieces is shown as such.
        if !script.contains("recv") {
            ways.push(&["run", "--secret", "key", "--echo", "x.sock"]);
            ways.push(&["run", "--secret", "key", "--format", "json", "--trace", "x.sock"]);
        }
        for arguments in ways {
            let ran = run(arguments).unwrap();
            assert_eq!(ran.status.code(), Some(1), "{script}: {}", text(&ran.stderr));
            let shown = text(&ran.stdout) + &text(&ran.stderr);
            for piece in ["cdef", "63 64 65", "63646566", "456789", "34 35 36 37"] {
                assert!(!shown.contains(piece), "{arguments:?} {script}\nshows {piece}:\n{shown}");
            }
        }
    }
}

/// Of a long output the first 64 KiB and the last 4 MiB are kept: a secret is whole there, stars, or left out.
#[test]
fn what_is_left_out_of_an_output_shows_no_piece_of_a_secret() {
    const KEY: &str = "HUNTERabcdefghijklmnopq456789";
    const HEAD: i64 = 64 << 10;
    const TAIL: i64 = 4 << 20;
    let folder = tempfile::tempdir().unwrap();
    let length = KEY.len() as i64;
    for from in
        [-200, -100, -88, -60, -59, -58, -30, -29, -28, -15, -1, 0, 1, 28, 29, 30, 57, 58, 59, 87, 100, 200]
    {
        // Where the secret begins, counted from the cut: the one behind the beginning, the one before the end.
        for (before, behind, is_whole) in
            [(HEAD + from, TAIL + 500_000, from <= -length), (500_000, TAIL - from - length, from >= 0)]
        {
            let write = format!("printf %0{before}d 0; printf %s ${{key}}; printf %0{behind}d 0");
            let script = format!(
                "process p sh -c \"{write}\"\nwait p\nlet cut = $(slice ${{p.stdout}} 65236 66000)\nprint $cut\n"
            );
            std::fs::write(folder.path().join("x.sock"), &script).unwrap();
            let mut command = Command::new(env!("CARGO_BIN_EXE_sockbook"));
            command.args(["run", "--secret", "key", "x.sock"]).current_dir(folder.path()).env("key", KEY);
            let ran = command.output().unwrap();
            let shown = text(&ran.stdout);
            assert!(ran.status.success() && shown.contains("bytes left out"), "{shown}{}", text(&ran.stderr));
            for piece in ["HUN", "abc", "def", "mno", "789"] {
                assert!(!shown.contains(piece), "{script}shows {piece}:\n{shown}");
            }
            assert_eq!(shown.contains("[secret key]"), is_whole, "{script}\n{shown}");
        }
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

/// In a report that is hidden as a whole, its own words would be hidden too.
#[test]
fn a_secret_that_a_report_is_made_of_is_refused() {
    const FORMS: [&str; 5] = ["json=r", "junit=r", "tap=r", "html=r", "gradescope=r"];
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("a.sock"), "writefile ran x\n").unwrap();
    let test = |value: &str, forms: &[&str]| {
        let secret = format!("key={value}");
        let mut arguments = vec!["test", "a.sock", "--secret", &secret];
        // Each into a file of its own: `json=r0`.
        let reports: Vec<_> = forms.iter().enumerate().map(|(at, form)| format!("{form}{at}")).collect();
        reports.iter().for_each(|report| arguments.extend(["--report", report]));
        let ran = run(folder, &arguments);
        let said = text(&ran.stderr);
        assert!(!said.contains(value), "{value} {forms:?}: {said}");
        let has_run = std::fs::remove_file(folder.join("ran")).is_ok();
        (ran.status.code(), has_run, said)
    };
    for (value, forms) in [
        ("failed", &["json=r", "junit=r", "html=r", "gradescope=r"][..]),
        ("passed", &["json=r", "html=r", "gradescope=r"]),
        ("sockbook", &["json=r", "junit=r", "html=r"]),
        ("version", &["json=r", "junit=r", "tap=r"]),
        ("scripts", &["json=r", "html=r"]),
        ("operator", &["json=r"]),
        ("micros", &["json=r"]),
        ("testcase", &["junit=r"]),
        ("flakyFailure", &["junit=r"]),
        ("severity", &["json=r", "tap=r"]),
        ("Subtest", &["tap=r"]),
        ("default-src", &["html=r"]),
        ("viewBox", &["json=r", "html=r"]),
        ("max_score", &["gradescope=r"]),
        ("hunter2", &[]),
        ("postgres", &[]),
        ("password", &[]),
        ("changeme", &[]),
        ("correct horse", &[]),
        ("ghp_A1b2C3d4E5f6", &[]),
    ] {
        for form in forms {
            let (code, has_run, said) = test(value, &[form]);
            assert_eq!((code, has_run), (Some(2), false), "{value} {form}: {said}");
            assert!(said.contains("the value of the secret `key` stands in"), "{value} {form}: {said}");
        }
        let others: Vec<_> = FORMS.into_iter().filter(|form| !forms.contains(form)).collect();
        let (code, has_run, said) = test(value, &others);
        assert_eq!((code, has_run), (Some(0), true), "{value} {others:?}: {said}");
    }
    // Without a report it is as good as another.
    assert_eq!(test("failed", &[]).0, Some(0));
}
