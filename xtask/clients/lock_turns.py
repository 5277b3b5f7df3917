"""Takes turns in a room that a lock is to guard, as xtask/src/client/lock_rooms.rs does; the lock as most Python programs take it:
flock on a file opened with 'w', without a look at what the path names afterwards.

    lock_turns.py NAME LOCK ROOM LOG STOP
"""
import fcntl
import os
import random
import sys
import time


def main():
    name, lock, room, log, stop = sys.argv[1:]
    while not os.path.exists(stop):
        reads = random.randrange(4) == 0
        with open(lock, "w") as file:
            fcntl.flock(file, fcntl.LOCK_SH if reads else fcntl.LOCK_EX)
            (read if reads else write)(name, room, log)
        time.sleep(random.uniform(0, 0.003))


def write(name, room, log):
    own = f"w.{name}"
    enter(room, own)
    meet(room, own, log, ("w.", "r."))
    count = read_counter(room) + 1
    time.sleep(random.uniform(0, 0.0003))
    handle = os.open(f"{room}/counter", os.O_WRONLY)
    os.pwrite(handle, b"%012d\n" % count, 0)
    os.close(handle)
    note(log, f"wrote {room} {count}")
    meet(room, own, log, ("w.", "r."))
    leave(room, own, log)


def read(name, room, log):
    own = f"r.{name}"
    enter(room, own)
    meet(room, own, log, ("w.",))
    count = read_counter(room)
    time.sleep(random.uniform(0, 0.0003))
    if read_counter(room) != count:
        note(log, f"changed {room}")
    note(log, f"read {room} {count}")
    meet(room, own, log, ("w.",))
    leave(room, own, log)


def enter(room, own):
    os.close(os.open(f"{room}/{own}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))


def meet(room, own, log, wrong):
    for other in os.listdir(room):
        if other.startswith(wrong) and other != own:
            note(log, f"met {room} {other}")
            remove(f"{room}/{other}")


def leave(room, own, log):
    if not remove(f"{room}/{own}"):
        note(log, f"robbed {room}")


def remove(mark):
    try:
        os.remove(mark)
        return True
    except FileNotFoundError:
        return False


def read_counter(room):
    with open(f"{room}/counter") as file:
        return int(file.read())


def note(log, line):
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(handle, f"{line}\n".encode())
    os.close(handle)


main()
