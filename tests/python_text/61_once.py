# What a statement works out is worked out once, in the order in which it stands.
import random

count = 0


def step():
    global count
    count += 1
    return count


print([count, step(), count])
print(f"{count} {step()} {count}")
print(count, step())
total = count + step() + count
print(total)
print("{0} {0} {1}".format(step(), 1))
print("{}".format(step(), step()), count)
print(format(step()))
dice = random.randint(step(), step())
print(count, dice in [8, 9, 10])
last = [1, 2, 3]
for i in range(len(last)):
    last.append(i)
print(last)
n = 2
for i in range(n):
    n = n + 1
print(n)
places = {}
places[str(step())] = count
print(places["11"])
cells = [[1], [2]]
cells[0][0] += 5
print(cells[0][0])
single = (n,)
print(single)


def pair():
    return count,


print(pair())
