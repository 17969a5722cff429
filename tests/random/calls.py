"""Random sequences of socket calls, made by CPython and by sockbook, and compared.

    calls.py SOCKBOOK COUNT SEED [FIRST]

Each sequence is a pure function of the seed and its number. CPython makes its calls while it is being written down,
so that each call can be chosen by what exists; the same calls are then written as a script. A script holds many
sequences. What is compared, call by call: the result (counts, bytes in hex, addresses, option values), or the name of
the errno and the class of the error. Ports, automatic Unix names and temporary folders are numbered as they appear.

A difference that comes again when its sequence runs alone is reported with the script that shows it; one that does
not come again is counted: another order of the kernel's own work, or a port that a program beside has taken.
Differences that are meant are in EXPLAINED, each with its reason, faults that are known and not yet mended in KNOWN;
the end tells how often each was met.

What a sequence does not hold, because one of the two has no such call: a time limit on a socket with two descriptors
(Python keeps it in the object, sockbook in the kernel); `recv(0)` (CPython makes no call at all) and a buffer of 0 bytes
for urgent data (Linux says 1 byte came, which CPython then shows); SO_RCVTIMEO and SO_SNDTIMEO by their names (sockbook's
own `settimeout`); values that change by themselves (cookies, CPUs, processes). Python's `settimeout(T)` is written as
`setblocking true` and `settimeout T`, `setblocking(True)` as `setblocking true` and `settimeout none`.
"""

import errno
import os
import random
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

SOCKBOOK = sys.argv[1]
COUNT = int(sys.argv[2])
SEED = sys.argv[3]
FIRST = int(sys.argv[4]) if len(sys.argv) > 4 else 0
BATCH = 100

# Of both programs: an error as one line.
def failed(e):
    if isinstance(e, socket.gaierror):
        names = {v: k for k, v in vars(socket).items() if k.startswith("EAI_")}
        return f"! {names.get(e.errno, e.errno)} gaierror"
    if isinstance(e, OSError):
        # Two names of one number: the one that socket calls use.
        name = errno.errorcode.get(e.errno, e.errno)
        return f"! {'EOPNOTSUPP' if name == 'ENOTSUP' else name} {type(e).__name__}"
    return f"! {type(e).__name__} {type(e).__name__}"


def is_socket_error(said):
    return said.startswith("! E")


# A reason, and whether it holds: of an operation, what each said, the line, and the steps before it.
EXPLAINED = [
    ("Python's own limit has no errno: TimeoutError alone",
     lambda op, py, ours, line, before: py == "! None TimeoutError" and ours == "! ETIMEDOUT TimeoutError"),
    ("with a limit CPython waits first and calls then: what the kernel says at once comes as a TimeoutError",
     lambda op, py, ours, line, before: py == "! None TimeoutError" and is_socket_error(ours)
         and ("--dontwait" in line or not ours.startswith(("! EAGAIN", "! EINPROGRESS")))),
    ("with a limit CPython waits until poll(2) sees room, which it does later than send(2)",
     lambda op, py, ours, line, before: op.startswith("send") and py == "! None TimeoutError" and ours.isdigit()),
    ("a datagram socket that was shut down ends a call which waits, and a call which does not wait is EAGAIN: with a "
     "limit CPython's calls do not wait, but poll",
     lambda op, py, ours, line, before: py == "! None TimeoutError" and ours == ""
         and any(step[0] == "shutdown" for step in before)),
    ("with a limit CPython waits first, for 0 bytes of a stream too, which the kernel gives at once",
     lambda op, py, ours, line, before: py == "! None TimeoutError" and ours in ("", "0") and line.endswith(" 0")),
    ("with a limit CPython begins a connection without waiting and believes SO_ERROR, and a second connect(2) then only "
     "says that it stands; what follows is not compared",
     lambda op, py, ours, line, before: op == "connect in time" and py == "ok"
         and ours.startswith(("! EISCONN", "! ECONNABORTED"))),
    ("the kernel keeps a limit in ticks of its clock, and rounds it up",
     lambda op, py, ours, line, before: op == "gettimeout" and py.endswith("ms") and ours.endswith("ms")
         and float(py[:-2]) <= float(ours[:-2]) < float(py[:-2]) + 10),
    ("`setblocking false` leaves the limit of `settimeout` alone, Python's sets it to 0",
     lambda op, py, ours, line, before: op == "gettimeout" and py == "0"),
    ("a datagram cut with MSG_TRUNC: Python makes bytes of its whole length and leaves the rest unfilled",
     lambda op, py, ours, line, before: op == "trunc" and not py.startswith("!") and not ours.startswith("!")
         and py.split(" ")[0].startswith(ours.split(" ")[0])),
    ("an option that the kernel gives no bytes of: Python shows the 0 that it began with",
     lambda op, py, ours, line, before: op == "getsockopt" and py == "0" and ours == ""),
]

# Told apart by its place.
REFUSED = ("with a limit CPython connects without waiting: a refused socket is then not as after a connect(2) that waits; "
           "what follows is not compared")

KNOWN = []

FAMILIES = {"inet": socket.AF_INET, "inet6": socket.AF_INET6, "unix": socket.AF_UNIX}
TYPES = {"stream": socket.SOCK_STREAM, "dgram": socket.SOCK_DGRAM, "seqpacket": socket.SOCK_SEQPACKET}
HERE = {"inet": "127.0.0.1", "inet6": "::1"}

# Options whose value is an integer in both: level, constant, values to set (none: only read).
FLAG = (0, 1)
INTEGERS = [
    ("SOL_SOCKET", "SO_REUSEADDR", FLAG), ("SOL_SOCKET", "SO_REUSEPORT", FLAG), ("SOL_SOCKET", "SO_BROADCAST", FLAG),
    ("SOL_SOCKET", "SO_KEEPALIVE", FLAG), ("SOL_SOCKET", "SO_OOBINLINE", FLAG), ("SOL_SOCKET", "SO_DONTROUTE", FLAG),
    ("SOL_SOCKET", "SO_RCVBUF", (0, 1, 2048, 65536)), ("SOL_SOCKET", "SO_SNDBUF", (0, 1, 4608, 65536)),
    ("SOL_SOCKET", "SO_RCVLOWAT", (0, 1, 5)), ("SOL_SOCKET", "SO_ACCEPTCONN", ()),
    ("SOL_SOCKET", "SO_SNDLOWAT", ()), ("SOL_SOCKET", "SO_PRIORITY", (0, 3, 6)), ("SOL_SOCKET", "SO_MARK", (0, 7)),
    ("SOL_SOCKET", "SO_PASSCRED", FLAG), ("SOL_SOCKET", "SO_TIMESTAMP", FLAG),
    ("IPPROTO_IP", "IP_TTL", (0, 1, 64, 255, 256)), ("IPPROTO_IP", "IP_TOS", (0, 8, 16, 255)),
    ("IPPROTO_IP", "IP_MULTICAST_TTL", (0, 1, 200, 300)), ("IPPROTO_IP", "IP_MULTICAST_LOOP", FLAG),
    ("IPPROTO_IP", "IP_RECVTOS", FLAG),
    ("IPPROTO_IPV6", "IPV6_V6ONLY", FLAG), ("IPPROTO_IPV6", "IPV6_UNICAST_HOPS", (0, 1, 64, 255, 256)),
    ("IPPROTO_IPV6", "IPV6_MULTICAST_HOPS", (0, 1, 255, 256)), ("IPPROTO_IPV6", "IPV6_MULTICAST_LOOP", FLAG),
    ("IPPROTO_IPV6", "IPV6_RECVTCLASS", FLAG), ("IPPROTO_IPV6", "IPV6_DONTFRAG", FLAG),
    ("IPPROTO_IPV6", "IPV6_RECVPKTINFO", FLAG),
    ("IPPROTO_TCP", "TCP_NODELAY", FLAG), ("IPPROTO_TCP", "TCP_CORK", FLAG),
    ("IPPROTO_TCP", "TCP_MAXSEG", (88, 536, 1460)),
    ("IPPROTO_TCP", "TCP_KEEPCNT", (0, 1, 5, 127, 128)), ("IPPROTO_TCP", "TCP_SYNCNT", (0, 1, 3, 255)),
    ("IPPROTO_TCP", "TCP_WINDOW_CLAMP", (0, 4096)), ("IPPROTO_TCP", "TCP_NOTSENT_LOWAT", (0, 16384)),
]
# By number: what changes by itself, waits, needs a structure of its own or sets a limit is left out.
NOT_BY_NUMBER = {
    0: {4, 35, 36, 41, 52, 64, 65, 66, 67, 80},
    1: {4, 17, 20, 21, 26, 27, 28, 31, 44, 49, 50, 51, 53, 54, 55, 56, 57, 61, 66, 67, 71, 77},
    6: {4, 11, 12, 13, 15, 19, 20, 21, 22, 24, 26, 28, 29, 31, 33, 35, 36, 37, 38, 39},
    41: {34, 35, 64, 65, 66, 67, 68, 69, 80},
}

RECV_FLAGS = [("--oob", socket.MSG_OOB), ("--dontwait", socket.MSG_DONTWAIT), ("--waitall", socket.MSG_WAITALL),
              ("--trunc", socket.MSG_TRUNC)]
SEND_FLAGS = [("--oob", socket.MSG_OOB), ("--dontroute", socket.MSG_DONTROUTE), ("--dontwait", socket.MSG_DONTWAIT),
              ("--more", socket.MSG_MORE)]


# Constants that this CPython has no name for.
MISSING = {"SO_TIMESTAMP": 29}


def constant_of(name):
    return MISSING.get(name) or getattr(socket, name)


# A Unix socket without a name: `bind ""`, `connect ${a.local}`. Not yet understood by every version.
TAKES_UNNAMED = subprocess.run([SOCKBOOK, "-c", "socket unix dgram", "-c", 'bind ""'],
                               capture_output=True).returncode == 0


class Waited(Exception):
    """A call of CPython waited: the sequence is given up."""


def alarm(*_):
    raise Waited


class Sock:
    """A socket of a sequence: CPython's object, and what decides which calls would wait."""

    def __init__(self, name, real, family, kind, group=None):
        self.name, self.real, self.family, self.kind = name, real, family, kind
        # Shared by all descriptors of one socket: does a call wait?
        self.group = group if group is not None else {"waits": True, "limit": None, "many": False}

    @property
    def open(self):
        return self.real.fileno() >= 0


class Sequence:
    def __init__(self, number, folder):
        self.random = random.Random(f"{SEED}:{number}")
        self.number = number
        self.folder = folder
        self.socks = []
        self.steps = []      # (operation, what Python said)
        self.lines = []      # the script
        self.paths = []

    # The two forms of an address.

    def shown(self, address):
        if address is None:
            return ""
        if isinstance(address, bytes):
            return "@" + address[1:].decode("latin-1") if address[:1] == b"\0" else address.decode()
        if isinstance(address, str):
            return address or "(unnamed)"
        return f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"

    def name(self):
        return f"q{self.number}_{len(self.socks)}"

    def step(self, op, python, lines, shows):
        """One call: CPython's as a function, sockbook's as lines and the text to print."""
        at = f"{self.number}.{len(self.steps)}"
        signal.setitimer(signal.ITIMER_REAL, 3)
        try:
            said = python()
        except Waited:
            raise
        except Exception as e:  # noqa: whatever Python says is the answer
            said = failed(e)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        self.steps.append((op, said, lines))
        self.lines += ["try", *("    " + line for line in lines), f'    print "{at} {shows}"',
                       "except as e", f'    print "{at} ! ${{e.name}} ${{e.class}}"', "end"]
        return said

    def run(self):
        try:
            family = self.random.choice(["inet", "inet", "inet6", "unix", "unix"])
            kinds = ["stream", "stream", "dgram"] + (["seqpacket"] if family == "unix" else [])
            kind = self.random.choice(kinds)
            self.family, self.kind = family, kind
            start = self.random.random()
            if start < 0.35 and family == "unix":
                self.pair()
            elif start < 0.6 and kind != "dgram":
                self.connected()
            else:
                self.socket(family, kind)
                if self.random.random() < 0.5:
                    self.socket(family, kind)
            for _ in range(self.random.randint(5, 18)):
                self.any_call()
        finally:
            for s in self.socks:
                if s.open:
                    self.lines.append(f"{s.name}.close")
                s.real.close()
        return self

    # Calls that make sockets.

    def add(self, name, real, family, kind, group=None):
        sock = Sock(name, real, family, kind, group)
        self.socks.append(sock)
        return sock

    def socket(self, family, kind):
        name = self.name()

        def python():
            real = socket.socket(FAMILIES[family], TYPES[kind])
            self.add(name, real, family, kind)
            return "ok"

        spelled = self.random.choice([f"{family} {kind}", f"AF_{family.upper()} SOCK_{kind.upper()}"])
        if self.step("socket", python, [f"{name} = socket {spelled}"], "ok") == "ok":
            self.not_waiting(self.socks[-1])

    def pair(self):
        kind = self.random.choice(["stream", "dgram", "seqpacket"])
        left, right = f"q{self.number}_{len(self.socks)}", f"q{self.number}_{len(self.socks) + 1}"

        def python():
            a, b = socket.socketpair(socket.AF_UNIX, TYPES[kind])
            self.add(left, a, "unix", kind)
            self.add(right, b, "unix", kind)
            return "ok"

        self.step("socketpair", python, [f"{left}, {right} = socketpair unix {kind}"], "ok")
        for s in self.socks[-2:]:
            self.not_waiting(s)

    def connected(self):
        """A listener, a client and the server's end, as most programs have them."""
        self.socket(self.family, self.kind)
        listener = self.socks[-1]
        self.bind(listener, fresh=True)
        self.listen(listener)
        self.socket(self.family, self.kind)
        self.connect(self.socks[-1], to=listener)
        self.accept(listener)

    def not_waiting(self, s):
        if self.random.random() < 0.85:
            self.setblocking(s, False)

    def accept(self, s):
        if not self.ready(s, select.POLLIN):
            return
        name = self.name()

        def python():
            real, address = s.real.accept()
            self.add(name, real, s.family, s.kind)
            return self.shown(address)

        said = self.step("accept", python, [f"{name}, o = {s.name}.accept"], "${o}")
        if not said.startswith("!"):
            self.not_waiting(self.socks[-1])

    def dup(self, s):
        if s.group["limit"]:
            return
        name = self.name()

        def python():
            real = s.real.dup()
            s.group["many"] = True
            self.add(name, real, s.family, s.kind, s.group)
            return "ok"

        self.step("dup", python, [f"{name} = {s.name}.dup"], "ok")

    # Addresses: the text of sockbook, and a function that gives CPython's.

    def address(self, s, fresh=False):
        r = self.random.random()
        bound = [o for o in self.socks if o.family == s.family and o.open]
        if not TAKES_UNNAMED:
            bound = [o for o in bound if o.family != "unix" or o.real.getsockname()]
        if not fresh and bound and r < 0.7:
            other = self.random.choice(bound)
            return f"${{{other.name}.local}}", lambda: other.real.getsockname()
        if s.family == "unix":
            if not fresh and r < 0.75 and TAKES_UNNAMED:
                return '""', lambda: ""
            if self.random.random() < 0.3:
                word = f"@q{os.getpid()}-{self.number}-{self.random.randint(0, 3)}"
                return word, lambda: "\0" + word[1:]
            path = f"{self.number}-{self.random.randint(0, 3)}"
            if not fresh and self.random.random() < 0.1:
                path = "none/" + path
            return "${tmpdir}/" + path, lambda: f"{self.folder}/{path}"
        host = HERE[s.family]
        if self.random.random() < 0.2:
            host = {"inet": "0.0.0.0", "inet6": "::"}[s.family]
        port = 0 if fresh or self.random.random() < 0.8 else 1
        return f"{host} {port}", lambda: (host, port)

    def bind(self, s, fresh=False):
        words, address = self.address(s, fresh)

        def python():
            s.real.bind(address())
            return self.shown(s.real.getsockname())

        self.step("bind", python, [f"x = {s.name}.bind {words}"], "${x}")

    def connect(self, s, to=None):
        if s.group["waits"] and s.kind != "dgram" and not s.group["limit"]:
            return
        if to:
            words, address = f"${{{to.name}.local}}", lambda: to.real.getsockname()
        else:
            words, address = self.address(s)
        op = "connect in time" if s.group["limit"] and s.kind == "stream" and s.family != "unix" else "connect"
        self.step(op, lambda: s.real.connect(address()) or "ok", [f"{s.name}.connect {words}"], "ok")

    # Would this call of CPython wait?

    def ready(self, s, events):
        if not s.open or not s.group["waits"] or s.group["limit"]:
            return True
        poll = select.poll()
        poll.register(s.real, events)
        return bool(poll.poll(0))

    def data(self, s):
        """DATA as words, and the bytes."""
        r = self.random.random()
        if r < 0.03 and s.kind == "dgram" and s.family != "unix":
            n = self.random.choice([65507, 65508, 65527, 65528, 70000])
            return f"--repeat {n} \"x\"", b"x" * n
        if r < 0.08 and s.family == "unix" and not s.group["waits"]:
            n = self.random.choice([1000, 100_000, 300_000])
            return f"--repeat {n} ab", b"ab" * n
        if r < 0.12:
            return '""', b""
        if r < 0.5:
            data = bytes(self.random.randrange(256) for _ in range(self.random.randint(1, 12)))
            return f'x"{data.hex()}"', data
        word = self.random.choice(["a", "hola", "0123456789", "Gracias", "-1", "0.5"])
        return f'"{word}"', word.encode()

    def flags(self, s, table, rate=0.3):
        words, value = [], 0
        for word, bit in table:
            if self.random.random() < rate / len(table):
                words.append(word)
                value |= bit
        return words, value

    def send(self, s, how="send"):
        options, flags = self.flags(s, SEND_FLAGS)
        if s.group["waits"] and not s.group["limit"] and not flags & socket.MSG_DONTWAIT:
            if s.kind != "stream" or not self.ready(s, select.POLLOUT):
                options, flags = ["--dontwait"] + options, flags | socket.MSG_DONTWAIT
        before = "".join(o + " " for o in options)
        if how == "sendmsg":
            parts = [bytes(self.random.randrange(256) for _ in range(self.random.randint(0, 5)))
                     for _ in range(self.random.randint(1, 4))]
            words = " ".join(f'x"{p.hex()}"' for p in parts)
            python = lambda: str(s.real.sendmsg(parts, [], flags))
            self.step(how, python, [f"n = {s.name}.sendmsg {before}{words}"], "${n}")
            return
        words, data = self.data(s)
        if how == "send":
            self.step(how, lambda: str(s.real.send(data, flags)), [f"n = {s.name}.send {before}{words}"], "${n}")
        elif how == "sendall":
            self.step(how, lambda: s.real.sendall(data, flags) or "ok", [f"{s.name}.sendall {before}{words}"], "ok")
        else:
            to, address = self.address(s)
            python = lambda: str(s.real.sendto(data, flags, address()))
            self.step(how, python, [f"n = {s.name}.sendto {before}{words} {to}"], "${n}")

    def recv(self, s, how="recv"):
        options, flags = self.flags(s, RECV_FLAGS)
        if s.group["waits"] and not s.group["limit"] and not flags & socket.MSG_DONTWAIT:
            if flags & socket.MSG_WAITALL or not self.ready(s, select.POLLIN):
                options, flags = ["--dontwait"] + options, flags | socket.MSG_DONTWAIT
        before = "".join(o + " " for o in options)
        n = self.random.choice([0, 1, 2, 3, 5, 10, 100, 4096, 4096, 4096, 70000])
        n = n or int(how in ("recv", "peek") or flags & socket.MSG_OOB != 0)
        op = "trunc" if flags & socket.MSG_TRUNC else how
        peek = socket.MSG_PEEK if how.startswith("peek") else 0
        if flags & socket.MSG_TRUNC and s.family != "unix" and s.kind == "stream":
            # TCP throws the bytes away unread: what there is to compare is how many.
            call = s.real.recv if how in ("recv", "peek") else lambda *a: s.real.recvfrom(*a)[0]
            python = lambda: str(len(call(n, flags | peek)))
            names = "x" if how in ("recv", "peek") else "x, o"
            self.step(how, python, [f"{names} = {s.name}.{how} {before}{n}"], "${x}")
        elif how in ("recv", "peek"):
            self.step(op, lambda: s.real.recv(n, flags | peek).hex(), [f"x = {s.name}.{how} {before}{n}"], "${x.hex}")
        else:
            def python():
                data, address = s.real.recvfrom(n, flags | peek)
                return f"{data.hex()} {self.shown(address)}"

            self.step(op, python, [f"x, o = {s.name}.{how} {before}{n}"], "${x.hex} ${o}")

    # The rest.

    def listen(self, s):
        n = self.random.choice([0, 1, 3, 128])
        self.step("listen", lambda: s.real.listen(n) or "ok", [f"{s.name}.listen {n}"], "ok")

    def shutdown(self, s):
        word, how = self.random.choice([("read", 0), ("write", 1), ("both", 2), ("SHUT_WR", 1)])
        self.step("shutdown", lambda: s.real.shutdown(how) or "ok", [f"{s.name}.shutdown {word}"], "ok")

    def close(self, s):
        reset = s.kind == "stream" and s.family != "unix" and self.random.random() < 0.3

        def python():
            if reset:
                s.real.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            s.real.close()
            return "ok"

        word = "close --reset" if reset else "close"
        if s.open or not reset:
            self.step("close", python, [f"{s.name}.{word}"], "ok")

    def names(self, s):
        call = self.random.choice(["getsockname", "getpeername"])
        python = lambda: self.shown(getattr(s.real, call)())
        self.step(call, python, [f"x = {s.name}.{call}"], "${x}")

    def setblocking(self, s, to=None):
        to = self.random.random() < 0.2 if to is None else to

        def python():
            s.real.setblocking(to)
            s.group.update(waits=to, limit=None)
            return "ok"

        lines = [f"{s.name}.setblocking {str(to).lower()}"] + ([f"{s.name}.settimeout none"] if to else [])
        self.step("setblocking", python, lines, "ok")

    def settimeout(self, s):
        if s.group["many"]:
            return
        limit, word = self.random.choice([(0.001, "1ms"), (0.002, "2ms"), (0.004, "4ms"), (None, "none")])

        def python():
            s.real.settimeout(limit)
            s.group.update(waits=True, limit=limit)
            return "ok"

        self.step("settimeout", python, [f"{s.name}.setblocking true", f"{s.name}.settimeout {word}"], "ok")

    def gettimeout(self, s):
        def python():
            limit = s.real.gettimeout()
            os.fstat(s.real.fileno())
            return "none" if limit is None else "0" if limit == 0 else f"{limit * 1000:g}ms"

        self.step("gettimeout", python, [f"x = {s.name}.gettimeout"], "${x}")

    def option(self, s):
        r = self.random.random()
        if r < 0.3:
            level = self.random.choice([0, 1, 6, 41])
            number = self.random.randint(1, 80)
            if number in NOT_BY_NUMBER[level]:
                return
            if self.random.random() < 0.4:
                value = self.random.choice([0, 1, 2, 64, 1000, -1])
                python = lambda: s.real.setsockopt(level, number, value) or "ok"
                self.step("setsockopt", python, [f"{s.name}.setsockopt {level} {number} {value}"], "ok")
            elif self.random.random() < 0.5:
                python = lambda: str(s.real.getsockopt(level, number))
                self.step("getsockopt", python, [f"x = {s.name}.getsockopt {level} {number}"], "${x}")
            else:
                n = self.random.choice([1, 2, 4, 8, 16])
                python = lambda: s.real.getsockopt(level, number, n).hex()
                self.step("getsockopt", python, [f"x = {s.name}.getsockopt {level} {number} --len {n}"], "${x.hex}")
            return
        if r < 0.38:
            kind = lambda: socket.SocketKind(s.real.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)).name[5:].lower()
            self.step("getsockopt", kind, [f"x = {s.name}.getsockopt SO_TYPE"], "${x}")
            return
        if r < 0.46:
            def python():
                number = s.real.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                return errno.errorcode[number] if number else "0"
            lines = [f"x = {s.name}.getsockopt SO_ERROR", "let y = 0", "if $x != 0", "    let y = ${x.name}", "end"]
            self.step("getsockopt", python, lines, "${y}")
            return
        level, constant, values = self.random.choice(INTEGERS)
        if not values or self.random.random() < 0.5:
            python = lambda: str(s.real.getsockopt(getattr(socket, level), constant_of(constant)))
            self.step(f"getsockopt", python, [f"x = {s.name}.getsockopt {level} {constant}"], "${x}")
        else:
            value = self.random.choice(values)
            word = value if values is not FLAG else ["false", "true"][value]
            python = lambda: s.real.setsockopt(getattr(socket, level), constant_of(constant), value) or "ok"
            self.step(f"setsockopt", python, [f"{s.name}.setsockopt {level} {constant} {word}"], "ok")

    def poll(self, s):
        others = [o for o in self.socks if o.open][:3]
        if not others:
            return
        word, events = self.random.choice([("", select.POLLIN), (" --read", select.POLLIN),
                                           (" --write", select.POLLOUT)])

        def python():
            found = []
            for o in others:
                poll = select.poll()
                poll.register(o.real, events)
                if poll.poll(0):
                    found.append(o.name)
            return f"[{', '.join(found)}]"

        names = " ".join(o.name for o in others)
        self.step("poll", python, [f"x = poll {names}{word} --timeout 0"], "${x}")

    CALLS = [("send", 10), ("sendto", 5), ("sendmsg", 4), ("sendall", 4), ("recv", 12), ("recvfrom", 5), ("peek", 5),
             ("peekfrom", 2), ("bind", 5), ("listen", 3), ("connect", 6), ("accept", 6), ("shutdown", 3), ("close", 2),
             ("names", 6), ("setblocking", 3), ("settimeout", 3), ("gettimeout", 2), ("option", 16), ("poll", 4),
             ("dup", 2), ("new", 3)]

    def any_call(self):
        call = self.random.choices([c for c, _ in self.CALLS], [w for _, w in self.CALLS])[0]
        if call == "new" or not self.socks:
            if self.random.random() < 0.1:
                self.socket(self.random.choice(list(FAMILIES)), self.random.choice(list(TYPES)))
            else:
                self.socket(self.family, self.kind)
            return
        s = self.random.choice(self.socks)
        if call in ("send", "sendto", "sendmsg", "sendall"):
            self.send(s, call)
        elif call in ("recv", "recvfrom", "peek", "peekfrom"):
            self.recv(s, call)
        else:
            getattr(self, call)(s)


PLACES = re.compile(r"(?<=\d|\]):(\d{2,5})\b|@([0-9a-f]{5})\b|(@q\d+-)")


def plain(sequence_of_texts, folder):
    """Ports and automatic names are numbered as they appear."""
    seen = {}

    def number(m):
        if m[3]:
            return "@q-"
        return f"{m[0][0]}<{seen.setdefault(m[0], len(seen))}>"

    return [PLACES.sub(number, t.replace(folder, "T")).rstrip() for t in sequence_of_texts]


def written(sequences, limit):
    return "\n".join(([f"set timeout {limit}"] if limit else []) + [l for s in sequences for l in s.lines]) + "\n"


def sockbook(sequences, work, limit):
    """What sockbook says, by sequence: lists of texts; or nothing, where the script did not run to its end."""
    script = os.path.join(work, f"calls-{sequences[0].number}.sock")
    with open(script, "w") as f:
        f.write(written(sequences, limit) + 'print "folder ${tmpdir}"\n')
    try:
        ran = subprocess.run([SOCKBOOK, script], capture_output=True, timeout=120,
                             env={k: v for k, v in os.environ.items() if k != "SOCKBOOK_LANG"})
    except subprocess.TimeoutExpired:
        return None, "it waits for ever"
    if ran.returncode != 0:
        return None, ran.stderr.decode(errors="replace")
    lines = ran.stdout.decode("latin-1").splitlines()
    folder = lines.pop().removeprefix("folder ")
    said = {s.number: [] for s in sequences}
    for line in lines:
        place, _, text = line.partition(" ")
        said[int(place.split(".")[0])].append(text)
    return {n: plain(texts, folder) for n, texts in said.items()}, None


met = {reason: 0 for reason, _ in EXPLAINED + KNOWN}
met[REFUSED] = 0


def difference(sequence, ours):
    """The first difference that nothing explains, as a text, or none."""
    theirs = plain([said for _, said, _ in sequence.steps], sequence.folder)
    for at, (op, said, lines) in enumerate(sequence.steps):
        py, our = theirs[at], ours[at] if at < len(ours) else "(nothing)"
        if py == our and op == "connect in time" and py.startswith("! ECONNREFUSED"):
            met[REFUSED] += 1
            return None
        if py == our:
            continue
        reason = next((r for r, same in EXPLAINED + KNOWN if same(op, py, our, lines[0], sequence.steps[:at])), None)
        if reason is None:
            return f"{op}: python `{py[:200]}`, sockbook `{our[:200]}`", at
        met[reason] += 1
        if op == "connect in time":
            return None
    return None


def made(number, folder):
    """A sequence, run by CPython; none where a call of it waited."""
    try:
        return Sequence(number, folder).run()
    except Waited:
        return None


def compare(sequences, work, limit):
    """The sequences that differ, each with what differs."""
    said, error = sockbook(sequences, work, limit)
    if said is None and len(sequences) > 1:
        return [d for s in sequences for d in compare([s], work, limit)]
    if said is None:
        return [(sequences[0], (f"sockbook does not run it: {error[:600]}", len(sequences[0].steps)))]
    differences = [(s, difference(s, said[s.number])) for s in sequences]
    return [d for d in differences if d[1]]


def main():
    signal.signal(signal.SIGALRM, alarm)
    work = tempfile.mkdtemp(prefix="sb-calls-")
    waited, varied, found, calls = 0, 0, [], 0
    answers = {}
    try:
        def batch(first):
            return [s for s in sequences[first] if s]

        sequences = {}
        with ThreadPoolExecutor(2) as pool:
            jobs = []
            for first in range(FIRST, FIRST + COUNT, BATCH):
                folder = os.path.join(work, str(first))
                os.mkdir(folder)
                made_now = [made(n, folder) for n in range(first, min(first + BATCH, FIRST + COUNT))]
                waited += sum(s is None for s in made_now)
                kept = [s for s in made_now if s]
                for s in kept:
                    calls += len(s.steps)
                    for op, said, _ in s.steps:
                        key = (op, said.split()[1] if said.startswith("!") else "ok")
                        answers[key] = answers.get(key, 0) + 1
                limit = "5s" if (first // BATCH) % 2 else None
                jobs.append((limit, pool.submit(compare, kept, work, limit)))
            suspects = [(limit, s, d) for limit, job in jobs for s, d in job.result()]
        for limit, sequence, (what, at) in suspects:
            # Once more, alone: does it come again?
            again = None
            for _ in range(4):
                folder = tempfile.mkdtemp(dir=work)
                once_more = made(sequence.number, folder)
                again = once_more and compare([once_more], work, limit)
                if not again:
                    break
            if again:
                found.append((again[0][0], again[0][1][0], again[0][1][1], limit))
            else:
                varied += 1
                if os.environ.get("VERBOSE"):
                    print(f"varies: sequence {sequence.number} step {at}: {what}")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    kinds = {}
    for sequence, what, at, limit in found:
        key = re.sub(r"[0-9a-f]{4,}|\d+", "#", what)[:160]
        kinds.setdefault(key, []).append((sequence, what, at, limit))
    for key, ones in sorted(kinds.items(), key=lambda k: -len(k[1])):
        sequence, what, at, limit = min(ones, key=lambda o: o[2])
        print(f"--- {len(ones)} x, as in sequence {sequence.number}, call {at}: {what}")
        print("\n".join(line for _, _, lines in sequence.steps[: at + 1] for line in lines))
    if os.environ.get("VERBOSE"):
        for key, n in sorted(answers.items()):
            print(f"    {n:7}  {key[0]} {key[1]}")
    for reason, n in met.items():
        print(f"explained {n:6}  {reason}")
    print(f"{COUNT} sequences, {calls} calls: {len(found)} differ, {varied} varied, {waited} given up as they waited")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
