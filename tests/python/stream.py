import errno, socket

l = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
l.bind(("127.0.0.1", 0))
l.listen(3)
c = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
c.connect(l.getsockname())
s, address = l.accept()
print(address == c.getsockname())
print(s.send(b"Gracias por conectarte\n"))
print(len(c.recv(7, socket.MSG_PEEK)))
print(c.recv(7).decode(), end="|\n")
print(c.recv(4096).hex())
c.sendall(b"uno\r\ndos")
c.shutdown(socket.SHUT_WR)
print(s.recv(8, socket.MSG_WAITALL).hex())
print(len(s.recv(4096)))
try:
    c.send(b"x")
except OSError as e:
    print(errno.errorcode[e.errno], type(e).__name__)
s.sendall(b"respuesta")
s.close()
data = b""
while chunk := c.recv(65536):
    data += chunk
print(data.decode())
try:
    c.connect(l.getsockname())
except OSError as e:
    print(errno.errorcode[e.errno], type(e).__name__)
c.close()
l.close()
c = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
try:
    c.recv(1)
except OSError as e:
    print(errno.errorcode[e.errno], type(e).__name__)
