"""Counts under a lock that is taken as most Python programs take it: flock on a file, without a look at what the path names afterwards.

Prints what xtask/src/client/lock_plain.rs prints.

    lock_plain.py LOCKS DATA ROOMS STOP MODE PAUSE_US [late [KEEP_S]]

There are so many ROOMS, each with a lock LOCKS/N.yaml.lock, a counter DATA/N.count, and DATA/N.inside with the process that is inside.

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

# What tells who is inside while nobody is.
NOBODY = b"0000000\n"
MODES = {"read": os.O_RDONLY, "write": os.O_WRONLY | os.O_TRUNC, "both": os.O_RDWR}


def main():
    locks, data, rooms, stop, mode, pause_us, *late = sys.argv[1:]
    keep = float(late[1]) if late[1:] else 0
    rooms = [Room(locks, data, number) for number in range(int(rooms))]
    turns, overlaps, longest = 0, 0, 0.0
    while not os.path.exists(stop):
        room = random.choice(rooms)
        asked = time.monotonic()
        handle = open_late(room.lock, mode) if late else os.open(room.lock, MODES[mode] | os.O_CREAT, 0o644)
        if handle is None:
            continue
        end = time.monotonic() + keep
        while True:
            fcntl.flock(handle, fcntl.LOCK_EX)
            longest = max(longest, time.monotonic() - asked)
            overlaps += not room.count_alone()
            turns += 1
            fcntl.flock(handle, fcntl.LOCK_UN)
            if time.monotonic() >= end or os.path.exists(stop):
                break
            time.sleep(random.uniform(0, int(pause_us) / 1e6))
            asked = time.monotonic()
        os.close(handle)
        time.sleep(random.uniform(0, int(pause_us) / 1e6))
    print(f"turns {turns} overlaps {overlaps} longest_us {int(longest * 1e6)}")


class Room:
    def __init__(self, locks, data, number):
        self.lock = f"{locks}/{number}.yaml.lock"
        self.count = os.open(f"{data}/{number}.count", os.O_RDWR)
        self.inside = os.open(f"{data}/{number}.inside", os.O_RDWR)

    def count_alone(self):
        own = b"%07d\n" % os.getpid()
        alone = os.pread(self.inside, 8, 0) == NOBODY
        os.pwrite(self.inside, own, 0)
        os.pwrite(self.count, b"%012d\n" % (int(os.pread(self.count, 13, 0)) + 1), 0)
        alone = alone and os.pread(self.inside, 8, 0) == own
        os.pwrite(self.inside, NOBODY, 0)
        return alone


def open_late(lock, mode):
    folder, name = os.path.split(lock)
    for aside in glob.glob(os.path.join(folder, f".{name}.retired.*")):
        try:
            return os.open(aside, MODES[mode])
        except FileNotFoundError:
            pass
    return None


main()
