# A small protocol: commands by lines, answers from a dictionary.
import socket
import threading

book = {"ana": "5550"}


def serve(conn):
    reader = conn.makefile()
    for line in reader:
        words = line.strip().split(" ")
        command = words[0]
        if command == "GET":
            answer = book.get(words[1], "?")
        elif command == "SET":
            book[words[1]] = words[2]
            answer = "ok"
        elif command == "QUIT":
            break
        else:
            answer = "bad"
        conn.sendall((answer + "\n").encode())
    conn.close()


a, b = socket.socketpair()
thread = threading.Thread(target=serve, args=(b,))
thread.start()
replies = a.makefile("r")
for line in ["GET ana", "SET luis 5551", "GET luis", "GET eva", "XYZ"]:
    a.sendall(line.encode() + b"\n")
    print(line, "->", replies.readline().strip())
a.sendall(b"QUIT\n")
thread.join()
a.close()
print(book["luis"])
