#!/usr/bin/env python3

import errno
import fcntl
import os
import re
import select
import socket
import struct
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


def each(*values):
    """What a loop goes over: the values, the items of those that are lists, the keys of those that are maps."""
    return [item for value in values for item in (list(value) if isinstance(value, (list, dict)) else [value])]


def replace(data, old, new):
    if not old:
        raise ValueError("nothing is replaced")
    return data.replace(old, new)


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


class Failed(BaseException):
    """The script has failed: no `except` takes it."""


def expect(holds, otherwise=""):
    """Ends the script as failed, unless this holds."""
    if not holds:
        raise Failed(otherwise)


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


def cannot(reason):
    """What Python has no words for."""
    raise NotImplementedError(reason)


# What every socket has: set it, read it back.
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)

for name in (b"reuseaddr", b"reuseport", b"broadcast", b"keepalive", b"oobinline", b"dontroute", b"timestamp", b"timestampns", b"select_err_queue", b"zerocopy"):
    # before = getsockopt $name
    #     `` has no counterpart in Python's `socket`
    cannot("before = getsockopt $name")

    expect(same(before, False))
    # setsockopt $name true
    #     `` has no counterpart in Python's `socket`
    cannot("setsockopt $name true")
    # after = getsockopt $name
    #     `` has no counterpart in Python's `socket`
    cannot("after = getsockopt $name")

    expect(same(after, True))
    # setsockopt $name off
    #     `` has no counterpart in Python's `socket`
    cannot("setsockopt $name off")
    # again = getsockopt $name
    #     `` has no counterpart in Python's `socket`
    cannot("again = getsockopt $name")

    expect(same(again, 0))
s.setsockopt(socket.SOL_SOCKET, socket.SO_DEBUG, 0)
bool(s.getsockopt(socket.SOL_SOCKET, socket.SO_DEBUG))

s.getsockopt(socket.SOL_SOCKET, socket.SO_SNDLOWAT)

s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 16)
s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT)

s.setsockopt(socket.SOL_SOCKET, 37, 16)
s.getsockopt(socket.SOL_SOCKET, 37)

s.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 6)
s.getsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY)

# setsockopt max_pacing_rate 1000000
#     `max_pacing_rate` has no counterpart in Python's `socket`
cannot("setsockopt max_pacing_rate 1000000")
# getsockopt max_pacing_rate
#     `max_pacing_rate` has no counterpart in Python's `socket`
cannot("getsockopt max_pacing_rate")

# setsockopt max_pacing_rate -1
#     `max_pacing_rate` has no counterpart in Python's `socket`
cannot("setsockopt max_pacing_rate -1")
# getsockopt max_pacing_rate
#     `max_pacing_rate` has no counterpart in Python's `socket`
cannot("getsockopt max_pacing_rate")

s.setsockopt(socket.SOL_SOCKET, 69, 0)
bool(s.getsockopt(socket.SOL_SOCKET, 69))

s.getsockopt(socket.SOL_SOCKET, 56)
