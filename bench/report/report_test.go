package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/weirproxy/weir/bench/report"
)

// measured is a report whose values are multiplied.
func measured(times float64) *report.Report {
	row := report.Row{Name: "a <b> & c", Latency: []report.Point{{0.5, 40 * times}, {0.99, 400 * times}, {1, 9000 * times}}}
	for _, v := range []float64{20, 20.4, 20.2, 20.6, 20.1} {
		row.Add("cpu_us", v*times)
		row.Add("rps", 1e6/(v*times))
	}
	row.Add("errors", 0)
	return &report.Report{
		Version: report.Version, Kind: "run", Name: "overhead", Machine: report.Here(), Notes: []string{"envoy is not installed"},
		Tables: []report.Table{{
			Title:   "over the wire",
			Figures: []report.Figure{{Key: "cpu_us", Label: "CPU us"}, {Key: "rps", Label: "req/s", More: true}, {Key: "errors", Label: "errors"}},
			Rows:    []report.Row{row},
		}},
	}
}

func TestReadBack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.json")
	var b bytes.Buffer
	if err := measured(1).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	back, err := report.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := back.Tables[0].Rows[0].Summary("cpu_us"); !ok || s != (report.Summary{Median: 20.2, Least: 20, Most: 20.6}) {
		t.Errorf("%+v", s)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, c := range []struct{ text, says string }{
		{"", "no report"},
		{"[]", "no report"},
		{"{}", "no version"},
		{`{"version": 7}`, "version 7"},
		{`{"version": 1, "tables": [{"title": "t", "rows": [{"name": "r", "values": {"cpu_us": [-1]}}]}]}`, "cannot have been measured"},
		{`{"version": 1, "tables": [{"title": "t", "rows": [{"name": "r", "latency": [{"share": 1, "us": 1e300}]}]}]}`, "cannot have been measured"},
	} {
		if _, err := report.Decode(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: says %v, want %q", c.text, err, c.says)
		}
	}
	if _, err := report.Read(filepath.Join(t.TempDir(), "none.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("says %v", err)
	}
}

// TestReadIsPrintable: a file of somebody else's does not steer the terminal.
func TestReadIsPrintable(t *testing.T) {
	const text = `{"version": 1, "kind": "run", "name": "\u001b[2J", "notes": ["\u001b]0;x\u0007"], "programs": [{"name": "\u009b1m", "version": "\r"}],
		"tables": [{"title": "\u001b", "about": "\u202e", "figures": [{"key": "a", "label": "\n\t"}], "rows": [{"name": "\u001b[1m", "values": {"a": [1]}}]}]}`
	r, err := report.Decode(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := errors.Join(r.WriteText(&b, 0), r.WriteMarkdown(&b), r.WriteHTML(&b), compare(t, r, r, report.Choice{}).WriteText(&b, 0)); err != nil {
		t.Fatal(err)
	}
	if at := strings.IndexFunc(b.String(), func(c rune) bool { return c != '\n' && !unicode.IsPrint(c) }); at >= 0 {
		t.Errorf("has %q", b.String()[at:])
	}
}

// TestNarrow: no line is wider than the terminal as long as a column fits, and no
// figure is lost.
func TestNarrow(t *testing.T) {
	r := measured(1)
	for _, width := range []int{1, 40, 60, 80, 200} {
		var b bytes.Buffer
		if err := r.WriteText(&b, width); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > max(width, 40) {
				t.Errorf("width %d: a line of %d: %s", width, n, line)
			}
		}
		for _, word := range []string{"CPU us", "20.2 (20.0…20.6)", "req/s", "errors"} {
			if strings.Count(b.String(), word) != 1 {
				t.Errorf("width %d: not one %q:\n%s", width, word, &b)
			}
		}
	}
}

// TestPage: it is well-formed, has a chart for each figure, and asks for nothing
// from elsewhere.
func TestPage(t *testing.T) {
	var b bytes.Buffer
	r := measured(1)
	r.Partial = true
	if err := r.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, word := range []string{"<script", "http:", "https:", "url(", "@import", "src="} {
		if strings.Contains(page, word) {
			t.Errorf("has %q", word)
		}
	}
	for _, word := range []string{"a &lt;b&gt; &amp; c", "Ended early", "envoy is not installed", "default-src 'none'"} {
		if !strings.Contains(page, word) {
			t.Errorf("lacks %q", word)
		}
	}
	if got := strings.Count(page, "<svg"); got != 3 { // CPU, rate, curves; there are no errors to draw
		t.Errorf("%d charts, want 3", got)
	}
	d := xml.NewDecoder(&b)
	d.Strict, d.AutoClose, d.Entity = false, []string{"meta"}, xml.HTMLEntity
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(page, "NaN") || strings.Contains(page, "Inf") || strings.Contains(page, "%!") {
		t.Error("draws what is no number")
	}
}

func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	if err := measured(1).WriteJSON(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"version": 1, "tables": [{"rows": [{"latency": [{"share": 1, "us": 5e-324}, {"share": 0, "us": 1e12}]}]}]}`))
	f.Add([]byte(`{"version": 1, "tables": [{"rows": [{"values": {"": [1e308]}}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := report.Decode(bytes.NewReader(text))
		if err != nil {
			return
		}
		narrow := func(w io.Writer) error { return r.WriteText(w, 30) }
		for _, write := range []func(io.Writer) error{narrow, r.WriteHTML, r.WriteMarkdown, r.WriteJSON} {
			if err := write(io.Discard); err != nil {
				t.Fatal(err)
			}
		}
		c, err := report.Compare(r, r, report.Choice{})
		if err != nil {
			return
		}
		for _, ch := range c.Changes {
			if math.IsNaN(ch.Worse) || math.IsNaN(ch.Noise.Low) || math.IsNaN(ch.Noise.High) || ch.Verdict(0) == report.Worse {
				t.Fatalf("compared with itself: %+v", ch)
			}
		}
	})
}
