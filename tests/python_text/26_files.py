# Files: written whole, in pieces, added to, read whole, in pieces, by lines.
import sys
import socket

path = "sockbook-python-text-26"
with open(path, "wb") as file:
    file.write(b"first line\nsecond\n")
with open(path, "ab") as file:
    file.write(b"third\n")
with open(path) as file:
    text = file.read()
print(len(text), text.splitlines()[1])
with open(path, "rb") as file:
    while chunk := file.read(10):
        print(chunk)
for line in open(path):
    print(line.strip())
a, b = socket.socketpair()
with open(path, "rb") as file:
    a.sendall(file.read())
a.close()
print(b.recv(1000))
file = open(path, "w")
file.write("one ")
file.write("two")
file.close()
print(open(path).read())
b.close()
