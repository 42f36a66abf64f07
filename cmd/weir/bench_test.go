package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/weirproxy/weir/bench/report"
	"github.com/weirproxy/weir/core/coretest"
)

// benched is a configuration with routes to measure.
const benched = `version = 1
[[routes]]
name = "guarded"
match.path_prefix = "/x"
filters = ["key", "mark"]
cluster = "up"
[[routes]]
name = "bare"
match.path_prefix = "/bare"
cluster = "up"
[[routes]]
name = "calling"
filters = ["asks"]
cluster = "up"
[clusters.up]
endpoints = ["up.example:80"]
[filters.key]
use = "apikey"
config = { keys = [{ name = "bench", sha256 = "95ab1ab43a1c769ff93ba02eec3f4f81c077398c1691a00ae8628abd43901779" }] }
[filters.mark]
use = "headers"
config = { response = { set = { x-a = "1" } } }
[filters.asks]
use = "extauthz"
calls = ["up"]
config = { cluster = "up" }
`

const benchKey = "x-api-key: bench-key-0123456789abcdef"

// brief is as little as can be measured.
var brief = []string{"--rounds", "2", "--time", "50ms", "--streams", "50", "--connections", "2"}

// TestBenchChain measures a chain, in process and over the wire, and gives the
// figures in each form. The cluster of the file is never asked.
func TestBenchChain(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "proxy.toml", benched)
	out, page := filepath.Join(dir, "out.json"), filepath.Join(dir, "out.html")
	p := start(t, append([]string{"bench", "chain", "-c", file, "--route", "guarded", "-H", benchKey, "--json", out, "--html", page}, brief...)...)
	if code := p.waitFor(compiling); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	r, err := report.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	if r.Kind != "chain" || r.Name != "guarded" || r.Partial || len(r.Notes) > 0 {
		t.Errorf("%+v", r)
	}
	native, wire, adds := &r.Tables[0], &r.Tables[1], &r.Tables[2]
	for _, name := range []string{"key", "key, request head", "mark", "the whole chain"} {
		if row := native.Row(name); row == nil || len(row.Values["ns_mean"]) != 2 || row.Values["ns_mean"][0] <= 0 {
			t.Errorf("in process, %s: %+v", name, row)
		}
	}
	for _, name := range []string{"the whole chain", "without key", "without mark", "no filter"} {
		row := wire.Row(name)
		if row == nil || len(row.Values["rps"]) != 2 || slices.Max(row.Values["errors"]) > 0 || len(row.Latency) == 0 {
			t.Errorf("over the wire, %s: %+v", name, row)
		}
	}
	if adds.Row("all filters") == nil || !adds.Derived {
		t.Errorf("%+v", adds)
	}
	html, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(html), "<svg") {
		t.Errorf("the page: %v", err)
	}
	if !p.out.Has("without key") || !p.out.Has("in process, each filter by itself") {
		t.Errorf("says %s", &p.out)
	}
}

// TestBenchTellsRefusals: what is measured may be the refusal.
func TestBenchTellsRefusals(t *testing.T) {
	file := write(t, "", "proxy.toml", benched)
	p := start(t, append([]string{"bench", "chain", "-c", file, "--route", "guarded", "--in-process"}, brief...)...)
	if code := p.waitFor(compiling); code != 0 || !p.out.Has("note: in process, key answers 401 itself for") {
		t.Errorf("exit code %d, says %s", code, &p.out)
	}
	p = start(t, append([]string{"bench", "chain", "-c", file, "--route", "guarded"}, brief...)...)
	if code := p.waitFor(compiling); code != 1 || !p.log.Has("status 401, want 200", "--header") {
		t.Errorf("exit code %d, says %s", code, &p.log)
	}
}

func TestBenchRefuses(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "proxy.toml", benched)
	write(t, dir, "bad.toml", "version = 1\nruots = 1\n")
	write(t, dir, "none.wasm", "no module")
	write(t, dir, "no.json", "{")
	write(t, dir, "scenario.toml", "name = \"s\"\nrounds = 0\n[request]\npath = \"x\"\n[[systems]]\nname = \"nginz\"\n[[systems]]\nname = \"nginx\"\nroute = \"r\"\n")
	write(t, dir, "report.json", `{"version": 1, "kind": "run"}`)
	for _, c := range []struct {
		args string
		says []string
	}{
		{"chain -c absent.toml", []string{"absent.toml", "no such file"}},
		{"chain -c bad.toml", []string{"bad.toml:2", "ruots: unknown key"}},
		{"chain", []string{"several routes", "--route", "guarded, bare, calling"}},
		{"chain --route guardd", []string{`no route "guardd"`, "guarded"}},
		{"chain --route bare", []string{`"bare" has no filters`}},
		{"chain --route calling", []string{`"asks" calls the cluster "up"`, "up.example:80", "--allow-remote"}},
		{"chain --route guarded -H nothing", []string{"no colon"}},
		{"chain --route guarded --path x", []string{"no path"}},
		{"chain --route guarded --rounds 0", []string{"--rounds: 0 is not between"}},
		{"chain --route guarded --time 1h", []string{"--time: 1h0m0s is not between"}},
		{"chain --route guarded --rate NaN", []string{"--rate: NaN"}},
		{"filter absent.wasm", []string{"absent.wasm", "no such file"}},
		{"filter none.wasm", []string{"none.wasm"}},
		{"filter none.wasm --config absent.json", []string{"absent.json", "no such file"}},
		{"filter none.wasm --config no.json", []string{"is not JSON"}},
		{"filter none.wasm --cases bad.toml", []string{"bad.toml"}},
		{"run absent.toml", []string{"absent.toml", "no such file"}},
		{"run scenario.toml", []string{"rounds", "no path", `"nginz" is no peer`, "has no config"}},
		{"compare report.json absent.json", []string{"absent.json", "no such file"}},
		{"compare report.json none.wasm", []string{"none.wasm", "no report"}},
		{"compare report.json report.json", []string{"no figure in common"}},
		{"compare report.json report.json --max-regression 5", []string{`"5" is no share`}},
	} {
		t.Run(c.args, func(t *testing.T) {
			p := setup{dir: dir}.start(t, append([]string{"bench"}, strings.Fields(c.args)...)...)
			if code := p.wait(); code != 2 || !hasAll(p.log.String(), c.says) {
				t.Errorf("exit code %d, says %s, want %q", code, &p.log, c.says)
			}
		})
	}
}

// hasAll looks over several lines.
func hasAll(text string, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// TestBenchFilter measures a module by flags and by cases.
func TestBenchFilter(t *testing.T) {
	dir := ownFilter(t, ownCases)
	for _, args := range [][]string{{}, {"--cases", "test.toml"}} {
		out := filepath.Join(dir, "out.json")
		p := setup{dir: dir}.start(t, append([]string{"bench", "filter", "build/own.wasm", "--rounds", "2", "--streams", "50", "--json", out}, args...)...)
		if code := p.wait(); code != 0 {
			t.Fatalf("%q: exit code %d", args, code)
		}
		r, err := report.Read(out)
		if err != nil {
			t.Fatal(err)
		}
		row := r.Tables[0].Rows[0]
		if calls, _ := row.Summary("host_calls"); calls.Median != 1 || len(row.Values["ns_mean"]) != 2 {
			t.Errorf("%q: %+v", args, row)
		}
	}
}

const twoSystems = `name = "own"
about = "What there is."
rounds = 2
duration = "50ms"
warm = "0s"
connections = 2
rate = 200
[[systems]]
name = "one"
config = "proxy.toml"
route = "bare"
[[systems]]
name = "many"
config = "proxy.toml"
route = "bare"
more_routes = 50
reload = "10ms"
[[systems]]
name = "missing"
config = "proxy.toml"
route = "bare"
needs = ["absent.wasm"]
`

// TestBenchRun measures what a file says, and compares it with itself.
func TestBenchRun(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "proxy.toml", benched)
	write(t, dir, "own.toml", twoSystems)
	p := setup{dir: dir}.start(t, "bench", "run", "own.toml", "--json", "a.json", "--markdown", "a.md")
	if code := p.waitFor(compiling); code != 0 || !p.out.Has("note: own: missing is left out", "absent.wasm is not there") {
		t.Fatalf("exit code %d, says %s", code, &p.out)
	}
	r, err := report.Read(filepath.Join(dir, "a.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"one", "many"} {
		row := r.Tables[0].Row(name)
		if row == nil || len(row.Values["p99_us"]) != 2 || len(row.Values["unsent"]) != 2 || slices.Max(row.Values["errors"]) > 0 {
			t.Errorf("%s: %+v", name, row)
		}
	}
	if text, err := os.ReadFile(filepath.Join(dir, "a.md")); err != nil || !strings.Contains(string(text), "| many |") {
		t.Errorf("%s, %v", text, err)
	}
	if code := (setup{dir: dir}).start(t, "bench", "compare", "a.json", "a.json").wait(); code != 0 {
		t.Errorf("compared with itself: exit code %d", code)
	}
	for file, p50 := range map[string][]float64{"a.json": {1000, 1100}, "b.json": {2000, 2200}} { // whatever the machine was at
		for _, row := range r.Tables[0].Rows {
			row.Values["p50_us"] = p50
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, file, string(text))
	}
	p = setup{dir: dir}.start(t, "bench", "compare", "a.json", "b.json", "--max-regression", "50%")
	if code := p.wait(); code != 1 || !p.out.Has("one", "p50 us", "WORSE") || !p.log.Has("2 of", "worse by more than 50%") {
		t.Errorf("exit code %d, says %s%s", code, &p.out, &p.log)
	}
	if code := (setup{dir: dir}).start(t, "bench", "compare", "b.json", "a.json").wait(); code != 0 {
		t.Errorf("better: exit code %d", code)
	}
}

// TestBenchInterrupted keeps what was measured, and leaves nothing behind.
func TestBenchInterrupted(t *testing.T) {
	dir, tmp := t.TempDir(), t.TempDir()
	write(t, dir, "proxy.toml", benched)
	write(t, dir, "own.toml", strings.Replace(twoSystems, "rounds = 2", "rounds = 1000", 1))
	p := setup{dir: dir, env: []string{"TMPDIR=" + tmp}}.start(t, "bench", "run", "own.toml", "--json", "a.json")
	coretest.Eventually(t, "the last system runs", func() bool {
		logs, _ := filepath.Glob(filepath.Join(tmp, "*", "many.log"))
		if len(logs) == 0 {
			return p.ended()
		}
		text, _ := os.ReadFile(logs[0])
		return strings.Contains(string(text), "listening")
	})
	p.signal(syscall.SIGINT)
	if code := p.wait(); code != 130 || !p.log.Has("interrupted") || !p.out.Has("Ended early") {
		t.Errorf("exit code %d, says %s%s", code, &p.out, &p.log)
	}
	if r, err := report.Read(filepath.Join(dir, "a.json")); err != nil || !r.Partial {
		t.Errorf("%+v, %v", r, err)
	}
	if left, _ := os.ReadDir(tmp); len(left) > 0 {
		t.Errorf("leaves %v behind", left)
	}
}
