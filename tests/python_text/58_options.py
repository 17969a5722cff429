# Options of sockets, read back.
import socket

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 0)
print(sock.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) == 1)
print(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1)
print(sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
print(sock.fileno() > 2)
twin = sock.dup()
sock.close()
twin.close()
print("closed")
