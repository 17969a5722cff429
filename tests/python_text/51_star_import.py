# The textbook's way: everything out of socket.
from socket import *

serverSocket = socket(AF_INET, SOCK_DGRAM)
serverSocket.bind(("", 0))
serverPort = serverSocket.getsockname()[1]
clientSocket = socket(AF_INET, SOCK_DGRAM)
message = "lowercase sentence"
clientSocket.sendto(message.encode(), ("localhost", serverPort))
received, clientAddress = serverSocket.recvfrom(2048)
modified = received.decode().replace("lowercase", "changed")
serverSocket.sendto(modified.encode(), clientAddress)
answer, serverAddress = clientSocket.recvfrom(2048)
print(answer.decode())
clientSocket.close()
serverSocket.close()
