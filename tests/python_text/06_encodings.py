# Other encodings, and the errors of their letters.
word = "año"
print(word.encode("latin-1"), word.encode("utf-8"), word.encode("utf-16-le"))
raw = b"a\xf1o"
print(raw.decode("latin-1"))
print(b"\x82".decode("cp437"))
print("plain".encode("ascii"))
try:
    print(word.encode("ascii"))
except UnicodeEncodeError:
    print("not in ASCII")
try:
    print(raw.decode())
except UnicodeDecodeError:
    print("not UTF-8")
print(bytes("hey", "utf-8"), str(b"hey", "utf-8"))
