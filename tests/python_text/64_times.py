import socket
import time

limit = 3
start = time.time()
deadline = start + 0.05
while time.time() < deadline:
    time.sleep(0.01)
print(time.time() - start > 0.04, time.time() - start > limit, int(time.time() - start))
left, right = socket.socketpair()
left.settimeout(start + 5 - time.time())
right.sendall(b"x")
print(left.recv(1))
time.sleep(deadline - start)
left.close()
right.close()
