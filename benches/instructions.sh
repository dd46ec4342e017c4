#!/bin/sh
# Instructions per call, ours and theirs, counted by valgrind: the difference of 11 calls and 1, divided by 10.
# Usage: instructions.sh [PAYLOAD...], from any directory.
set -eu
cd "$(dirname "$0")"
bench=$(cargo bench --bench codec --no-run 2>&1 | sed -n 's/.*Executable .*(\(.*\))/\1/p')
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench" "$1" "$2" "$3" "$4" 2>&1 |
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}
for payload in ${*:-messages_slice message_one updates_one}; do
    for what in decode borrow encode; do
        for side in ours theirs; do
            per_call=$((($(count $side $what "$payload" 11) - $(count $side $what "$payload" 1)) / 10))
            [ $side = ours ] && ours=$per_call
        done
        echo "$payload: $what: ours $ours, theirs $per_call, ratio $(echo "scale=3; $ours / $per_call" | bc)"
    done
done
