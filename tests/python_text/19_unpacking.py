# Pairs out of lists and loops, and values put into places.
pairs = [(1, "one"), (2, "two")]
for number, word in pairs:
    print(number, word)
pairs.append((3, "three"))
print(len(pairs), pairs[2][1], pairs[-1][0])
table = [[1, 2], [3, 4]]
print(table[1][0])
keys = ["a", "b"]
values = [10, 20]
joined = {}
for key, value in zip(keys, values):
    joined[key] = value
print(joined["a"] + joined["b"])
