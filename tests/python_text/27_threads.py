# Threads: started, joined, with arguments, several of one name, one with a time limit.
import socket
import threading
import time

done = []


def work(number, text):
    done.append(number)
    if number > 10:
        print(text, number)


def slow():
    time.sleep(0.3)


t = threading.Thread(target=work, args=(11, "hilo"))
t.start()
t.join()
threads = []
for i in range(3):
    thread = threading.Thread(target=work, args=(i, "x"))
    thread.start()
    threads.append(thread)
for thread in threads:
    thread.join()
print(len(done))
s = threading.Thread(target=slow, daemon=True)
s.start()
s.join(timeout=0.01)
if s.is_alive():
    print("still there")
s.join()
print("ended")
