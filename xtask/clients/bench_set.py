"""Sets `counter` in a YAML file as careful Python programs do: under the lock, durably, all of it written anew."""

import fcntl
import os
import sys

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

path, value = sys.argv[1], int(sys.argv[2])
with open(path + ".lock", "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    with open(path) as file:
        document = yaml.load(file, Loader)
    document["counter"] = value
    with open(path + ".tmp", "w") as file:
        yaml.dump(document, file, Dumper, sort_keys=False)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".tmp", path)
    folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
