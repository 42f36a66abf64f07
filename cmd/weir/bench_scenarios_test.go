package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/bench/report"
)

// scenarios are those of the repository, and who in each needs nothing that is to
// be installed or built.
var scenarios = map[string][]string{
	"overhead":            {"weir"},
	"five-filters":        {"weir", "weir+5"},
	"languages":           {"no filter"},
	"peers":               {"weir", "weir+5", "weir+edge"},
	"jwt":                 {"weir, no filter", "weir, the chain", "weir, the chain without jwt"},
	"mtls":                {"weir+mtls"},
	"ten-thousand-routes": {"one route", "10,000 routes"},
	"reload-under-load":   {"left alone", "reloading"},
}

// TestBenchScenarios runs each scenario of the repository, as briefly as can be:
// all that is there takes part and answers, and what is not is named.
func TestBenchScenarios(t *testing.T) {
	dir := t.TempDir()
	files, err := filepath.Glob("../../bench/scenarios/*.toml")
	if err != nil || len(files) != len(scenarios) {
		t.Fatalf("%d scenarios, want %d; %v", len(files), len(scenarios), err)
	}
	json, markdown := filepath.Join(dir, "all.json"), filepath.Join(dir, "all.md")
	args := append([]string{"bench", "run", "--rounds", "1", "--time", "50ms", "--json", json, "--markdown", markdown}, files...)
	p := start(t, args...)
	if code := p.waitFor(compiling); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	r, err := report.Read(json)
	if err != nil {
		t.Fatal(err)
	}
	for name, systems := range scenarios {
		at := slices.IndexFunc(r.Tables, func(t report.Table) bool { return strings.HasPrefix(t.Title, name+": ") })
		if at < 0 {
			t.Errorf("there is no table of %q", name)
			continue
		}
		for _, system := range systems {
			if r.Tables[at].Row(system) == nil {
				t.Errorf("%s: %q was not measured", name, system)
			}
		}
		for _, row := range r.Tables[at].Rows {
			if rps, _ := row.Summary("rps"); rps.Least <= 0 || slices.Max(row.Values["errors"]) > 0 {
				t.Errorf("%s, %s: %+v", name, row.Name, row.Values)
			}
		}
	}
	for _, note := range r.Notes {
		if !strings.Contains(note, " is left out: ") {
			t.Errorf("notes %q", note)
		}
	}
	if r.Machine.CPUs == 0 || r.Machine.Kernel == "" || len(r.Programs) < 2 || r.Programs[0].Name != "weir" {
		t.Errorf("was measured by %+v on %+v", r.Programs, r.Machine)
	}
	tellsNoPlaces(t, markdown)
}

// absolute is any path of a machine, wherever it keeps its users.
var absolute = regexp.MustCompile(`[\s"'(|=]/[a-z]+/[^\s]*`)

// tellsNoPlaces: what is to be published says nothing of whose machine it was.
func tellsNoPlaces(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{filepath.Dir(filepath.Dir(wd)), os.TempDir()} {
		if strings.Contains(string(text), place) {
			t.Errorf("%s names %s:\n%s", filepath.Base(file), place, text)
		}
	}
	if place := absolute.Find(text); place != nil {
		t.Errorf("%s has the path %s:\n%s", filepath.Base(file), place, text)
	}
}
