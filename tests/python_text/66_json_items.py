import json

back = json.loads('{"a": [1, 2], "b": "x"}')
print(len([back["a"], back["b"]]))
kept = []
kept.append(back["a"])
kept.insert(0, back["a"])
print(len(kept))
for part in [back["a"], 5]:
    print("part")


def both(value):
    return [value, 1]


print(len(both(back["a"])))
print(len([n for n in [back["a"]]]))
