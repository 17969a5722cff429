# if, elif, else, a conditional expression, and a call in an elif.
def size(n):
    if n < 3:
        return "small"
    elif n < 10:
        return "middle"
    else:
        return "large"


for n in (1, 5, 50):
    print(size(n))
word = "even" if 4 % 2 == 0 else "odd"
print(word)
text = "12"
if text == "x":
    print("no")
elif int(text) + 1 == 13:
    print("thirteen")
value = "" or "default"
print(value)
both = "a" and "b"
print(both)
