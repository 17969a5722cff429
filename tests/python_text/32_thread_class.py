# A subclass of Thread.
import threading

total = 0
lock = threading.Lock()


class Adder(threading.Thread):
    def __init__(self, amount):
        super().__init__()
        self.amount = amount

    def run(self):
        global total
        with lock:
            total += self.amount


one = Adder(3)
two = Adder(4)
one.start()
two.start()
one.join()
two.join()
print(total)
