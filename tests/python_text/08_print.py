# print: separators, ends, nothing at all.
print()
print("a", "b", sep="-")
print("no end", end="")
print(" here")
print("x", 1, b"y", sep=", ", end=".\n")
print("--option", "-n")
print("a", "b", sep="")
parts = ["u", "v"]
print(*parts)
print("flushed", flush=True)
