# Whole numbers: sums, precedence, other bases, powers.
a = 7
b = -3
print(a + b, a - b, a * b, a // 2, b // 2, a % 4, b % 4)
print((a + 2) * 3, a << 4, 255 >> 3, 6 & 3, 6 | 1, 6 ^ 2, ~a, -a, +a)
print(0x1f, 0b101, 0o17, 1_000)
print(2 ** 10, 10 ** 3)
n = 5
print(2 ** n)
a += 1
a -= 2
a *= 3
a //= 2
a %= 5
a <<= 2
a |= 1
print(a)
print(min(4, 9), max(a, 3), abs(-8), min(3, 1, 2))
big, small = divmod(17, 5)
print(big, small)
