package main_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/weirproxy/weir/bench/report"
)

// failing are runs of each command, by the status they end with: 1 where docs/commands.md
// says when that is, and 2 where it says so of more than wrong use.
var failing = map[string]map[int][]string{
	"run":       {1: {"-c", "absent.toml"}},
	"sidecar":   {1: {"-c", "absent.toml", "--", "true"}},
	"check":     {1: {"absent.toml"}},
	"demo":      {1: {"-c", "absent.toml", "--service", "127.0.0.1:0"}},
	"new":       {1: {"--lang", "c", "text.wasm/house"}},
	"test":      {1: {"fails.test.toml"}, 2: {"absent.toml"}},
	"bench":     {1: {"compare", "less.json", "more.json"}, 2: {"compare", "less.json", "absent.json"}},
	"inspect":   {1: {"text.wasm"}, 2: {"absent.wasm"}},
	"explain":   {1: {"-c", "absent.toml", "http://h/"}, 2: {"/h"}},
	"keygen":    {1: {"release"}},
	"sign":      {1: {"--key", "release.key", "text.wasm"}, 2: {"--key", "absent.key", "house.wasm"}},
	"verify":    {1: {"--key", "other.pub", "signed.wasm"}, 2: {"--key", "other.pub", "house.wasm"}},
	"ca":        {1: {"bundle"}},
	"intercept": {1: {"print", "-c", "absent.toml"}},
	"version":   {},
	"help":      {},
}

// TestStatuses: the table of docs/commands.md has a line for each command, and each ends
// with the statuses that it tells.
func TestStatuses(t *testing.T) {
	dir := signing(t)
	does(t, dir, 0, "", "sign", "--key", "release.key", "--embed", "-o", "signed.wasm", "house.wasm")
	write(t, dir, "text.wasm", "no module")
	write(t, dir, "proxy.toml", gateway("127.0.0.1:1"))
	write(t, dir, "fails.test.toml", "filter.use = \"headers\"\n[[cases]]\nname = \"fails\"\nexpect.client.status = 500\n")
	for name, us := range map[string]float64{"less.json": 1, "more.json": 100} {
		r := report.Report{Version: report.Version, Kind: "run", Name: "a", Tables: []report.Table{{
			Figures: []report.Figure{{Key: "us", Label: "us"}}, Rows: []report.Row{{Name: "a", Values: map[string][]float64{"us": {us, us}}}},
		}}}
		var text bytes.Buffer
		if err := r.WriteJSON(&text); err != nil {
			t.Fatal(err)
		}
		write(t, dir, name, text.String())
	}
	help := start(t, "--help")
	help.wait()
	_, list, _ := strings.Cut(help.out.String(), "Available Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	rows := statuses(t)
	for _, line := range strings.Split(list, "\n") {
		command := strings.Fields(line)[0]
		row, ok := rows[command]
		if !ok {
			t.Errorf("docs/commands.md has no line of %q", command)
		}
		delete(rows, command)
		if _, ok := failing[command]; !ok {
			t.Errorf("nothing is run of %q", command)
		}
		for status, told := range row {
			args, ok := failing[command][status]
			if ok != (told != "") {
				t.Errorf("%s: of status %d the table says %q, and a run is there: %t", command, status, told, ok)
			}
			if !ok {
				continue
			}
			p := setup{dir: dir}.start(t, append([]string{command}, args...)...)
			if got := p.waitFor(compiling); got != status || p.log.String() == "" && p.out.String() == "" {
				t.Errorf("weir %s %q: exit status %d, want %d and why", command, args, got, status)
			}
		}
		does(t, dir, 2, "weir: ", command, "--no-such-flag")
	}
	if len(rows) > 0 {
		t.Errorf("docs/commands.md tells of commands that there are not: %v", rows)
	}
}

// statuses are, of each command in the table of docs/commands.md, what it says of 1 and 2.
func statuses(t *testing.T) map[string]map[int]string {
	t.Helper()
	rows := map[string]map[int]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z]+)` \\| [^|]+ \\|([^|]*)\\|([^|]*)\\|([^|]*)\\|$").FindAllStringSubmatch(read(t, "../..", "docs/commands.md"), -1) {
		rows[m[1]] = map[int]string{1: strings.TrimSpace(m[2]), 2: strings.TrimSpace(m[3])}
	}
	if len(rows) == 0 {
		t.Fatal("docs/commands.md has no table of commands")
	}
	return rows
}
