"""Claims tasks of an SQLite database, one durable transaction for each, from one connection.

Begins when there is a file `begin`; prints the nanosecond of the beginning and that of the end."""

import os
import sqlite3
import sys
import time

CLAIM = """UPDATE tasks SET status = 'claimed', claimed_by = 'bench', claimed_at = ?, lease_until = ?, attempt = attempt + 1
WHERE id = (SELECT id FROM tasks AS task WHERE status = 'pending' AND NOT EXISTS (
    SELECT 1 FROM blockers JOIN tasks AS other ON other.id = blocker
    WHERE blockers.task = task.id AND other.status <> 'completed') ORDER BY priority, score DESC LIMIT 1)
RETURNING id"""

path, ready, begin, times = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
base = sqlite3.connect(path, timeout=60, isolation_level=None)
base.execute("PRAGMA synchronous=FULL")


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


open(ready, "w").close()
while not os.path.exists(begin):
    time.sleep(0.0005)
started = time.monotonic_ns()
for _ in range(times):
    base.execute("BEGIN IMMEDIATE")
    if base.execute(CLAIM, (now(), now())).fetchone() is None:
        sys.exit("no task is left")
    base.execute("COMMIT")
print(started, time.monotonic_ns())
