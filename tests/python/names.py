import socket, struct

print(socket.getservbyname("http", "tcp"), socket.getservbyport(53, "udp"), socket.getprotobyname("udp"))
print(socket.inet_pton(socket.AF_INET6, "2001:db8::1").hex(), socket.inet_ntop(socket.AF_INET, b"\x7f\0\0\1"))
print(socket.htons(80), socket.htonl(1), socket.ntohs(258), socket.ntohl(16909060))
print(socket.getnameinfo(("127.0.0.1", 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV))
print(socket.if_indextoname(socket.if_nametoindex("lo")))
print(socket.gethostname() == socket.gethostname(), socket.gethostbyname("127.0.0.1"))
for call in (lambda: socket.htons(65536), lambda: socket.getservbyname("no-such-service"),
             lambda: socket.inet_pton(socket.AF_INET, "1.2.3"), lambda: socket.inet_ntop(socket.AF_INET, b"abc"),
             lambda: socket.getaddrinfo("nobody.invalid", 80, flags=socket.AI_NUMERICHOST)):
    try:
        call()
    except (OSError, ValueError, OverflowError) as e:
        print(type(e).__name__)
print(struct.pack(">BHIq4s", 1, 2, 3, -4, b"hi").hex())
print(*struct.unpack("<hBd", struct.pack("<hBd", -2, 255, 0.1)))
