"""Takes a lock once, with flock on a file opened with 'w'.

    lock_once.py hold LOCK HELD RELEASE     make HELD, with the number of this process, and hold it until there is RELEASE
    lock_once.py share LOCK HELD RELEASE    the same, together with others
    lock_once.py note LOCK FILE LINE        add a line to a file while holding it
    lock_once.py lease LOCK HELD RELEASE    hold a write lease on the file instead, deaf to the kernel's signal, until there is RELEASE
"""
import fcntl
import os
import signal
import sys
import time


def main():
    what, lock, *rest = sys.argv[1:]
    with open(lock, "w") as file:
        if what == "lease":
            signal.signal(signal.SIGIO, signal.SIG_IGN)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        else:
            fcntl.flock(file, fcntl.LOCK_SH if what == "share" else fcntl.LOCK_EX)
        if what == "note":
            note(*rest)
        else:
            hold(*rest)


def hold(held, release):
    with open(f"{held}.tmp", "w") as file:
        file.write(str(os.getpid()))
    os.rename(f"{held}.tmp", held)
    while not os.path.exists(release):
        time.sleep(0.002)


def note(path, line):
    with open(path, "a") as file:
        file.write(f"{line}\n")


main()
