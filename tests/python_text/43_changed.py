# What runs and may mean something else: each has its mark.
import socket

n = 7
print(n / 1 == 7)
text = "café"
print(text.find("f") == 3)
if n == "7x":
    print("never")
name = "ana  \n"
print(name.rstrip() == "ana")
words = "uno dos".split()
print(words[1])


def measure(anything):
    return len(anything)


print(measure(b"abc"), measure("abc"))
for _ in range(2):
    sock = socket.socket()
sock.close()
