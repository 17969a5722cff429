#!/usr/bin/env python3

import atexit
import base64
import errno
import fcntl
import os
import re
import select
import shutil
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
import weakref

LABELS = ("name", "fd", "family", "type", "local", "peer", "state", "Recv-Q", "Send-Q", "RW", "backlog", "end of stream", "characters", "character")


def shown(value):
    """What print shows: text of bytes, an address as host:port, an error's name."""
    if isinstance(value, (bytes, bytearray)):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, tuple) and len(value) in (2, 4) and isinstance(value[0], str):
        host = value[0] if len(value) == 2 else f"[{value[0]}]"
        return f"{host}:{value[1]}"
    if isinstance(value, list):
        return "[" + ", ".join(map(quoted, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)}: {quoted(v)}" for k, v in value.items()) + "}"
    if isinstance(value, BaseException):
        return name_of(value)
    if isinstance(value, socket.socket):
        return socket_name(value)
    return "" if value is None else str(value)


def quoted(value):
    """As it would be typed: bytes in quotes, the rest as print shows it."""
    if value is None:
        return "nothing"
    if not isinstance(value, (bytes, bytearray)):
        return shown(value)
    signs = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    out = []
    for sign in value.decode("utf-8", "surrogateescape"):
        if "\udc80" <= sign <= "\udcff":
            out.append(f"\\x{ord(sign) - 0xDC00:02x}")
        elif sign in signs:
            out.append(signs[sign])
        elif ord(sign) < 32 or ord(sign) == 127:
            out.append(f"\\x{ord(sign):02x}")
        else:
            out.append(sign)
    return '"' + "".join(out).replace("${", "\\${") + '"'


def octets(*parts):
    """The bytes of the parts, joined: of text its UTF-8, of the rest what print shows."""
    def one(part):
        return bytes(part) if isinstance(part, (bytes, bytearray)) else shown(part).encode()
    return b"".join(map(one, parts))


def number(value):
    """The integer that a value is, or that its bytes spell as an integer is printed; else None."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, bytes) and re.fullmatch(rb"0|-?[1-9][0-9]*|-0", value):
        return int(value)
    return None


def integer(value):
    """`.int`: the integer in a text."""
    text = bytes(value).decode().strip() if not isinstance(value, int) else str(value)
    scale = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "kB": 1000, "MB": 10**6, "GB": 10**9}
    found = re.fullmatch(r"([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|([0-9]+)([a-zA-Z]*))", text)
    if not found or (found[5] and found[5] not in scale):
        raise ValueError(f"{quoted(value)} is not an integer")
    if found[2] or found[3]:
        size = int(found[2], 16) if found[2] else int(found[3], 2)
    else:
        size = int(found[4]) * scale.get(found[5], 1)
    return -size if found[1] == "-" else size


def same(left, right):
    """`==`: numbers by value, sockets by identity, errors by name or class, the rest by what print shows."""
    for error, name in ((left, right), (right, left)):
        if isinstance(error, BaseException) and isinstance(name, bytes):
            return is_error(error, name.decode("utf-8", "replace"))
    if isinstance(left, socket.socket) or isinstance(right, socket.socket):
        return left is right
    one, other = number(left), number(right)
    if one is not None and other is not None:
        return one == other
    return octets(left) == octets(right)


def order(left, right):
    """Below 0, 0 or above 0, as left stands before, at or behind right: two numbers or two texts."""
    one, other = number(left), number(right)
    if one is None and other is None and isinstance(left, bytes) and isinstance(right, bytes):
        one, other = left, right
    if one is None or other is None:
        raise TypeError(f"{quoted(left)} and {quoted(right)} have no order")
    return (one > other) - (one < other)


def is_error(error, name):
    """Is this the error's POSIX name, its class or a class above it?"""
    return name == name_of(error) or name in {kind.__name__ for kind in type(error).__mro__}


def name_of(error):
    """The POSIX name of a system error, else its class."""
    if isinstance(error, TimeoutError):
        return "ETIMEDOUT"
    if isinstance(error, socket.gaierror):
        names = {getattr(socket, n): n for n in dir(socket) if n.startswith("EAI_")}
        return names.get(error.errno, "gaierror")
    if isinstance(error, OSError) and error.errno:
        return errno.errorcode.get(error.errno, type(error).__name__)
    return type(error).__name__


def ask(value, *names):
    """A property of a value, and one of that: `${value.name.name}`."""
    for name in names:
        value = property_of(value, name)
    return value


def property_of(value, name):
    """One property, by what the value is."""
    if isinstance(value, dict):
        return value[name.encode()]
    if isinstance(value, socket.socket):
        return socket_property(value, name)
    if isinstance(value, BaseException):
        return error_property(value, name)
    if isinstance(value, str) and name in ("host", "family"):
        # The path of a Unix socket.
        return value.encode() if name == "host" else b"unix"
    if isinstance(value, tuple):
        return value[1] if name == "port" else address_property(value, name)
    if isinstance(value, list):
        if name.isdigit():
            return value[int(name)]
        if name == "len":
            return len(value)
    if isinstance(value, bytes):
        return bytes_property(value, name)
    if hasattr(value, name):
        return getattr(value, name)
    raise AttributeError(f"{quoted(value)} has no property .{name}")


def bytes_property(value, name):
    """A property of bytes."""
    if name == "len":
        return len(value)
    if name == "text":
        return value.decode().encode()
    if name == "hex":
        return value.hex().encode()
    if name == "base64":
        return base64.b64encode(value)
    if name == "trim":
        return value.strip(b" \t\n\r\f")
    if name == "lines":
        return lines_of(value)
    if name == "int":
        return integer(value)
    if name == "repr":
        return quoted(value).encode()
    if name == "chars":
        return [sign.encode() for sign in value.decode()]
    raise AttributeError(f"bytes have no property .{name}")


def lines_of(value):
    """The lines of bytes, without their ends."""
    if not value:
        return []
    whole = value[:-1] if value.endswith(b"\n") else value
    return [line[:-1] if line.endswith(b"\r") else line for line in whole.split(b"\n")]


def address_property(value, name):
    """A property of an address of the internet."""
    if name == "host":
        return value[0].encode()
    if name == "family":
        return b"inet" if len(value) == 2 else b"inet6"
    if name == "flow" and len(value) == 4:
        return value[2]
    raise AttributeError(f"an address has no property .{name}")


def error_property(error, name):
    """A property of an error."""
    if name == "name":
        return name_of(error).encode()
    if name == "number":
        number = errno.ETIMEDOUT if isinstance(error, TimeoutError) else getattr(error, "errno", None)
        return number or 0
    if name == "class":
        return type(error).__name__.encode()
    if name == "message":
        return (getattr(error, "strerror", None) or str(error)).encode()
    if name == "data":
        return getattr(error, "data", b"")
    raise AttributeError(f"an error has no property .{name}")


def each(*values):
    """What a loop goes over: the values, the items of those that are lists, the keys of those that are maps."""
    return [item for value in values for item in (list(value) if isinstance(value, (list, dict)) else [value])]


def replace(data, old, new):
    if not old:
        raise ValueError("nothing is replaced")
    return data.replace(old, new)


def pattern(regex):
    """A regular expression over bytes."""
    regex = re.sub(rb"\(\?<(?=[A-Za-z_])", b"(?P<", regex)
    regex = re.sub(rb"\(\?([imsx]*)-?u([):])", lambda flags: b"(?" + flags[1] + flags[2] if flags[1] or flags[2] == b":" else b"", regex)
    if not re.match(rb"\(\?[a-z]*m", regex):
        # The end of the text, and not a line end before it.
        regex = re.sub(rb"\\.|\[(?:\\.|[^]])*\]|\$", lambda sign: rb"\Z" if sign[0] == b"$" else sign[0], regex)
    try:
        return re.compile(regex)
    except re.error as error:
        raise ValueError(str(error)) from None


def without(values, *gone):
    """A list without the first that is equal to each, or a map without the keys."""
    values = values.copy()
    for one in gone:
        if isinstance(values, dict):
            del values[one]
        else:
            at = next((at for at, item in enumerate(values) if same(item, one)), None)
            if at is None:
                raise ValueError(f"{quoted(one)} is not in the list")
            del values[at]
    return values


def socket_property(sock, name):
    """A property of a socket, read from the kernel."""
    if name == "fd":
        return sock.fileno()
    if name == "name":
        return socket_name(sock).encode()
    if name == "family":
        return sock.family.name.removeprefix("AF_").lower().encode()
    if name == "type":
        return sock.type.name.removeprefix("SOCK_").lower().encode()
    if name == "local":
        return sock.getsockname()
    if name == "peer":
        return sock.getpeername()
    if name == "state":
        return tcp_state(sock)
    if name in ("recvq", "sendq", "backlog"):
        return queue(sock, name)
    if name == "info":
        return tcp_info(sock)
    if name == "events":
        mask = events_of.get(sock, 0)
        names = ("IN", "OUT", "PRI", "RDHUP", "ERR", "HUP")
        return " ".join(name for name in names if mask & getattr(select, "POLL" + name)).encode()
    raise AttributeError(f"a socket has no property .{name}")


events_of = weakref.WeakKeyDictionary()


names_of_sockets = weakref.WeakKeyDictionary()


def socket_name(sock):
    """The name a socket was given first, as tables show it."""
    if sock not in names_of_sockets:
        names = [name for name, value in globals().items() if value is sock]
        names_of_sockets[sock] = names[0] if names else f"s{len(names_of_sockets) + 1}"
    return names_of_sockets[sock]


STATES = ("", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT",
          "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING", "NEW_SYN_RECV")


def tcp_state(sock):
    """The state of a TCP connection, by its C name without TCP_."""
    if sock.fileno() < 0:
        return b"CLOSED"
    if sock.family in (socket.AF_INET, socket.AF_INET6) and sock.type == socket.SOCK_STREAM:
        return STATES[sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)[0]].encode()
    try:
        if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return b"LISTEN"
        sock.getpeername()
        return b"CONNECTED"
    except OSError:
        name = sock.getsockname()
        return b"BOUND" if (name if sock.family == socket.AF_UNIX else name[1]) else b"NEW"


TCP_FIELDS = {"state": (0, 1), "ca_state": (1, 1), "retransmits": (2, 1), "probes": (3, 1), "backoff": (4, 1),
              "rto": (8, 4), "ato": (12, 4), "snd_mss": (16, 4), "rcv_mss": (20, 4), "unacked": (24, 4),
              "sacked": (28, 4), "lost": (32, 4), "retrans": (36, 4), "pmtu": (60, 4), "rcv_ssthresh": (64, 4),
              "rtt": (68, 4), "rttvar": (72, 4), "snd_ssthresh": (76, 4), "cwnd": (80, 4), "advmss": (84, 4),
              "reordering": (88, 4), "rcv_rtt": (92, 4), "rcv_space": (96, 4), "total_retrans": (100, 4),
              "bytes_acked": (120, 8), "bytes_received": (128, 8), "segs_out": (136, 4), "segs_in": (140, 4),
              "min_rtt": (148, 4), "data_segs_in": (152, 4), "data_segs_out": (156, 4), "bytes_sent": (200, 8)}


def tcp_info(sock):
    """The kernel's TCP_INFO as a map."""
    raw = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 280)
    found = {name.encode(): int.from_bytes(raw[at:at + size], sys.byteorder)
             for name, (at, size) in TCP_FIELDS.items() if at + size <= len(raw)}
    found[b"state"] = STATES[found[b"state"]].encode()
    return found


def queue(sock, which):
    """How many bytes wait (recvq, sendq), or of a listener how many connections may (backlog)."""
    listens = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    if listens and sock.family != socket.AF_UNIX:
        raw = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 32)
        waiting, most = struct.unpack_from("II", raw, 24)
        return waiting if which == "backlog" else most if which == "most" else 0
    call = termios.FIONREAD if which == "recvq" else termios.TIOCOUTQ
    return struct.unpack("i", fcntl.ioctl(sock, call, bytes(4)))[0]


def table(heads, rows):
    """Columns two blanks apart, as wide as their widest cell; a column with nothing in it is left out."""
    wide = [max(len(row[at]) for row in [heads, *rows]) for at in range(len(heads))]
    for row in [heads, *rows]:
        cells = [cell.ljust(width + (1 if at == 0 else 2))
                 for at, (cell, width) in enumerate(zip(row, wide)) if width]
        print("".join(cells).rstrip())


def sockets(current, /, **named):
    """The open sockets of the script as a table; `>` marks the current one."""
    rows = []
    for name, sock in named.items():
        if not isinstance(sock, socket.socket) or sock.fileno() < 0 or any(row[2] == str(sock.fileno()) for row in rows):
            continue
        def address(call):
            try:
                return shown(call()) or "-"
            except OSError:
                return "-"
        ready = select.poll()
        ready.register(sock, select.POLLIN | select.POLLOUT | select.POLLRDHUP)
        events = dict(ready.poll(0)).get(sock.fileno(), 0)
        state = tcp_state(sock).decode()
        local, peer = address(sock.getsockname), address(sock.getpeername)
        is_listener = state == "LISTEN"
        queues = [str(queue(sock, which)) for which in (("backlog", "most") if is_listener else ("recvq", "sendq"))]
        ready_for = ("R" if events & select.POLLIN else ".") + ("W" if events & select.POLLOUT else ".")
        ended = not is_listener and events & select.POLLRDHUP and queues[0] == "0"
        note = LABELS[10] if is_listener else LABELS[11] if ended else ""
        rows.append([">" if sock is current else "", name, str(sock.fileno()),
                     socket_property(sock, "family").decode(), socket_property(sock, "type").decode(),
                     "-" if local.endswith(":0") else local, peer, state, *queues, ready_for, note])
    rows.sort(key=lambda row: int(row[2]))
    table(["", *LABELS[:10], ""], rows)


class Current(threading.local):
    """The sockets in the order in which they were made current: a thread begins with those of its maker."""
    sockets = ()


stack = Current()


numbers = weakref.WeakKeyDictionary()


def current():
    """The current socket: the one made current last that is still open."""
    for sock in reversed(stack.sockets):
        if sock.fileno() >= 0:
            return sock
    raise NameError("no socket is current")


def target(value):
    """An address as Python's calls take it, from a value."""
    if isinstance(value, bytes):
        return "\0" + value[1:].decode() if value.startswith(b"@") else value.decode()
    return value


kept = []


def keep(made):
    """Keeps a socket open when its last name goes: CPython would close it then."""
    kept.append(made)
    return made


class Failed(BaseException):
    """The script has failed: no `except` takes it."""


def expect(holds, otherwise=""):
    """Ends the script as failed, unless this holds."""
    if not holds:
        raise Failed(otherwise)


def skip(reason):
    """Ends the script as skipped."""
    print(reason, file=sys.stderr)
    sys.exit(0)


def require(holds, reason):
    """Ends the script as skipped, unless this holds."""
    if not holds:
        skip(reason)


works = []


def wait(name=None, timeout=None):
    """Waits for the threads of a name, or all; gives what they returned, and raises the first error."""
    waited = [work for work in works if not work.taken and (name in (None, work.name))
              and not (name is None and work.daemon)]
    end = None if timeout is None else time.monotonic() + timeout
    for work in waited:
        work.join(None if end is None else max(0, end - time.monotonic()))
        if work.is_alive():
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
    for work in waited:
        work.taken = True
    errors = [work.error for work in waited if work.error is not None]
    if errors:
        raise errors[0]
    values = [work.value for work in waited]
    return values[0] if len(values) == 1 else values


programs = []


def finish_programs():
    """The end of a script with programs: one that has died on its own is a failure."""
    for program in programs:
        if not program.waited and program.child.poll():
            raise Failed(f"{program.name} has ended with {program.child.returncode}")


class Process:
    """A program that runs beside the script; its output is kept."""

    def __init__(self, name, command, listen=(), stdio=None, folder=None, environment=(), may_fail=False):
        fds = [sock.fileno() for sock in listen]

        def hand_over():
            copies = [fcntl.fcntl(fd, fcntl.F_DUPFD, 100) for fd in fds]
            for at, fd in enumerate(copies):
                os.dup2(fd, 3 + at)

        made = dict(os.environ, **dict(environment))
        if fds:
            made.update(LISTEN_FDS=str(len(fds)))
        ends = stdio.fileno() if stdio is not None else None
        self.name, self.outputs = name, {1: b"", 2: b""}
        self.waited = may_fail
        programs.append(self)
        self.child = subprocess.Popen(
            command, cwd=folder, env=made, preexec_fn=hand_over if fds else None, close_fds=not fds,
            stdin=ends if ends is not None else subprocess.PIPE,
            stdout=ends if ends is not None else subprocess.PIPE, stderr=subprocess.PIPE)
        self.readers = [threading.Thread(target=self.keep, args=(number, pipe), daemon=True)
                        for number, pipe in ((1, self.child.stdout), (2, self.child.stderr)) if pipe]
        for reader in self.readers:
            reader.start()
        self.seen = {}
        atexit.register(self.end)

    def keep(self, number, pipe):
        while piece := os.read(pipe.fileno(), 65536):
            self.outputs[number] += piece

    def end(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()

    def wait(self, timeout=None):
        try:
            status = self.child.wait(timeout)
        except subprocess.TimeoutExpired:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)) from None
        for reader in self.readers:
            reader.join()
        self.waited = True
        return status

    def waitfor(self, regex, stderr=False, timeout=10):
        number, end = (2 if stderr else 1), time.monotonic() + timeout
        while not (found := pattern(regex).search(self.outputs[number], self.seen.get((number, regex), 0))):
            if self.child.poll() is not None and not any(r.is_alive() for r in self.readers):
                raise EOFError(f"{self.name} has ended")
            if time.monotonic() > end:
                raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
            time.sleep(0.002)
        self.seen[number, regex] = found.end()
        return list(found.groups()) or [found[0]]

    def kill(self, number=15):
        self.waited = True
        if self.child.poll() is None:
            self.child.send_signal(number)

    def write(self, data):
        self.child.stdin.write(data)
        self.child.stdin.flush()

    def closein(self):
        self.child.stdin.close()

    pid = property(lambda self: self.child.pid)
    status = property(lambda self: self.child.poll())
    stdout = property(lambda self: self.outputs[1])
    stderr = property(lambda self: self.outputs[2])


def cannot(reason):
    """What Python has no words for."""
    raise NotImplementedError(reason)


# What sockbook sends, Python's recvmsg sees; and the other way round.
require(shutil.which("python3"), "require command python3")
r = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

r.bind(("127.0.0.1", 0))

r.setsockopt(socket.IPPROTO_IP, 12, 1)
p = Process("p", ["python3", "-c", "\nimport socket, struct, sys\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind((\"127.0.0.1\", 0))\nIP_RECVTTL = 12\ns.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)\ns.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)\nSO_TIMESTAMP = 29\ns.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMP, 1)\ns.sendto(b\"here\", (\"127.0.0.1\", int(sys.argv[1])))\ndata, anc, flags, address = s.recvmsg(100, 1000)\nkinds = {(level, kind): value for level, kind, value in anc}\nttl, = struct.unpack(\"i\", kinds[socket.IPPROTO_IP, socket.IP_TTL])\ntos = kinds[socket.IPPROTO_IP, socket.IP_TOS][0]\nstamp = struct.unpack(\"ll\", kinds[socket.SOL_SOCKET, SO_TIMESTAMP])\nprint(data.decode(), ttl, tos, stamp[0] > 1577836800, flush=True)\ns.sendmsg([b\"de \", b\"vuelta\"], [(socket.IPPROTO_IP, socket.IP_TTL, struct.pack(\"i\", 11))], 0, address)\n", str(r.getsockname()[1])])

# data, m = recvmsg
#     `recvmsg` has no counterpart in Python's standard library
cannot("data, m = recvmsg")

expect(same(data, b"here"))
# sendmsg --to ${m.from} --ttl 23 --tos 0x28 "ida" " y"
#     `sendmsg` has no counterpart in Python's standard library
cannot("sendmsg --to ${m.from} --ttl 23 --tos 0x28 \"ida\" \" y\"")

# data, m = recvmsg
#     `recvmsg` has no counterpart in Python's standard library
cannot("data, m = recvmsg")

expect(same(data, b"de vuelta"))
expect(same(ask(m, "ttl"), 11))
p.wait()

expect(b"ida y 23 40 True" in p.stdout)
finish_programs()
