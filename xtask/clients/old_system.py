"""Functions as a Python system has them that shares YAML files with bash: a lock around the write, a temporary, os.replace.

    old_system.py FUNCTION WORD...
"""
import contextlib
import datetime
import fcntl
import json
import os
import sys

import yaml


@contextlib.contextmanager
def file_lock(path):
    with open(path + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def load_yaml_locked(path):
    with file_lock(path), open(path) as file:
        return yaml.safe_load(file)


def atomic_write_yaml(path, data):
    with file_lock(path):
        with open(path + ".tmp", "w") as file:
            yaml.safe_dump(data, file, sort_keys=False)
        os.replace(path + ".tmp", path)


def atomic_append_yaml_event(path, event):
    try:
        events = load_yaml_locked(path)
    except FileNotFoundError:
        events = []
    atomic_write_yaml(path, events + [event])


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat()


def record_event(kind, task_id, **data):
    event = {"timestamp": now(), "type": kind, "task_id": task_id, "attempt": 0, "data": data}
    atomic_append_yaml_event("events.yaml", event)


def save_queue(queue):
    atomic_write_yaml("queue.yaml", queue)


def change_task(task_id, **fields):
    queue = load_yaml_locked("queue.yaml")
    for task in queue["tasks"]:
        if task["id"] == task_id:
            task.update(fields)
    save_queue(queue)


def claim_task(task_id, agent):
    change_task(task_id, status="claimed", claimed_by=agent, claimed_at=now())
    record_event("claimed", task_id, by=agent)


def update_task_status(task_id, status):
    change_task(task_id, status=status)
    record_event(status, task_id)


def update_slot(slot, field, value):
    state = load_yaml_locked("execution-state.yaml")
    state["slots"][slot][field] = value
    atomic_write_yaml("execution-state.yaml", state)


def main():
    what, *words = sys.argv[1:]
    if what == "load_yaml_locked":
        print(json.dumps(load_yaml_locked(*words), default=str))
    elif what == "atomic_write_yaml":
        atomic_write_yaml(words[0], yaml.safe_load(words[1]))
    elif what == "atomic_append_yaml_event":
        atomic_append_yaml_event(words[0], yaml.safe_load(words[1]))
    elif what == "save_queue":
        task_id, field, value = words
        change_task(task_id, **{field: value})
    else:
        {"claim_task": claim_task, "update_task_status": update_task_status, "record_event": record_event, "update_slot": update_slot}[what](*words)


main()
