"""Appends events to an SQLite database, each in a durable transaction of its own. Prints the median, in nanoseconds."""

import sqlite3
import sys
import time

base = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
base.execute("PRAGMA synchronous=FULL")
times = []
for _ in range(int(sys.argv[2])):
    started = time.perf_counter_ns()
    base.execute(
        "INSERT INTO events (timestamp, type, task_id, n) VALUES (?, ?, ?, ?)",
        ("2026-11-23T04:11:09Z", "claimed", "TASK-12", "1"),
    )
    times.append(time.perf_counter_ns() - started)
print(sorted(times)[len(times) // 2])
