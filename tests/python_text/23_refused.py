# A connection that nobody takes.
import socket

sock = socket.socket()
free = socket.socket()
free.bind(("127.0.0.1", 0))
port = free.getsockname()[1]
free.close()
try:
    sock.connect(("127.0.0.1", port))
except ConnectionRefusedError as error:
    print("refused", error.errno)
except OSError:
    print("another")
finally:
    sock.close()
try:
    sock.send(b"x")
except OSError as error:
    print(error.errno)
