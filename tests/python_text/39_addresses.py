# Addresses as Python shows them, kept in a name, and as a pair.
import socket

address = ("127.0.0.1", 0)
sock = socket.socket()
sock.bind(address)
print(address)
own = sock.getsockname()
print(own == sock.getsockname(), own[0], f"{own[0]}:{0}")
other = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
other.close()
HOST, PORT = address
print(HOST, PORT)
sock.close()
