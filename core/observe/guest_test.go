package observe_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/observe"
)

const limit = 200

func define(t testing.TB, g *observe.GuestTable, filter string, kind observe.MetricKind, name string) uint32 {
	t.Helper()
	id, err := g.Define(filter, limit, kind, []byte(name))
	if err != nil {
		t.Fatalf("defining %q: %v", name, err)
	}
	return id
}

func TestGuestMetrics(t *testing.T) {
	m := observe.NewMetrics("")
	g := m.Guests().Open()
	defer g.Close()
	counter := define(t, g, "limit", observe.KindCounter, "requests.allowed")
	gauge := define(t, g, "limit", observe.KindGauge, "level")
	histogram := define(t, g, "limit", observe.KindHistogram, "wait_ms")
	other := define(t, g, "auth", observe.KindCounter, "requests.allowed")
	for id, kind := range map[uint32]uint32{counter: 0, gauge: 1, histogram: 2} {
		if id&3 != kind || id < 4 {
			t.Errorf("kind %d has id %d", kind, id)
		}
	}
	if counter == other {
		t.Error("two filters share a counter")
	}
	if again := define(t, g, "limit", observe.KindCounter, "requests.allowed"); again != counter {
		t.Errorf("defined again: %d, not %d", again, counter)
	}
	if same := define(t, g, "limit", observe.KindGauge, "requests.allowed"); same == counter {
		t.Error("a gauge and a counter of one name are one metric")
	}
	for _, err := range []error{
		g.Increment(counter, 3), g.Record(counter, 4), g.Increment(other, 1),
		g.Record(gauge, 5), g.Increment(gauge, -7),
		g.Record(histogram, 0), g.Record(histogram, 7), g.Record(histogram, -1), g.Record(histogram, 4_000_000),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if v, err := g.Value(counter); v != 7 || err != nil {
		t.Errorf("counter is %d, %v", v, err)
	}
	if v, err := g.Value(gauge); v != 1<<64-2 || err != nil {
		t.Errorf("gauge is %d, %v", v, err)
	}
	expect(t, scrape(t, m),
		`weir_filter_requests_allowed_total{filter="limit"} 7`,
		`weir_filter_requests_allowed_total{filter="auth"} 1`,
		`weir_filter_requests_allowed{filter="limit"} 0`,
		`weir_filter_level{filter="limit"} -2`,
		`weir_filter_wait_ms_bucket{filter="limit",le="0.5"} 2`,
		`weir_filter_wait_ms_bucket{filter="limit",le="10"} 3`,
		`weir_filter_wait_ms_bucket{filter="limit",le="+Inf"} 4`,
		`weir_filter_wait_ms_count{filter="limit"} 4`,
		`weir_filter_wait_ms_sum{filter="limit"} 4.000007e+06`,
	)
}

// TestGuestMetricStatuses has the answers that Envoy gives.
func TestGuestMetricStatuses(t *testing.T) {
	g := observe.NewMetrics("").Guests().Open()
	counter := define(t, g, "f", observe.KindCounter, "c")
	histogram := define(t, g, "f", observe.KindHistogram, "h")
	for _, id := range []uint32{0, 7, 999999, counter + 4000, 1<<32 - 1} {
		if err := g.Record(id, 1); !errors.Is(err, observe.ErrNoMetric) {
			t.Errorf("recording %d: %v", id, err)
		}
	}
	for id, want := range map[uint32]error{
		0: observe.ErrNoMetric, 1: observe.ErrNoMetric, counter + 4000: observe.ErrNoMetric,
		7: observe.ErrMetric, 999999: observe.ErrMetric, histogram: observe.ErrMetric,
	} {
		if err := g.Increment(id, 1); !errors.Is(err, want) {
			t.Errorf("incrementing %d: %v, want %v", id, err, want)
		}
		if _, err := g.Value(id); !errors.Is(err, want) {
			t.Errorf("reading %d: %v, want %v", id, err, want)
		}
	}
	for _, delta := range []int64{0, -1} {
		if err := g.Increment(counter, delta); !errors.Is(err, observe.ErrMetric) {
			t.Errorf("incrementing a counter by %d: %v", delta, err)
		}
	}
	for _, tc := range []struct {
		kind observe.MetricKind
		name string
	}{{3, "x"}, {observe.KindCounter, ""}, {observe.KindGauge, strings.Repeat("x", 257)}} {
		if _, err := g.Define("f", limit, tc.kind, []byte(tc.name)); !errors.Is(err, observe.ErrMetric) {
			t.Errorf("defining %d, %q: %v", tc.kind, tc.name, err)
		}
	}
}

func TestGuestMetricNames(t *testing.T) {
	m := observe.NewMetrics("")
	g := m.Guests().Open()
	define(t, g, "f", observe.KindHistogram, "size")
	define(t, g, "g", observe.KindGauge, "size_count") // a name that the histogram makes
	define(t, g, "g", observe.KindGauge, "hits_total")
	define(t, g, "f", observe.KindCounter, "hits") // and one that the gauge has
	define(t, g, "f", observe.KindCounter, "misses_total")
	define(t, g, "f", observe.KindGauge, "a.b-c\x00\xff é")
	for _, same := range []struct {
		kind     observe.MetricKind
		one, two string
	}{{observe.KindGauge, "x.y", "x_y"}, {observe.KindCounter, "hits", "hits_total"}} {
		if define(t, g, "f", same.kind, same.one) != define(t, g, "f", same.kind, same.two) {
			t.Errorf("%q and %q, which are shown as one, are two metrics", same.one, same.two)
		}
	}
	define(t, g, "g", observe.KindGauge, "size_count_gauge") // what the second gauge got for a name
	expect(t, scrape(t, m),
		`weir_filter_size_count{filter="f"} 0`,
		`weir_filter_size_count_gauge{filter="g"} 0`,
		`weir_filter_size_count_gauge_gauge{filter="g"} 0`,
		`weir_filter_hits_total{filter="g"} 0`,
		`weir_filter_hits_total_counter{filter="f"} 0`,
		`weir_filter_misses_total{filter="f"} 0`,
		`weir_filter_a_b_c_____{filter="f"} 0`,
	)
}

func TestGuestMetricsAreBounded(t *testing.T) {
	m := observe.NewMetrics("")
	g := m.Guests().Open()
	for i := range 10 {
		id, err := g.Define("f", 5, observe.KindCounter, fmt.Appendf(nil, "c%d", i))
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Increment(id, 1); err != nil {
			t.Fatal(err)
		}
	}
	page := scrape(t, m)
	if n := strings.Count(page, "\nweir_filter_c"); n != 5 {
		t.Errorf("%d series of 5", n)
	}
	expect(t, page, `weir_wasm_metrics_refused_total{filter="f"} 5`)
	if id := define(t, g, "other", observe.KindCounter, "c9"); g.Increment(id, 1) != nil {
		t.Error("another filter is bounded too")
	}
}

func TestGuestMetricsSurviveReload(t *testing.T) {
	m := observe.NewMetrics("")
	old := m.Guests().Open()
	id := define(t, old, "f", observe.KindCounter, "c")
	old.Increment(id, 2)
	fresh := m.Guests().Open()
	define(t, fresh, "f", observe.KindGauge, "first")
	id = define(t, fresh, "f", observe.KindCounter, "c")
	fresh.Increment(id, 3)
	old.Close()
	old.Close()
	expect(t, scrape(t, m), `weir_filter_c_total{filter="f"} 5`)
	fresh.Close()
	refuse(t, scrape(t, m), "weir_filter_c")
	last := m.Guests().Open()
	id = define(t, last, "f", observe.KindHistogram, "c_total") // its name is free again
	last.Record(id, 1)
	expect(t, scrape(t, m), `weir_filter_c_total_count{filter="f"} 1`)
}

func TestHammerGuestMetrics(t *testing.T) {
	m := observe.NewMetrics("")
	table := m.Guests().Open()
	var all sync.WaitGroup
	for g := range 64 {
		all.Go(func() {
			for i := range 100 {
				id, err := table.Define("f", limit, observe.KindCounter, []byte("shared"))
				if err != nil || table.Increment(id, 1) != nil {
					t.Error(err)
				}
				own, _ := table.Define("f", limit, observe.KindGauge, fmt.Appendf(nil, "g%d", g))
				table.Record(own, int64(i))
				if i == 50 {
					scrape(t, m)
				}
			}
		})
	}
	all.Wait()
	expect(t, scrape(t, m), `weir_filter_shared_total{filter="f"} 6400`, `weir_filter_g63{filter="f"} 99`)
}

// FuzzGuestMetricNames defines metrics of any names: all of them are shown,
// and none hides another.
func FuzzGuestMetricNames(f *testing.F) {
	f.Add([]byte("hits"), []byte("hits_total"), []byte("hits_total_gauge"), uint32(0o012))
	f.Add([]byte("size"), []byte("size_count"), []byte("size.sum"), uint32(0o112))
	f.Add([]byte("\xff"), []byte("_"), []byte("\x00"), uint32(0o210))
	f.Fuzz(func(t *testing.T, a, b, c []byte, kinds uint32) {
		m := observe.NewMetrics("")
		g := m.Guests().Open()
		ids := make(map[uint32]bool)
		for _, name := range [][]byte{a, b, c} {
			for _, filter := range []string{"f", "g"} {
				if id, err := g.Define(filter, limit, observe.MetricKind(kinds%3), name); err == nil {
					ids[id] = true
				}
			}
			kinds /= 8
		}
		families, err := m.Gatherer().Gather()
		if err != nil {
			t.Fatal(err)
		}
		shown := 0
		for _, family := range families {
			if strings.HasPrefix(family.GetName(), "weir_filter_") {
				shown += len(family.Metric)
			}
		}
		if shown != len(ids) {
			t.Fatalf("%d metrics defined, %d shown", len(ids), shown)
		}
	})
}
