# What somebody does first who has just installed the programs: first_minutes.sh PREFIX CONFIGURATION
# Ends at the first thing that is not as it should be.
set -eu
prefix=$1 configuration=$2
PATH=$prefix/bin:/usr/bin
export PATH

is() { # what, found, wanted
    [ "$2" = "$3" ] || {
        echo "$1: '$2' instead of '$3'" >&2
        exit 1
    }
}

for program in queue registry atomic-io lock-janitor; do
    is "where $program is" "$(command -v $program)" "$prefix/bin/$program"
    $program --version >/dev/null
done

mkdir rooms
cd rooms
queue init
queue add "Measure the rooms" --id ROOMS --run 'echo measured'
queue add "Draw the plan" --id PLAN --after ROOMS --run "queue show ROOMS | grep -q completed && echo drawn"
queue dispatch --slots 2
is "the second task" "$(atomic-io get queue.yaml 'tasks[id=PLAN].status')" completed
is "what it printed" "$(queue logs PLAN)" drawn
atomic-io set queue.yaml 'tasks[id=PLAN].title' 'Draw it'
is "a changed title" "$(atomic-io get queue.yaml 'tasks[id=PLAN].title')" 'Draw it'
queue doctor

cat "$prefix/share/doc/mooring/examples/skill-registry.yaml" >skill-registry.yaml
registry log --task T-7 --skill mover --outcome success --duration-minutes 3
is "a counted use" "$(atomic-io get skill-registry.yaml skills.mover.usage.usage_count)" 5

lock-janitor check-config "$configuration"
lock-janitor ls . | grep -q queue.yaml.lock
lock-janitor sweep --dry-run --min-idle 1ms . | grep -q 'would retire queue.yaml.lock'
