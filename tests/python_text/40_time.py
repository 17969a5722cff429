# The clock and sleeping.
import time

start = time.time()
time.sleep(0.02)
if time.time() - start > 0.01:
    print("later")
before = time.perf_counter()
if time.perf_counter() - before < 5:
    print("soon")
pause = 0.01
time.sleep(pause)
