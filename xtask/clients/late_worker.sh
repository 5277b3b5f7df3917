# A worker whose claim is over without its knowing. It makes `held` when it has its task and goes on when there is `go`; then it says
# everything that a holder can say, by the number of its claim and by its name, makes `tried`, and once there is `again` says it again.
#
#     late_worker.sh QUEUE TASK LEASE
#
# Prints a line for each: the verb, its exit code, and `kept` or `changed` for the bytes of the queue, its backup and its history.
set -u
queue=$1
task=$2

claim=$("$queue" -f q.yaml --lock-timeout 100s claim "$task" --agent late --lease "$3") || exit 9
attempt=${claim##* }

bytes() { cksum q.yaml q.yaml.backup events.yaml; }

try() {
    before=$(bytes)
    "$queue" -f q.yaml --lock-timeout 100s "$@" >&2
    code=$?
    [ "$(bytes)" = "$before" ] && bytes=kept || bytes=changed
    echo "$1 $code $bytes"
}

say() {
    for proof in "--attempt $attempt" "--agent late"; do
        # In words, on purpose: an option and its value.
        for verb in done heartbeat release start; do try $verb "$task" $proof; done
        try fail "$task" --reason late $proof
    done
}

echo "$attempt" > held.tmp
mv held.tmp held
until [ -e go ]; do sleep 0.01; done
say
try note "$task" late --attempt "$attempt"
try note "$task" late --agent late
: > tried
until [ -e again ]; do sleep 0.01; done
say
try note "$task" late --attempt "$attempt"
