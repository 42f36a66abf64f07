package observe_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/observe"
)

// TestGuestLabels: a name may have labels behind it, as Prometheus writes a series.
func TestGuestLabels(t *testing.T) {
	m := observe.NewMetrics("")
	g := m.Guests().Open()
	count := func(filter string, kind observe.MetricKind, name string) {
		t.Helper()
		id := define(t, g, filter, kind, name)
		if err := g.Record(id, 1); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		count("f", observe.KindCounter, `hits_total{route="a",class="2xx"}`)
	}
	count("f", observe.KindCounter, `hits_total{class="2xx",route="a"}`) // the same
	count("f", observe.KindCounter, `hits_total{route="b",class="ü 5xx, {x}="}`)
	count("g", observe.KindCounter, `hits{status=""}`) // other labels, another filter
	count("g", observe.KindCounter, `hits`)
	count("f", observe.KindGauge, `level{of="a"}`)
	count("f", observe.KindHistogram, `ms{of="a"}`)
	expect(t, scrape(t, m),
		`weir_filter_hits_total{class="2xx",filter="f",route="a"} 3`,
		`weir_filter_hits_total{class="ü 5xx, {x}=",filter="f",route="b"} 1`,
		`weir_filter_hits_total{filter="g",status=""} 1`,
		`weir_filter_hits_total{filter="g"} 1`,
		`weir_filter_level{filter="f",of="a"} 1`,
		`weir_filter_ms_count{filter="f",of="a"} 1`,
		`weir_filter_ms_bucket{filter="f",of="a",le="1"} 1`,
	)
	for name, want := range map[string]int64{`hits{class="2xx",route="a"}`: 3, "hits": 1, `ms{of="a"}`: 1} {
		if v, ok := m.Guests().Read(name); !ok || v != want {
			t.Errorf("%s reads %d, %v, want %d", name, v, ok, want)
		}
	}
	if _, ok := m.Guests().Read(`hits{class="2xx"}`); ok {
		t.Error("a metric is found by some of its labels")
	}
}

// TestGuestLabelsThatAreNone: what is not of the form is a name, whatever is in it, and
// no filter gives the labels that are ours.
func TestGuestLabelsThatAreNone(t *testing.T) {
	for _, name := range []string{
		"a{", "a{}", "a}", `a{b}`, `a{b="c}`, `a{b="c"`, `a{b="c",}`, `a{,b="c"}`, `a{b="c"d="e"}`, `a{b=c}`, `a{="c"}`, `a{1="c"}`, `a{b-c="d"}`,
		`a{b="c\n"}`, "a{b=\"c\n\"}", "a{b=\"\xff\"}", `a{b="c"}x`, `{b="c"}`, `a{b="1",b="2"}`,
		`a{filter="other"}`, `a{le="1"}`, `a{quantile="1"}`, `a{__name__="x"}`,
		`a{` + strings.Repeat(`x="1",`, 8) + `y="1"}`, `a{a="1",b="1",c="1",d="1",e="1",f="1",g="1",h="1",i="1"}`,
	} {
		m := observe.NewMetrics("")
		define(t, m.Guests().Open(), "f", observe.KindGauge, name)
		shown := 0
		for line := range strings.Lines(scrape(t, m)) {
			if strings.HasPrefix(line, "weir_filter_") {
				shown++
				if !strings.HasSuffix(line, "{filter=\"f\"} 0\n") {
					t.Errorf("%q is shown as %q", name, line)
				}
			}
		}
		if shown != 1 {
			t.Errorf("%q is shown %d times", name, shown)
		}
	}
}

// FuzzGuestLabels: whatever a filter calls its metrics, the page can be written.
func FuzzGuestLabels(f *testing.F) {
	f.Add([]byte(`a{b="c"}`), []byte(`a{b="c",d="e"}`))
	f.Add([]byte(`a{le="1"}`), []byte("a{b=\"\xff\"}"))
	f.Fuzz(func(t *testing.T, one, two []byte) {
		m := observe.NewMetrics("")
		g := m.Guests().Open()
		for kind := range observe.MetricKind(3) {
			for _, name := range [][]byte{one, two} {
				_, _ = g.Define("f", limit, kind, name)
				_, _ = g.Define("g", limit, kind, name)
			}
		}
		scrape(t, m)
	})
}
