# Numbers in bytes, both orders, any size.
n = 1000
print(n.to_bytes(4, "big"), n.to_bytes(2, byteorder="little"))
print((68866).to_bytes(3, "big"), (256).to_bytes(5, "big"))
print(int.from_bytes(b"\x00\x10", "big"), int.from_bytes(b"\x00\x10", byteorder="little"))
print((-2).to_bytes(2, "big", signed=True), int.from_bytes(b"\xff\xfe", "big", signed=True))
k = 4
length = n.to_bytes(k, "big")
print(length)
unknown = b"\x01\x02\x03" + length
print(int.from_bytes(unknown[:3], "big"))
print(chr(105), chr(960), ord("B"), ord("π"), ord(b"a"))
code = 241
print(chr(code), hex(code), bin(5), oct(8))
letter = "ñ"
print(ord(letter))
print(int("ff", 16), int("42") + 1, int(" 7 "))
print(max(b"abz"), min(b"abz"))
