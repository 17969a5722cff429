# Names that are words of sockbook, or not ASCII.
end = 5
while end > 3:
    end -= 1
print(end)
repeat = "r"
año = 2024
print(repeat, año)
list_ = [1]
data = "data"
let = "let"
print(list_, data, let, "data", "end")
_v1 = "mine"
print(_v1, max(1, end), 5 if end else 6)


def close(fd):
    return fd + 1


def test(x):
    return x


print(close(3), test("t"))
