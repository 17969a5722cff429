//! What of Python stands for what: `help python`. The right-hand side of a row is what the reader makes of the left one.

use super::Reader;
use crate::words::sentence::Phrase;

/// A part of the table.
pub struct Group {
    /// What its rows are about.
    pub title: Phrase,
    /// Python, each read after [`BEFORE`].
    pub rows: &'static [&'static str],
}

/// What the rows know: modules, sockets and values under the names that they use.
pub const BEFORE: &str = r#"
import socket, select, struct, json, threading, time, sys
sock = socket.socket()
server = socket.socket()
data = sock.recv(10)
text = data.decode()
n = 5
items = [n]
ports = {"http": n}
lock = threading.Lock()
def work(number):
    return number
"#;

/// Every part, in the order in which it is shown.
pub const GROUPS: &[Group] = &[
    Group {
        title: phrase!(en "sockets", es "sockets"),
        rows: &[
            "sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
            "sock.connect((\"localhost\", 80))",
            "server.bind((\"\", 8080))",
            "server.listen(3)",
            "conn, address = server.accept()",
            "data = sock.recv(4096)",
            "sock.sendall(text.encode())",
            "data, (host, port) = sock.recvfrom(1024)",
            "sock.sendto(data, (\"localhost\", 9000))",
            "sock.settimeout(1.5)",
            "sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)",
            "sock.shutdown(socket.SHUT_WR)",
            "port = server.getsockname()[1]",
            "with sock:\n    sock.send(data)",
            "ready, _, _ = select.select([sock, server], [], [], 1)",
        ],
    },
    Group {
        title: phrase!(en "text, bytes and numbers", es "textos, bytes y números"),
        rows: &[
            "print(\"n is\", n)",
            "print(f\"{text}: {n + 1}\")",
            "print(data)",
            "print(n, end=\"\")",
            "name = text + \"!\"",
            "n = n + 1",
            "half = n // 2",
            "size = len(data)",
            "size = len(text)",
            "part = data[1:4]",
            "line = \"=\" * 20",
            "name = text.strip()",
            "words = text.split(\",\")",
            "data = text.encode(\"latin-1\")",
            "length = n.to_bytes(4, \"big\")",
            "n = int.from_bytes(b\"\\x01\\x00\", \"little\")",
            "a, b = struct.unpack(\">HI\", data)",
            "value = json.loads(text)",
            "text = json.dumps({\"id\": n})",
            "name = input(\"name: \")",
        ],
    },
    Group {
        title: phrase!(en "lists and maps", es "listas y mapas"),
        rows: &[
            "items = [1, 2]",
            "items.append(n)",
            "first = items[0]",
            "items[0] = 5",
            "ports = {\"http\": 80}",
            "ports[\"dns\"] = 53",
            "port = ports[\"http\"]",
            "port = ports.get(\"smtp\", 25)",
        ],
    },
    Group {
        title: phrase!(en "blocks", es "bloques"),
        rows: &[
            "if n > 3 and text != \"\":\n    print(n)\nelif not data:\n    print(text)",
            "while n < 9:\n    n += 1",
            "while chunk := sock.recv(100):\n    print(len(chunk))",
            "for i in range(3):\n    print(i)",
            "for _ in range(n):\n    print(text)",
            "for item in items:\n    print(item)",
            "for name, port in ports.items():\n    print(port)",
            "try:\n    sock.send(data)\nexcept ConnectionError as e:\n    print(e.errno)\nfinally:\n    sock.close()",
            "raise ValueError(\"too short\")",
            "with open(\"notes\", \"rb\") as file:\n    data = file.read()",
        ],
    },
    Group {
        title: phrase!(en "functions and threads", es "funciones e hilos"),
        rows: &[
            "def double(number, times=2):\n    return number * times",
            "n = work(n)",
            "t = threading.Thread(target=work, args=(n,), daemon=True)\nt.start()\nt.join()",
            "with lock:\n    print(n)",
            "time.sleep(0.5)",
            "sys.exit(1)",
        ],
    },
];

/// A row of the table: the Python, and the lines that it stands for, each with the reason of its mark.
pub type Row = (Vec<String>, Vec<(String, Option<crate::words::Sentence>)>);

/// The rows of a group.
pub fn rows(group: &Group) -> Vec<Row> {
    let mut reader = Reader::new();
    if reader.read(BEFORE).is_err() {
        return Vec::new();
    }
    let read = |python: &&str| {
        let lines = reader.clone().read(python).map(|reading| reading.lines).unwrap_or_default();
        let lines = lines.into_iter().filter(|line| !line.text.trim_start().starts_with('#'));
        let lines = lines.map(|line| (line.text, line.mark.map(|mark| mark.why)));
        (python.lines().map(String::from).collect(), lines.collect())
    };
    group.rows.iter().map(read).collect()
}
