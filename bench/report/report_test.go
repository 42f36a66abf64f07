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

	"github.com/weirproxy/weir/bench/report"
)

// measured is a report whose values are multiplied.
func measured(times float64) *report.Report {
	row := report.Row{Name: "a <b> & c", Latency: []report.Point{{0.5, 40 * times}, {0.99, 400 * times}, {1, 9000 * times}}}
	for _, v := range []float64{20, 22, 30} {
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

func TestCompare(t *testing.T) {
	withErrors := measured(1)
	withErrors.Tables[0].Rows[0].Values["errors"] = []float64{3}
	oneBadRound := measured(1)
	oneBadRound.Tables[0].Rows[0].Values["cpu_us"] = []float64{20, 40, 50}
	for _, c := range []struct {
		name  string
		after *report.Report
		keys  []string
		want  []string
	}{
		{"same", measured(1), nil, nil},
		{"within", measured(1.04), nil, nil},
		{"worse", measured(1.06), nil, []string{"cpu_us", "rps"}},
		{"chosen", measured(1.06), []string{"rps"}, []string{"rps"}},
		{"better", measured(0.5), nil, nil},
		{"errors where there were none", withErrors, nil, []string{"errors"}},
		{"a best round that is as good", oneBadRound, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmp, err := report.Compare(measured(1), c.after, c.keys)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, ch := range cmp.Regressions(0.05) {
				got = append(got, ch.Figure.Key)
			}
			if strings.Join(got, " ") != strings.Join(c.want, " ") {
				t.Errorf("worse are %q, want %q: %+v", got, c.want, cmp.Changes)
			}
		})
	}
}

// TestCompareTellsWhatIsMissing: a system that one report lacks is not passed
// over in silence.
func TestCompareTellsWhatIsMissing(t *testing.T) {
	after := measured(1)
	after.Tables[0].Rows = append(after.Tables[0].Rows, report.Row{Name: "new"})
	after.Tables = append(after.Tables, report.Table{Title: "more"})
	cmp, err := report.Compare(measured(1), after, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := cmp.WriteText(&b, .05); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"new" of "over the wire" is in the second alone`, `"more" is in the second alone`, "same"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("does not say %q:\n%s", want, &b)
		}
	}
	if _, err := report.Compare(measured(1), after, []string{"nothing"}); err == nil {
		t.Error("nothing in common is no error")
	}
	after.Kind = "chain"
	if _, err := report.Compare(measured(1), after, nil); err == nil {
		t.Error("different kinds are compared")
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
	if s, ok := back.Tables[0].Rows[0].Summary("cpu_us"); !ok || s != (report.Summary{Median: 22, Least: 20, Most: 30}) {
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
	for _, word := range []string{"a &lt;b&gt; &amp; c", "Interrupted", "envoy is not installed", "default-src 'none'"} {
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
		for _, write := range []func(io.Writer) error{r.WriteText, r.WriteHTML, r.WriteMarkdown, r.WriteJSON} {
			if err := write(io.Discard); err != nil {
				t.Fatal(err)
			}
		}
		c, err := report.Compare(r, r, nil)
		if err != nil {
			return
		}
		for _, ch := range c.Changes {
			if math.IsNaN(ch.Worse) || ch.Regressed(0) {
				t.Fatalf("compared with itself: %+v", ch)
			}
		}
	})
}
