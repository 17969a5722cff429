# struct: packed, unpacked, one field taken, sizes.
import struct

header = struct.pack(">BHI", 1, 500, 70000)
print(header, len(header), struct.calcsize("!HI"))
kind, length, rest = struct.unpack(">BHI", header)
print(kind, length, rest)
value = struct.unpack("!I", b"\x00\x00\x01\x00")[0]
print(value)
(number,) = struct.unpack("<H", b"\x10\x00")
print(number)
name, code = struct.unpack("4sB", b"abcd\x07")
print(name, code)
print(struct.pack("!4sh", b"ab", -2))
try:
    struct.unpack("!I", b"ab")
except struct.error:
    print("too short")
