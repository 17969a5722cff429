# Unix sockets, and a socket read by lines.
import os
import socket

path = "/tmp/sockbook-python-text-35"
server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
server.bind("\0sockbook-python-text-35")
server.listen(1)
client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
client.connect("\0sockbook-python-text-35")
conn, _ = server.accept()
conn.sendall(b"one\ntwo\n")
conn.close()
reader = client.makefile()
print(reader.readline().strip())
for line in reader:
    print(line.strip())
client.close()
server.close()
