# Statements that have no line, one of each kind.
print("first")
x = 5
with open("/tmp/nothing") as f, suppress(OSError):
    pass
match x:
    case 5:
        print("five")
nonlocal_name = {1, 2}
print(sorted([3, 1]))
total = 1.5 + 2
async def later():
    await something()
for a in generator():
    print(a)
big = 99999999999999999999
complex_number = 2j
text = "abc"[::-1]
print("abc".upper())
