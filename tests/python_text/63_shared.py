# A list that has two names is two lists here: its changes are marked.
def add(rows):
    rows.append(1)


a = [1]
b = a
b.append(2)
rows = []
rows.append(0)
add(rows)
ports = {"http": 80}
more = ports
more["dns"] = 53
both = [a, rows]
for row in both:
    row.append(3)
for item in a:
    if len(a) < 9:
        a.append(item)
kinds = {1: "a"}
kinds["1"] = "b"
print("1" in kinds, "1" in [2])
if "10" < "11":
    print("text")


def get():
    return ports


got = get()
got["ftp"] = 21
print("done")
