package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
)

const hidden = "hunter2-hunter2"

// TestSecretsAreNeverPrinted looks for a secret in all that can be printed.
func TestSecretsAreNeverPrinted(t *testing.T) {
	c := parse(t, "[filters.a]\nuse = \"apikey\"\nconfig = { plain = \"seen\", x = [{ y = { env = \"S\" } }] }\n",
		config.Overrides{LookupEnv: env(map[string]string{"S": hidden})})
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	view, err := json.Marshal(c.Masked())
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{
		fmt.Sprint(c), fmt.Sprintf("%+v", *c), fmt.Sprintf("%#v", c.Filters), fmt.Sprintf("%s", c.Filters["a"].Config),
		fmt.Sprintf("%q %x %d", c.Filters["a"].Config, c.Filters["a"].Config, c.Filters["a"].Config), string(text), string(view),
	} {
		if strings.Contains(out, hidden) || strings.Contains(out, fmt.Sprintf("%x", hidden)) {
			t.Errorf("the secret is in %s", out)
		}
	}
	if !strings.Contains(string(view), "seen") {
		t.Errorf("what is no secret is not in %s", view)
	}
	if guest, err := config.FilterConfigJSON(c.Filters["a"].Config); err != nil || string(guest) != `{"plain":"seen","x":[{"y":"`+hidden+`"}]}` {
		t.Errorf("the guest gets %s, %v", guest, err)
	}
}

// TestMaskedHidesWhatLooksSecret though it is written in the file.
func TestMaskedHidesWhatLooksSecret(t *testing.T) {
	c := parse(t, `
[filters.a]
use = "x"
vm_config = "HIDE"
env = { DB_PASSWORD = "HIDE", LANG = "SHOW1" }
[filters.a.config]
key = "SHOW2"
client_secret = "HIDE"
signing-key = "HIDE"
apiKey = "HIDE"
store = "redis://user:HIDE@SHOW4:6379"
tokens = ["HIDE", { deep = "HIDE" }]
keys = { one = "HIDE" }
limit = { password = "HIDE", name = "SHOW3" }
when = 1979-05-27
`, config.Overrides{LookupEnv: env(nil)})
	view, err := json.Marshal(c.Masked())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(view), "HIDE") {
		t.Errorf("shows what it should hide: %s", view)
	}
	for _, shown := range []string{"SHOW1", "SHOW2", "SHOW3", "SHOW4", "1979-05-27", `"sidecar"`, `"10s"`} {
		if !strings.Contains(string(view), shown) {
			t.Errorf("hides %s: %s", shown, view)
		}
	}
}

func TestSecretFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("unix", "s\n")
	write("dos", "s\r\n")
	write("bare", "s")
	write("two", "s\n\n")
	write("empty", "")
	write("large", strings.Repeat("x", 4<<20+1))
	for name, want := range map[string]string{"unix": "s", "dos": "s", "bare": "s", "two": "s\n", "empty": ""} {
		got, err := config.Parse(filepath.Join(dir, "proxy.toml"), fmt.Appendf(nil, "[filters.a]\nuse = \"x\"\nconfig = { file = %q }\n", name), config.Overrides{LookupEnv: env(nil)})
		if err != nil {
			t.Fatal(err)
		}
		if s := got.Filters["a"].Config.(config.Secret).Reveal(); s != want {
			t.Errorf("%s: %q", name, s)
		}
	}
	write("binary", "\xff\xfe\n")
	for name, part := range map[string]string{"binary": "is not UTF-8", "large": "has 4194305 bytes", "gone": "no such file", ".": "not a regular file"} {
		_, err := config.Parse(filepath.Join(dir, "proxy.toml"), fmt.Appendf(nil, "[filters.a]\nuse = \"x\"\nconfig.k = { file = %q }\n", name), config.Overrides{LookupEnv: env(nil)})
		if err == nil || !strings.Contains(err.Error(), "filters.a.config.k: ") || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFilterConfigJSON(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`"as <it> is"`, `as <it> is`},
		{`{}`, `{}`},
		{`{ b = 1, a = 2, "c d" = 3 }`, `{"a":2,"b":1,"c d":3}`},
		{`{ a = "<&>\u2028\"\\\n" }`, `{"a":"<&>\u2028\"\\\n"}`},
		{`{ i = 9007199254740993, f = 1e21, g = 0.1, h = -0.0, j = 3.0 }`, `{"f":1e+21,"g":0.1,"h":-0.0,"i":9007199254740993,"j":3.0}`},
		{`{ t = 1979-05-27T00:32:00.999-07:00, u = 07:32:00.5 }`, `{"t":"1979-05-27T00:32:00.999-07:00","u":"07:32:00.5"}`},
		{`{ a = [], b = [[1], []], c = [{}] }`, `{"a":[],"b":[[1],[]],"c":[{}]}`},
	} {
		cfg := parse(t, "[filters.a]\nuse = \"x\"\nconfig = "+c.in+"\n", config.Overrides{LookupEnv: env(nil)})
		got, err := config.FilterConfigJSON(cfg.Filters["a"].Config)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v; want %s", c.in, got, err, c.want)
		}
	}
	if got, err := config.FilterConfigJSON(nil); err != nil || got != nil {
		t.Errorf("nil: %q, %v", got, err)
	}
	if got, err := config.FilterConfigJSON(config.NewSecret("s")); err != nil || string(got) != "s" {
		t.Errorf("a secret: %q, %v", got, err)
	}
	_, err := config.FilterConfigJSON(map[string]any{"a": []any{struct{}{}}})
	if err == nil || err.Error() != "config.a[0] is of type struct {}, which no configuration has" {
		t.Errorf("a foreign type: %v", err)
	}
}
