"""Prints what PyYAML reads in each file, as one line of JSON per file: {"value": …}, or {"error": …} if it refuses.

    read_yaml.py [--dates-as-written] FILE…

Dates come out tagged, so that a date and a string that looks like one differ; with --dates-as-written they come out as the
string that stands in the file, as readers see it that know no dates.
"""
import datetime
import json
import math
import sys

import yaml


class Dated(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    pass


class Plain(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    pass


Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in Dated.yaml_implicit_resolvers.items()
}


def plain(value):
    if isinstance(value, dict):
        return {key if isinstance(key, str) else f"!{key!r}": plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if isinstance(value, (datetime.date, datetime.datetime)):
        return {"!date": value.isoformat()}
    if isinstance(value, bytes):
        return {"!bytes": value.hex()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"!float": repr(value)}
    return value


def main():
    files = sys.argv[1:]
    loader = Dated
    if files and files[0] == "--dates-as-written":
        loader = Plain
        files = files[1:]
    for path in files:
        try:
            with open(path, encoding="utf-8", newline="") as source:
                print(json.dumps({"value": plain(yaml.load(source, loader))}))
        except (yaml.YAMLError, ValueError) as error:
            print(json.dumps({"error": " ".join(str(error).split())}))


main()
