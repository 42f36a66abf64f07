package main_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/coretest"
)

// toolchains are how a filter of each language is built here, where its tools
// are not those of the machine's user. A build of another target than the
// README's puts the module where that does.
var toolchains = []struct {
	lang  string
	needs []string // commands
	build string
}{
	{"go", []string{"go"}, `GOPROXY=off go mod tidy && go test . && GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags='-s -w' -o house-rules.wasm .`},
	{"c", []string{"clang-19", "wasm-ld-19", "make"}, "make CC=clang-19"},
	{"zig", []string{"zig"}, "zig build"},
	{"assemblyscript", []string{"npm"}, "npm install --silent && npm run build"},
	{"rust", []string{"cargo", "/usr/bin/rustc", "wasm-ld-19"}, `RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-19 \
		cargo build --release --target wasm32-unknown-unknown -Zbuild-std=std,panic_abort &&
		mkdir -p target/wasm32-wasip1/release && cp target/wasm32-unknown-unknown/release/house_rules.wasm target/wasm32-wasip1/release/`},
}

// fetching are languages whose builds fetch packages or take minutes: they are
// built when asked for, by WEIR_TEST_NEW="rust zig" or "all".
var fetching = []string{"rust", "assemblyscript", "zig"}

// TestNew writes a filter in each language, builds it, and runs it behind a
// gateway as its proxy.toml says.
func TestNew(t *testing.T) {
	for _, tool := range toolchains {
		t.Run(tool.lang, func(t *testing.T) {
			dir := t.TempDir()
			args := []string{"new", "--lang", tool.lang, "filters/house-rules"}
			if tool.lang == "go" {
				args = append(args, "--sdk", root(t))
			}
			does(t, dir, 0, "weir demo -c proxy.toml", args...)
			folder := filepath.Join(dir, "filters", "house-rules")
			written(t, folder)
			list := strings.Fields(os.Getenv("WEIR_TEST_NEW"))
			asked := slices.Contains(list, tool.lang) || slices.Contains(list, "all")
			if slices.Contains(fetching, tool.lang) && !asked {
				t.Skipf("not built: WEIR_TEST_NEW=%s go test ./cmd/weir -run TestNew/%s", tool.lang, tool.lang)
			}
			// What "make deps" brings stands before what the machine has.
			t.Setenv("PATH", filepath.Join(root(t), ".deps", "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
			for _, command := range tool.needs {
				if _, err := exec.LookPath(command); err != nil && asked {
					t.Fatalf("asked to build with %s, which is not here: run \"make deps\"", command)
				} else if err != nil {
					t.Skipf("not built, there is no %s here: run \"make deps\"", command)
				}
			}
			c := exec.CommandContext(t.Context(), "sh", "-ec", tool.build)
			c.Dir = folder
			c.Env = append(os.Environ(), "GOFLAGS=")
			if text, err := c.CombinedOutput(); err != nil {
				t.Fatalf("building: %v\n%s", err, text)
			}
			serves(t, folder)
		})
	}
}

// root is the repository's folder.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// written looks at what was written: it is filled in, and its configuration
// right.
func written(t *testing.T, folder string) {
	t.Helper()
	var found []string
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		found = append(found, d.Name())
		text, err := os.ReadFile(path)
		if strings.ContainsAny(string(text), "«»") || strings.Contains(string(text), "<no value>") || !strings.HasSuffix(string(text), "\n") || strings.HasSuffix(string(text), "\n\n") {
			t.Errorf("%s is not filled in:\n%s", path, text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"README.md", "proxy.toml", "test.toml", ".gitignore"} {
		if !slices.Contains(found, want) {
			t.Errorf("there is no %s in %q", want, found)
		}
	}
	if _, err := config.Load(filepath.Join(folder, "proxy.toml"), config.Overrides{}); err != nil {
		t.Error(err)
	}
}

// serves runs the filter by its own proxy.toml, with addresses that are free.
func serves(t *testing.T, folder string) {
	t.Helper()
	if p := (setup{dir: folder}).start(t, "check", "proxy.toml"); p.waitFor(compiling) != 0 || !p.out.Has("proxy.toml: good") {
		t.Fatal("its proxy.toml is not good")
	} // what it has compiled is in the cache from here on
	does(t, folder, 0, "5 passed", "test", ".")
	text := read(t, folder, "proxy.toml")
	service := coretest.Refusing(t)
	for from, to := range map[string]string{"127.0.0.1:8080": "127.0.0.1:0", "127.0.0.1:9000": service} {
		if strings.Count(text, from) != 1 {
			t.Fatalf("proxy.toml has %s not once", from)
		}
		text = strings.Replace(text, from, to, 1)
	}
	write(t, folder, "proxy.toml", text+"\n[admin]\nlisten = \"127.0.0.1:0\"\n"+atOnce+"\n")
	p := setup{dir: folder}.start(t, "demo", "-c", "proxy.toml", "--service", service)
	at := "http://" + p.ready().Listen["gateway"][0]
	coretest.Eventually(t, "the guide is printed", func() bool { return p.out.Has("Stop with Ctrl-C.") })
	if p.out.Has("/private") {
		t.Error("the guide tells of a route that is not there")
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, at+"/hello", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if got := r.Header.Get("x-greeting"); r.StatusCode != 200 || got != "hello from house-rules" {
		t.Errorf("%d, x-greeting is %q", r.StatusCode, got)
	}
	p.logged("setting x-greeting")
	p.signal(syscall.SIGINT)
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestNewFindsTheSource: a program that is of no release, and lies in the source
// or is run there, builds against that.
func TestNewFindsTheSource(t *testing.T) {
	for dir, want := range map[string]string{t.TempDir(): "", filepath.Join(root(t), "cmd"): "\nreplace github.com/weirproxy/weir => " + root(t) + "\n"} {
		at := filepath.Join(t.TempDir(), "house")
		does(t, dir, 0, "", "new", "--lang", "go", at)
		if text := read(t, at, "go.mod"); strings.Contains(text, "replace") != (want != "") || !strings.Contains(text, want) {
			t.Errorf("run in %s: %s", dir, text)
		}
	}
}

// TestNewRefuses names and places that would not do.
func TestNewRefuses(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "file", "")
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "full"), "of-mine", "")
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{2, "--lang is missing: it is one of go, rust, assemblyscript, c, zig", []string{"house"}},
		{2, `--lang "java" is unknown`, []string{"--lang", "java", "house"}},
		{2, "too few or too many arguments: it is \"weir new --lang LANGUAGE NAME [flags]\"", []string{"--lang", "go"}},
		{2, `"House" is not made of a-z`, []string{"--lang", "go", "House"}},
		{2, `"1st" is not made of a-z`, []string{"--lang", "go", "1st"}},
		{2, `".." is not made of a-z`, []string{"--lang", "go", ".."}},
		{2, `"a b" is not made of a-z`, []string{"--lang", "c", "a b"}},
		{2, `"a-" is not made of a-z`, []string{"--lang", "c", "a-"}},
		{2, "has 65 bytes", []string{"--lang", "c", strings.Repeat("a", 65)}},
		{2, `"match" means something else to the tools of Rust`, []string{"--lang", "rust", "match"}},
		{2, "leave it out", []string{"--lang", "c", "--sdk", ".", "house"}},
		{2, "finding Weir's source", []string{"--lang", "go", "--sdk", ".", "house"}},
		{1, `"full" is there and not empty`, []string{"--lang", "c", "full"}},
		{1, "making the filter's folder", []string{"--lang", "c", "file"}},
		{1, "making the filter's folder", []string{"--lang", "c", "file/house"}},
		{0, "cd empty", []string{"--lang", "c", "empty"}},
	} {
		does(t, dir, c.code, c.says, append([]string{"new"}, c.args...)...)
	}
	if text := read(t, filepath.Join(dir, "full"), "of-mine"); text != "" {
		t.Error("a folder that was in the way is changed")
	}
	if _, err := os.Stat(filepath.Join(dir, "house")); err == nil {
		t.Error("something is left behind")
	}
}
