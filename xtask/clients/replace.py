"""Replaces a file as Python programs do: a temporary, then os.replace; with none, one or both of the syncs.

    replace.py none|file|both|fallocate|mmap FILE CONTENT

The last two do to a file what the model of crash states does not know.
"""
import mmap
import os
import sys


def sync_folder(path):
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(handle)
    os.close(handle)


def replace(syncs, path, content):
    temporary = path + ".tmp"
    with open(temporary, "w") as target:
        target.write(content)
        target.flush()
        if syncs in ("file", "both"):
            os.fsync(target.fileno())
    os.replace(temporary, path)
    if syncs == "both":
        sync_folder(os.path.dirname(path) or ".")


def map_shared(path):
    with open(path, "r+b") as target, mmap.mmap(target.fileno(), 0) as view:
        view[0:1] = b"#"
        view.flush()


def allocate(path):
    with open(path, "r+b") as target:
        os.posix_fallocate(target.fileno(), 0, 65536)


def main():
    how, path, content = sys.argv[1:]
    if how == "mmap":
        map_shared(path)
    elif how == "fallocate":
        allocate(path)
    else:
        replace(how, path, content)
    print("saved", flush=True)


main()
