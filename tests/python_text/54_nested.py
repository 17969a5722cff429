# Blocks in blocks, and calls inside calls.
def add(a, b):
    return a + b


def double(n):
    return add(n, n)


for i in range(1, 4):
    for j in range(1, 4):
        if i == j:
            continue
        if i * j > 5:
            break
        print(i, j, add(double(i), double(j)))
print(double(double(add(1, len("abc")))), str(add(2, 3)) + "!", f"{add(1, double(2))}")
numbers = [double(n) for n in range(4)]
print(numbers, add(numbers[1], numbers[2]))
if add(1, 1) == 2 and double(3) > add(2, 2):
    print("both")
while add(numbers[0], 1) < 3:
    numbers[0] = add(numbers[0], 1)
print(numbers[0])
