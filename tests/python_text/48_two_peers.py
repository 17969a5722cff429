# Two peers, each with a thread that listens and puts what came on a list.
import socket
import threading

heard = []
lock = threading.Lock()


def listen(name, sock):
    while True:
        data = sock.recv(100)
        if data == b"":
            break
        with lock:
            heard.append(name + ": " + data.decode())
        sock.sendall(b"ok")


a, b = socket.socketpair()
thread = threading.Thread(target=listen, args=("b", b))
thread.start()
for text in ["uno", "dos"]:
    a.sendall(text.encode())
    print(a.recv(10).decode())
a.close()
thread.join()
for line in heard:
    print(line)
