# An event that is waited for, and a queue between two threads.
import threading
import queue
from queue import Queue

ready = threading.Event()
jobs = queue.Queue()
results = Queue()


def worker():
    ready.wait()
    while True:
        job = jobs.get()
        if job == "end":
            break
        results.put(job + "!")


t = threading.Thread(target=worker)
t.start()
if not ready.is_set():
    print("not yet")
jobs.put("a")
jobs.put("b")
jobs.put("end")
ready.set()
t.join()
print(results.get(), results.get(), results.empty())
try:
    results.get(timeout=0.01)
except queue.Empty:
    print("nothing left")
if ready.is_set():
    print("set")
ready.clear()
print(ready.is_set())
