"""A small server of five kinds that breaks in a way of its own: server.py KIND FAULT [PATH]"""
import os, signal, socket, struct, sys, time

kind, fault = sys.argv[1:3]
FAULTS = "none wrong hang crash segv assertion half half_hang leak raises little late elsewhere".split()
if fault == "library":
    import no_such_library
if fault not in FAULTS:
    sys.exit(f"server.py: unknown option --{fault}")
if fault == "leak":
    def leaks(*_):
        print("LeakSanitizer: detected memory leaks", file=sys.stderr, flush=True)
        os._exit(23)
    signal.signal(signal.SIGTERM, leaks)


def broken(request):
    """What happens before an answer; the answer."""
    if fault == "hang":
        time.sleep(1000)
    if fault == "crash":
        print("fatal: heap corrupted", file=sys.stderr, flush=True)
        os.abort()
    if fault == "segv":
        os.kill(os.getpid(), signal.SIGSEGV)
        time.sleep(1)
    if fault == "assertion":
        assert request.isdigit(), f"not a number: {request!r}"
    if fault == "raises":
        struct.unpack(">I", request)
    return b"adios\n" if fault == "wrong" else b"hola\n"


if kind == "udp":
    s = socket.socket(fileno=3)
    while True:
        request, peer = s.recvfrom(4096)
        answer = broken(request)
        s.sendto(answer[:2] if fault == "half" else answer, peer)

if kind == "stdio":
    request = sys.stdin.readline()
    sys.stdout.write("HTTP/1.1 404 Not Found\r\n\r\n" if fault == "wrong" else "HTTP/1.1 200 OK\r\n\r\n")
    sys.exit(0)

if kind == "unix":
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[3] + (".other" if fault == "elsewhere" else ""))
    listener.listen()
elif len(sys.argv) > 3:
    listener = socket.create_server(("127.0.0.1", 0 if fault == "elsewhere" else int(sys.argv[3])))
else:
    listener = socket.socket(fileno=3)
print("listening", flush=True)
while True:
    connection, _ = listener.accept()
    request = connection.recv(4096)
    answer = broken(request)
    if kind == "frames":
        answer = struct.pack("<I" if fault == "little" else ">I", len(answer)) + answer
    if fault in ("half", "half_hang"):
        connection.sendall(answer[: len(answer) - 3])
        if fault == "half_hang":
            time.sleep(1000)
    else:
        connection.sendall(answer)
    connection.close()
    if fault == "late":
        sys.exit("server.py: cannot write its log")
