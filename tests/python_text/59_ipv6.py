# A family chosen by a name, and IPv6's loopback where there is one.
import socket

family = socket.AF_INET
kind = socket.SOCK_STREAM
sock = socket.socket(family, kind)
sock.bind(("127.0.0.1", 0))
print(sock.getsockname()[0])
sock.close()
plain = socket.socket(type=socket.SOCK_DGRAM)
plain.bind(("", 0))
print(plain.getsockname()[0], plain.getsockname()[1] > 0)
plain.close()
