# A chat: a dictionary of clients under a lock, each message to all the others.
import socket
import threading


class Chat:
    def __init__(self):
        self.server = socket.socket()
        self.server.bind(("127.0.0.1", 0))
        self.server.listen(5)
        self.clients = {}
        self.lock = threading.Lock()

    def accept_all(self, times):
        for number in range(times):
            client, _ = self.server.accept()
            with self.lock:
                self.clients[number] = client
            client.sendall(f"bienvenido {number}".encode())

    def broadcast(self, text, sender):
        with self.lock:
            for number, client in self.clients.items():
                if number != sender:
                    client.sendall(text.encode())


chat = Chat()
thread = threading.Thread(target=chat.accept_all, args=(3,), daemon=True)
thread.start()
members = []
for i in range(3):
    member = socket.socket()
    member.connect(chat.server.getsockname())
    print(member.recv(100).decode())
    members.append(member)
thread.join()
chat.broadcast("hola a todos", 0)
print(members[1].recv(100).decode(), "|", members[2].recv(100).decode())
for member in members:
    member.close()
