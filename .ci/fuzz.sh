#!/usr/bin/env bash
# Runs each fuzz target for a time: .ci/fuzz.sh 10s
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-10s}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

fuzz() { # folder, target
	(cd "$1" && go test -run '^$' -fuzz "^$2\$" -fuzztime "$time" .) </dev/null 2>&1 | tee "$log"
}

# The fuzzer at times takes the end of its own time for a failure of the target.
# Then there is no input that fails, and one more try.
ran_out() { grep -q 'context deadline exceeded' "$log" && ! grep -q 'Failing input written' "$log"; }

git grep -oE --untracked '^func Fuzz[A-Za-z0-9_]*' -- '*_test.go' | sort | while IFS=: read -r file target; do
	folder=$(dirname "$file") target=${target#func }
	echo "fuzz: $target in $folder"
	if ! fuzz "$folder" "$target"; then
		ran_out || exit 1
		fuzz "$folder" "$target" || exit 1
	fi
done
