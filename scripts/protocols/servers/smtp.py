"""A small SMTP server that shows each letter: smtp.py PORT. For where aiosmtpd is not installed."""

import socketserver
import sys


class Dialogue(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("220 localhost SMTP")
        while line := self.rfile.readline():
            verb = line.decode().strip().upper()
            if verb.startswith("EHLO"):
                self.say("250-localhost")
                self.say("250 HELP")
            elif verb == "DATA":
                self.say("354 End data with <CR><LF>.<CR><LF>")
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    print(line.decode().removeprefix(".").rstrip("\r\n"), flush=True)
                self.say("250 OK")
            elif verb == "QUIT":
                self.say("221 Bye")
                return
            elif verb.startswith(("HELO", "MAIL FROM:", "RCPT TO:", "RSET", "NOOP")):
                self.say("250 OK")
            else:
                self.say("500 Error: command not recognized")


socketserver.ThreadingTCPServer.daemon_threads = True
socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Dialogue).serve_forever()
