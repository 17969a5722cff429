# Text: literals, joining, repeating, lengths in characters.
name = "mañana"
print(name, len(name), len("año"))
print("uno" 'dos', "it's", 'say "x"', "back\\slash", "tab\tend")
print("a" + "b" + name)
line = "=" * 8
print(line)
n = 3
print("ab" * n)
name += "!"
print(name)
print("$4 ${x} $(y) {z}")
print("  trim me ".strip())
parts = "a,b,c".split(",")
print(len(parts), parts[1])
text = "uno dos"
print(text.startswith("uno"), text.endswith("x"), text.find("dos"))
print(text.replace("o", "0"))
print(", ".join(["a", "b"]))
print(text[0], text[0:3], "x" in text, "d" not in text)
print("n = %d, s = %s, h = %04x, %d%%" % (5, "texto", 255, 9))
print("{} and {}".format("a", 5), "{1}{0}".format("x", "y"), "{k}".format(k=3))
