# A counter that threads share, under a lock: one step, and several.
import threading

lock = threading.Lock()
counter = 0
log = []


def add(times):
    global counter
    for _ in range(times):
        with lock:
            counter += 1


def both(n):
    global counter
    with lock:
        before = counter
        counter = before + n
        log.append(n)
    lock.acquire()
    counter += 1
    lock.release()


threads = [None]
a = threading.Thread(target=add, args=(50,))
b = threading.Thread(target=add, args=(50,))
c = threading.Thread(target=both, args=(7,))
a.start()
b.start()
c.start()
a.join()
b.join()
c.join()
print(counter, log)
