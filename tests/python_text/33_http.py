# An HTTP request by hand, in text that is put together.
import socket

server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
client = socket.create_connection(("127.0.0.1", port))
host = "127.0.0.1"
request = "GET / HTTP/1.1\r\n"
request += f"Host: {host}\r\n"
request = request + "Connection: close\r\n\r\n"
client.sendall(request.encode("ascii"))
conn, address = server.accept()
asked = conn.recv(4096).decode()
method, path, version = asked.splitlines()[0].split(" ")
print(method, path, version)
body = "<p>hola</p>"
conn.sendall(("HTTP/1.1 200 OK\r\nContent-Length: " + str(len(body)) + "\r\n\r\n" + body).encode())
conn.close()
answer = b""
while True:
    piece = client.recv(16)
    if not piece:
        break
    answer += piece
head, body = answer.decode().split("\r\n\r\n")
print(head.split("\r\n")[0])
print(body)
client.close()
server.close()
