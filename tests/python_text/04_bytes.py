# Bytes: how Python shows them, and the numbers in them.
data = b"hola\x15\xa3ndo"
print(data)
print(len(data), data[0], data[-1])
print(data[1:4], data[4:], data[:2])
print(b"a" + b"b", b"ab" * 3)
print(bytes(3), bytes([1, 2, 255]))
buffer = bytearray()
buffer += b"abc"
buffer = buffer + b"d"
text = buffer.decode()
print(text, len(text))
print(data.hex(), bytes.fromhex("00ff"))
for number in b"abc":
    print(number, end=" ")
print()
print(b"it's", b'say "x"', b"a\tb\n\r\\")
print(b"abc" == b"abc", b"" == b"x")
message = "número".encode()
print(message, len(message))
print(f"{message}")
print(str(b"x"), repr(b"y"))
