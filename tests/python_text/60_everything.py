# A program as students hand it in: constants, functions, threads, an error on the way.
import socket
import threading
from time import sleep

HOST = "127.0.0.1"
FORMAT = "utf-8"
CHUNK = 8


def attend(conn, number):
    """Reads numbers until the end and answers their sum."""
    pending = ""
    total = 0
    try:
        while True:
            data = conn.recv(CHUNK)
            if not data:
                break
            pending += data.decode(FORMAT)
            while "\n" in pending:
                line, pending = pending.split("\n", 1)
                total += int(line)
        conn.sendall(f"total {number}: {total}".encode(FORMAT))
    except ValueError:
        conn.sendall("error".encode(FORMAT))
    finally:
        conn.close()


def main():
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.bind((HOST, 0))
    server.listen()
    _, port = server.getsockname()
    for number, lines in enumerate(["10\n200\n", "7\n"]):
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        client.connect((HOST, port))
        conn, address = server.accept()
        thread = threading.Thread(target=attend, args=(conn, number + 1))
        thread.start()
        client.sendall(lines.encode(FORMAT))
        client.shutdown(socket.SHUT_WR)
        print(client.recv(100).decode(FORMAT))
        thread.join()
        client.close()
    server.close()
    sleep(0)


if __name__ == "__main__":
    main()
