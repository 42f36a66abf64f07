package filtertest

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// HeaderFields lists a message's header fields, sorted by name.
func (m *Message) HeaderFields() []Field {
	var list []Field
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		for _, v := range values(m.Headers[name]) {
			list = append(list, Field{strings.ToLower(name), v})
		}
	}
	return list
}

// Run runs every script of a filter's folder, and sees to it that its bad
// configurations are refused.
func Run(t *testing.T, w World, filter, folder string) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.toml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts in %q: %v", folder, err)
	}
	for _, p := range paths {
		script, err := Load(p)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, c := range script.Cases {
			name := strings.TrimSuffix(filepath.Base(p), ".toml") + "/" + c.Name
			t.Run(name, func(t *testing.T) { runCase(t, w, filter, &c) })
		}
	}
	bad, err := LoadBad(filepath.Join(folder, "bad"))
	if err != nil {
		t.Error(err)
	}
	for _, b := range bad {
		t.Run("bad/"+b.Name, func(t *testing.T) {
			_, reason, ok := w.Start(t, filter, b.Config, nil)
			if ok {
				t.Fatalf("the configuration %s was taken", b.Config)
			}
			if !strings.Contains(reason, b.Want) {
				t.Errorf("the reason is\n %s\nwant\n %s", reason, b.Want)
			}
		})
	}
}

func runCase(t *testing.T, w World, filter string, c *Case) {
	config, err := JSON(c.Config)
	if err != nil {
		t.Fatal(err)
	}
	h, reason, ok := w.Start(t, filter, config, c.Calls)
	if !ok {
		t.Fatalf("the configuration %s was refused: %s", config, reason)
	}
	for i := range c.Streams {
		s := &c.Streams[i]
		if s.Advance > 0 {
			h.Advance(time.Duration(s.Advance))
		}
		var got Outcome
		for range max(1, s.Repeat) {
			got = h.Run(*s)
		}
		check(t, "stream "+strconv.Itoa(i+1), &s.Want, &got)
	}
	for name, want := range c.Want.Metrics {
		if got := h.Metric(name); got != want {
			t.Errorf("metric %q is %d, want %d", name, got, want)
		}
	}
	for _, want := range c.Want.Logs {
		if !slices.ContainsFunc(h.Logs(), func(line string) bool { return strings.Contains(line, want) }) {
			t.Errorf("no line of the log has %q: %q", want, h.Logs())
		}
	}
}

func check(t *testing.T, what string, want *Want, got *Outcome) {
	t.Helper()
	if want.Local != got.Local {
		t.Errorf("%s: answered by the filter: %v, want %v", what, got.Local, want.Local)
	}
	if want.Local && got.Upstream != nil {
		t.Errorf("%s: the upstream saw %v", what, got.Upstream.Fields)
	}
	if want.Details != "" && want.Details != got.Details {
		t.Errorf("%s: details %q, want %q", what, got.Details, want.Details)
	}
	if want.Cluster != "" && want.Cluster != got.Cluster {
		t.Errorf("%s: the cluster is %q, want %q", what, got.Cluster, want.Cluster)
	}
	checkSeen(t, what+": upstream", want.Upstream, got.Upstream)
	checkSeen(t, what+": downstream", want.Downstream, got.Downstream)
	for name, v := range want.Properties {
		if g, ok := got.Properties[name]; !ok || !matches(g, v) {
			t.Errorf("%s: property %q is %q, want %q", what, name, g, v)
		}
	}
	for _, name := range want.Unset {
		if g, ok := got.Properties[name]; ok {
			t.Errorf("%s: property %q is %q, want none", what, name, g)
		}
	}
}

func checkSeen(t *testing.T, what string, want *Seen, got *Head) {
	t.Helper()
	if want == nil {
		return
	}
	if got == nil {
		t.Errorf("%s saw nothing", what)
		return
	}
	status := ""
	if want.Status > 0 {
		status = strconv.Itoa(want.Status)
	}
	for _, p := range []Field{{":method", want.Method}, {":path", want.Path}, {":authority", want.Host}, {":status", status}} {
		if p.Value != "" && !matches(got.get(p.Name), p.Value) {
			t.Errorf("%s: %s is %q, want %q", what, p.Name, got.get(p.Name), p.Value)
		}
	}
	for name, v := range want.Headers {
		if g, w := got.all(strings.ToLower(name)), values(v); !slices.EqualFunc(g, w, matches) {
			t.Errorf("%s: %s is %q, want %q", what, name, g, w)
		}
	}
	for _, name := range want.Absent {
		if g := got.all(strings.ToLower(name)); len(g) > 0 {
			t.Errorf("%s: %s is %q, want none", what, name, g)
		}
	}
	if want.Decoded != nil {
		body, err := decode(got.get("content-encoding"), got.Body)
		if err != nil || !matches(body, *want.Decoded) {
			t.Errorf("%s: decoded body %q, %v, want %q", what, body, err, *want.Decoded)
		}
	}
	if want.Body != nil && !matches(got.Body, *want.Body) {
		t.Errorf("%s: body %q, want %q", what, got.Body, *want.Body)
	}
}

// matches compares with a wanted text, or a regular expression behind "re:".
func matches(got, want string) bool {
	if expr, ok := strings.CutPrefix(want, "re:"); ok {
		return regexp.MustCompile(expr).MatchString(got)
	}
	return got == want
}
