#!/usr/bin/env bash
# Runs each fuzz target for a time, as many at once as there are processors:
# .ci/fuzz.sh 10s
set -euo pipefail
cd "$(dirname "$0")/.."

fuzz() { # folder, target, time
	(cd "$1" && go test -run '^$' -fuzz "^$2\$" -fuzztime "$3" -parallel 1 .) </dev/null 2>&1
}

# The fuzzer at times takes the end of its own time for a failure of the target.
# Then there is no input that fails, and one more try.
ran_out() { grep -q 'context deadline exceeded' <<<"$1" && ! grep -q 'Failing input written' <<<"$1"; }

if [ $# = 3 ]; then # one target; what it says is told at once, for others run beside it
	said=$(fuzz "$@") || { ran_out "$said" && said=$(fuzz "$@"); } || failed=yes
	printf 'fuzz: %s in %s\n%s\n' "$2" "$1" "$said"
	[ -z "${failed-}" ]
	exit
fi

git grep -oE --untracked '^func Fuzz[A-Za-z0-9_]*' -- '*_test.go' | sort | while IFS=: read -r file target; do
	printf '%s\0%s\0%s\0' "$(dirname "$file")" "${target#func }" "${1:-10s}"
done | xargs -0 -n 3 -P "$(nproc)" "$0"
