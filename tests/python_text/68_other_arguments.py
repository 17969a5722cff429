import socket, threading, queue, json, hashlib
lock = threading.RLock()
l2 = threading.Lock()
l2.acquire(False)
l2.acquire(blocking=False)
q = queue.Queue(maxsize=2)
q = queue.Queue()
q.get(False)
q.get(block=False)
q.put(1, False)
s = socket.socket()
s.makefile("r", newline="")
s.makefile("x")
s.makefile(buffering=0)
socket.create_connection(("h", 1), all_errors=True)
socket.create_server(("h", 1), reuse_port=True)
s.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
s.bind(("h", 1), 2)
json.dumps(1, ensure_ascii=s)
json.dumps({"ñ": 1}, ensure_ascii=True)
open("f", "r", 1)
open("f", newline="")
threading.Thread(None, s)
t = threading.Thread(target=s, daemon=s)
"a".encode("utf-8", "ignore")
for i in enumerate([1], start=1, x=2):
    pass
for a, b in zip([1], [2], strict=True):
    pass
int.from_bytes(b"a", "big", signed=s)
x = " a ".strip(s)
x = "xax".strip("x")
s.setblocking(s)
bool(s, s)
counts = [0, 0]
counts[len(s.recv(1))] += 1
first = counts[len(s.recv(1))] = 3
