# Appends an event as shell scripts do: yq, the one on top of jq, under flock. Without a sync.
set -eu
log=$1
exec 9>> "$log.lock"
flock 9
yq -y -i '. + [{timestamp: "2026-11-23T04:11:09Z", type: "claimed", task_id: "TASK-12", n: "1"}]' "$log"
