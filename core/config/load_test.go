package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
)

func TestLoadTellsWhatItCannotRead(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.toml")
	if err := os.WriteFile(large, []byte("#"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, 16<<20+1); err != nil {
		t.Fatal(err)
	}
	for path, part := range map[string]string{
		filepath.Join(dir, "gone.toml"): ": opening the configuration: no such file or directory",
		dir:                             ": reading the configuration: is a directory",
		large:                           ": reading the configuration: it has more than 16MiB",
	} {
		c, err := config.Load(path, config.Overrides{LookupEnv: env(nil)})
		if c != nil || err == nil || err.Error() != path+part {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestPathsAreOfTheFilesFolder, not of the working directory's.
func TestPathsAreOfTheFilesFolder(t *testing.T) {
	c, err := config.Parse("/etc/weir/proxy.toml", []byte(`
log.access = "log/access.json"
wasm.cache = "../cache"
[filters.a]
module = "a.wasm"
[filters.b]
module = "/opt/b.wasm"
`), config.Overrides{LookupEnv: env(nil)})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join([]string{c.Log.Access, c.Wasm.Cache, c.Filters["a"].Module, c.Filters["b"].Module}, " ")
	if want := "/etc/weir/log/access.json /etc/cache /etc/weir/a.wasm /opt/b.wasm"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestProblemFoundLater has its place in the file, too.
func TestProblemFoundLater(t *testing.T) {
	c := parse(t, "\n[filters.a]\nmodule = \"a.wasm\"\n", config.Overrides{LookupEnv: env(nil)})
	for key, want := range map[string]string{
		"filters.a.module": "proxy.toml:3: filters.a.module: x",
		"filters.a.config": "proxy.toml:2: filters.a.config: x",
		"admin.listen":     "proxy.toml:1: admin.listen: x",
	} {
		if got := c.Problem(key, "x").Error(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := config.Default(config.RoleGateway).Problem("a", "x").Error(); got != "a: x" {
		t.Errorf("without a file: %s", got)
	}
}

// TestProblemsAreErrors that can be taken apart.
func TestProblemsAreErrors(t *testing.T) {
	_, err := config.Parse("f.toml", []byte("a = 1\nb = 2\n"), config.Overrides{LookupEnv: env(nil)})
	problems, ok := errors.AsType[config.Problems](err)
	if !ok || len(problems) != 2 {
		t.Fatalf("%T: %v", err, err)
	}
	one, ok := errors.AsType[config.Problem](err)
	if !ok || one.File != "f.toml" || one.Line != 1 || one.Key != "a" || !strings.HasPrefix(one.Message, "unknown key") {
		t.Errorf("%+v", one)
	}
}
