# A listener and a client in one program.
import socket

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", 0))
server.listen(3)
host, port = server.getsockname()
client = socket.socket()
client.connect((host, port))
conn, (peer, number) = server.accept()
print(peer, number == client.getsockname()[1])
client.sendall("¿qué tal?".encode("utf-8"))
data = conn.recv(4096)
print(data.decode(), len(data))
sent = conn.send(b"five!")
print(sent)
print(client.recv(2), client.recv(100))
conn.shutdown(socket.SHUT_WR)
end = client.recv(100)
if not end:
    print("the end")
if end == b"":
    print("again", end)
conn.close()
client.close()
server.close()
