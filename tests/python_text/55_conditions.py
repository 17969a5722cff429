# Conditions with calls that need lines of their own, in order and only when due.
def say(text, result):
    print(text, end=" ")
    return result


if say("a", 1) == 2 and say("b", 1) == 1:
    print("no")
print()
if say("c", 1) == 1 or say("d", 1) == 1:
    print("yes")
text = "3,4"
if text.split(",")[0] == "3" and int(text.split(",")[1]) > 3:
    print("split")
n = 0
while n < 5 and "ab".count("a") == 1:
    n += 1
print(n)
ok = text.startswith(("1", "3"))
print(ok, text.endswith("4") and n > 1, "12".isdigit())
value = n if ok else 0
print(value, -value, 1 if not ok else 2)
print(0 < n <= 5, not n)
