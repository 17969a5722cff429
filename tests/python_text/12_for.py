# for over ranges, lists, text, bytes, maps, enumerate and zip.
for i in range(3):
    print(i, end=" ")
print()
for i in range(10, 4, -3):
    print(i, end=" ")
print()
n = 15
total = 0
for i in range(1, n):
    if i == 5:
        continue
    total += i
print(total)
for _ in range(2):
    print("twice")
for word in ["a", "b c"]:
    print(word)
for letter in "año":
    print(letter)
for byte in b"hi":
    print(byte)
for at, word in enumerate(["x", "y"], start=1):
    print(at, word)
for a, b in zip([1, 2], ["u", "v"]):
    print(a, b)
ages = {"ana": 20, "luis": 30}
for name in ages:
    print(name, ages[name])
for name, age in ages.items():
    print(name, age)
for age in ages.values():
    print(age)
for i in range(3):
    if i == 7:
        break
else:
    print("no seven")
