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


def turns(path, ready, times, inside, outside):
    lock = FileLock(path)
    open(ready, "w").close()
    while not os.path.exists(times):
        time.sleep(0.005)
    with open(times) as file:
        begin, end = map(int, file.read().split())
    time.sleep(max(0, begin - time.monotonic_ns()) / 1e9)
    stamps = []
    while True:
        asked = time.monotonic_ns()
        if asked >= end:
            break
        with lock:
            got = time.monotonic_ns()
            time.sleep(inside)
            released = time.monotonic_ns()
        stamps.append(f"{asked} {got} {released}\n")
        time.sleep(outside)
    sys.stdout.write("".join(stamps))


if sys.argv[1] == "alone":
    alone(sys.argv[2], int(sys.argv[3]))
else:
    turns(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]) / 1e6, int(sys.argv[6]) / 1e6)
