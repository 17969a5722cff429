# A file sent by its length and in chunks, and compared.
import socket
import threading

source = "sockbook-python-text-52a"
target = "sockbook-python-text-52b"
with open(source, "wb") as file:
    file.write(bytes(3000) + b"end")


def send_file(sock):
    with open(source, "rb") as file:
        data = file.read()
    sock.sendall(len(data).to_bytes(4, byteorder="big"))
    position = 0
    while position < len(data):
        sent = sock.send(data[position:position + 1000])
        position += sent


left, right = socket.socketpair()
thread = threading.Thread(target=send_file, args=(left,))
thread.start()
size = int.from_bytes(right.recv(4), byteorder="big")
print("size", size)
received = 0
file = open(target, "wb")
while received < size:
    chunk = right.recv(min(4096, size - received))
    file.write(chunk)
    received += len(chunk)
file.close()
thread.join()
print(received, open(target, "rb").read() == open(source, "rb").read())
