"""Reads a slots' file all the time until a second file is there, and makes a third one once it has begun; without a lock, as dashboards do. Whatever is read must be whole, and agree with itself."""

import os
import sys

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
path, enough, begun = sys.argv[1:]


def check(state):
    assert state["owner"] == "the night shift", "a foreign key has changed"
    assert state["metrics"]["uptime"] == [1, 2], "a foreign counter has changed"
    slots = state.get("slots") or state["execution_slots"]
    assert list(slots) == ["first", "second", "third"], "a slot is gone"
    running = []
    for name, slot in slots.items():
        assert slot["room"] == "R-" + name, "a foreign key of a slot has changed"
        told = slot["current_task"]
        if isinstance(told, dict):
            task, told = told["task_id"], told
        else:
            task, told = told, slot
        status = "paused" if name == "third" else "idle" if task is None else "active"
        assert slot["status"] == status, f"{name} is {slot['status']} with {task}"
        assert (told["pid"] is None) == (task is None), f"{name}: pid {told['pid']} with {task}"
        assert (told.get("started_at") is None) == (task is None), f"{name}: started_at with {task}"
        running.append(task)
    running = [task for task in running if task is not None]
    assert len(set(running)) == len(running), f"{running[0]} is in two slots"
    return tuple(running)


reads, versions, last = 0, 0, None
while True:
    is_last = os.path.exists(enough)
    with open(path) as file:
        state = yaml.load(file, Loader)
    try:
        check(state)
    except AssertionError as error:
        sys.exit(f"{error}: {state}")
    reads += 1
    if reads == 1:
        open(begun, "w").close()
    versions += state != last
    last = state
    if is_last:
        break
print(f"{reads} times, {versions} versions")
