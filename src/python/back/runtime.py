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


def count(value):
    """A number that is due: an integer, or bytes that spell one."""
    found = number(value)
    if found is None:
        raise ValueError(f"{quoted(value)} is not an integer")
    return found


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


def contains(whole, part):
    """Is part in whole: an item of a list, a key of a map, else a piece of its text?"""
    if isinstance(whole, list):
        return any(same(item, part) for item in whole)
    if isinstance(whole, dict):
        return part in whole
    return octets(part) in octets(whole)


def empty(value):
    """Is there nothing in it?"""
    if isinstance(value, (list, dict)):
        return not value
    return octets(value) == b""


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


def caught(*names):
    """For `except caught("ECONNREFUSED"):` the class of the error at hand, if it bears one of the names."""
    error = sys.exc_info()[1]
    return type(error) if any(is_error(error, name) for name in names) else ()


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


def numbered(number):
    """The socket that was made as this one."""
    return next(sock for sock, one in numbers.items() if one == number)


def without_names():
    """The sockets of the stack by the names that they have without one."""
    return {f"s{numbers[sock]}": sock for sock in stack.sockets}


def print(*values, end="\n", flush=False):
    """As Python's, but that a line comes whole, whatever other threads print."""
    sys.stdout.write(" ".join(map(str, values)) + end)
    if flush:
        sys.stdout.flush()


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


def now(made):
    """Makes a socket current, or the first of what a call has made."""
    sock = made[0] if isinstance(made, tuple) else made
    for one in made if isinstance(made, tuple) else (made,):
        if isinstance(one, socket.socket):
            numbers.setdefault(one, len(numbers) + 1)
    stack.sockets = (*(s for s in stack.sockets if s is not sock), sock)
    return made


def service(name, sock):
    """The port of a service."""
    return socket.getservbyname(name, "udp" if sock.type == socket.SOCK_DGRAM else "tcp")


def target(value):
    """An address as Python's calls take it, from a value."""
    if isinstance(value, bytes):
        return "\0" + value[1:].decode() if value.startswith(b"@") else value.decode()
    return value


def bound(sock, address):
    """Binds a socket, and gives the address it has then."""
    sock.bind(address)
    return sock.getsockname()


def connected(sock, address):
    """Connects a socket, and gives its peer's address."""
    sock.connect(address)
    return sock.getpeername()


def flag(value):
    """1 or 0 of true, false, on, off or a number."""
    return {b"true": 1, b"on": 1, b"false": 0, b"off": 0}.get(value, value if isinstance(value, int) else number(value))


def disconnect(sock):
    """connect(2) with AF_UNSPEC: a datagram socket has no peer any more."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.connect(sock.fileno(), bytes(16), 16) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def reset(sock):
    """Closes with SO_LINGER 0: the peer gets a RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def limited(seconds, sock, call, *arguments):
    """A call of the socket that may take so long."""
    before = sock.gettimeout()
    sock.settimeout(seconds)
    try:
        return call(*arguments)
    finally:
        if sock.fileno() >= 0:
            sock.settimeout(before)


def taking(sock, timeout, call):
    """Calls with a limit for all receives together, and keeps in an error what had come."""
    if sock.type != socket.SOCK_STREAM:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
    before, end = sock.gettimeout(), timeout and time.monotonic() + timeout

    def recv(size, flags=0):
        if end:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
            sock.settimeout(left)
        return sock.recv(size, flags)

    data = bytearray()
    try:
        return call(recv, data)
    except (OSError, EOFError) as error:
        error.data = bytes(data)
        raise
    finally:
        if end and sock.fileno() >= 0:
            sock.settimeout(before)


def recvexact(sock, size, timeout=None):
    """Receives until so many bytes have come."""
    def take(recv, data):
        while len(data) < size:
            piece = recv(size - len(data))
            if not piece:
                raise EOFError(f"the stream ended after {len(data)} of {size} bytes")
            data += piece
        return bytes(data)
    return taking(sock, timeout, take)


def recvall(sock, most=None, timeout=None):
    """Receives to the end of the stream."""
    def take(recv, data):
        while piece := recv(65536):
            data += piece
            if most is not None and len(data) > most:
                raise OSError(errno.EMSGSIZE, os.strerror(errno.EMSGSIZE))
        return bytes(data)
    return taking(sock, timeout, take)


def recvuntil(sock, *ends, most=1 << 20, timeout=None, line=False):
    """Receives up to and with the first of the ends, and nothing past it."""
    def take(recv, data):
        while True:
            seen = recv(4096, socket.MSG_PEEK)
            if not seen:
                if line and not data:
                    return None
                raise EOFError(f"the stream ended after {len(data)} bytes, before the delimiter")
            whole = bytes(data) + seen
            found = [(whole.find(end), end) for end in ends if end in whole]
            if found:
                at, end = min(found, key=lambda pair: (pair[0], -len(pair[1])))
                data += recv(at + len(end) - len(data))
                return bytes(data)
            data += recv(len(seen))
            if len(data) > most:
                raise OSError(errno.EMSGSIZE, os.strerror(errno.EMSGSIZE))
    return taking(sock, timeout, take)


def recvline(sock, most=1 << 20, timeout=None):
    """Receives a line with its end; None at the end of the stream."""
    return recvuntil(sock, b"\n", most=most, timeout=timeout, line=True)


def recvframe(sock, kind, most=16 << 20, timeout=None):
    """Receives a length of this type, and as many bytes."""
    size = unpack(kind, recvexact(sock, size_of(kind), timeout=timeout))
    if size > most:
        raise OSError(errno.EMSGSIZE, os.strerror(errno.EMSGSIZE))
    return recvexact(sock, size, timeout=timeout)


def sendframe(sock, kind, data):
    """Sends the length of the bytes, and the bytes."""
    sock.sendall(pack(kind, len(data)) + data)


def sendslowly(sock, data, chunk, delay):
    """Sends pieces of chunk bytes, delay seconds apart."""
    for at in range(0, len(data), chunk):
        if at:
            time.sleep(delay)
        sock.sendall(data[at:at + chunk])


def save(path, data, append=False):
    """Writes what came to a file, and gives its size."""
    with open(path, "ab" if append else "wb") as file:
        file.write(data or b"")
    return len(data or b"")


def read_file(path):
    """The bytes of a file."""
    with open(path, "rb") as file:
        return file.read()


def write_file(path, data, append=False):
    """Writes a file: what it held is replaced, or stays before the data."""
    with open(path, "ab" if append else "wb") as file:
        file.write(data)


def send_file(sock, path, offset=0, count=None):
    """Sends a file, from a place in it, so many bytes of it."""
    with open(path, "rb") as file:
        return sock.sendfile(file, offset, count)


def poll(wanted, sockets, timeout=None, writers=()):
    """The sockets that are ready; wanted is a mask of poll(2)."""
    waiting = select.poll()
    by_number = {}
    for sock in sockets:
        if sock.fileno() < 0:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        by_number[sock.fileno()] = sock
        waiting.register(sock, wanted | (select.POLLOUT if sock in writers else 0))
    for sock in writers:
        if sock.fileno() not in by_number:
            by_number[sock.fileno()] = sock
            waiting.register(sock, select.POLLOUT)
    ready = dict(waiting.poll(None if timeout is None else timeout * 1000))
    if not ready and timeout:
        raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
    found = [sock for number, sock in by_number.items() if number in ready]
    events_of.update({sock: ready[sock.fileno()] for sock in found})
    return found


def flat(*values):
    """The values, and the items of those that are lists."""
    return [item for value in values for item in (value if isinstance(value, list) else [value])]


def size_of(kind):
    """The bytes of an integer type such as u32be."""
    return int(kind[1:3].rstrip("bl")) // 8


def is_integer_type(kind):
    return re.fullmatch(r"[ui](8|(16|24|32|40|48|56|64)(be|le)?)", kind)


def byte_order(kind):
    return "little" if kind.endswith("le") else "big"


def pack(kind, *values):
    """Numbers as bytes: an integer type (u16be) or a format of struct."""
    if not is_integer_type(kind):
        values = [v if isinstance(v, bytes) and number(v) is None else count(v) for v in values]
        try:
            return struct.pack(kind, *values)
        except struct.error as error:
            raise OverflowError(str(error)) from None
    signed = kind.startswith("i")
    return b"".join(count(v).to_bytes(size_of(kind), byte_order(kind), signed=signed) for v in values)


def unpack(kind, data, at=0):
    """Bytes as the number they stand for; a list for a format of struct."""
    size = size_of(kind) if is_integer_type(kind) else struct.calcsize(kind)
    if len(data) < at + size:
        raise ValueError(f"{kind} takes {size} bytes, and here are {len(data) - at}")
    if is_integer_type(kind):
        return int.from_bytes(data[at:at + size], byte_order(kind), signed=kind.startswith("i"))
    return list(struct.unpack_from(kind, data, at))


def replace(data, old, new):
    if not old:
        raise ValueError("nothing is replaced")
    return data.replace(old, new)


def xor(data, mask):
    """Each byte with the mask's, which begins again where it ends."""
    if not mask:
        raise ValueError("the mask is empty")
    return bytes(byte ^ mask[at % len(mask)] for at, byte in enumerate(data))


def repeat_to(size, pattern=b"\0"):
    """So many bytes of a pattern again and again."""
    if not pattern:
        raise ValueError("the pattern is empty")
    return (pattern * (size // len(pattern) + 1))[:size]


def crlf(data):
    """Line ends become CRLF; one that is there stays."""
    return re.sub(rb"(?<!\r)\n", b"\r\n", data)


def pattern(regex):
    """A regular expression over bytes."""
    try:
        return re.compile(re.sub(rb"\(\?<(?=[A-Za-z_])", b"(?P<", regex))
    except re.error as error:
        raise ValueError(str(error)) from None


def groups(data, regex):
    """What the groups take of the data, the whole match where there are none; None where nothing matches."""
    found = pattern(regex).search(data)
    return found and (list(found.groups()) or [found[0]])


def get(whole, key, *default):
    """The value of a key of a map, or the item of a list at a place."""
    if isinstance(whole, list):
        at = count(key)
        return whole[at] if -len(whole) <= at < len(whole) or not default else default[0]
    return whole[key] if key in whole or not default else default[0]


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


def with_key(whole, key, value):
    """The map or the list with another value at this key."""
    whole = whole.copy()
    whole[key] = value
    return whole


def in_parts(value, size):
    """A list that is taken apart into so many names."""
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"{quoted(value)} is not a list")
    if len(value) != size:
        raise ValueError(f"{len(value)} values for {size} names")
    return value


def in_rounds(size, *values):
    """The rounds of a loop of several names: a map's pairs, items that are lists, or so many items each."""
    items = [item for value in values for item in
             (list(map(list, value.items())) if isinstance(value, dict) else
              value if isinstance(value, list) else [value])]
    if items and all(isinstance(item, list) for item in items):
        return [in_parts(item, size) for item in items]
    return [in_parts(items[at:at + size], size) for at in range(0, len(items), size)]


def from_json(value):
    """A value out of what json.loads gives: text is its UTF-8."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if isinstance(value, dict):
        return {key.encode(): from_json(item) for key, item in value.items()}
    return repr(value).encode() if isinstance(value, float) else value


def to_json(value):
    """What json.dumps takes, out of a value."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {shown(key): to_json(item) for key, item in value.items()}
    return value


def parse_json(data, *path):
    """The value of a JSON text, or what stands at a path in it."""
    value = from_json(json.loads(data.decode()))
    for key in path:
        value = value[int(key)] if isinstance(value, list) else value[key.encode()]
    return value


def as_json(value):
    """A value as JSON text."""
    return json.dumps(to_json(value), ensure_ascii=False).encode()


def hexdump(data):
    """Bytes in hex and as text, as `hexdump -C` shows them."""
    last = None
    for at in range(0, len(data), 16):
        row = data[at:at + 16]
        if row == last and len(row) == 16:
            if not hidden:
                print("*")
            hidden = True
            continue
        last, hidden = row, False
        digits = "  ".join(" ".join(f"{byte:02x}" for byte in half).ljust(23) for half in (row[:8], row[8:]))
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        print(f"{at:08x}  {digits}  |{text}|")
    try:
        letters = len(data.decode())
    except UnicodeDecodeError:
        letters = len(data)
    told = "" if letters == len(data) else f"  {letters} {LABELS[13 if letters == 1 else 12]} = {len(data)} bytes"
    print(f"{len(data):08x}{told}")


class Failed(BaseException):
    """The script has failed: no `except` takes it."""


def expect(holds, otherwise=""):
    """Ends the script as failed, unless this holds."""
    if not holds:
        raise Failed(otherwise)


def within(seconds, look):
    """Looks again until it holds, for so long."""
    end = time.monotonic() + seconds
    while not look():
        if time.monotonic() > end:
            return False
        time.sleep(0.001)
    return True


class fails:
    """The block must fail with an error of one of these names; without names with a failed call, but no time-out."""

    def __init__(self, *names):
        self.names = names

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is None:
            raise Failed("it did not fail")
        if not isinstance(error, Exception):
            return False
        self.error = error
        if self.names:
            wanted = any(is_error(error, name) for name in self.names)
            return wanted and (not isinstance(error, TimeoutError)
                               or any(n in ("TimeoutError", "ETIMEDOUT") for n in self.names))
        return isinstance(error, (OSError, EOFError)) and not isinstance(error, TimeoutError)


def error_named(name, text):
    """An error of this POSIX name or class."""
    if hasattr(errno, name):
        return OSError(getattr(errno, name), text)
    kind = getattr(builtins, name, None) or getattr(socket, name, None)
    if name == "JSONDecodeError":
        return json.JSONDecodeError(text, "", 0)
    if name == "UnicodeDecodeError":
        return UnicodeDecodeError("utf-8", b"", 0, 0, text)
    if name == "UnicodeEncodeError":
        return UnicodeEncodeError("utf-8", "", 0, 0, text)
    return kind(text)


def skip(reason):
    """Ends the script as skipped."""
    print(reason, file=sys.stderr)
    sys.exit(0)


def require(holds, reason):
    """Ends the script as skipped, unless this holds."""
    if not holds:
        skip(reason)


def has_family(family):
    """Has this machine sockets of this family?"""
    try:
        socket.socket(family, socket.SOCK_RAW if family == getattr(socket, "AF_NETLINK", None) else socket.SOCK_DGRAM).close()
        return True
    except OSError:
        return False


def has_ipv6():
    """Has this machine an IPv6 loopback?"""
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
        return True
    except OSError:
        return False


class subtest:
    """A test of its own: when it has failed, the script goes on behind it, and fails in the end."""

    failed = []

    def __init__(self, text):
        self.text = text

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, (Exception, Failed)):
            subtest.failed.append(self.text)
            traceback.print_exception(kind, error, trace)
            return True


def finish_subtests():
    """The end of a script with subtests: it fails where one of them has."""
    if subtest.failed:
        raise Failed(", ".join(subtest.failed))


kept = []


def keep(made):
    """Keeps a socket open when its last name goes: CPython would close it then."""
    kept.append(made)
    return made


here = os.path.dirname(os.path.abspath(globals().get("__file__", "."))).encode()


class Work(threading.Thread):
    """A thread that keeps what its function returned or the error it ended with."""

    def __init__(self, name, call, daemon):
        super().__init__(name=name, daemon=daemon)
        self.call, self.value, self.error, self.taken = call, None, None, False
        self.sockets = stack.sockets
        works.append(self)
        self.start()

    def run(self):
        stack.sockets = self.sockets
        try:
            self.value = self.call()
        except BaseException as error:
            self.error = error


works = []


def background(name, call):
    """Makes a call in a thread; `wait` gives its result."""
    Work(name, call, False)


def spawn(name, daemon=False):
    """A decorator: the function begins at once, in a thread of this name."""
    return lambda call: Work(name, call, daemon)


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


def finish():
    """The end of the script: waits for its threads, and raises the error of one that nothing waited for."""
    wait()


barriers = {}
sharing = threading.RLock()


def barrier(name, size, timeout=None):
    """Waits until so many threads are here."""
    with sharing:
        place = barriers.setdefault(name, threading.Barrier(size))
    try:
        place.wait(timeout)
    except threading.BrokenBarrierError:
        raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)) from None


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


def waitport(address, timeout=10):
    """Waits until a server listens there: its port stands in the kernel's table."""
    end = time.monotonic() + timeout
    wanted = f":{address[1]:04X}"
    while True:
        for path in ("/proc/net/tcp", "/proc/net/tcp6"):
            with open(path) as file:
                if any(row.split()[1].endswith(wanted) and row.split()[3] == "0A" for row in file.readlines()[1:]):
                    return
        if time.monotonic() > end:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        time.sleep(0.005)


class Folder:
    """The script's own temporary folder, made when first used."""

    path = None

    def __str__(self):
        if Folder.path is None:
            Folder.path = tempfile.mkdtemp(prefix="sock")
            atexit.register(shutil.rmtree, Folder.path, True)
        return Folder.path


tmpdir = Folder()


def digest(name, *parts):
    """A digest or a checksum of bytes."""
    data = b"".join(parts)
    if name == "crc32":
        return zlib.crc32(data)
    if name == "inet":
        padded = data + bytes(len(data) % 2)
        total = sum(struct.unpack(f">{len(padded) // 2}H", padded))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        return ~total & 0xFFFF
    return hashlib.new(name, data).digest()


def seconds(text):
    """A length of time such as 250ms, 2s or 1.5, in seconds."""
    if isinstance(text, (int, float)):
        return float(text)
    found = re.fullmatch(rb"([0-9.]+)(h|min|m|ms|us|ns|s|)", octets(text))
    if not found:
        raise ValueError(f"{quoted(text)} is not a duration")
    units = {b"h": 3600, b"min": 60, b"m": 60, b"ms": 1e-3, b"us": 1e-6, b"ns": 1e-9}
    return float(found[1]) * units.get(found[2], 1)


def duration(value):
    """A length of time as it is shown: 2s, 250ms; none where there is no limit."""
    if value is None:
        return b"none"
    nanos = round(value * 1e9)
    for unit, name in ((10**9, "s"), (10**6, "ms"), (1000, "us"), (1, "ns")):
        if nanos >= unit:
            return (f"{nanos / unit:.9f}".rstrip("0").rstrip(".") + name).encode()
    return b"0s"


def cannot(reason):
    """What Python has no words for."""
    raise NotImplementedError(reason)
