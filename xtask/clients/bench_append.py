"""Appends events as the old way does: all of the log parsed and written anew. Prints the median of some, in nanoseconds."""

import fcntl
import os
import sys
import time

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def append(path):
    with open(path + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with open(path) as file:
            events = yaml.load(file, Loader)
        events.append({"timestamp": "2026-11-23T04:11:09Z", "type": "claimed", "task_id": "TASK-12", "n": "1"})
        with open(path + ".tmp", "w") as file:
            yaml.dump(events, file, Dumper, sort_keys=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(path + ".tmp", path)
        folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


times = []
for _ in range(int(sys.argv[2])):
    started = time.perf_counter_ns()
    append(sys.argv[1])
    times.append(time.perf_counter_ns() - started)
print(sorted(times)[len(times) // 2])
