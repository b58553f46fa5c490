#!/bin/sh
# Apply manifests as an agent; wait for people where they have to decide, and go on.
# Usage: apply-and-wait.sh FILE-OR-FOLDER [TIMEOUT]      exit 0: applied; 1: refused, denied or not decided in time
set -u
what=$1 timeout=${2:-2h}
while true; do
    if output=$(kubectl apply -f "$what" 2>&1); then
        printf '%s\n' "$output"
        exit 0
    fi
    printf '%s\n' "$output" >&2
    # Each refusal that a person can lift names the command that waits for them; anything else is an error.
    waits=$(printf '%s\n' "$output" | sed -n 's/.*Next: `kubectl approve wait -n \([a-z0-9-]*\) \([a-z0-9-]*\)`.*/\1 \2/p' | sort -u)
    refused=$(printf '%s\n' "$output" | grep -c 'denied the request\|^[Ee]rror')
    if [ -z "$waits" ] || [ "$refused" -gt "$(printf '%s\n' "$waits" | wc -l)" ]; then
        exit 1
    fi
    printf '%s\n' "$waits" | while read -r namespace name; do
        kubectl approve wait -n "$namespace" "$name" --timeout "$timeout" || exit 1
    done || exit 1
done
