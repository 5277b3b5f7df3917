"""Counts under a lock that is taken as most Python programs take it: flock on a file, without a look at what the path names afterwards.

Prints what xtask/src/client/lock_plain.rs prints.

    lock_plain.py LOCK COUNTER INSIDE STOP MODE PAUSE_US [late [KEEP_S]]

MODE: read, write or both, as the lock file is opened. Between two turns it waits for a random time up to PAUSE_US.

With "late" it is one who had looked up the name just before the lock file was moved aside, and opens that file only now: it opens the file
by the name that it has meanwhile. It then keeps it open for KEEP_S, and takes the lock again and again.
"""
import fcntl
import glob
import os
import random
import sys
import time

# What stands in INSIDE while nobody is.
NOBODY = b"0000000\n"
MODES = {"read": os.O_RDONLY, "write": os.O_WRONLY | os.O_TRUNC, "both": os.O_RDWR}


def main():
    lock, counter, inside, stop, mode, pause_us, *late = sys.argv[1:]
    keep = float(late[1]) if late[1:] else 0
    turns, overlaps, longest = 0, 0, 0.0
    own = b"%07d\n" % os.getpid()
    count, room = os.open(counter, os.O_RDWR), os.open(inside, os.O_RDWR)
    while not os.path.exists(stop):
        asked = time.monotonic()
        handle = open_late(lock, mode) if late else os.open(lock, MODES[mode] | os.O_CREAT, 0o644)
        if handle is None:
            continue
        end = time.monotonic() + keep
        while True:
            fcntl.flock(handle, fcntl.LOCK_EX)
            longest = max(longest, time.monotonic() - asked)
            alone = os.pread(room, 8, 0) == NOBODY
            os.pwrite(room, own, 0)
            os.pwrite(count, b"%012d\n" % (int(os.pread(count, 13, 0)) + 1), 0)
            alone = alone and os.pread(room, 8, 0) == own
            os.pwrite(room, NOBODY, 0)
            overlaps += not alone
            turns += 1
            fcntl.flock(handle, fcntl.LOCK_UN)
            if time.monotonic() >= end or os.path.exists(stop):
                break
            time.sleep(random.uniform(0, int(pause_us) / 1e6))
            asked = time.monotonic()
        os.close(handle)
        time.sleep(random.uniform(0, int(pause_us) / 1e6))
    print(f"turns {turns} overlaps {overlaps} longest_us {int(longest * 1e6)}")


def open_late(lock, mode):
    folder, name = os.path.split(lock)
    for aside in glob.glob(os.path.join(folder, f".{name}.retired.*")):
        try:
            return os.open(aside, MODES[mode])
        except FileNotFoundError:
            pass
    return None


main()
