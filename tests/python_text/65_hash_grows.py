import hashlib

data = b"ab"
h = hashlib.sha256(data)
data = b"zz"
h.update(b"cd")
part = h.copy()
h.update(b"e")
print(h.hexdigest() == hashlib.sha256(b"abcde").hexdigest())
print(part.digest() == hashlib.sha256(b"abcd").digest())
empty = hashlib.md5()
print(empty.hexdigest())
