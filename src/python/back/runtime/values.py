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
    if isinstance(value, bytes) and re.fullmatch(rb"0|-?[1-9][0-9]*|-0", value) and -1 << 63 <= int(value) < 1 << 63:
        return int(value)
    return None


def int64(value):
    """An integer, which has 64 bits at most."""
    if not -1 << 63 <= value < 1 << 63:
        raise OverflowError(f"{value} has more than 64 bits")
    return value


def otherwise(look, default):
    """`${name:-default}`: the default where the name has no value yet, or an empty one."""
    try:
        value = look()
    except NameError:
        return default
    return default if value == b"" else value


def count(value):
    """A number that is due: an integer, or bytes that spell one."""
    found = number(value)
    if found is None:
        raise ValueError(f"{quoted(value)} is not an integer")
    return found


def integer(value, beyond=ValueError):
    """`.int`: the integer in a text; the error of one that has more than 64 bits."""
    text = bytes(value).decode().strip() if not isinstance(value, int) else str(value)
    scale = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "kB": 1000, "MB": 10**6, "GB": 10**9}
    found = re.fullmatch(r"([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|([0-9]+)([a-zA-Z]*))", text)
    if not found or (found[5] and found[5] not in scale):
        raise ValueError(f"{quoted(value)} is not an integer")
    if found[2] or found[3]:
        size = int(found[2], 16) if found[2] else int(found[3], 2)
    else:
        size = int(found[4]) * scale.get(found[5], 1)
    size = -size if found[1] == "-" else size
    if not -1 << 63 <= size < 1 << 63:
        raise beyond(f"{size} has more than 64 bits")
    return size


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
    """Below 0, 0 or above 0, as left stands before, at or behind right: two numbers, two lengths of time or two texts."""
    one, other = number(left), number(right)
    if one is None and other is None and isinstance(left, bytes) and isinstance(right, bytes):
        one, other = time_span(left), time_span(right)
        if one is None or other is None:
            one, other = left, right
    if one is None or other is None:
        raise TypeError(f"{quoted(left)} and {quoted(right)} have no order")
    return (one > other) - (one < other)


def contains(whole, part):
    """Is part in whole: an item of a list, a key of a map, else a piece of its text?"""
    if isinstance(whole, list):
        return any(same(item, part) for item in whole)
    if isinstance(whole, dict):
        return key_in(whole, part) in whole
    return octets(part) in octets(whole)


def has_text(value, text):
    """`expect TEXT`: is it a piece of what `$_` is as text?"""
    if isinstance(value, (int, list, dict, socket.socket)):
        raise TypeError(f"{quoted(value)} is not text")
    return octets(text) in octets(value)


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
        return value[key_in(value, name.encode())]
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
        return value.strip()
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


def flat(*values):
    """The values, and the items of those that are lists."""
    return [item for value in values for item in (value if isinstance(value, list) else [value])]


def each(*values):
    """What a loop goes over: the values, the items of those that are lists, the keys of those that are maps."""
    return [item for value in values for item in (list(value) if isinstance(value, (list, dict)) else [value])]


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
    # A negative place counts from the end.
    at = at + len(data) if at < 0 else at
    if at < 0 or len(data) < at + size:
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


POSIX = {b"alnum": b"a-zA-Z0-9", b"alpha": b"a-zA-Z", b"ascii": b"\\x00-\\x7f", b"blank": b" \\t",
         b"cntrl": b"\\x00-\\x1f\\x7f", b"digit": b"0-9", b"graph": b"!-~", b"lower": b"a-z", b"print": b" -~",
         b"punct": b"!-/:-@\\[-`{-~", b"space": b"\\t-\\r ", b"upper": b"A-Z", b"word": b"\\w",
         b"xdigit": b"0-9a-fA-F"}


def posix_class(found):
    """`[:alpha:]` or `[:^alpha:]` as Python has it inside of brackets."""
    inside = POSIX[found[2]]
    if not found[1]:
        return inside
    others = re.sub(b"(?s)[" + inside + b"]", b"", bytes(range(256)))
    return b"".join(b"\\x%02x" % byte for byte in others)


def pattern(regex):
    """A regular expression over bytes."""
    regex = re.sub(rb"\[:(\^?)([a-z]+):\]", posix_class, regex)
    regex = re.sub(rb"\(\?<(?=[A-Za-z_])", b"(?P<", regex)
    regex = re.sub(rb"\(\?([imsx]*)-?u([):])", lambda flags: b"(?" + flags[1] + flags[2] if flags[1] or flags[2] == b":" else b"", regex)
    if not re.match(rb"\(\?[a-z]*m", regex):
        # The end of the text, and not a line end before it.
        regex = re.sub(rb"\\.|\[(?:\\.|[^]])*\]|\$", lambda sign: rb"\Z" if sign[0] == b"$" else sign[0], regex)
    try:
        return re.compile(regex)
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
    key = key_in(whole, key)
    return whole[key] if key in whole or not default else default[0]


def key_in(whole, key):
    """The key of a map that is this one, for 1 and "1" are the same; of a list it is a place."""
    if isinstance(whole, list):
        return count(key)
    other = str(key).encode() if isinstance(key, int) else number(key)
    return other if key not in whole and other in whole else key


def without(values, *gone):
    """A list without the first that is equal to each, or a map without the keys."""
    values = values.copy()
    for one in gone:
        if isinstance(values, dict):
            del values[key_in(values, one)]
        else:
            at = next((at for at, item in enumerate(values) if same(item, one)), None)
            if at is None:
                raise ValueError(f"{quoted(one)} is not in the list")
            del values[at]
    return values


def with_key(whole, key, value):
    """The map or the list with another value at this key."""
    whole = whole.copy()
    whole[key_in(whole, key)] = value
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


class JsonNumber(bytes):
    """The letters of a number of JSON that is no integer."""


def from_json(value):
    """A value out of what json.loads gives: text is its UTF-8."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if isinstance(value, dict):
        return {key.encode(): from_json(item) for key, item in value.items()}
    return value


def to_json(value):
    """What json.dumps takes, out of a value."""
    if isinstance(value, JsonNumber):
        return float(value)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {shown(key): to_json(item) for key, item in value.items()}
    return value


def parse_json(data, *path):
    """The value of a JSON text, or what stands at a path in it."""
    value = from_json(json.loads(data.decode(), parse_float=lambda text: JsonNumber(text.encode())))
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


def digest(name, *parts):
    """A digest or a checksum of bytes."""
    data = b"".join(parts)
    if name == "crc32":
        return zlib.crc32(data).to_bytes(4, "big")
    if name == "inet":
        padded = data + bytes(len(data) % 2)
        total = sum(struct.unpack(f">{len(padded) // 2}H", padded))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        return (~total & 0xFFFF).to_bytes(2, "big")
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


def time_span(text):
    """How many nanoseconds a text such as 250ms is; None of another."""
    if isinstance(text, bytes) and re.fullmatch(rb"([0-9]+\.?[0-9]*|\.[0-9]+)(h|min|m|ms|us|ns|s)", text):
        return round(seconds(text) * 1e9)
    return None


def same_time(left, right):
    """`==` beside a length of time: by length, where both are one."""
    one, other = time_span(left), time_span(right)
    return same(left, right) if one is None or other is None else one == other


def duration(value):
    """A length of time as it is shown: 2s, 250ms; none where there is no limit."""
    if value is None:
        return b"none"
    nanos = round(value * 1e9)
    for unit, name in ((10**9, "s"), (10**6, "ms"), (1000, "us"), (1, "ns")):
        if nanos >= unit:
            return (f"{nanos / unit:.9f}".rstrip("0").rstrip(".") + name).encode()
    return b"0s"


def addresses(host, port=0, family=0, kind=socket.SOCK_STREAM, flags=0):
    """The addresses of a name, each once."""
    found = [address for *_, address in socket.getaddrinfo(host, port, family, kind, flags=flags)]
    return list(dict.fromkeys(address if len(address) == 2 else (*address,) for address in found))
