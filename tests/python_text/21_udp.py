# Datagrams: sendto, recvfrom, an address kept and used.
import socket

a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
a.bind(("127.0.0.1", 0))
b.bind(("127.0.0.1", 0))
where = a.getsockname()
print(b.sendto(b"hola", where))
data, origin = a.recvfrom(1024)
print(data, origin == b.getsockname(), origin[0])
a.sendto("respuesta".encode(), origin)
data, (host, port) = b.recvfrom(4096)
print(data.decode(), host, port == where[1])
b.connect(where)
b.send(b"connected")
print(a.recv(100))
a.close()
b.close()
