# An agent as a shell script is written: claims what is ready, works on it, says that it is done, until nothing is ready.
#
#     agent.sh NAME JOURNAL
#
# A task that waits for one in somebody's hand is claimed by whoever finishes that one.
set -eu
name=$1 journal=$2
while :; do
    claim=$(queue claim --next --agent "$name") || {
        code=$?
        [ "$code" -eq 3 ] && exit 0
        exit "$code"
    }
    id=${claim% *} attempt=${claim#* }
    echo "start $id $attempt" >> "$journal"
    queue start "$id" --attempt "$attempt" --quiet
    sleep "0.0$((RANDOM % 5))"
    queue heartbeat "$id" --attempt "$attempt" --quiet
    echo "end $id $attempt" >> "$journal"
    queue done "$id" --attempt "$attempt" --quiet
done
