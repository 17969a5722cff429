# What has no line is marked, and the rest stands.
import pickle
import asyncio
from collections import namedtuple

print("before")


def outer():
    def inner():
        return 1
    return inner()


@property
def decorated():
    return 2


class Point:
    def __init__(self, x):
        self.x = x


a = Point(1)
b = Point(2)
square = lambda n: n * n
print("after")
data = pickle.dumps({"a": 1})
print(data)
