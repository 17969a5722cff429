# %% 2
import socket
import json

sock = socket.socket()
try:
    sock.connect((HOST, port))
except ConnectionError:
    print("client: nobody is there")
else:
    print("client: connected")
    sock.sendall("¿hola?".encode("utf-8"))
# %% 5
received = b""
while chunk := sock.recv(7):
    received += chunk
text = received.decode("utf-8")
for line in text.splitlines():
    print("client:", line)
print(len(received), "bytes")
sock.close()
# %% 6
sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.connect((HOST, port))
order = {"user": "josé", "values": [3, 4, 5]}
body = json.dumps(order).encode("utf-8")
sock.sendall(len(body).to_bytes(4, byteorder="big") + body)
# %% 8
size = int.from_bytes(sock.recv(4), byteorder="big")
result = json.loads(sock.recv(size).decode("utf-8"))
if result["total"] == 12 and result["user"] != "":
    print(f"client: {result['user']} gets {result['total']}")
sock.close()
# %% 10
with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
    sock.connect((HOST, port))
    for word in ["uno", "dos", "tres"]:
        sock.sendall(word.encode())
        print("client:", sock.recv(100).decode())
