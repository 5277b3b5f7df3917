# Claims a task as shell scripts do: four times yq, the one on top of jq, under flock. Without a sync.
set -eu
queue=$1
exec 9>> "$queue.lock"
flock 9
id=$(yq -r '([.tasks[] | select(.status == "completed") | {key: .id, value: true}] | from_entries) as $done
    | [.tasks[] | select(.status == "pending") | select(all(.blockedBy[]; $done[.]))]
    | min_by([({"CRITICAL": 0, "HIGH": 1, "MEDIUM": 2, "LOW": 3}[.priority]), -.priority_score]) | .id' "$queue")
attempt=$(yq -r --arg id "$id" '.tasks[] | select(.id == $id) | .attempt // 0' "$queue")
yq -y -i --arg id "$id" '(.tasks[] | select(.id == $id)) |= (.status = "claimed" | .claimed_by = "bench")' "$queue"
yq -y -i --arg id "$id" --arg now "$(date -u +%FT%TZ)" --argjson attempt "$((attempt + 1))" \
    '(.tasks[] | select(.id == $id)) |= (.claimed_at = $now | .attempt = $attempt)' "$queue"
echo "$id"
