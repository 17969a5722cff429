# Functions: defaults, keywords, several results, a rest, recursion.
def greet(name, greeting="hola", times=1):
    for _ in range(times):
        print(greeting, name)


def pair(n):
    return n, n * 2


def total(first, *rest):
    result = first
    for n in rest:
        result += n
    return result


def factorial(n):
    if n < 2:
        return 1
    return n * factorial(n - 1)


def nothing():
    return


greet("ana")
greet("luis", times=2)
greet("eva", "chao")
a, b = pair(4)
print(a, b)
print(total(1, 2, 3), factorial(6))
nothing()
send = total(5)
print(send)
