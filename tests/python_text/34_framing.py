# Messages with their length before them, read until they are whole.
import socket


def send_message(sock, text):
    data = text.encode()
    sock.sendall(len(data).to_bytes(4, byteorder="big"))
    sock.sendall(data)


def receive(sock, size):
    buffer = bytearray()
    while len(buffer) < size:
        piece = sock.recv(min(4, size - len(buffer)))
        if not piece:
            raise ConnectionError("the peer left")
        buffer.extend(piece)
    return bytes(buffer)


def read_message(sock):
    size = int.from_bytes(receive(sock, 4), byteorder="big")
    return receive(sock, size).decode()


a, b = socket.socketpair()
send_message(a, "un mensaje más largo")
send_message(a, "")
print(read_message(b))
print(len(read_message(b)))
a.close()
try:
    read_message(b)
except ConnectionError:
    print("ended")
b.close()
