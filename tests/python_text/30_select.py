# select: which of several sockets have something to read.
import select
import socket

a, b = socket.socketpair()
c, d = socket.socketpair()
watched = [a, c]
d.sendall(b"to c")
ready, _, _ = select.select(watched, [], [], 1)
for sock in ready:
    if sock is c:
        print("c", sock.recv(100))
ready, writable, broken = select.select([a, c], [], [], 0)
print(len(ready), len(writable))
ready, _, _ = select.select([a], [], [], 0.01)
if not ready:
    print("nobody")
_, writable, _ = select.select([], [a, c], [])
print(len(writable))
for sock in (a, b, c, d):
    sock.close()
