import socket

server = socket.create_server(("127.0.0.1", 0), backlog=3)
client = socket.create_connection(server.getsockname(), timeout=2, source_address=("127.0.0.1", 0))
conn, _ = server.accept()
conn.sendall(b"one\r\ntwo\n")
conn.close()
reader = client.makefile("rb")
print(reader.readline())
print(reader.read())
client.close()
server.close()
a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
a.bind(("127.0.0.1", 0))
a.sendto(b"abc", socket.MSG_DONTWAIT, a.getsockname())
print(a.recv(10))
a.close()
with open("f.txt", "w", encoding="utf-8") as f:
    f.write("ab\ncd\n")
with open("f.txt") as f:
    whole = f.read()
    rest = f.read()
print(len(whole), len(rest))
f = open("f.txt")
for i in range(2):
    print(len(f.read()))
