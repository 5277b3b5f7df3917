# A client as shell scripts are written: flock on a descriptor of FILE.lock, sed into a temporary, mv.
#
#     count.sh NAME COUNTER EVENTS ACKNOWLEDGED STOP
set -eu
name=$1 counter=$2 events=$3 acknowledged=$4 stop=$5
turn=0
while [ ! -e "$stop" ]; do
    turn=$((turn + 1))
    id="$name-0-$turn"
    (
        flock 200
        count=$(sed -n 's/^counter: *\([0-9]*\).*/\1/p' "$counter")
        # The list is the last thing in the file; its last line shows how far it is indented.
        indent=$(sed -n '$s/^\( *\)- .*/\1/p' "$counter")
        sed "s/^counter: *[0-9]*/counter: $((count + 1))/" "$counter" > "$counter.$$.tmp"
        echo "$indent- $id" >> "$counter.$$.tmp"
        mv "$counter.$$.tmp" "$counter"
    ) 200>"$counter.lock"
    echo "counted $id" >> "$acknowledged"
    (
        flock 200
        printf -- '- id: %s\n  by: bash\n' "$id" >> "$events"
    ) 200>"$events.lock"
    echo "logged $id" >> "$acknowledged"
done
