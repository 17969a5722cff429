# while, break, continue, else, and the walrus.
n = 0
while n < 3:
    n += 1
    if n == 2:
        continue
    print(n)
while True:
    n -= 1
    if n == 0:
        break
else:
    print("never")
while n < 2:
    n += 1
else:
    print("done", n)
data = b"abcdefg"
while chunk := data[:3]:
    print(chunk)
    data = data[3:]
while len(data) < 4:
    data += b"z"
print(data)
