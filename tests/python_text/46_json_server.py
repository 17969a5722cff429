# Requests and answers as JSON with a length before them.
import json
import socket
import threading


def send(sock, message):
    text = json.dumps(message)
    data = text.encode("utf-8")
    sock.sendall(len(data).to_bytes(4, "big") + data)


def receive(sock):
    length = int.from_bytes(sock.recv(4), "big")
    data = b""
    while len(data) < length:
        data += sock.recv(min(16, length - len(data)))
    return json.loads(data.decode("utf-8"))


def answer(sock):
    request = receive(sock)
    if request["op"] == "sum":
        total = 0
        for n in request["numbers"]:
            total += n
        send(sock, {"ok": True, "result": total})
    else:
        send(sock, {"ok": False, "error": "unknown"})


left, right = socket.socketpair()
for op in ("sum", "other"):
    thread = threading.Thread(target=answer, args=(right,))
    thread.start()
    send(left, {"op": op, "numbers": [1, 2, 3]})
    result = receive(left)
    if result["ok"]:
        print("result", result["result"])
    else:
        print("error", result["error"])
    thread.join()
left.close()
right.close()
