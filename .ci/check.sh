#!/usr/bin/env bash
# Looks for what tests do not see: formatting, suspicious code, stale files.
# It changes nothing that is fresh, and runs all checks before it fails.
set -euo pipefail
cd "$(dirname "$0")/.."

staticcheck=.deps/bin/staticcheck
if [ ! -x "$staticcheck" ]; then
	echo "check: no linter; run \"make deps\"" >&2
	exit 1
fi

failed=""
check() { # name, command...
	local name=$1
	shift
	echo "check: $name"
	"$@" || failed="$failed $name"
}

formatted() {
	local bad
	bad=$(git ls-files -co --exclude-standard -z '*.go' | xargs -0 gofmt -l) || return
	[ -z "$bad" ] || { printf 'not formatted: %s\n' $bad >&2; return 1; }
}

# What ends up in guests is looked at as compiled for their machine.
guests() {
	local packages
	packages=$(GOOS=wasip1 GOARCH=wasm go list -deps ./filters/builtin/guest | grep "^$(go list -m)/") || return
	# shellcheck disable=SC2086 # the list is meant to be split
	GOOS=wasip1 GOARCH=wasm "$@" $packages
}

# The tests with gRPC's own peers are a module of their own.
interop() { (cd interop && go mod tidy -diff && "../$staticcheck" ./...); }

# Providers are modules of their own, and so is what makes the contracts' code.
providers() {
	local name
	for name in consul redis; do
		(cd "cmd/weir-$name" && go mod tidy -diff && "../../$staticcheck" ./...) || return
	done
}
contracts() { (cd core/provider/contract/internal/generate && go mod tidy -diff && go vet .); }

# Hashes of all files that git knows or would: what generation changes, shows.
hashes() { git ls-files -co --exclude-standard -z | xargs -0 sha256sum 2>/dev/null || true; }

fresh() {
	local before after
	before=$(hashes)
	go generate ./... || return
	after=$(hashes)
	[ "$before" = "$after" ] && return
	echo "stale; \"go generate ./...\" has just renewed them:" >&2
	diff <(echo "$before") <(echo "$after") | sed -n 's/^> [0-9a-f]*  //p' >&2
	return 1
}

check format formatted
check vet go vet ./...
check staticcheck "$staticcheck" ./...
# The linter does not know that exported functions are called from outside (U1000).
check staticcheck-guests guests "$staticcheck" -tests=false -checks inherit,-U1000
check tidy go mod tidy -diff
check interop interop
check providers providers
check contracts contracts
check fresh fresh

if [ -n "$failed" ]; then
	echo "check: failed:$failed" >&2
	exit 1
fi
echo "check: all is well"
