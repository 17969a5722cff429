# An echo server in a thread, several clients one after the other.
import socket
import threading

HOST = "localhost"


def serve(listener, times):
    for _ in range(times):
        conn, address = listener.accept()
        while True:
            data = conn.recv(1024)
            if not data:
                break
            conn.sendall(data)
        conn.close()


listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
listener.bind((HOST, 0))
listener.listen()
port = listener.getsockname()[1]
server = threading.Thread(target=serve, args=(listener, 2))
server.start()
for number in range(2):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.connect((HOST, port))
        text = f"cliente {number}"
        client.sendall(text.encode())
        answer = client.recv(1024)
        print(f"respuesta: {answer.decode()}")
server.join()
listener.close()
