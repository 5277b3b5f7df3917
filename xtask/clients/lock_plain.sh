# Counts under a lock that is taken as shell scripts take it, and prints what xtask/src/client/lock_plain.rs prints.
#
#     lock_plain.sh LOCKS DATA ROOMS STOP MODE PAUSE_US [SECONDS [late]]
#
# There are so many ROOMS, each with a lock LOCKS/N.yaml.lock, a counter DATA/N.count, and DATA/N.inside with the process that is inside.
# MODE: read, write or both, as the lock file is opened. Between two turns it waits for a random time up to PAUSE_US. With SECONDS the
# descriptor is kept open for so long, and the lock taken now and then. With "late" it is one who had looked up the name just before the lock
# file was moved aside: it opens that file by the name that it has meanwhile.
set -u
locks=$1 data=$2 rooms=$3 stop=$4 mode=$5 pause_us=$6 keep=${7:-0} late=${8:-}
turns=0 overlaps=0 longest=0

open() {
    if [ "$late" ]; then
        set -- "$locks/.$room.yaml.lock.retired."*
        [ -e "$1" ] && { exec 200<> "$1"; } 2>/dev/null
        return
    fi
    case $mode in
        # A file that is only read is not made by opening it, and may be gone when it is to be opened.
        read) until { [ -e "$lock" ] || : >> "$lock"; exec 200< "$lock"; } 2>/dev/null; do :; done ;;
        write) exec 200> "$lock" ;;
        both) exec 200<> "$lock" ;;
    esac
}

# Without starting a program, which would take longer.
exec {nothing}<> <(:)
pause() {
    local us
    printf -v us '%06d' "$(((RANDOM * 32768 + RANDOM) % (pause_us + 1)))"
    read -rt "0.$us" -u "$nothing"
}

now() { now=${EPOCHREALTIME/[.,]/}; }

turn() {
    flock 200
    now
    [ "$((now - asked))" -gt "$longest" ] && longest=$((now - asked))
    read -r other < "$inside"
    printf '%07d\n' "$$" 1<> "$inside"
    read -r number < "$counter"
    printf '%012d\n' "$((10#$number + 1))" 1<> "$counter"
    read -r own < "$inside"
    printf '%07d\n' 0 1<> "$inside"
    [ "$((10#$other))" = 0 ] && [ "$((10#$own))" = "$$" ] || overlaps=$((overlaps + 1))
    turns=$((turns + 1))
}

while [ ! -e "$stop" ]; do
    room=$((RANDOM % rooms))
    lock=$locks/$room.yaml.lock counter=$data/$room.count inside=$data/$room.inside
    now
    asked=$now
    open || continue
    turn
    if [ "$keep" != 0 ]; then
        end=$((now + keep * 1000000))
        while [ "$now" -lt "$end" ] && [ ! -e "$stop" ]; do
            flock -u 200
            pause
            now
            asked=$now
            turn
        done
    fi
    exec 200>&-
    pause
done
echo "turns $turns overlaps $overlaps longest_us $longest"
