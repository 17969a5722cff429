# Values that are one in Python and two here, and the other way round, have a mark.
x = None
if x is None:
    print("none")
for item in [3, 0]:
    if x:
        print("one", x)
    x = item
print(x)
kept = b""
if kept == b"":
    kept = None
if kept is None:
    print("none again")
text = 0
if text == 0:
    text = "words"
print(text)
try:
    text = int("7")
except ValueError:
    text = "none"
print(text)
items = [1, 2, 3, 4]
del items[-1]
at = -2
del items[at]
print(items)
items.insert(-1, 9)
items.insert(50, [5])
print(items, items.pop(-1))
copy = list(items)
copy.append(0)
other = items.copy()
other.append(1)
print(items)
try:
    del items[7]
except IndexError:
    print("no such item")
ports = {80: "http", 443: "https"}
for port in ports:
    print(port + 1)
for port, name in ports.items():
    print(port + 1, name)
print(2.0, 1.5, "b" < "a")
if 0.0:
    print("never")


class Server:
    def __init__(self):
        self.port = 5

    def get(self):
        return self.port


server_port = 7
server = Server()
print(server.get(), server_port)
i = 9
print([i for i in [1, 2]], i)
print({str(i): i for i in [3]}["3"], i)
