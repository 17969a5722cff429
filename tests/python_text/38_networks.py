# Names and numbers of the network.
import socket

print(socket.htons(80), socket.ntohl(16777216))
print(socket.inet_aton("127.0.0.1"), socket.inet_ntoa(b"\x7f\x00\x00\x01"))
print(socket.inet_pton(socket.AF_INET6, "::1"), socket.inet_ntop(socket.AF_INET, b"\x01\x02\x03\x04"))
print(socket.getservbyname("http"), socket.gethostbyname("127.0.0.1"))
print(len(socket.gethostname()) > 0)
