"""A client as Python programs are written: flock on FILE.lock opened with 'w', load, change, dump, os.replace.

Events are mostly appended, but every fifth time the whole log is loaded and written again, as many programs do.

    count.py NAME COUNTER EVENTS ACKNOWLEDGED STOP
"""
import contextlib
import fcntl
import os
import sys

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def count(path, identity):
    with locked(path):
        data = load(path)
        data["counter"] += 1
        data["ids"].append(identity)
        replace(path, data)


def append(path, identity):
    with locked(path):
        with open(path, "a") as log:
            log.write(yaml.dump([{"id": identity, "by": "python"}], Dumper=Dumper))


def rewrite(path, identity):
    with locked(path):
        replace(path, load(path) + [{"id": identity, "by": "python"}])


@contextlib.contextmanager
def locked(path):
    with open(path + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def load(path):
    with open(path) as source:
        return yaml.load(source, Loader)


def replace(path, data):
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "w") as target:
        yaml.dump(data, target, Dumper, default_flow_style=False)
    os.replace(temporary, path)


def acknowledge(path, what, identity):
    line = f"{what} {identity}\n".encode()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(handle, line)
    os.close(handle)


def main():
    name, counter, events, acknowledged, stop = sys.argv[1:]
    turn = 0
    while not os.path.exists(stop):
        turn += 1
        identity = f"{name}-0-{turn}"
        count(counter, identity)
        acknowledge(acknowledged, "counted", identity)
        (append if turn % 5 else rewrite)(events, identity)
        acknowledge(acknowledged, "logged", identity)


main()
