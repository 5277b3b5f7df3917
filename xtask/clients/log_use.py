"""A client as the programs that keep a registry in Python are written: flock on FILE.lock, load all, change, dump all, os.replace.

    log_use.py NAME REGISTRY ACKNOWLEDGED-FOLDER STOP

After it has read, it makes sure that everything is there that anybody was told is saved before.
"""
import contextlib
import fcntl
import glob
import os
import sys

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
SKILL = "mover"


@contextlib.contextmanager
def locked(path):
    with open(path + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def acknowledged(folder):
    ids = set()
    for path in glob.glob(os.path.join(folder, "*.acknowledged")):
        with open(path) as source:
            ids.update(line.split()[1] for line in source if line.endswith("\n"))
    return ids


def log(path, identity, known):
    with open(path) as source:
        data = yaml.load(source, Loader)
    found = {entry["task_id"] for entry in data["usage_history"]}
    if known - found:
        sys.exit(f"acknowledged before it read, and not there: {sorted(known - found)[:5]}")
    time = 1 + len(found) * 31 % 1009
    data["usage_history"].append(
        {"timestamp": "2026-11-23T00:00:00Z", "task_id": identity, "skill": SKILL, "execution_time_ms": time, "result": "success"}
    )
    usage = data["skills"][SKILL]["usage"]
    usage["avg_execution_time_ms"] = (usage["avg_execution_time_ms"] * usage["usage_count"] + time) / (usage["usage_count"] + 1)
    usage["usage_count"] += 1
    usage["success_count"] += 1
    data["metadata"]["total_usage_records"] = len(data["usage_history"])
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "w") as target:
        yaml.dump(data, target, Dumper, default_flow_style=False, sort_keys=False, allow_unicode=True)
    os.replace(temporary, path)


def acknowledge(folder, name, identity):
    handle = os.open(os.path.join(folder, f"{name}.acknowledged"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(handle, f"used {identity}\n".encode())
    os.close(handle)


def main():
    name, path, folder, stop = sys.argv[1:]
    turn = 0
    while not os.path.exists(stop):
        turn += 1
        identity = f"{name}-0-{turn}"
        known = acknowledged(folder)
        with locked(path):
            log(path, identity, known)
        acknowledge(folder, name, identity)


main()
