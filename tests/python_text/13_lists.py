# Lists: built, changed, indexed, cut, comprehended.
names = []
names.append("ana")
names.append("luis")
names += ["eva"]
print(len(names), names[0], names[-1])
names.remove("luis")
print(len(names))
names[0] = "pia"
print(names[0])
last = names.pop()
print(last, len(names))
numbers = [1, 2, 3]
numbers.extend([4, 5])
print(numbers, numbers[1:3], sum(numbers), max(numbers))
numbers.insert(1, 9)
print(numbers)
squares = [n * n for n in numbers if n > 2]
print(squares)
i = 2
print(squares[i])
del numbers[0]
print(numbers)
first = numbers.pop(0)
print(first, numbers)
numbers.clear()
print(numbers)
