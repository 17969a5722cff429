# A class with one object: attributes that methods change, a method in a thread.
import socket
import threading


class Server:
    """Answers one client."""

    greeting = "hola"

    def __init__(self, host, port=0):
        self.host = host
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.served = 0
        self.lock = threading.Lock()
        self.bind_and_listen(port)

    def bind_and_listen(self, port):
        self.sock.bind((self.host, port))
        self.sock.listen()

    def serve(self):
        client, _ = self.sock.accept()
        with client:
            name = client.recv(100).decode()
            with self.lock:
                self.served += 1
            client.sendall(self.answer(name).encode())

    def answer(self, name):
        return f"{self.greeting}, {name}"

    @staticmethod
    def version():
        return 3


if __name__ == "__main__":
    server = Server("127.0.0.1")
    thread = threading.Thread(target=server.serve)
    thread.start()
    client = socket.socket()
    client.connect(server.sock.getsockname())
    client.sendall("ana".encode())
    print(client.recv(100).decode())
    client.close()
    thread.join()
    print(server.served, Server.version())
    server.sock.close()
