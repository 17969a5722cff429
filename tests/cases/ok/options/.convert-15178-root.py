#!/usr/bin/env python3

import errno
import os
import socket
import sys
import time
import weakref

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


def duration(value):
    """A length of time as it is shown: 2s, 250ms; none where there is no limit."""
    if value is None:
        return b"none"
    nanos = round(value * 1e9)
    for unit, name in ((10**9, "s"), (10**6, "ms"), (1000, "us"), (1, "ns")):
        if nanos >= unit:
            return (f"{nanos / unit:.9f}".rstrip("0").rstrip(".") + name).encode()
    return b"0s"


names_of_sockets = weakref.WeakKeyDictionary()


def socket_name(sock):
    """The name a socket was given first, as tables show it."""
    if sock not in names_of_sockets:
        names = [name for name, value in globals().items() if value is sock]
        names_of_sockets[sock] = names[0] if names else f"s{len(names_of_sockets) + 1}"
    return names_of_sockets[sock]


def has_ipv6():
    """Has this machine an IPv6 loopback?"""
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
        return True
    except OSError:
        return False


def skip(reason):
    """Ends the script as skipped."""
    print(reason, file=sys.stderr)
    sys.exit(0)


def require(holds, reason):
    """Ends the script as skipped, unless this holds."""
    if not holds:
        skip(reason)


def cannot(reason):
    """What Python has no words for."""
    raise NotImplementedError(reason)


# What only root, or who administers the network, may set.
require(os.geteuid() == 0, "require root")
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)

try:
    s.setsockopt(socket.SOL_SOCKET, 33, 65536)
except PermissionError:
    skip("this root may not administer the network")
s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)

s.setsockopt(socket.SOL_SOCKET, 32, 65536)
s.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)

s.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 7)
s.getsockopt(socket.SOL_SOCKET, socket.SO_MARK)

s.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 7)
s.getsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY)

s.setsockopt(socket.IPPROTO_IP, 19, 1)
bool(s.getsockopt(socket.IPPROTO_IP, 19))

s.setsockopt(socket.SOL_SOCKET, 46, int(0.00005 * 1000000))
duration(s.getsockopt(socket.SOL_SOCKET, 46) * 0.000001)

s.setsockopt(socket.SOL_SOCKET, 69, 1)
bool(s.getsockopt(socket.SOL_SOCKET, 69))

require(has_ipv6(), "require ipv6")
t = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)

t.setsockopt(socket.IPPROTO_IPV6, 75, 1)
bool(t.getsockopt(socket.IPPROTO_IPV6, 75))

# setsockopt hopopts ""
#     `hopopts` has no counterpart in Python's `socket`
cannot("setsockopt hopopts \"\"")
# getsockopt hopopts
#     `hopopts` has no counterpart in Python's `socket`
cannot("getsockopt hopopts")

# setsockopt dstopts ""
#     `dstopts` has no counterpart in Python's `socket`
cannot("setsockopt dstopts \"\"")
# getsockopt dstopts
#     `dstopts` has no counterpart in Python's `socket`
cannot("getsockopt dstopts")

# setsockopt rthdrdstopts ""
#     `rthdrdstopts` has no counterpart in Python's `socket`
cannot("setsockopt rthdrdstopts \"\"")
# getsockopt rthdrdstopts
#     `rthdrdstopts` has no counterpart in Python's `socket`
cannot("getsockopt rthdrdstopts")
