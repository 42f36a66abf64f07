package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"github.com/weirproxy/weir/core/config"
)

// FuzzParse reads any text as any role. What is wrong has a place in the file;
// what loads is valid, and comes back the same when it is written out with all
// its defaults and read again.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.toml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for i, file := range append(files, example) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data), uint8(i))
	}
	dir := f.TempDir() // where there are no secrets to read
	f.Fuzz(func(t *testing.T, text string, n uint8) {
		if strings.Contains(text, "file") && strings.ContainsAny(text, "/\\") {
			return // it might name a file of the machine
		}
		o := config.Overrides{Role: roles[int(n)%len(roles)], LookupEnv: env(nil)}
		c, err := config.Parse(filepath.Join(dir, "proxy.toml"), []byte(text), o)
		if err != nil {
			checkPlaces(t, err, []byte(text))
			return
		}
		if err := c.Validate(); err != nil {
			t.Fatalf("what loads is not valid: %v", err)
		}
		var out bytes.Buffer
		if err := toml.NewEncoder(&out).Encode(c); err != nil {
			t.Fatalf("writing: %v", err)
		}
		again, err := config.Parse(filepath.Join(dir, "proxy.toml"), out.Bytes(), o)
		if err != nil {
			t.Fatalf("reading what was written: %v\n%s", err, out.Bytes())
		}
		// All is given now, so the sidecar's side has no defaults of its own.
		c.SidecarLimits, c.SidecarTimeouts, again.SidecarLimits, again.SidecarTimeouts = nil, nil, nil, nil
		if got, want := again.Masked(), c.Masked(); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	})
}
