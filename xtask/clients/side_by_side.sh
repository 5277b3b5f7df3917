# Counts in a YAML file as different programs of one system do.
#
#     side_by_side.sh WHO TIMES [OPTION...]
#
# WHO: ours, with OPTIONs for atomic-io; bash, which locks .queue.lock alone; or late, which reads before it takes the right lock, with
# what is to be run around it as OPTIONs.
set -eu
who=$1 times=$2
shift 2
add='/^counter:/ { $2 = $2 + 1 } { print }'
for ((turn = 0; turn < times; turn++)); do
    case $who in
        ours) atomic-io "$@" pipe count.yaml -- awk "$add" ;;
        bash) (
            flock 200
            awk "$add" count.yaml > "count.$$.tmp"
            mv "count.$$.tmp" count.yaml
        ) 200> .queue.lock ;;
        late) "$@" bash -c '
            awk "$1" count.yaml > "count.$$.tmp"
            sleep 0.01
            flock count.yaml.lock mv "count.$$.tmp" count.yaml
        ' late "$add" ;;
    esac
done
