# %% 1
import socket
import json
import threading

HOST = "127.0.0.1"

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind((HOST, 0))
server.listen(3)
port = server.getsockname()[1]
print("port", port, flush=True)
# %% 3
conn, address = server.accept()
print("server: a client from", address[0], flush=True)
request = conn.recv(4096)
print(f"server: {request}", flush=True)
# %% 4
def answer(connection, text, times=1):
    """Sends a text so many times, each with a number."""
    for number in range(1, times + 1):
        line = f"{number}. {text}\n"
        connection.sendall(line.encode("utf-8"))


answer(conn, "gracias por conectarte", times=3)
conn.close()
# %% 7
def read_exactly(connection, size):
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(min(5, size - len(data)))
        if not piece:
            break
        data.extend(piece)
    return bytes(data)


conn, _ = server.accept()
length = int.from_bytes(read_exactly(conn, 4), byteorder="big")
message = json.loads(read_exactly(conn, length).decode())
total = 0
for value in message["values"]:
    total += value
print("server:", message["user"], "sent", len(message["values"]), "values", flush=True)
reply = json.dumps({"user": message["user"], "total": total}).encode()
conn.sendall(len(reply).to_bytes(4, byteorder="big"))
conn.sendall(reply)
conn.close()
# %% 9
visits = 0
lock = threading.Lock()


def attend(listener):
    global visits
    connection, _ = listener.accept()
    with connection:
        while True:
            data = connection.recv(16)
            if data == b"":
                break
            with lock:
                visits += 1
            connection.sendall(b"<" + data + b">")


thread = threading.Thread(target=attend, args=(server,), daemon=True)
thread.start()
# %% 11
thread.join()
print("server:", visits, "messages", flush=True)
server.close()
