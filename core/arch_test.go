package core_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/weirproxy/weir/"

// layers are the packages of core from the bottom up: each may import those of
// the lines above it, and of its own line.
var layers = [][]string{
	{"failure", "order", "retry"},
	{"stream"},
	{"grpc", "grpc/web", "provider/contract"},
	{"fault", "config", "filter", "sock", "sock/socktest", "private", "source/ref", "wasm/signature", "identity/spiffe"},
	{"http1", "http2", "tlssock", "identity", "wasm", "wasm/meter", "wasm/wasi", "wasm/wasmtest", "chain", "route", "observe", "overload", "state", "foreign", "source", "source/image", "source/store", "source/sourcetest", "pump", "proxyheader", "identity/identitytest", "coding", "circuit", "errorpage", "trace/otlp", "trace/otlp/received", "trace/otlp/otlptest", "jsonedit"},
	{"identity/authority", "edit", "discovery", "trace"},
	{"identity/enroll", "abi", "abi/guestlog", "abi/loaded", "abi/httpwasm", "abi/proxywasm", "cluster", "cluster/lb", "cluster/pool", "cluster/health"},
	{"discovery/dns", "discovery/dns/dnstest", "discovery/file", "provider/kit", "provider/kit/example"},
	{"provider"},
	{"proxy", "tcp", "tcp/hello"},
	{"listener", "admin"},
	{"server"},
	{"coretest", "trial", "trial/rig", "explain"},
	{"abi/proxywasm/differential/guest", "abi/proxywasm/differential"},
}

// banned are imports that have one place, with the reason.
var banned = []struct {
	imports string
	only    []string
	why     string
}{
	{"github.com/tetratelabs/wazero", []string{"core/wasm", "core/abi"}, "the engine is known to the packages that run guests alone"},
	{"github.com/BurntSushi/toml", []string{"core/config", "filters"}, "the file's form ends where it is read; filters' test scripts are TOML too"},
	{"github.com/prometheus/client_golang", []string{"core/observe"}, "who counts knows counters, not where they are shown"},
	{"github.com/valyala/fasthttp", []string{"bench", "core/http1"}, "its server and client answer, retry and buffer in ways a proxy cannot use; it is measured beside us"},
	{"github.com/hashicorp/go-plugin", []string{"core/provider"}, "processes are started and bounded in one place"},
	{"google.golang.org/grpc", []string{"core/provider", "interop"}, "it is for providers; requests' gRPC is bytes to us"},
	{"oras.land/oras-go", []string{"core/source"}, "registries are asked where modules come from"},
	{"github.com/google/go-containerregistry", []string{"core/source/sourcetest"}, "it is the registry of tests"},
	{"net/http/pprof", []string{"core/admin"}, "profiles are for the operator's door"},
	{module + "filters", []string{"filters", "cmd/weir"}, "built-in filters have no privilege that a stranger's could not be granted"},
	{module + "core", []string{"core", "cmd", "bench", "filters", "wasm-examples"}, "a guest is built without the host"},
}

func layerOf(pkg string) int {
	for i, l := range layers {
		if slices.Contains(l, pkg) {
			return i
		}
	}
	return -1
}

// TestImports keeps dependencies running one way.
func TestImports(t *testing.T) {
	eachGoFile(t, func(path string, imports []string) {
		dir := filepath.ToSlash(filepath.Dir(path))
		test := strings.HasSuffix(path, "_test.go")
		for _, imported := range imports {
			for _, b := range banned {
				if under(imported, b.imports) && !slices.ContainsFunc(b.only, func(o string) bool { return under(dir, o) }) {
					t.Errorf("%s imports %s: %s", path, imported, b.why)
				}
			}
			to, ok := strings.CutPrefix(imported, module+"core/")
			from, inCore := strings.CutPrefix(dir, "core/")
			if test || !ok || !inCore || strings.Contains(from, "internal") || strings.Contains(from, "testdata") || from == "config/schema" {
				continue
			}
			switch a, b := layerOf(from), layerOf(to); {
			case a < 0:
				t.Errorf("%s: package core/%s is in no layer: add it to layers", path, from)
			case b < 0:
				t.Errorf("%s imports core/%s, which is in no layer", path, to)
			case b > a:
				t.Errorf("%s imports core/%s, which is above it", path, to)
			}
		}
	})
}

// TestGuestsAreSelfContained: the SDK and the examples are compiled to Wasm.
func TestGuestsAreSelfContained(t *testing.T) {
	eachGoFile(t, func(path string, imports []string) {
		if !strings.HasPrefix(path, "sdk/") && !strings.HasPrefix(path, "wasm-examples/go/") || strings.HasSuffix(path, "_test.go") {
			return
		}
		for _, imported := range imports {
			if strings.HasPrefix(imported, module) && !strings.HasPrefix(imported, module+"sdk") {
				t.Errorf("%s imports %s", path, imported)
			}
		}
	})
}

// TestPackageComments: a reader learns from each package what it is for.
func TestPackageComments(t *testing.T) {
	documented := map[string]bool{}
	eachGoFile(t, func(path string, _ []string) {
		dir := filepath.Dir(path)
		if strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata") {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", path), nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		documented[dir] = documented[dir] || f.Doc != nil
	})
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s: no file says what the package is", dir)
		}
	}
}

// TestFileSizes: a file holds one idea.
func TestFileSizes(t *testing.T) {
	const most = 500 // lines
	eachGoFile(t, func(path string, _ []string) {
		b, err := os.ReadFile(filepath.Join("..", path))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(b), "\n"); n > most {
			t.Errorf("%s has %d lines, more than %d: it holds more than one idea", path, n, most)
		}
	})
}

// TestNames: names that say nothing are not used.
func TestNames(t *testing.T) {
	empty := []string{"util", "utils", "common", "helper", "helpers", "misc", "pkg"}
	eachGoFile(t, func(path string, _ []string) {
		for _, part := range strings.FieldsFunc(strings.TrimSuffix(path, ".go"), func(r rune) bool { return r == '/' || r == '_' }) {
			if slices.Contains(empty, part) {
				t.Errorf("%s: %q says nothing", path, part)
			}
		}
	})
}

func under(path, prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") }

// eachGoFile calls do for every Go file of the repository, by its path there.
func eachGoFile(t *testing.T, do func(path string, imports []string)) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != ".." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		var imports []string
		for _, i := range f.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			imports = append(imports, p)
		}
		rel, err := filepath.Rel("..", path)
		if err != nil {
			return err
		}
		do(filepath.ToSlash(rel), imports)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
