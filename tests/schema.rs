//! What the JSON reports and lines hold is what `docs/*.schema.json` says: every field that comes is in the schema, and
//! every field of the schema that must be there comes.

use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value as Json};

/// A schema of `docs`, by its file's name.
fn schema(name: &str) -> Json {
    let text = std::fs::read_to_string(Path::new("docs").join(name)).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The part of JSON Schema that the schemas of `docs` use; a word that it does not know is a fault of the schema.
struct Checker {
    report: Json,
    lines: Json,
}

impl Checker {
    fn new() -> Checker {
        Checker { report: schema("report.schema.json"), lines: schema("lines.schema.json") }
    }

    /// Why the value is not of this schema, which stands in the file `root`.
    ///
    /// It is stricter than JSON Schema: a field that the schema does not name is a mistake, since it is not documented.
    fn wrong(&self, root: &Json, schema: &Json, value: &Json, at: &str) -> Option<String> {
        let rules = schema.as_object()?;
        rules.iter().find_map(|(word, rule)| self.breaks(root, rules, word, rule, value, at))
    }

    fn breaks(
        &self,
        root: &Json,
        rules: &Map<String, Json>,
        word: &str,
        rule: &Json,
        value: &Json,
        at: &str,
    ) -> Option<String> {
        let no = |holds: bool| (!holds).then(|| format!("{at}: {value} is not {word} {rule}"));
        match word {
            "$schema" | "$id" | "$defs" | "title" | "description" | "required" => None,
            "type" => {
                let mut types = rule.as_array().map_or(std::slice::from_ref(rule), Vec::as_slice).iter();
                no(types.any(|name| is(value, name.as_str().unwrap())))
            }
            "const" => no(value == rule),
            "enum" => no(rule.as_array().unwrap().contains(value)),
            "minimum" => no(value.as_f64().is_none_or(|n| n >= rule.as_f64().unwrap())),
            "pattern" => {
                let pattern = regex::Regex::new(rule.as_str().unwrap()).unwrap();
                no(value.as_str().is_none_or(|text| pattern.is_match(text)))
            }
            "items" => {
                let mut items = value.as_array()?.iter().enumerate();
                items.find_map(|(n, item)| self.wrong(root, rule, item, &format!("{at}[{n}]")))
            }
            "properties" => {
                let (rule, fields) = (rule.as_object().unwrap(), value.as_object()?);
                let required = rules["required"].as_array().unwrap();
                let missing = required.iter().find(|name| !fields.contains_key(name.as_str().unwrap()));
                if let Some(name) = missing {
                    return Some(format!("{at}: no {name} in {value}"));
                }
                fields.iter().find_map(|(name, value)| match rule.get(name) {
                    Some(rule) => self.wrong(root, rule, value, &format!("{at}.{name}")),
                    None => Some(format!("{at}: `{name}` is not in the schema: {value}")),
                })
            }
            "additionalProperties" => {
                let mut fields = value.as_object()?.iter();
                fields.find_map(|(name, value)| self.wrong(root, rule, value, &format!("{at}.{name}")))
            }
            "anyOf" => {
                let ways: Vec<Option<String>> =
                    rule.as_array().unwrap().iter().map(|rule| self.wrong(root, rule, value, at)).collect();
                let all: Option<Vec<String>> = ways.into_iter().collect();
                all.map(|why| format!("{at}: {value} is none of {}", why.join(";\n  ")))
            }
            "$ref" => {
                let (file, path) = rule.as_str().unwrap().split_once('#').unwrap();
                let root = if file == "lines.schema.json" { &self.lines } else { root };
                self.wrong(root, root.pointer(path).unwrap(), value, at)
            }
            other => panic!("the schema says `{other}`, which is not checked"),
        }
    }

    fn report(&self, value: &Json) {
        let wrong = self.wrong(&self.report, &self.report, value, "report");
        assert_eq!(wrong, None);
    }

    fn line(&self, value: &Json) {
        assert_eq!(self.wrong(&self.lines, &self.lines, value, "line"), None);
    }
}

fn is(value: &Json, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type {other}"),
    }
}

/// Standard output of `sockbook` in a folder.
fn sockbook(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockbook"));
    command.current_dir(folder).args(arguments).env("XDG_CACHE_HOME", folder);
    for name in ["SOCKBOOK_LANG", "GITHUB_ACTIONS"] {
        command.env_remove(name);
    }
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

/// Each kind of result that a line has, and each kind of value.
const KINDS: &str = r#"a, b = socketpair
a.sendall "hi"
b.recv
a.send x"ff fe"
b.recv
l = socket inet stream
bind 127.0.0.1 0
listen
c = socket
connect 127.0.0.1 ${l.local.port}
d, who = l.accept
let m = $(map a 1 b $who c $d)
$m
list 1 $who
sockets
options
c.info
u = socket inet dgram
u.bind 127.0.0.1 0
u.sendto hi 127.0.0.1 ${u.local.port}
u.recvfrom 1
u.sendto hi 127.0.0.1 ${u.local.port}
u.recvmsg
fails TimeoutError u.recv --timeout 1ms
try
    u.recv --timeout 1ms
except as e
    $e
end
u.settimeout 20ms
u.gettimeout
poll $c --write
process p sh -c "echo hi"
wait p
$p
unpack ">HH" x"00 01 00 02"
print --no-newline "hi"
help recv
jobs
c.getsockopt reuseaddr
1 + 2
getaddrinfo 127.0.0.1 80
d.close
c.recv
a.sendall "to a file"
b.recv --to ${tmpdir}/f
def f x
    return $x
end
f 1
x = f 2
spawn t
    a.sendall hi
end
wait t
b.recv
"#;

#[test]
fn each_line_is_as_the_schema_says() {
    let checker = Checker::new();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("kinds.sock", KINDS);
    let run = |arguments: &[&str]| -> Vec<Json> {
        let out = sockbook(folder.path(), arguments);
        out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    };
    let plain = run(&["run", "--timeout", "1m", "--format", "json", "kinds.sock"]);
    assert_eq!(plain.last().unwrap()["in"], "b.recv");
    plain.iter().for_each(|line| checker.line(line));
    let traced = run(&["run", "--timeout", "1m", "--trace", "--format", "json", "kinds.sock"]);
    assert!(traced.iter().any(|line| line["command"].is_null()), "the closing calls have their line");
    traced.iter().for_each(|line| checker.line(line));
    // Each way in which a line fails.
    for text in [
        "expect 1 == 2\n",
        "fail no\n",
        "skip no\n",
        "exit 3\n",
        "raise ValueError no\n",
        "subtest a\n    fail no\nend\n",
        "process p sh -c \"echo gone >&2; exit 3\"\na, b = socketpair\na.recv\n",
    ] {
        write("fails.sock", text);
        run(&["run", "--timeout", "1m", "--format", "json", "fails.sock"])
            .iter()
            .for_each(|line| checker.line(line));
    }
    write("wrong.sock", "sockett\nlet x = 1\nsend x\n");
    let mistakes = run(&["check", "--format", "json", "wrong.sock"]);
    assert_eq!(mistakes.len(), 2, "{mistakes:#?}");
    mistakes.iter().for_each(|line| checker.line(line));
}

#[test]
fn each_report_is_as_the_schema_says() {
    let checker = Checker::new();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("kinds.sock", KINDS);
    write("down/fixture.sock", "process p sh -c \"exit 3\"\nwait p\nexpect 1 == 2\n");
    write("down/under.sock", "print 1\n");
    write("lib.part", "def check a\n    subtest $a\n        expect $a == 2\n    end\nend\n");
    write(
        "parts.sock",
        "test title \"a title\"\ntest tag x\ntest points 2\nsource lib.part\nfor a in 1 2 3\n    check $a\nend\n",
    );
    write("known.sock", "test fails \"issue 1\"\nfail it\n");
    write("invalid.sock", "sockett\n");
    write("skips.sock", "skip why\n");
    write("slow.sock", "test limit 50ms\nwhile true\nend\n");
    write("dies.sock", "process p sh -c \"echo gone >&2; exit 3\"\na, b = socketpair\na.recv\n");
    write("thread.sock", "spawn t\n    expect 1 == 2\nend\nwait t\n");
    // The first try makes what the second finds.
    write(
        "flaky.sock",
        "try\n    readfile ${here}/there\nexcept\n    writefile ${here}/there x\n    fail first\nend\n",
    );
    let read = |arguments: &[&str]| -> Json {
        let out = sockbook(folder.path(), &[&["test", ".", "--report", "json=-"], arguments].concat());
        serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}"))
    };
    let report = read(&["--retries", "1", "--shard", "1/1"]);
    let statuses: Vec<&str> =
        report["scripts"].as_array().unwrap().iter().map(|s| s["status"].as_str().unwrap()).collect();
    for status in ["passed", "failed", "invalid", "broken", "known", "skipped", "not run"] {
        assert!(statuses.contains(&status), "{status}: {statuses:?}");
    }
    checker.report(&report);
    let flaky = report["scripts"].as_array().unwrap().iter().filter(|s| s["flaky"].is_object()).count();
    assert_eq!(flaky, 1);
    checker.report(&read(&["--repeat", "2", "--filter", "kinds or parts"]));
    // What is merged is a report again.
    std::fs::write(folder.path().join("whole.json"), report.to_string()).unwrap();
    let merged = sockbook(folder.path(), &["report", "merge", "whole.json"]);
    checker.report(&serde_json::from_str(&merged).unwrap());
}
