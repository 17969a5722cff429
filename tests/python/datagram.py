import errno, socket

r = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
r.bind(("127.0.0.1", 0))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print(s.sendto(b"Voici un message", r.getsockname()))
data, origin = r.recvfrom(4)
print(data.decode(), origin[0], origin == ("127.0.0.1", s.getsockname()[1]))
print(s.sendto(b"", r.getsockname()))
data, origin = r.recvfrom(4096)
print(len(data), origin[0])
try:
    r.send(b"x")
except OSError as e:
    print(errno.errorcode[e.errno], type(e).__name__)
s.connect(r.getsockname())
try:
    s.send(b"x" * 100000)
except OSError as e:
    print(errno.errorcode[e.errno], type(e).__name__)
r.setblocking(False)
try:
    r.recv(1)
except OSError as e:
    print(errno.errorcode[e.errno], type(e).__name__)
print(s.sendmsg([b"ca", b"be", b"za"]))
r.setblocking(True)
print(r.recv(4096).decode())
r.close()
print(s.send(b"hola"))
try:
    s.recv(1)
except OSError as e:
    print(errno.errorcode[e.errno], type(e).__name__)
