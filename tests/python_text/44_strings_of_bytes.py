# The notebook of bytes: buffers that grow, in place and by parts.
buffer = bytearray(b"hola")
print(buffer)
buffer.append(33)
print(buffer, buffer[4])
buffer.extend(b"\x15\xa3")
print(buffer)
buffer += b"!"
print(len(buffer), bytes(buffer))
message = bytearray()
for i in range(0, 10, 4):
    chunk = b"abcdefghij"[i:i + 4]
    message.extend(chunk)
    print(chunk, len(message))
print(message.decode("ascii"))
size = len(message).to_bytes(4, byteorder="little")
print(size, size + b"|" + bytes(message)[:3])
i = 1
print(bytes(message)[i], hex(255), bin(300), chr(0x41) + chr(0x42))
