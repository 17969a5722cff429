"""A small SOCKS5 proxy, for IPv4 and names, without passwords: socks5.py PORT. For where microsocks is not installed."""

import select
import socket
import socketserver
import struct
import sys


class Proxy(socketserver.StreamRequestHandler):
    rbufsize = 0

    def handle(self):
        _, methods = self.rfile.read(2)
        if 0 not in self.rfile.read(methods):
            self.request.sendall(b"\x05\xff")
            return
        self.request.sendall(b"\x05\x00")
        _, command, _, kind = self.rfile.read(4)
        if kind == 1:
            host = socket.inet_ntoa(self.rfile.read(4))
        else:
            host = self.rfile.read(self.rfile.read(1)[0]).decode()
        (port,) = struct.unpack(">H", self.rfile.read(2))
        try:
            target = socket.create_connection((host, port))
        except OSError:
            self.request.sendall(b"\x05\x05\x00\x01" + bytes(6))
            return
        self.request.sendall(b"\x05\x00\x00\x01" + bytes(6))
        other = {self.request: target, target: self.request}
        while True:
            for source in select.select(list(other), [], [])[0]:
                data = source.recv(65536)
                if not data:
                    target.close()
                    return
                other[source].sendall(data)


socketserver.ThreadingTCPServer.daemon_threads = True
socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Proxy).serve_forever()
