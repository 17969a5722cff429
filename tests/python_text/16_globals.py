# Names that functions change are shared.
counter = 0
seen = []


def count():
    global counter
    counter += 1
    seen.append(counter)


def reset():
    global counter, extra
    counter = 100
    extra = "new"


count()
count()
print(counter, seen)
reset()
print(counter, extra)
