# Takes turns in a room that a lock is to guard, as xtask/src/client/lock_rooms.rs does; the lock as shell scripts take it: flock on a
# descriptor that the shell has opened with truncation.
#
#     lock_turns.sh NAME LOCK ROOM LOG STOP
set -eu
shopt -s nullglob
name=$1 lock=$2 room=$3 log=$4 stop=$5

write() {
    own=$room/w.$name
    enter
    meet "$room"/[rw].*
    count
    printf '%012d\n' "$((count + 1))" 1<> "$room/counter"
    echo "wrote $room $((count + 1))" >> "$log"
    meet "$room"/[rw].*
    leave
}

read_only() {
    own=$room/r.$name
    enter
    meet "$room"/w.*
    count
    before=$count
    count
    [ "$count" = "$before" ] || echo "changed $room" >> "$log"
    echo "read $room $before" >> "$log"
    meet "$room"/w.*
    leave
}

enter() { (set -C; : > "$own"); }

meet() {
    for other in "$@"; do
        [ "$other" = "$own" ] && continue
        echo "met $room ${other##*/}" >> "$log"
        rm -f "$other"
    done
}

leave() { rm "$own" 2>/dev/null || echo "robbed $room" >> "$log"; }

count() {
    read -r count < "$room/counter"
    count=$((10#$count))
}

while [ ! -e "$stop" ]; do
    {
        if [ "$((RANDOM % 4))" = 0 ]; then
            flock -s 200
            read_only
        else
            flock 200
            write
        fi
    } 200>"$lock"
done
