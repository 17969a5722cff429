# Names for pairs, swapped, nested, several at once.
a, b = 1, 2
a, b = b, a
print(a, b)
x = y = 5
print(x, y)
(c, (d, e)) = ("c", ("d", "e"))
print(c, d, e)
first, second = "k=v".split("=")
print(first, second)
point = (3, 4)
print(point[0] + point[1])
px, py = point
print(px, py)
[m, n] = [7, 8]
print(m, n)
