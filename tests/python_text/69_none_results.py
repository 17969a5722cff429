# What may give None: a function whose end is reached, a key that may be missing.
def half(n):
    if n % 2 == 0:
        return n // 2


def named(n):
    while True:
        return str(n)


print(half(8), named(5))
if half(3) is None:
    print("odd")
result = half(3)
if not result:
    print("odd again")
ages = {"ana": 20}
luis = ages.get("luis")
if luis is None:
    print("no luis")
print(" \x0b\x0c x ".strip(), "x")
