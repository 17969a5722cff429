# Dictionaries: keys, defaults, loops, changes, comprehension.
ports = {"http": 80, "smtp": 25}
print(ports["http"], ports.get("dns", 53), ports.get("http"))
ports["dns"] = 53
ports["http"] += 8000
print(len(ports), ports["http"])
if "dns" in ports:
    del ports["dns"]
print("dns" in ports)
gone = ports.pop("smtp")
print(gone, len(ports))
inner = {"a": {"b": 1}}
inner["a"]["c"] = 2
print(inner["a"]["c"])
by_number = {1: "one"}
by_number[2] = "two"
for key in by_number:
    print(key, by_number[key])
doubled = {k: v * 2 for k, v in {"x": 1}.items()}
print(doubled["x"])
empty = dict()
if not empty:
    print("empty")
