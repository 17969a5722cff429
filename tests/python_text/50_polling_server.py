# A select server with several clients, one thread.
import select
import socket

server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen()
address = server.getsockname()
one = socket.create_connection(address)
two = socket.create_connection(address)
one.sendall(b"from one")
two.sendall(b"from two")
inputs = [server]
answered = 0
while answered < 2:
    readable, _, _ = select.select(inputs, [], [], 1)
    for sock in readable:
        if sock is server:
            conn, _ = server.accept()
            inputs.append(conn)
        else:
            data = sock.recv(100)
            sock.sendall(b"echo " + data)
            answered += 1
print(one.recv(100).decode(), two.recv(100).decode())
one.close()
two.close()
for sock in inputs:
    sock.close()
