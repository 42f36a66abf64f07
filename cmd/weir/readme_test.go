package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/wasm/wasmtest"
)

// section is what a page, by its path in the repository, has below a heading, up to the
// next of a chapter, with addresses and other texts replaced. blocks are its pieces of
// code in their order.
func section(t *testing.T, page, heading string, replaced ...string) (blocks []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", page))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("%s has no chapter %q", page, heading)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	rest = strings.NewReplacer(replaced...).Replace(rest)
	for _, b := range regexp.MustCompile("(?s)```(?:toml)?\n(.*?)```").FindAllStringSubmatch(rest, -1) {
		blocks = append(blocks, b[1])
	}
	return blocks
}

// commandsOf are the commands of a piece of README.md.
func commandsOf(block string) []string { return strings.Split(strings.TrimSpace(block), "\n") }

// shell does what the README says, within dir.
func shell(t *testing.T, dir, commands string) string {
	t.Helper()
	return runs(t, nil, "sh", "-e", "-c", "cd '"+dir+"'\n"+strings.ReplaceAll(commands, "bin/weir", built.weir))
}

// anyPort has proxy.toml listen where there is room.
var anyPort = []string{
	"--set", `gateway.listen = ["127.0.0.1:0"]`, "--set", `sidecar.inbound = "127.0.0.1:0"`, "--set", `sidecar.outbound = ""`,
	"--set", `admin.listen = "127.0.0.1:0"`, "--set", `timeouts.drain_delay = "0s"`,
}

// TestREADMEBegins with a build, and a look at the repository's own file.
func TestREADMEBegins(t *testing.T) {
	commands := commandsOf(section(t, "README.md", "Install")[0])
	if !strings.HasPrefix(commands[0], "make build ") { // what TestMain has done
		t.Errorf("it begins with %q", commands[0])
	}
	if got := shell(t, "../..", commands[1]); got != "proxy.toml: good\n" {
		t.Errorf("%s shows %q", commands[1], got)
	}
}

// TestOperating asks about the repository's own file, and runs it.
func TestOperating(t *testing.T) {
	commands := commandsOf(section(t, "docs/operating.md", "Before it runs")[0])
	if got := shell(t, "../..", commands[0]); got != "proxy.toml: good\n" {
		t.Errorf("%s shows %q", commands[0], got)
	}
	if got := shell(t, "../..", commands[1]); !strings.Contains(got, "route private") || !strings.Contains(got, "answered 401") {
		t.Errorf("%s shows\n%s", commands[1], got)
	}
	for _, command := range commandsOf(section(t, "docs/operating.md", "Running")[0]) {
		words, quoted, _ := strings.Cut(command, " --set '")
		words, _, _ = strings.Cut(words, " #")
		args := append(strings.Fields(words)[1:], anyPort...)
		if quoted != "" {
			args = append(args, "--set", strings.TrimSuffix(quoted, "'"))
		}
		p := setup{dir: "../.."}.start(t, args...)
		p.ready()
		p.stop()
	}
}

// TestNoteIsAsShown: the note that docs/operating.md shows is what such a file gets.
func TestNoteIsAsShown(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "proxy.toml", `[clusters.up]
endpoints = ["127.0.0.1:9000"]
[filters.key]
use = "apikey"
config = { keys = [{ name = "ann", sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" }] }
[[routes]]
cluster = "up"
filters = ["limit", "key"]
[filters.limit]
use = "ratelimit"
config = { requests = 10, per = "1s", key = "identity" }
`)
	if got, want := shell(t, dir, "bin/weir check proxy.toml"), section(t, "docs/operating.md", "Before it runs")[1]+"proxy.toml: good\n"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestInterceptionIsPrinted shows the rules; that they do what they say needs namespaces,
// and is tested there.
func TestInterceptionIsPrinted(t *testing.T) {
	blocks := section(t, "docs/mesh.md", "Without the app's knowledge")
	dir := t.TempDir()
	write(t, dir, "proxy.toml", blocks[0])
	if got := shell(t, dir, commandsOf(blocks[1])[1]); !strings.Contains(got, "redirect to") {
		t.Errorf("it shows\n%s", got)
	}
}

// TestModulesAreLookedAt inspects a module and signs it.
func TestModulesAreLookedAt(t *testing.T) {
	dir := t.TempDir()
	module := wasmtest.New()
	module.Memory(1, 0)
	module.Func("proxy_abi_version_0_2_1", "")
	module.Func("malloc", "i:i", wasmtest.I32(1024))
	path := write(t, dir, "house.wasm", string(module.Bytes()))
	write(t, dir, "proxy.toml", house("127.0.0.1:1", "", ""))
	for i, command := range commandsOf(section(t, "docs/filters.md", "What a module is")[0]) {
		if got := shell(t, dir, command); !strings.Contains(got, []string{"proxy-wasm", "admitted"}[i]) {
			t.Errorf("%s shows\n%s", command, got)
		}
	}
	for _, command := range commandsOf(section(t, "docs/filters.md", "Whose a module is")[0]) {
		shell(t, dir, command)
	}
	if b, err := os.ReadFile(path); err != nil || len(b) <= len(module.Bytes()) {
		t.Errorf("the signature is not within: %v", err)
	}
}
