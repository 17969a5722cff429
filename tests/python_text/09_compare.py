# Comparisons, chains, and, or, not, in, is.
a = 3
b = 5
if a < b and not a == b:
    print("less")
if 1 < a < 4 <= b:
    print("chain")
if a > b or (a == 3 and b == 5):
    print("or")
if not (a > b or b > 9):
    print("neither")
x = None
if x is None:
    print("none")
x = "text"
if x is not None and x != "":
    print("some")
if "e" in x and "z" not in x:
    print("letters")
items = [1, 2, 3]
if 2 in items:
    print("in list")
if a != b:
    print("different")
if items:
    print("not empty")
if not []:
    print("empty")
flag = a < b
if flag:
    print(flag, not flag)
if True:
    print("always")
