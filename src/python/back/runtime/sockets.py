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


def service(name, sock=None):
    """The port of a service."""
    return socket.getservbyname(name, "udp" if sock and sock.type == socket.SOCK_DGRAM else "tcp")


def port_number(value, sock=None):
    """A port: a number, or the name of a service."""
    found = number(value)
    return service(shown(value), sock) if found is None else found


def host_text(value):
    """A host as Python's calls take it: `*` is any address."""
    text = shown(value)
    return "" if text == "*" else text


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


def pending_error(sock):
    """SO_ERROR: the error that a call in the background ended with, or 0."""
    found = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return OSError(found, os.strerror(found)) if found else 0


def flag(value):
    """1 or 0 of true, false, on, off or a number."""
    words = {b"true": 1, b"on": 1, b"false": 0, b"off": 0}
    found = words[value.lower()] if isinstance(value, bytes) and value.lower() in words else number(value)
    if found is None:
        raise ValueError(f"{quoted(value)} is neither true nor false")
    return found


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
    """A call of the socket that may take so long; the socket's own limit holds too."""
    before = sock.gettimeout()
    if before == 0:
        return call(*arguments)
    sock.settimeout(seconds if before is None else min(seconds, before))
    try:
        return call(*arguments)
    except BlockingIOError:
        # A limit of 0 is a single look.
        raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)) from None
    finally:
        if sock.fileno() >= 0:
            sock.settimeout(before)


def taking(sock, timeout, call):
    """Calls with a limit for all receives together, and keeps in an error what had come."""
    if sock.type != socket.SOCK_STREAM:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
    before = sock.gettimeout()
    limits = [limit for limit in (timeout, before) if limit is not None]
    end = time.monotonic() + min(limits) if limits and before != 0 else None

    def recv(size, flags=0):
        if end is None:
            return sock.recv(size, flags)
        sock.settimeout(max(0, end - time.monotonic()))
        try:
            return sock.recv(size, flags)
        except BlockingIOError:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)) from None

    data = bytearray()
    try:
        return call(recv, data)
    except (OSError, EOFError) as error:
        error.data = bytes(data)
        raise
    finally:
        if end is not None and sock.fileno() >= 0:
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
    end = None if timeout is None else time.monotonic() + timeout
    size = unpack(kind, recvexact(sock, size_of(kind), timeout=timeout))
    if size > most:
        raise OSError(errno.EMSGSIZE, os.strerror(errno.EMSGSIZE))
    return recvexact(sock, size, timeout=None if end is None else max(0, end - time.monotonic()))


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


def socket_constant(value):
    """The constant of a family, a type, a protocol or a half of a connection: by its name or its number."""
    found = number(value)
    if found is not None:
        return found
    text = shown(value).upper()
    halves = {"READ": "SHUT_RD", "WRITE": "SHUT_WR", "BOTH": "SHUT_RDWR"}
    names = [halves.get(text, text), "AF_" + text, "SOCK_" + text, "IPPROTO_" + text]
    for name in names:
        if hasattr(socket, name):
            return getattr(socket, name)
    raise ValueError(f"{quoted(value)} is no constant of sockets")


def family_of(host):
    """The family of an address that is written in numbers."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


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


kept = []


def keep(made):
    """Keeps a socket open when its last name goes: CPython would close it then."""
    kept.append(made)
    return made
