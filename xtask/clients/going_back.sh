# From ours to the old system and back again, as docs/guide.md says. `old` calls a function of the old system.
set -eu
old() { python3 "$OLD_SYSTEM" "$@"; }

# What runs comes to its end; what is held is given back.
queue stop --quiet || test $? = 3
queue release HELD --agent ann --quiet

# The old system goes on with what is there.
old load_yaml_locked queue.yaml > seen.yaml
for id in $(queue list --json | python3 -c 'import json, sys; print(*(task["id"] for task in json.load(sys.stdin)["tasks"] if task["status"] == "pending"))'); do
    old update_task_status "$id" completed
done
cp queue.yaml completed-by-old.yaml

# What of ours may go.
ls .mooring/recovered 2> /dev/null > displaced || true
rm -rf .mooring *.lock

# The version before the last save of ours, without ours.
( flock 200
  cp queue.yaml.backup queue.yaml.tmp
  mv queue.yaml.tmp queue.yaml
) 200> queue.yaml.lock
old load_yaml_locked queue.yaml > restored.yaml
cp completed-by-old.yaml queue.yaml

# And forth again.
queue doctor --fix --quiet > doctor.txt
queue add "Hand over the keys" --id KEYS --quiet
queue run KEYS --quiet -- true
queue doctor --quiet > doctor-again.txt
