# A thread that waits first, and a flag that ends a loop.
import threading
import time

running = True
rounds = 0


def loop():
    global rounds
    while running:
        rounds += 1
        time.sleep(0.01)


def ring():
    print("ring")


timer = threading.Timer(0.05, ring)
timer.start()
worker = threading.Thread(target=loop)
worker.start()
timer.join()
running = False
worker.join()
print(rounds > 0, running)
