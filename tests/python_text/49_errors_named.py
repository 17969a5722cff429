# Errors by their classes: of the system, of names, one's own.
import socket


class ProtocolError(Exception):
    """A message that is not one."""


def parse(line):
    if not line.startswith("+"):
        raise ProtocolError(f"bad: {line}")
    return line[1:]


try:
    parse("-no")
except ProtocolError as error:
    print("caught:", error)
print(parse("+yes"))
sock = socket.socket()
sock.close()
try:
    sock.recv(1)
except OSError as error:
    print(error.errno == 9)
try:
    "a" + int("b")
except (ValueError, TypeError):
    print("value or type")
try:
    1 // 0
except ZeroDivisionError:
    print("zero")
except Exception:
    print("another")
