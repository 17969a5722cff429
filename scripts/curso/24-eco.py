# El servidor de la lección 24: cuatro bytes de largo, big-endian, y luego el texto, que responde en mayúsculas.
import socket


def receive(client, n):
    """n bytes, con los recv que hagan falta; menos al fin del flujo."""
    data = b""
    while len(data) < n:
        #____ while ____:
        #? hasta que hayan llegado n bytes
        piece = client.recv(n - len(data))
        if not piece:
            break
        data += piece
    return data


def serve(client):
    while header := receive(client, 4):
        length = int.from_bytes(header, "big")
        #____ length = int.from_bytes(header, ____)
        #? el byte mayor va primero
        answer = receive(client, length).decode().upper().encode()
        client.sendall(len(answer).to_bytes(4, "big") + answer)
    client.close()


listener = socket.socket(fileno=3)
while True:
    client, address = listener.accept()
    serve(client)
