import errno, os, socket, tempfile

folder = tempfile.mkdtemp()
a, b = socket.socketpair()
a.setblocking(False)
taken = a.send(b"x" * 4194304)
print(taken, len(b.recv(taken, socket.MSG_WAITALL)))
b.close()
for call in (lambda: a.send(b"x"), lambda: a.sendall(b"x"), lambda: a.sendmsg([b"x"])):
    try:
        call()
    except OSError as e:
        print(errno.errorcode[e.errno], type(e).__name__)
print(len(a.recv(1)))
r = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
r.bind(folder + "/box")
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
print(s.sendto(b"hola", folder + "/box"))
print(r.recv(2).decode())
try:
    s.sendto(b"x", folder + "/nobody")
except OSError as e:
    print(errno.errorcode[e.errno], type(e).__name__)
try:
    s.bind(folder + "/box")
except OSError as e:
    print(errno.errorcode[e.errno], type(e).__name__)
q, p = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
q.send(b"uno")
q.send(b"dos y tres")
print(p.recv(100).decode())
print(p.recv(3).decode())
q.close()
print(len(p.recv(100)))
os.unlink(folder + "/box")
os.rmdir(folder)
with tempfile.NamedTemporaryFile() as f:
    f.write(b"0123456789")
    f.flush()
    c, d = socket.socketpair()
    for offset, count in ((0, None), (7, None), (2, 3), (8, 100)):
        with open(f.name, "rb") as file:
            print(c.sendfile(file, offset, count), d.recv(100).decode())
