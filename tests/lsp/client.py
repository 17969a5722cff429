"""A client of `sockbook lsp`: JSON-RPC over the pipes of a process, as an editor speaks it.

Usage: client.py SOCKBOOK. Runs every function whose name begins with `test_` and prints its name.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse

SOCKBOOK = sys.argv[1]


class Client:
    """One server, and the messages to and from it."""

    def __init__(self, folder, *arguments, locale=None, folders=True):
        self.folder = pathlib.Path(folder)
        environment = {k: v for k, v in os.environ.items() if k not in ("SOCKBOOK_LANG", "LC_ALL", "LANG")}
        self.server = subprocess.Popen(
            [SOCKBOOK, "lsp", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        self.last = 0
        self.shown = {}
        self.versions = {}
        root = self.uri("") if folders else None
        self.capabilities = self.ask("initialize", rootUri=root, locale=locale, capabilities={})["capabilities"]
        self.tell("initialized")

    def uri(self, name):
        return "file://" + urllib.parse.quote(str(self.folder / name))

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.server.stdin.flush()

    def receive(self):
        length = 0
        while (line := self.server.stdout.readline().strip()) != b"":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        message = json.loads(self.server.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.shown[message["params"]["uri"]] = message["params"]
        return message

    def tell(self, method, **params):
        self.send({"method": method, "params": params})

    def answer(self, method, **params):
        """The whole answer, an error too."""
        self.last += 1
        self.send({"id": self.last, "method": method, "params": params})
        while True:
            message = self.receive()
            if message.get("id") == self.last:
                return message

    def ask(self, method, **params):
        message = self.answer(method, **params)
        assert "error" not in message, message
        return message["result"]

    def open(self, name, text):
        """Opens a file as an editor does; it is not on the disk."""
        self.versions[name] = 1
        document = {"uri": self.uri(name), "languageId": "sock", "version": 1, "text": text}
        self.tell("textDocument/didOpen", textDocument=document)

    def change(self, name, *changes):
        self.versions[name] += 1
        document = {"uri": self.uri(name), "version": self.versions[name]}
        self.tell("textDocument/didChange", textDocument=document, contentChanges=list(changes))

    def at(self, name, line, character, method, **more):
        """Asks about a place."""
        document = {"uri": self.uri(name)}
        position = {"line": line, "character": character}
        return self.ask("textDocument/" + method, textDocument=document, position=position, **more)

    def findings(self, name):
        """What is wrong with a file by now, as `line:from-to text`."""
        self.ask("textDocument/formatting", textDocument={"uri": self.uri(name)}, options={})
        found = []
        for one in self.shown[self.uri(name)]["diagnostics"]:
            start, end = one["range"]["start"], one["range"]["end"]
            first = one["message"].split("\n")[0]
            found.append(f"{start['line']}:{start['character']}-{end['character']} {first}")
        return found

    def actions(self, name, line):
        span = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 999}}
        context = {"diagnostics": []}
        document = {"uri": self.uri(name)}
        return self.ask("textDocument/codeAction", textDocument=document, range=span, context=context)

    def renamed(self, name, line, character, new):
        """The edits of each file, or why there are none."""
        document, position = {"uri": self.uri(name)}, {"line": line, "character": character}
        answer = self.answer("textDocument/rename", textDocument=document, position=position, newName=new)
        if "error" in answer:
            return answer["error"]["message"]
        return {uri.rsplit("/", 1)[1]: edits for uri, edits in answer["result"]["changes"].items()}

    def seconds(self):
        """The time that the server has computed."""
        times = pathlib.Path(f"/proc/{self.server.pid}/stat").read_text().rsplit(") ", 1)[1].split()[11:13]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")

    def close(self):
        assert self.ask("shutdown") is None
        self.tell("exit")
        assert self.server.wait(10) == 0


def place(text, offset):
    """A byte of an `ascii` text, or a character of any, as line and UTF-16 character."""
    before = text[:offset]
    line = before.count("\n")
    return line, len(before[before.rfind("\n") + 1 :].encode("utf-16-le")) // 2


def offset(text, position):
    lines = text.split("\n")
    line = lines[position["line"]].encode("utf-16-le")[: 2 * position["character"]].decode("utf-16-le")
    return sum(len(l) + 1 for l in lines[: position["line"]]) + len(line)


def edited(text, edits):
    """A text after the edits of an answer."""
    spans = [(offset(text, e["range"]["start"]), offset(text, e["range"]["end"]), e["newText"]) for e in edits]
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def labels(answer):
    return [item["label"] for item in answer["items"]]


def check(*arguments, cwd):
    run = subprocess.run([SOCKBOOK, "check", "--format", "json", *arguments], cwd=cwd, capture_output=True, text=True)
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def test_findings_are_those_of_check(folder):
    text = "socket inet steam\nprint $nosuch # 𝄞\nprint \"𝄞ñ\" $nosuch\nbind localhost 70000\n"
    (folder / "a.sock").write_text(text)
    client = Client(folder)
    client.open("a.sock", text)
    assert client.findings("a.sock") == [
        "0:12-17 `steam` is not a socket type",
        "1:6-13 unknown name `nosuch`",
        "2:12-19 unknown name `nosuch`",
        "3:15-20 `70000` is not a port",
    ], client.findings("a.sock")
    theirs = [one["message"] for one in check("a.sock", cwd=folder)]
    assert [one.split(" ", 1)[1] for one in client.findings("a.sock")] == theirs, theirs
    # Mended, with a piece at a time; characters count as UTF-16 has them.
    span = {"start": {"line": 0, "character": 12}, "end": {"line": 0, "character": 17}}
    client.change("a.sock", {"range": span, "text": "stream"})
    span = {"start": {"line": 2, "character": 12}, "end": {"line": 2, "character": 19}}
    client.change("a.sock", {"range": span, "text": "end"})
    assert [one[:4] for one in client.findings("a.sock")] == ["1:6-", "3:15"], client.findings("a.sock")
    assert client.shown[client.uri("a.sock")]["version"] == 3
    client.change("a.sock", {"text": "c = socket\nc.sendall hola\nc.close\n"})
    (warning,) = client.shown[client.uri("a.sock")]["diagnostics"] if client.findings("a.sock") else [None]
    assert warning["severity"] == 2 and warning["code"] == "not-connected", warning
    client.tell("textDocument/didClose", textDocument={"uri": client.uri("a.sock")})
    assert client.answer("textDocument/hover", textDocument={"uri": client.uri("a.sock")})["error"]["code"] == -32602
    assert client.shown[client.uri("a.sock")]["diagnostics"] == []
    client.close()


def test_spanish_is_spoken(folder):
    for client in (Client(folder, "--lang", "es"), Client(folder, locale="es-CL")):
        client.open("a.sock", "socket inet steam\n")
        assert client.findings("a.sock") == ["0:12-17 `steam` no es un tipo de socket"], client.findings("a.sock")
        (action,) = client.actions("a.sock", 0)
        assert action["title"] == "reemplazarlo por `stream`", action
        assert "crea un socket" in client.at("a.sock", 0, 2, "hover")["contents"]["value"]
        client.close()
    client = Client(folder, "--lang", "en", locale="es")
    client.open("a.sock", "socket inet steam\n")
    assert client.findings("a.sock") == ["0:12-17 `steam` is not a socket type"]
    client.close()


def test_a_file_that_is_sourced_is_read_as_it_is_typed(folder):
    (folder / "lib").mkdir()
    (folder / "lib" / "own.sock").write_text("def own\n    print saved\nend\n")
    client = Client(folder)
    client.open("main.sock", "source lib/own.sock\nown\nother\n")
    assert client.findings("main.sock") == ["2:0-5 unknown command `other`"]
    client.open("lib/own.sock", "def own\n    print typed\nend\ndef other\n    print typed\nend\n")
    assert client.findings("main.sock") == []
    client.change("lib/own.sock", {"text": "def own\n    print $nosuch\nend\n"})
    assert client.findings("lib/own.sock") == ["1:10-17 unknown name `nosuch`"]
    found = client.findings("main.sock")
    assert found[1].startswith("0:7-19 ") and "unknown name `nosuch`" in found[1], found
    related = client.shown[client.uri("main.sock")]["diagnostics"][1]["relatedInformation"][0]
    assert related["location"]["uri"] == client.uri("lib/own.sock")
    assert related["location"]["range"]["start"] == {"line": 1, "character": 10}
    client.close()


def test_what_could_stand_there_is_offered(folder):
    (folder / "helper.sock").write_text("print hola\n")
    (folder / "sockbook.toml").write_text('[vars]\nhost = "127.0.0.1"\n')
    text = (
        "server = socket inet stream\npeer, origin = server.accept\nlet count = 5\n"
        "def greet who\n    let mine = 1\n    print ${m}\nend\nrepeat 3\n"
    )

    def offered(line, more=""):
        client.change("a.sock", {"text": text + line + more})
        return labels(client.at("a.sock", *place(text + line, len(text + line)), "completion"))

    client = Client(folder)
    client.open("a.sock", "")
    assert offered("    conn") == ["connect"]
    assert offered("gre") == ["greet"]
    assert offered("    print $") == ["_", "count", "here", "host", "origin", "peer", "server", "tmpdir"]
    assert offered("print ${origin.") == ["family", "host", "port"]
    assert "accept" in offered("server.") and "local" in offered("server.local"[:-5])
    assert offered("socket inet st") == ["stream"]
    assert offered("server.recv --ti") == ["--timeout"]
    assert offered("setsockopt SO_REUSEA") == ["SO_REUSEADDR"]
    assert offered("fails ECONNREF") == ["ECONNREFUSED"]
    assert offered("source h") == ["helper.sock"]
    assert offered("x = \\\n    acc") == ["accept"]
    assert offered("# acc") == [] and offered('print "acc') == []
    # A name is the `def`'s only inside it.
    client.change("a.sock", {"text": text})
    assert labels(client.at("a.sock", 5, 13, "completion")) == ["mine"]
    # The brace that an editor has put there is not put there twice.
    (item,) = client.at("a.sock", 5, 13, "completion")["items"]
    assert item["textEdit"]["newText"] == "mine", item
    item = client.at("a.sock", 0, 11, "completion")["items"][0]
    assert item["label"] == "socket" and item["kind"] == 3 and "make a socket" in item["detail"], item
    client.close()


def test_the_help_is_shown(folder):
    client = Client(folder)
    client.open(
        "a.sock",
        "# Greets.\ndef greet who\n    print $who\nend\nl = socket\nl.setsockopt SO_REUSEADDR true\n"
        "l.recv 4 --timeout 1s\nfails ECONNREFUSED connect localhost 1\ngreet mundo\nprint $(l.getsockname) \"recv\" # recv\n",
    )

    def said(line, character):
        answer = client.at("a.sock", line, character, "hover")
        return answer and answer["contents"]["value"]

    assert "make a socket" in said(4, 6)
    assert "SO_REUSEADDR" in said(5, 18)
    assert said(6, 12).startswith("```text\nrecv --timeout DURATION"), said(6, 12)
    assert "nothing listens on that address" in said(7, 9)
    assert "# Greets.\ndef greet who" in said(8, 2) and "line 2 of" in said(8, 2), said(8, 2)
    assert "l: a socket\nline 5" in said(6, 0), said(6, 0)
    assert "getsockname" in said(9, 13)
    assert said(9, 25) is None and said(9, 33) is None
    client.close()


def test_no_pipe_is_waited_for(folder):
    os.mkfifo(folder / "pipe.sock")
    client = Client(folder)
    for name in ["pipe.sock", "/dev/stdin", "/dev/zero"]:
        client.open("a.sock", f"source {name}\n")
        (found,) = client.findings("a.sock")
        assert found.endswith("it is not a regular file"), found
        assert client.at("a.sock", 0, 9, "hover") is None
    client.close()


MAIN = """source lib.sock
data = ask 127.0.0.1 7
print $data ${data.len} "${data}"
#> ${data} [..]
def data_of data
    return $data
end
x = data_of $data
let a, b = $(split "1 2" " ")
if $data matches "(?P<code>.)"
    print $code
end
"""
LIB = "def ask host port\n    print $host $port\n    return $port\nend\n"


def test_names_lead_to_their_origin(folder):
    (folder / "lib.sock").write_text(LIB)
    client = Client(folder)
    client.open("main.sock", MAIN)

    def origin(line, character):
        answer = client.at("main.sock", line, character, "definition")
        start = answer["range"]["start"]
        return answer["uri"].rsplit("/", 1)[1], start["line"], start["character"]

    assert origin(1, 8) == ("lib.sock", 0, 4)
    assert origin(2, 8) == ("main.sock", 1, 0)
    assert origin(5, 13) == ("main.sock", 4, 12), "an argument is not the script's name"
    assert origin(7, 14) == ("main.sock", 1, 0)
    assert origin(7, 6) == ("main.sock", 4, 4)
    assert origin(0, 9) == ("lib.sock", 0, 0)
    assert origin(10, 12) == ("main.sock", 9, 22)
    assert client.at("main.sock", 1, 20, "definition") is None
    found = client.at("main.sock", 1, 1, "references", context={"includeDeclaration": True})
    starts = [(one["range"]["start"]["line"], one["range"]["start"]["character"]) for one in found]
    assert starts == [(1, 0), (2, 7), (2, 14), (2, 27), (7, 13), (9, 4)], starts
    # From the file that is sourced to those that source it.
    client.open("lib.sock", LIB)
    found = client.at("lib.sock", 0, 5, "references", context={"includeDeclaration": False})
    assert [(one["uri"].rsplit("/", 1)[1], one["range"]["start"]["line"]) for one in found] == [("main.sock", 1)]
    client.close()


def test_a_fixture_gives_names(folder):
    (folder / "fixture.sock").write_text("port = freeport\nexport port\n")
    client = Client(folder)
    client.open("a.sock", "print $port\n")
    assert client.findings("a.sock") == []
    answer = client.at("a.sock", 0, 8, "definition")
    assert answer["uri"].endswith("/fixture.sock") and answer["range"]["start"] == {"line": 0, "character": 0}, answer
    document, position = {"uri": client.uri("a.sock")}, {"line": 0, "character": 8}
    answer = client.answer("textDocument/rename", textDocument=document, position=position, newName="door")
    assert "given from outside" in answer["error"]["message"], answer
    # What is typed in the fixture counts before it is saved.
    client.open("fixture.sock", "port = freeport\nname = freeport\nexport port name\n")
    client.open("b.sock", "print $name\n")
    assert client.findings("b.sock") == []
    client.change("fixture.sock", {"text": "door = freeport\nexport door\n"})
    assert client.findings("a.sock") == ["0:6-11 unknown name `port`"], client.findings("a.sock")
    client.close()


def test_names_are_changed_everywhere_or_nowhere(folder):
    (folder / "lib.sock").write_text(LIB)
    (folder / "other.sock").write_text("source lib.sock\nx = ask ::1 7\nask ::1 8\n")
    client = Client(folder)
    client.open("main.sock", MAIN)

    changes = client.renamed("main.sock", 2, 8, "reply")
    assert list(changes) == ["main.sock"]
    new = edited(MAIN, changes["main.sock"])
    want = MAIN.replace("data = ask", "reply = ask").replace("print $data ${data.len} \"${data}\"", "print $reply ${reply.len} \"${reply}\"")
    want = want.replace("#> ${data}", "#> ${reply}").replace("data_of $data", "data_of $reply").replace("if $data", "if $reply")
    assert new == want, new
    # The argument is another name that is written alike.
    assert "return $it" in edited(MAIN, client.renamed("main.sock", 4, 13, "it")["main.sock"])
    assert edited(MAIN, client.renamed("main.sock", 8, 7, "z")["main.sock"]).count("let a, z = ") == 1
    code = edited(MAIN, client.renamed("main.sock", 10, 12, "letter")["main.sock"])
    assert '"(?P<letter>.)"' in code and "print $letter" in code
    # A `def` is changed in the files that source it, open or not.
    changes = client.renamed("main.sock", 1, 8, "query")
    assert sorted(changes) == ["lib.sock", "main.sock", "other.sock"], changes
    other = (folder / "other.sock").read_text()
    assert edited(other, changes["other.sock"]) == other.replace("ask", "query")
    assert edited(LIB, changes["lib.sock"]) == LIB.replace("ask", "query")
    # An editor that knows no folder has that of the file.
    alone = Client(folder, folders=False)
    alone.open("lib.sock", LIB)
    answer = alone.at("lib.sock", 0, 5, "rename", newName="query")
    assert sorted(uri.rsplit("/", 1)[1] for uri in answer["changes"]) == ["lib.sock", "other.sock"], answer
    alone.close()
    # What it would change beside itself, or break, is not done.
    assert client.renamed("main.sock", 2, 8, "code") == "there is a `code` already"
    assert "word of the language" in client.renamed("main.sock", 2, 8, "if")
    assert client.renamed("main.sock", 1, 8, "recv") == "`recv` is a command already"
    text = "let host = 1\ndef f x\n    print $host $x\nend\n"
    client.open("b.sock", text)
    assert client.renamed("b.sock", 1, 6, "host") == "there is a `host` already"
    assert client.at("main.sock", 2, 8, "prepareRename")["placeholder"] == "data"
    assert client.at("main.sock", 2, 0, "prepareRename") is None
    client.close()


def test_answers_keep_their_names(folder):
    client = Client(folder)

    def renamed(text, line, character, new):
        client.open("a.sock", text)
        changes = client.renamed("a.sock", line, character, new)
        return changes if isinstance(changes, str) else edited(text, changes["a.sock"])

    # A socket is shown with its name.
    text = "a, b = socketpair\n#> a: unix stream ⇄ b: unix stream\n$b\n#> b: unix stream\n"
    new = renamed(text, 0, 0, "left")
    assert new == text.replace("a, b", "left, b").replace("a: unix", "left: unix"), new
    new = renamed(text, 0, 3, "right")
    assert new == text.replace("b = ", "right = ").replace("b: unix", "right: unix").replace("$b", "$right"), new
    (folder / "a.sock").write_text(new)
    subprocess.run([SOCKBOOK, "test", folder / "a.sock"], check=True, stdout=subprocess.DEVNULL)
    # `${NAME}` stands for its text, and in a `def` its own name is meant.
    text = "let a = 1\nprint $a\n#> ${a}\ndef f a\n    print $a\n    #> ${a}\nend\nf 2\nprint $a\n#> ${a}\n"
    new = renamed(text, 1, 7, "n")
    assert new == "let n = 1\nprint $n\n#> ${n}\ndef f a\n    print $a\n    #> ${a}\nend\nf 2\nprint $n\n#> ${n}\n", new
    new = renamed(text, 4, 11, "n")
    assert new == text.replace("f a", "f n").replace("    print $a", "    print $n").replace("    #> ${a}", "    #> ${n}"), new
    # What is written in the line itself is its text.
    text = 'let data = 1\nprint "data: ${data}"\n#> data: 1\n'
    assert renamed(text, 0, 4, "n") == 'let n = 1\nprint "data: ${n}"\n#> data: 1\n'
    # Elsewhere it cannot be told.
    text = "c = socket\nsockets\n#> c  inet stream\n"
    assert renamed(text, 0, 0, "d").endswith("a.sock:3: `c` in this answer may be the name or other text")
    text = "c = socket\nprint $c\n#> c\n"
    assert renamed(text, 0, 0, "d").endswith("a.sock:3: `c` in this answer may be the name or other text")
    text = 'let a = 1\nlet b = "a"\nprint $b\n#> a\n'
    assert renamed(text, 0, 4, "n").endswith("a.sock:4: `a` in this answer may be the name or other text")
    client.close()


def test_a_line_with_a_mistake_is_not_passed_over(folder):
    client = Client(folder)
    for text, line in [
        ("def ask n\n    print $n\nend\nask 5\nfails EX ask 6\n", 5),
        ("def ask n\n    print $n\nend\nask 5\nfails EX \\\n    ask 6\n", 6),
        ("def ask n\n    print $n\nend\nask 5\nprint \"$(ask 6)\n", 5),
    ]:
        client.open("a.sock", text)
        why = client.renamed("a.sock", 0, 4, "query")
        assert f"a.sock:{line}: this line has a mistake, and `ask` stands in it" in why, why
    # Where the name does not stand a mistake is none of its business; a block without its end is read.
    for text in ["let n = 1\nnonsense\nprint $n\n", "let n = 1\nrepeat 2\n    print $n\n"]:
        client.open("a.sock", text)
        (edits,) = client.renamed("a.sock", 0, 4, "m").values()
        assert edited(text, edits) == re.sub(r"\bn\b", "m", text), edits
    client.close()


def test_what_cannot_be_read_of_a_project(folder):
    (folder / "lib.sock").write_text(LIB)
    (folder / "other.sock").write_text("source lib.sock\nask ::1 7\n")
    # None of these is a script that sources another.
    os.mkfifo(folder / "pipe.sock")
    os.symlink("/nowhere", folder / "nowhere.sock")
    (folder / "bytes.sock").write_bytes(b"source lib.sock\nask \xff 7\n")
    client = Client(folder)
    client.open("lib.sock", LIB)
    assert sorted(client.renamed("lib.sock", 0, 5, "query")) == ["lib.sock", "other.sock"]
    # A folder whose path is too long for the system cannot be looked into.
    here = os.open(folder, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=here)
        here, above = os.open("d" * 250, os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(here)
    found = client.at("lib.sock", 0, 5, "references", context={"includeDeclaration": False})
    assert [one["uri"].rsplit("/", 1)[1] for one in found] == ["other.sock"], found
    why = client.renamed("lib.sock", 0, 5, "query")
    assert why.startswith("`ask` may stand in a script that cannot be read: ") and "name too long" in why, why
    # What stands in one `def` stands in no other script.
    assert list(client.renamed("lib.sock", 0, 9, "machine")) == ["lib.sock"]
    client.close()


def test_time_grows_with_the_text(folder):
    """Of four times as much, a little more than four times the time: its square would be sixteen times."""
    (folder / "other.sock").write_text("source a.sock\nprint $n\n")

    def names(client, count):
        client.open("a.sock", "let n = 1\n" + "print $n\n#> ${n}\n" * count)
        before = client.seconds()
        found = client.at("a.sock", 0, 4, "references", context={"includeDeclaration": True})
        changes = client.renamed("a.sock", 0, 4, "m")
        assert (len(found), len(changes["a.sock"]), len(changes["other.sock"])) == (count + 2, 2 * count + 1, 1)
        return client.seconds() - before

    def changes(client, count):
        client.open("a.sock", "print a\n" * 10 * count)
        places = [{"line": 10 * at, "character": 6} for at in range(count)]
        before = client.seconds()
        client.change("a.sock", *({"range": {"start": one, "end": one}, "text": "b\nprint "} for one in reversed(places)))
        client.change("a.sock", *({"range": {"start": one, "end": {**one, "character": 7}}, "text": "c"} for one in places))
        assert client.at("a.sock", 11 * count - 1, 1, "hover") and not client.at("a.sock", 11 * count, 1, "hover")
        return client.seconds() - before

    for work in (names, changes):
        client = Client(folder)
        few, many = work(client, 1_000), work(client, 4_000)
        assert many < 8 * max(few, 0.1), (work.__name__, few, many)
        client.close()


def test_hints_are_followed(folder):
    client = Client(folder)
    for text, want in [
        ("socket inet steam\n", "socket inet stream\n"),
        ("socket inet steam    # ñ 𝄞\n", "socket inet stream    # ñ 𝄞\n"),
        ("let data = hola\na, b = socketpair\na.sendall data\na.close\nb.close\n",
         "let data = hola\na, b = socketpair\na.sendall $data\na.close\nb.close\n"),
        ("if 1 == 1:   # yes\n    print yes\nend\n", "if 1 == 1   # yes\n    print yes\nend\n"),
        ("    print (hola)\n", "    print hola\n"),
    ]:
        client.open("a.sock", text)
        line = int(client.findings("a.sock")[0].split(":")[0])
        (action,) = client.actions("a.sock", line)
        assert edited(text, action["edit"]["changes"][client.uri("a.sock")]) == want, action
    # A hint with gaps, and one whose words are not what to write here.
    for text in ["b = \"hola\"\n", "print $nosuch\n"]:
        client.open("a.sock", text)
        assert client.findings("a.sock") != [] and client.actions("a.sock", 0) == [], text
    client.close()


def test_a_text_is_laid_out(folder):
    client = Client(folder)
    text = "# ñ\nrepeat  2\nprint   𝄞\nend\n\n\nprint ok\n"
    client.open("a.sock", text)
    document = {"uri": client.uri("a.sock")}
    edits = client.ask("textDocument/formatting", textDocument=document, options={"tabSize": 4, "insertSpaces": True})
    (folder / "a.sock").write_text(text)
    subprocess.run([SOCKBOOK, "fmt", folder / "a.sock"], check=True, stdout=subprocess.DEVNULL)
    new = edited(text, edits)
    assert new == (folder / "a.sock").read_text() != text
    client.change("a.sock", {"text": new})
    assert client.ask("textDocument/formatting", textDocument=document, options={}) == []
    client.change("a.sock", {"text": 'print "open\n'})
    assert client.ask("textDocument/formatting", textDocument=document, options={}) is None
    client.close()


def test_no_message_is_too_bad(folder):
    client = Client(folder)
    client.open("a.sock", "print hola\n")
    methods = [
        "textDocument/completion", "textDocument/hover", "textDocument/definition", "textDocument/references",
        "textDocument/prepareRename", "textDocument/rename", "textDocument/formatting", "textDocument/codeAction",
        "initialize", "nonsense/method",
    ]
    bad = [None, [], {}, 7, "x", {"textDocument": None}, {"textDocument": {"uri": 5}}, {"textDocument": {"uri": "a"}}]
    uri = client.uri("a.sock")
    for position in [None, {}, {"line": -1, "character": 0}, {"line": "0", "character": 0}, {"line": 1e9, "character": 1.5}]:
        bad.append({"textDocument": {"uri": uri}, "position": position, "range": position, "newName": position})
    for method in methods:
        for params in bad:
            client.last += 1
            client.send({"id": client.last, "method": method, "params": params})
            while (answer := client.receive()).get("id") != client.last:
                pass
            assert "error" in answer or method == "textDocument/formatting", (method, params, answer)
    # Far away, nothing breaks.
    far = {"line": 2**53, "character": 2**53}
    for method in ["completion", "hover", "definition", "references", "prepareRename"]:
        client.ask("textDocument/" + method, textDocument={"uri": uri}, position=far)
    for method in ["textDocument/didOpen", "textDocument/didChange", "textDocument/didClose", "textDocument/didSave",
                   "workspace/didChangeWorkspaceFolders", "$/cancelRequest", "nonsense"]:
        for params in [None, [], {}, 7, {"textDocument": 5}, {"textDocument": {"uri": uri}, "contentChanges": [{}, 5, None]}]:
            if method == "textDocument/didClose" and isinstance(params, dict) and "contentChanges" in params:
                continue
            client.send({"method": method, "params": params})
    # Texts that are too deep, too long a line, or no text at all.
    for text in ["if 1 == 1\n" * 20000, "print " + "$(slice " * 20000, "print " + "(" * 50000, "x" * 3_000_000, "\0\r\ufffe\u202e" * 99]:
        client.change("a.sock", {"text": text})
        for line in [0, 100, 19999]:
            client.at("a.sock", line, 9, "completion")
            client.at("a.sock", line, 3, "hover")
            client.at("a.sock", line, 3, "definition")
        client.actions("a.sock", 0)
        client.findings("a.sock")
    client.change("a.sock", {"text": "print hola\n"})
    # Bytes that are no message are answered, and the next message too.
    for body in [b"{", b"[]", b"\xff\xfe", b"null", b"{}", b"[" * 5000]:
        client.server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        client.server.stdin.flush()
        while "error" not in (answer := client.receive()):
            pass
        assert answer["id"] is None and answer["error"]["code"] in (-32700, -32600), answer
    assert client.at("a.sock", 0, 1, "hover") is not None
    client.close()
    # Where the next message begins cannot be known: the server says so and ends, and not by a signal.
    for bytes_ in [b"Content-Length: 99999999999999999999\r\n\r\n", b"hello\r\n\r\n", b"Content-Length: 5\r\n\r\n{}"]:
        run = subprocess.run([SOCKBOOK, "lsp"], input=bytes_, capture_output=True)
        assert run.returncode == 1 and b"panicked" not in run.stderr, (bytes_, run)


def main():
    names = [name for name in globals() if name.startswith("test_")]
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            try:
                globals()[name](pathlib.Path(folder).resolve())
            except BaseException:
                print("failed:", name, flush=True)
                raise
        print(re.sub("_", " ", name[5:]), flush=True)


main()
