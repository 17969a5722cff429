# Digests, base64 and hex.
import base64
import binascii
import hashlib

data = "hola".encode()
print(hashlib.sha256(data).hexdigest())
print(hashlib.md5(data).digest())
print(base64.b64encode(data).decode(), base64.b64decode("aG9sYQ=="))
print(binascii.hexlify(data), data.hex())
