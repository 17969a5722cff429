# f-strings with expressions, formats, and braces of their own.
n = 5
name = "Ana"
data = b"hi"
print(f"{name} has {n} and {n + 1}")
print(f"{{braces}} {name!r} {len(name)} {data}")
print(f"{n:04d} {n:x} {name:>6} {name:<6}| {255:#x}")
print(f"{n = } {n * 2}")
print(f"{name.strip()}{'x'}")
print(f"a" "b" f"{n}")
ok = n > 3
print(f"{ok} {not ok} {None}")
