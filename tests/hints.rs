//! A hint is followed: what "write `…`" and "did you mean `…`?" say is written where the hint points, and must do what
//! was promised. Both languages give the same words.
//!
//! Each such hint of the sources has a row here; a hint without one fails the test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use regex::Regex;
use serde_json::{Value as Json, json};
use sockbook::words::Lang;

/// Where what the hint says is put.
enum Follow {
    /// In place of what is underlined.
    Word,
    /// In place of this stretch of the line.
    Stretch(&'static str),
    /// In place of the whole line.
    Line,
    /// The hint has gaps (`NAME`, `COMMAND`, `…`): this is it filled in, in place of the whole line.
    Filled(&'static str),
}
use Follow::{Filled, Line, Stretch, Word};

struct Row {
    /// The hint, as the source has it: gaps are `{…}`.
    says: &'static str,
    script: &'static str,
    follow: Follow,
    /// What the mended script prints.
    prints: &'static str,
}

const fn row(says: &'static str, script: &'static str, follow: Follow, prints: &'static str) -> Row {
    Row { says, script, follow, prints }
}

const NEAR: &str = "did you mean `{near}`";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row("write `{text}s`", "socket\nsetsockopt TCP_USER_TIMEOUT 1.5\nx = getsockopt TCP_USER_TIMEOUT\nprint $x", Word, "1.5s"),
    row("write `${{name}}`", "let name = 5\nprint \"${name\"", Filled("print \"${name}\""), "5"),
    row("write `${{name}}`", "let a = 5\nprint ${a.}", Filled("print ${a}"), "5"),
    row("write `{braces}`", "let h = 5\nprint $h:80", Word, "5:80"),
    row("write `{braces}`", "let h = 5\nprint a$h", Word, "a5"),
    row("write `${name}`", "let data = hola\na, b = socketpair\na.sendall data\nb.recv\nprint $_", Word, "hola"),
    row("write `${name}`", "let n = 5\nif n == 5\n    print yes\nend", Word, "yes"),
    row("write `${name}`", "let h = localhost\na = socket\na.bind h 0\nprint ok", Word, "ok"),
    row("write `${name}`", "let p = 0\na = socket\na.bind localhost p\nprint ok", Word, "ok"),
    row("write `${name}`", "let n = 5\nlet m = n\nprint $m", Word, "5"),
    row("write `${name}`", "let n = 5\nfor m in n\n    print $m\nend", Word, "5"),
    row("write `${name}`", "def f n\n    return n\nend\nm = f 5\nprint $m", Word, "5"),
    row("write `${name}`", "def f n\n    print $n\nend\nlet m = 5\nf m", Word, "5"),
    row("write `{sum}`", "let x = 1\nprint $x + 1", Filled("let n = $x + 1\nprint $n"), "2"),
    row("write `{sum}`", "a, b = socketpair\na.sendall 2 * 3\nb.recv\nprint $_", Filled("let n = 2 * 3\na.sendall $n"), "6"),
    row("write `{line}`", "if 1 == 1:\n    print yes\nend", Line, "yes"),
    row("write `{line}`", "for i in range(3):\n    print x\nend", Line, "x\nx\nx"),
    row("write `{line}`", "while (1 == 2):\n    print x\nend\nprint ok", Line, "ok"),
    row("write `{line}`", "print (hola)", Line, "hola"),
    row("write `{line}`", "let n = int(5)\nprint $n", Line, "5"),
    row("write `{line}`", "let data = hola\nlet n = len(data)\nprint $n", Line, "4"),
    row("write `{line}`", "let n = htons(1)\nprint $n", Line, "256"),
    row("write `{line}`", "a, b = socketpair\na.sendall (\"hola\")\nb.recv\nprint $_", Line, "hola"),
    row("write `{line}`", "for x in [1, 2, 3]\n    print $x\nend", Line, "1\n2\n3"),
    row("write `{line}`", "l = list 1 2\nexpect $l == [1, 2]\nprint ok", Line, "ok"),
    row("write `{line}`", "a, b = socketpair\nsendall b \"hola\"\na.recv\nprint $_", Line, "hola"),
    row("write `{line}`", "a = socket\na.bind (\"\", 0)\nprint ok", Line, "ok"),
    row("write `{line}`", "a = socket\na.bind localhost, 0\nprint ok", Line, "ok"),
    row("write `{line}`", "let x = 1\nprint f\"n {x}\"", Word, "n 1"),
    row("write `{line}`", "print \"hola\".encode()", Word, "hola"),
    row("write `{line}`", "print GET\"a b\"c", Word, "GETa bc"),
    row("write `{meant}`", "a, b = socketpair\nif a.recvq == 0\n    print ok\nend", Word, "ok"),
    row("write `{meant}`", "let data = hola\nlet n = data.len + 1\nprint $n", Word, "5"),
    row("write `{meant}`", "a, b = socketpair\na.send hola\nexpect b.recv == hola\nprint ok", Word, "ok"),
    row("write `{meant}`", "a = socket\na.close()\nprint ok", Word, "ok"),
    row("write `{meant}`", "a, b = socketpair\nsend(a, \"x, y\")\nb.recv\nprint $_", Word, "x, y"),
    row("write `{meant}`", "a, b = socketpair\na.send hola\nx = recv(b, 2)\nprint $x", Word, "ho"),
    row("write `{meant}`", "a, b = socketpair\na.sendall(\"x\")\nb.recv\nprint $_", Word, "x"),
    row("write `{meant}`", "a, b = socketpair\nclose(a)\nprint ok", Word, "ok"),
    row("write `{meant}`", "print(\"a b\", 5)", Word, "a b 5"),
    row("write `{line}`", "let x = a\nprint $x + \"y\"", Word, "ay"),
    row("write `{line}`", "print \"x\" + \"y\"", Word, "xy"),
    row("write `{meant}`", "a, b = socketpair\na.sendall \"x\" + \"y\" + \"z\"\nb.recv\nprint $_", Word, "xyz"),
    row("write `{line}`", "let x = a\na, b = socketpair\na.sendall $x + \"y\"\nb.recv\nprint $_", Word, "ay"),
    row("write `let {names} = {shown}`", "process p true\nwait p\nz = p.status\nprint $z", Filled("let z = $p.status"), "0"),
    row("write `{name}`", "try:\n    print ok\nfinally\n    print done\nend", Filled("try"), "ok\ndone"),
    row("write `-`", "let n = \u{2013}5\nprint $n", Word, "-5"),
    row(r"write `\\r`", "print a\rb", Filled("print \"a\\rb\""), "a\rb"),
    row(r"write `\\\\`", "print \"a\\qb\"", Filled("print \"a\\\\qb\""), "a\\qb"),
    row(r"write `\\xHH`", "print \"\\u{110000}\"", Filled("print \"\\x41\""), "A"),
    row("write `let NAME = $value`", "let a = 5\nb = $a\nprint $b", Filled("let b = $a"), "5"),
    row("write `let NAME = VALUE`", "b = \"hola\"\nprint $b", Filled("let b = \"hola\""), "hola"),
    row("write `print VALUE`", "\"ho\"la", Filled("print \"hola\""), "hola"),
    row("write `let {names} = {shown}`", "let c = 5\na = c\nprint $a", Filled("let a = $c"), "5"),
    row("write `{name} = {value}{rest}`", "b=socket\nprint ${b.type}", Line, "stream"),
    row("write `{name} = {value}{rest}`", "b=socket inet dgram\nprint ${b.type}", Filled("b = socket inet dgram"), "dgram"),
    row("write `{name} = {value}{rest}`", "b=hola\nprint $b", Filled("let b = hola"), "hola"),
    row("write `let {name} = {value}{rest}`", "b=5\nprint $b", Line, "5"),
    row("write `let {name} = {value}{rest}`", "b=5 + 1\nprint $b", Filled("let b = 5 + 1"), "6"),
    row("write `let NAME = {text}`", "b = 5\nprint $b", Filled("let b = 5"), "5"),
    row("write `fails {socket}.COMMAND`", "a = socket\na.fails ENOTCONN recv\nprint done", Filled("fails a.recv"), "done"),
    row("write `{name}`", "a = socket\na.print hola", Filled("print hola"), "hola"),
    row("write `print ${name}`", "let data = 5\ndata x", Line, "5"),
    row(NEAR, "let n = 5 mim 3\nprint $n", Word, "3"),
    row(NEAR, "x = hash sha265 \"x\"\nprint ${x.len}", Word, "32"),
    row(NEAR, "x = encode uft-8 \"x\"\nprint $x", Word, "x"),
    row(NEAR, "try\n    raise ValueEror \"x\"\nexcept ValueError\n    print ok\nend", Word, "ok"),
    row("write `NAME.{name}`", "process p cat\nwrite \"hola\"\nprint ok", Filled("p.write \"hola\"\np.closein\nwait p"), "ok"),
    row("write `{sign} ${name}`", "let n = 5\nlet m = -$n\nprint $m", Word, "-5"),
    row("write `{target} = {name}`", "let h = gethostname\nprint ok", Filled("h = gethostname"), "ok"),
    row("write `${name} {operator} …`", "let n = 5\nlet m = $n-1\nprint $m", Filled("let m = $n - 1"), "4"),
    row("write `${{x}}`", "print a$(int 5)", Filled("x = int 5\nprint a${x}"), "a5"),
    row("did you mean `${{{name}}}`", "let name = 5\nprint \"$name\"", Stretch("$name"), "5"),
    row("write `{keyword} {name} = {value}`", "let b=5\nprint $b", Line, "5"),
    row("write `{name} = …`", "a, b = socketpair\na.send hola\nlet x = recv 4\nprint ok", Filled("x = b.recv 4"), "ok"),
    row("write `{host} {port}`", "socket\nbind 127.0.0.1:0\nprint ok", Word, "ok"),
    row("write `{host} {port}`", "socket\nbind :0\nprint ok", Word, "ok"),
    row("write `{host} {port}`", "socket inet6\nfails ECONNREFUSED connect [::1]:1\nprint ok", Word, "ok"),
    row("write `{host} {port}`", "socket\nfails OSError connect 127.0.0.1:tcpmux\nprint ok", Word, "ok"),
    row("write `{host} {port}`", "socket\nfails ECONNREFUSED connect http://localhost:1/\nprint ok", Word, "ok"),
    row("write `{host} {port}`", "socket inet6\nfails ECONNREFUSED connect http://[::1]:1\nprint ok", Word, "ok"),
    row("write `{host} {port}`", "socket inet dgram\nsendto x localhost:9\nprint ok", Word, "ok"),
    row("write `{host} {port}`", "fails TimeoutError waitport localhost:1 --timeout 1ms\nprint ok", Word, "ok"),
    row("write `{meant}`", "x = socket tcp\nprint ${x.type} ${x.family}", Word, "stream inet"),
    row("write `{meant}`", "x = socket UDP\nprint ${x.type}", Word, "dgram"),
    row("write `{meant}`", "x = socket SOCK_DGRAM\nprint ${x.type}", Word, "dgram"),
    row("write `{meant}`", "x = socket ipv6 stream\nprint ${x.family}", Word, "inet6"),
    row("write `{meant}`", "a, b = socketpair dgram\nprint ${a.type}", Word, "dgram"),
    row("write `{meant}`", "all = getaddrinfo --family ipv4 127.0.0.1 80\nprint ok", Word, "ok"),
    row("write `{level} {constant}`", "socket\nsetsockopt SOL_SOCKET TCP_NODELAY true\nprint ok",
        Stretch("SOL_SOCKET TCP_NODELAY"), "ok"),
    row("write `NAME = COMMAND`", "let b = 1\nprint a = b", Filled("a = socket"), ""),

    row(NEAR, "socket inet dgram\nsetsockopt mtu_discover wnat\nx = getsockopt mtu_discover\nprint $x", Word, "want"),
    row(NEAR, "try\n    x = socket\n    x.recv\nexcept ConectionError OSError\n    print x\nend", Word, "x"),
    row(NEAR, "sokcet\nprint ok", Word, "ok"),
    row(NEAR, "help sendal\n", Word, "..."),
    row(NEAR, "let count = 5\nprint $cuont", Word, "5"),
    row(NEAR, "a, b = socketpair\na.send x\nb.recv --timeot 1s\nprint $_", Word, "x"),
    row(NEAR, "a, b = socketpair\nexpect a is open\nprint ok", Word, "ok"),
    row(NEAR, "let n = 1\nexpect $n is not empty\nprint ok", Word, "ok"),
    row(NEAR, "expect 1 is not 2\nprint ok", Word, "ok"),
    row(NEAR, "expect 1 <> 2\nprint ok", Word, "ok"),
    row(NEAR, "expect 2 => 2\nprint ok", Word, "ok"),
    row(NEAR, "if 1 is 1\n    print yes\nend", Word, "yes"),
    row(NEAR, "if abc startwith a\n    print yes\nend", Word, "yes"),
    row(NEAR, "x = socket inet steam\nprint ${x.type}", Word, "stream"),
    row(NEAR, "socket\nsetsockopt SOL_SOKET SO_REUSEADDR true\nprint ok", Word, "ok"),
    row(NEAR, "socket\nsetsockopt reuseadr true\nprint ok", Word, "ok"),
    row(NEAR, "a, b = socketpair\na.sendframe u32b x\nb.recvframe u32be\nprint $_", Word, "x"),
    row(NEAR, "set tiemout 5s\nprint ok", Word, "ok"),
    row(NEAR, "let s = \"abc\"\nprint ${s.lne}", Word, "3"),
    row(NEAR, "a, b = socketpair\na.shutdown raed\nprint ok", Word, "ok"),
    row(NEAR, "a, b = socketpair\na.setblocking ture\nprint ok", Word, "ok"),
    row(NEAR, "a, b = socketpair\nsnd a b\n", Filled("a.send hola"), ""),
];

/// Hints that do not hold what they promise; the number may only fall.
const KNOWN_WRONG: &[Row] = &[];

/// Advice in other words, and about calls that fail: the script and what its help is to say.
const ADVICE: &[(&str, &str)] = &[
    ("let p = \"x.sk\"\nsocket unix dgram\nbind $p", "`./x.sk`"),
    ("socket unix dgram\nbind x.sk", "`./x.sk`"),
    ("let t = \"localhost:80\"\nsocket\nconnect $t", "`localhost 80`"),
    ("getaddrinfo localhost:80", "`localhost 80`"),
    ("getaddrinfo \"a b\"", "no blank"),
    ("socket\nconnect \"a b\" 80", "no blank"),
    ("socket\nconnect /tmp/sockbook-none", "`socket unix stream`"),
    ("socket inet6 dgram\nsendto x @name", "`socket unix dgram`"),
    ("socket unix\nconnect localhost 80", "its address is a path"),
    ("u = socket inet dgram\nu.sendto --repeat 70000 x 127.0.0.1 9", "65507 bytes over IPv4"),
    ("u = socket inet6 dgram\nu.sendto --repeat 70000 x \"::1\" 9", "65527 bytes over IPv6"),
    (
        "l = socket\nbind 127.0.0.1 0\nlisten 0\nc = socket\nc.connect ${l.local}\nd = socket\n\
      d.connect --timeout 100ms ${l.local}",
        "the queue of `l`, in this session's table, is full",
    ),
    (
        "l = socket unix\nbind ${tmpdir}/x\nlisten 0\nc = socket unix\nc.connect ${l.local}\nd = socket unix\n\
      d.settimeout 100ms\nd.connect ${l.local}",
        "the queue of `l`, in this session's table, is full",
    ),
    (
        "l = socket\nbind 127.0.0.1 0\nc = socket\nc.connect ${l.local}",
        "`l` is bound there but has not called `listen`",
    ),
    (
        "l = socket\nbind 127.0.0.1 0\nk = socket\nk.bind ${l.local}",
        "`l`, in this session's table, has this address",
    ),
    // TIME_WAIT, and the advice of old is followed already.
    (
        "l = socket\nbind 127.0.0.1 0\nlisten\nc = socket\nc.connect ${l.local}\ns = l.accept\ns.close\nc.recv\nc.close\n\
      let p = ${l.local.port}\nl.close\nl = socket\nl.setsockopt reuseaddr true\nl.bind 127.0.0.1 $p",
        "which is set here",
    ),
    (
        "l = socket\nbind 127.0.0.1 0\nlisten\nc = socket\nc.connect ${l.local}\ns = l.accept\ns.close\nc.recv\nc.close\n\
      let p = ${l.local.port}\nl.close\nl = socket\nl.bind 127.0.0.1 $p",
        "`setsockopt reuseaddr true` before `bind`, in every server",
    ),
    // A full queue keeps the connection under way.
    (
        "l = socket\nbind 127.0.0.1 0\nlisten 0\nc = socket\nc.connect ${l.local}\nd = socket\nd.setblocking false\n\
      fails EINPROGRESS d.connect ${l.local}\nd.send hola",
        "the connection is not made yet",
    ),
];

/// The hint of a drawn mistake, and what is underlined: its line and columns, from 0.
struct Given {
    hint: String,
    line: usize,
    from: usize,
    to: usize,
}

fn given(folder: &Path, script: &str, lang: &str) -> Result<Given, String> {
    let path = folder.join("given.sock");
    std::fs::write(&path, script).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_sockbook"))
        .arg("check")
        .arg(&path)
        .env("SOCKBOOK_LANG", lang)
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let hint = Regex::new(r"(?:write|escribe|did you mean|quisiste decir) `([^`]*)`").unwrap();
    let place = Regex::new(r"given\.sock:(\d+):(\d+)").unwrap();
    let (mut at, mut width) = (None, 1);
    for line in said.lines() {
        if let Some(found) = place.captures(line) {
            at = Some((found[1].parse::<usize>().unwrap() - 1, found[2].parse::<usize>().unwrap() - 1));
        } else if line.contains("| ") && line.contains('^') {
            width = line.matches('^').count();
        } else if let (Some(found), Some((line, from))) = (hint.captures(line), at) {
            return Ok(Given { hint: found[1].to_string(), line, from, to: from + width });
        }
    }
    Err(format!("no hint in\n{said}"))
}

/// Follows the hint of a row; why it did not do what was promised.
fn follow(folder: &Path, row: &Row) -> Result<(), String> {
    let given = given(folder, row.script, "en")?;
    let spanish = self::given(folder, row.script, "es")?;
    if spanish.hint != given.hint {
        return Err(format!("`{}` in English, `{}` in Spanish", given.hint, spanish.hint));
    }
    let pattern = row.says.split_once('`').unwrap().1.trim_end_matches('`');
    let gaps = Regex::new(r"\\\{\\\{\\\{.*?\\\}\\\}\\\}|\\\{.*?\\\}").unwrap();
    let pattern = gaps.replace_all(&regex::escape(pattern), ".*").into_owned();
    let held = Regex::new(&format!("^(?:{pattern})$")).unwrap().is_match(&given.hint)
        || row.says.split_once('`').unwrap().1.trim_end_matches('`').replace("\\\\", "\\") == given.hint;
    if !held {
        return Err(format!("the hint is `{}`, and not `{}`", given.hint, row.says));
    }
    let mut lines: Vec<String> = row.script.split('\n').map(str::to_string).collect();
    let line = &mut lines[given.line];
    let chars: Vec<char> = line.chars().collect();
    *line = match row.follow {
        Word => {
            let part = |range: std::ops::Range<usize>| chars[range].iter().collect::<String>();
            let to = given.to.min(chars.len());
            format!("{}{}{}", part(0..given.from), given.hint, part(to..chars.len()))
        }
        Stretch(text) => line.replacen(text, &given.hint, 1),
        Line => given.hint.clone(),
        Filled(text) => text.to_string(),
    };
    let mended = lines.join("\n") + "\n";
    let path = folder.join("mended.sock");
    std::fs::write(&path, &mended).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_sockbook")).arg("run").arg(&path).output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let err = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || !err.is_empty() {
        return Err(format!("`{}` was written, which gave\n{mended}and\n{out}{err}", given.hint));
    }
    if row.prints != "..." && out.trim_end_matches('\n') != row.prints {
        return Err(format!("`{}` was written, and it printed {out:?}, not {:?}", given.hint, row.prints));
    }
    Ok(())
}

#[test]
fn what_a_hint_says_is_what_helps() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for row in ROWS {
        if let Err(why) = follow(folder.path(), row) {
            wrong.push(format!("{:?}\n{why}", row.script));
        }
    }
    for row in KNOWN_WRONG {
        if follow(folder.path(), row).is_ok() {
            wrong.push(format!("{:?}\nis mended: it belongs to ROWS", row.script));
        }
    }
    assert!(wrong.is_empty(), "{} hints\n{}", wrong.len(), wrong.join("\n---\n"));
}

/// What an editor offers for the line of each row's hint: the script with it.
fn offered(folder: &Path) -> Vec<Option<String>> {
    let mut input = Vec::new();
    let mut send = |message: Json| {
        let text = message.to_string();
        input.extend(format!("Content-Length: {}\r\n\r\n{text}", text.len()).into_bytes());
    };
    send(json!({ "jsonrpc": "2.0", "id": "begin", "method": "initialize", "params": {} }));
    for (at, row) in ROWS.iter().enumerate() {
        let line = given(folder, row.script, "en").unwrap().line;
        let document = json!({ "uri": format!("file:///{at}.sock"), "version": 1, "text": row.script });
        let params = json!({ "textDocument": document });
        send(json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": params }));
        let place = |character: u32| json!({ "line": line, "character": character });
        let params = json!({ "textDocument": document, "range": { "start": place(0), "end": place(999) } });
        send(json!({ "jsonrpc": "2.0", "id": at, "method": "textDocument/codeAction", "params": params }));
    }
    let mut output = Vec::new();
    sockbook::driver::lsp::serve(&mut input.as_slice(), &mut output, Some(Lang::EN)).unwrap();
    let output = String::from_utf8(output).unwrap();
    let answers = output.split("Content-Length: ").filter_map(|frame| frame.split_once("\r\n\r\n"));
    let answers: Vec<Json> = answers.map(|(_, text)| serde_json::from_str(text).unwrap()).collect();
    let mended = |(at, row): (usize, &Row)| {
        let answer = answers.iter().find(|answer| answer["id"] == at).expect("an answer");
        let uri = format!("file:///{at}.sock");
        let edit = &answer["result"].as_array().unwrap().first()?["edit"]["changes"][&uri][0];
        let mut lines: Vec<String> = row.script.split('\n').map(str::to_string).collect();
        let line = &mut lines[edit["range"]["start"]["line"].as_u64().unwrap() as usize];
        let units: Vec<u16> = line.encode_utf16().collect();
        let place = |end: &str| edit["range"][end]["character"].as_u64().unwrap() as usize;
        let part = |range: std::ops::Range<usize>| String::from_utf16(&units[range]).unwrap();
        let new = edit["newText"].as_str().unwrap();
        *line = format!("{}{new}{}", part(0..place("start")), part(place("end")..units.len()));
        Some(lines.join("\n") + "\n")
    };
    ROWS.iter().enumerate().map(mended).collect()
}

/// Hints that an editor leaves to the reader: what they say stands for more than what is underlined.
const NOT_OFFERED: &[&str] = &["for i in range(3):\n    print x\nend", "let data = 5\ndata x"];

#[test]
fn an_editor_offers_what_a_hint_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mended.sock");
    let mut wrong = Vec::new();
    for (row, mended) in ROWS.iter().zip(offered(folder.path())) {
        let Some(mended) = mended else {
            if matches!(row.follow, Word | Line) && !NOT_OFFERED.contains(&row.script) {
                wrong.push(format!("{:?}\nnothing is offered for {:?}", row.script, row.says));
            }
            continue;
        };
        std::fs::write(&path, &mended).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_sockbook"))
            .args(["run", "--timeout", "10s"])
            .arg(&path)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_string();
        if !output.status.success() || row.prints != "..." && printed != row.prints {
            wrong.push(format!(
                "{:?}\nis mended to\n{mended}which prints {printed:?}, not {:?}",
                row.script, row.prints
            ));
        }
    }
    assert!(wrong.is_empty(), "{} offers\n{}", wrong.len(), wrong.join("\n---\n"));
}

#[test]
fn the_help_of_a_failure_names_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.sock");
    for (script, wanted) in ADVICE {
        std::fs::write(&path, format!("{script}\n")).unwrap();
        let output =
            Command::new(env!("CARGO_BIN_EXE_sockbook")).arg(&path).env_remove("SOCKBOOK_LANG").output();
        let said = String::from_utf8_lossy(&output.unwrap().stderr).into_owned();
        let advice = said.split_once("= help:").map_or("", |(_, help)| help.lines().next().unwrap_or(""));
        assert!(advice.contains(wanted), "{script:?} is to say {wanted:?}\n{said}");
    }
}

#[test]
fn every_hint_of_the_sources_is_followed() {
    // Up to the closing backtick; in a literal of Rust.
    let write = Regex::new(r#"(?:write|did you mean) `[^`"]*`"#).unwrap();
    let mut missing = Vec::new();
    let mut suggestions = 0;
    for path in sources(Path::new("src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for (at, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            let calls = line.matches("suggest(").count() - line.matches("fn suggest(").count();
            suggestions += calls;
            for hint in write.find_iter(line) {
                let hint = hint.as_str();
                let rows = || ROWS.iter().chain(KNOWN_WRONG);
                let known = rows().any(|r| r.says == hint);
                if !known && !COMMAND_LINE.iter().any(|c| c.0 == hint) {
                    missing.push(format!("{}:{}: {hint}", path.display(), at + 1));
                }
            }
        }
    }
    assert!(missing.is_empty(), "no row of tests/hints.rs follows these:\n{}", missing.join("\n"));
    let near = ROWS.iter().filter(|r| r.says == NEAR).count();
    assert!(near >= suggestions, "{suggestions} places suggest a name, and {near} rows follow one");
}

/// Hints about the command line: the arguments, and those with the hint followed.
type Arguments = &'static [&'static str];
const COMMAND_LINE: &[(&str, Arguments, Arguments)] = &[
    ("write `--var NAME=VALUE`", &["--var", "a", "-c", "print $a"], &["--var", "a=5", "-c", "print $a"]),
    (
        "write `--secret NAME=VALUE`",
        &["--secret", "sockbook_no_such", "-c", "print ok"],
        &["--secret", "sockbook_no_such=of eight", "-c", "print ok"],
    ),
    (
        "write `{text}=FILE`",
        &["test", "--report", "junit", "SCRIPT"],
        &["test", "--report", "junit=FILE", "SCRIPT"],
    ),
    (NEAR, &["help", "sendal"], &["help", "sendall"]),
];

#[test]
fn what_the_command_line_advises_helps() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("s.sock");
    std::fs::write(&script, "print hola\n").unwrap();
    let report = folder.path().join("report");
    let run = |arguments: Arguments| {
        let place = |text: &str| {
            text.replace("SCRIPT", script.to_str().unwrap()).replace("FILE", report.to_str().unwrap())
        };
        let arguments: Vec<String> = arguments.iter().map(|a| place(a)).collect();
        let output = Command::new(env!("CARGO_BIN_EXE_sockbook")).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let hint = Regex::new(r"write `[^`]*`|did you mean `[^`]*`|a similar \w+ exists").unwrap();
    for (says, wrong, right) in COMMAND_LINE {
        let (code, said) = run(wrong);
        assert!(code == Some(2) && hint.is_match(&said), "{wrong:?} ({says}) {code:?}: {said}");
        let (code, said) = run(right);
        assert_eq!((code, said.as_str()), (Some(0), ""), "{right:?}");
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}
