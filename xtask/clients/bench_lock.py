"""Takes a lock with filelock while somebody looks at the clock; the same words and output as `client bench-lock`."""

import os
import sys
import time

from filelock import FileLock


def alone(path, times):
    lock = FileLock(path)
    for _ in range(200):
        with lock:
            pass
    started = time.monotonic_ns()
    for _ in range(times):
        with lock:
            pass
    print((time.monotonic_ns() - started) // times)


def turns(path, ready, times, inside, outside, last=None, own=None):
    lock = FileLock(path)
    open(ready, "w").close()
    while not os.path.exists(times):
        time.sleep(0.001)
    with open(times) as file:
        begin, end = map(int, file.read().split())
    # Not in step with the others, as they are not in life.
    time.sleep(max(0, begin - time.monotonic_ns()) / 1e9 + os.getpid() * 13 % 50 / 1e3)
    stamps = []
    while True:
        asked = time.monotonic_ns()
        if asked >= end:
            break
        with lock:
            got = time.monotonic_ns()
            if last:
                with open(last, "r+b") as file:
                    file.write(own)
            time.sleep(inside)
            released = time.monotonic_ns()
        stamps.append(f"{asked} {got} {released}\n")
        time.sleep(outside)
        while last and time.monotonic_ns() < end and open(last, "rb").read(1) == own:
            time.sleep(0.001)
    sys.stdout.write("".join(stamps))


words = sys.argv[2:]
if sys.argv[1] == "alone":
    alone(words[0], int(words[1]))
else:
    inside, outside = (int(word) / 1e6 for word in words[3:5])
    who = [words[5], bytes([int(words[6])])] if len(words) > 5 else []
    turns(*words[:3], inside, outside, *who)
