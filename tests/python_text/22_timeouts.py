# Time limits, and calls that do not wait.
import socket

left, right = socket.socketpair()
left.settimeout(0.05)
try:
    left.recv(10)
except socket.timeout:
    print("timed out")
left.settimeout(None)
left.setblocking(False)
try:
    left.recv(10)
except BlockingIOError:
    print("would block")
left.setblocking(True)
right.sendall(b"abc")
print(left.recv(10, socket.MSG_PEEK), left.recv(10, socket.MSG_PEEK | socket.MSG_DONTWAIT))
print(left.recv(10))
print(left.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
with left, right:
    right.sendall(b"last")
    print(left.recv(3, socket.MSG_WAITALL))
