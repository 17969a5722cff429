# Errors: caught by class, raised, else and finally, a bare raise.
def attempt(text):
    try:
        n = int(text)
    except ValueError:
        print("no number")
    else:
        print("number", n)
    finally:
        print("finally")


attempt("5")
attempt("x")
try:
    raise ValueError("bad value")
except (KeyError, ValueError) as error:
    print(error)
try:
    try:
        raise RuntimeError("inner")
    except RuntimeError:
        print("again")
        raise
except Exception as error:
    print(error)
try:
    {"a": 1}["b"]
except KeyError:
    print("no key")
try:
    [1][5]
except IndexError:
    print("no item")
assert 1 + 1 == 2, "arithmetic"
try:
    raise ConnectionResetError
except ConnectionError:
    print("connection")
