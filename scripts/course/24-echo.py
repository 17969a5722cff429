# The server of lesson 24: four bytes of length, big-endian, then the text, which it answers in capitals.
import socket


def receive(client, n):
    """n bytes, however many recv that takes; fewer at the end of the stream."""
    data = b""
    while len(data) < n:
        #____ while ____:
        #? until n bytes have come
        piece = client.recv(n - len(data))
        if not piece:
            break
        data += piece
    return data


def serve(client):
    while header := receive(client, 4):
        length = int.from_bytes(header, "big")
        #____ length = int.from_bytes(header, ____)
        #? the largest byte comes first
        answer = receive(client, length).decode().upper().encode()
        client.sendall(len(answer).to_bytes(4, "big") + answer)
    client.close()


listener = socket.socket(fileno=3)
while True:
    client, address = listener.accept()
    serve(client)
