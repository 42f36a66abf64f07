package file_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/discovery"
	"github.com/weirproxy/weir/core/discovery/file"
)

// text is a list of endpoints for eyes.
func text(list []discovery.Endpoint) string {
	var b strings.Builder
	for _, e := range list {
		fmt.Fprintf(&b, "%s*%d ", e.Addr, e.Weight)
	}
	return strings.TrimSpace(b.String())
}

func TestParse(t *testing.T) {
	const toml, json = "e.toml", "e.json"
	for _, c := range []struct{ name, data, want string }{
		{toml, `endpoints = ["127.0.0.1:1", { address = "[::1]:2", weight = 3 }, { address = "a.b:3" }]`, "127.0.0.1:1*1 [::1]:2*3 a.b:3*1"},
		{toml, "[[endpoints]]\naddress = \"a:1\"\n[[endpoints]]\naddress = \"b:1\"\nweight = 1000000\n", "a:1*1 b:1*1000000"},
		{toml, `endpoints = []`, ""},
		{json, `{"endpoints": ["a:1", {"address": "b:2", "weight": 3}]}`, "a:1*1 b:2*3"},
		{json, ` ["a:1", {"address": "b:2"}] `, "a:1*1 b:2*1"},
		{json, "\ufeff[]", ""},
	} {
		if got, err := file.Parse(c.name, []byte(c.data)); err != nil || text(got) != c.want {
			t.Errorf("%s: %q, %v; want %q", c.data, text(got), err, c.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	const toml, json = "e.toml", "e.json"
	for _, c := range []struct{ name, data, want string }{
		{toml, ``, `e.toml:1: endpoints: missing; it lists "host:port", or is [] where there is none`},
		{toml, `endpoints = ["a:1"`, `e.toml:1:`},
		{toml, `endpoint = ["a:1"]`, `e.toml:1: endpoint: unknown key; did you mean "endpoints"?`},
		{toml, "\nendpoints = \"a:1\"", `e.toml:2: endpoints: is a string, want an array: ["a:1"]`},
		{toml, `endpoints = ["a"]`, `e.toml:1: endpoints[0].address: "a" has no port`},
		{toml, `endpoints = ["a:1", ""]`, `e.toml:1: endpoints[1].address: missing; write it like "127.0.0.1:8080"`},
		{toml, `endpoints = [{ weight = 1 }]`, `e.toml:1: endpoints[0].address: missing`},
		{toml, `endpoints = [{ address = "a:1", weight = -1 }]`, `e.toml:1: endpoints[0].weight: -1 is out of range`},
		{toml, `endpoints = [{ address = "a:1", zone = "x" }]`, `e.toml:1: endpoints[0].zone: unknown key`},
		{json, ``, `e.json: reading the JSON object at byte 0: EOF`},
		{json, `null`, `e.json: endpoints: missing`},
		{json, `{}`, `e.json: endpoints: missing`},
		{json, `{"endpoints": null}`, `e.json: endpoints: is null, want an array`},
		{json, `[1]`, `e.json: endpoints[0]: is an integer, want a string or a table`},
		{json, `[null]`, `e.json: endpoints[0]: is null, want a string or a table`},
		{json, `["a:1"`, `e.json: reading the JSON object at byte`},
		{json, `["a:1"]]`, `e.json: reading the JSON object`},
		{json, `{"endpoints": []} x`, `e.json: reading the JSON object: something follows it at byte 18`},
		{json, `[{"address": "a:1", "weight": 1e99}]`, `e.json: endpoints[0].weight: is a float, want an integer without quotes`},
		{json, `[{"address": "a:1", "weight": 99999999999}]`, `e.json: endpoints[0].weight: 99999999999 is out of range`},
		{json, strings.Repeat("[", 1<<20), `e.json: reading the JSON object at byte`},
		{toml, "endpoints = " + strings.Repeat("[", 1<<16), `e.toml`},
		{json, "[" + strings.Repeat(`"a:1",`, 20_000) + `"a:1"]`, `e.json: endpoints: has 20001, more than 20000`},
		{toml, strings.Repeat(" ", 4<<20+1), `e.toml: has more than 4MiB`},
	} {
		got, err := file.Parse(c.name, []byte(c.data))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%.60s: %q, %v; want an error %q", c.data, text(got), err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`endpoints = ["a:1", { address = "b:2", weight = 3 }]`, `{"endpoints": ["a:1"]}`, `["a:1", {"address": "b:2"}]`, "[[endpoints]]\naddress=\"a:1\"", "[null]", "[[[["} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, data string, json bool) {
		name := "e.toml"
		if json {
			name = "e.json"
		}
		list, err := file.Parse(name, []byte(data))
		if err != nil {
			if list != nil || err.Error() == "" || strings.Contains(err.Error(), "%!") {
				t.Errorf("%v beside %v", err, list)
			}
			return
		}
		for _, e := range list {
			if !strings.Contains(e.Addr, ":") || e.Weight < 1 || e.Weight > 1_000_000 {
				t.Errorf("%+v is taken", e)
			}
		}
	})
}
