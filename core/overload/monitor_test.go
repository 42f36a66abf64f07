package overload_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/overload"
)

// rig is a monitor whose memory and clock are the test's.
type rig struct {
	*overload.Monitor
	now      time.Duration
	reading  overload.Reading
	err      error
	released int
	frees    int64 // what a release gives back
	collect  []int64
	log      bytes.Buffer
}

var usual = overload.Thresholds{0.85, 0.92, 0.95, 0.98}

func newRig(limit overload.Limit, t overload.Thresholds) *rig {
	r := &rig{reading: overload.Reading{Limit: 1000, Of: "a test"}}
	r.Monitor = overload.New(overload.Options{
		Log:  slog.New(slog.NewTextHandler(&r.log, nil)),
		Read: func(overload.Limit) (overload.Reading, error) { return r.reading, r.err },
		Now:  func() int64 { return int64(r.now) },
		Release: func() {
			r.released++
			r.reading.Used -= r.frees
		},
		Collect: func(n int64) { r.collect = append(r.collect, n) },
	})
	r.Set(overload.Settings{Limit: limit, Thresholds: t})
	return r
}

// sample lets time pass and takes a sample, as Run does.
func (r *rig) sample(used int64) overload.Level {
	r.now += 250 * time.Millisecond
	r.reading.Used = used
	r.Sample()
	return r.Level()
}

// TestLevels goes through what samples show, one each 250 ms, out of 1000.
func TestLevels(t *testing.T) {
	for _, tt := range []struct {
		name string
		used []int64
		want []overload.Level
	}{
		{"from where each begins", []int64{849, 850, 919, 920, 949, 950, 979, 980, 5000}, []overload.Level{0, 1, 1, 2, 2, 3, 3, 4, 4}},
		{"all at once", []int64{10, 990}, []overload.Level{0, 4}},
		{"one a second on the way down", []int64{980, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
			[]overload.Level{4, 4, 4, 4, 4, 3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0}},
		{"a little below is not low", []int64{950, 940, 932, 932, 932, 932, 932, 932}, []overload.Level{3, 3, 3, 3, 3, 3, 3, 3}},
		{"lower is", []int64{950, 930, 930, 930, 930, 930, 930, 930, 930, 930, 930}, []overload.Level{3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2}},
		{"low for less than a second", []int64{950, 1, 1, 1, 940, 1, 1, 1, 1, 1}, []overload.Level{3, 3, 3, 3, 3, 3, 3, 3, 3, 2}},
		{"up again on the way down", []int64{980, 1, 1, 1, 1, 1, 960, 1, 1, 1, 1, 1}, []overload.Level{4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(overload.Auto, usual)
			for i, used := range tt.used {
				if got := r.sample(used); got != tt.want[i] {
					t.Errorf("sample %d, %d used: %s, want %s", i, used, got, tt.want[i])
				}
			}
		})
	}
}

// TestNoFlapping: memory that swings about a threshold, as it does when what
// the level refuses is what takes it, changes the level once a second at most.
func TestNoFlapping(t *testing.T) {
	r := newRig(overload.Auto, usual)
	changes, last := 0, r.Level()
	used := 940.0
	const samples = 4 * 60
	for range samples {
		now := r.sample(int64(used))
		if now != last {
			changes++
		}
		if last = now; now >= overload.Shed {
			used -= 15
		} else {
			used += 15
		}
	}
	if changes == 0 || changes > samples/4 {
		t.Errorf("%d changes in a minute", changes)
	}
}

func TestStepsAtOnePlace(t *testing.T) {
	r := newRig(overload.Auto, overload.Thresholds{0.5, 0.5, 0.5, 1})
	if got := r.sample(500); got != overload.Shed {
		t.Error(got)
	}
}

// TestReleaseComesFirst: nothing is refused for what a collection gives back.
func TestReleaseComesFirst(t *testing.T) {
	r := newRig(overload.Auto, usual)
	r.frees = 500
	if got := r.sample(990); got != overload.Calm || r.released != 1 {
		t.Errorf("%s, %d releases", got, r.released)
	}
	if got := r.sample(990); got != overload.NoAccept || r.released != 1 {
		t.Errorf("%s, %d releases so soon after the last", got, r.released)
	}
}

// TestReleasesAreRare: each few seconds, and seldom when they bring nothing.
func TestReleasesAreRare(t *testing.T) {
	in := func(frees int64, d time.Duration) int {
		r := newRig(overload.Auto, usual)
		r.frees = frees
		for r.now < d {
			r.sample(900)
		}
		return r.released
	}
	if n := in(20, time.Minute); n < 10 || n > 13 {
		t.Errorf("%d releases in a minute that were worth it", n)
	}
	if n := in(0, 10*time.Minute); n < 8 || n > 14 {
		t.Errorf("%d releases in ten minutes that were for nothing", n)
	}
}

func TestCalmReleasesNothing(t *testing.T) {
	r := newRig(overload.Auto, usual)
	for range 100 {
		r.sample(849)
	}
	if r.released != 0 || r.log.Len() > 0 {
		t.Errorf("%d releases, log %s", r.released, &r.log)
	}
}

// TestGarbageIsHeldBelowTheSteps: the runtime is told where to collect, seldom,
// and no more once there is no limit.
func TestGarbageIsHeldBelowTheSteps(t *testing.T) {
	r := newRig(overload.Auto, overload.Thresholds{0.8, 0.9, 0.95, 0.98})
	for _, s := range []struct{ used, inGo int64 }{
		{500, 500}, // all of it is Go's: 850 are between the first two steps
		{500, 450}, // 50 are others'
		{505, 450}, // not worth it
		{400, 450}, // pages that were never touched
		{790, 10},  // others take most: a quarter is what it may have
	} {
		r.reading.Go = s.inGo
		r.sample(s.used)
	}
	r.Set(overload.Settings{Limit: overload.Off})
	r.Set(overload.Settings{Limit: overload.Off})
	if want := []int64{850, 800, 850, 250, math.MaxInt64}; !slices.Equal(r.collect, want) {
		t.Errorf("%v, want %v", r.collect, want)
	}
}

func TestLog(t *testing.T) {
	r := newRig(overload.Auto, usual)
	r.sample(960)
	for r.Level() > overload.Calm {
		r.sample(700)
	}
	lines := strings.Split(strings.TrimSpace(r.log.String()), "\n")
	want := []string{
		`level=WARN msg="overload level changed" from=calm to=shed used=960 limit=1000 limit_of="a test"`,
		`level=INFO msg="overload level changed" from=shed to=no_keep_alive used=700 limit=1000 limit_of="a test"`,
		`level=INFO msg="overload level changed" from=no_keep_alive to=shrink used=700 limit=1000 limit_of="a test"`,
		`level=INFO msg="overload level changed" from=shrink to=calm used=700 limit=1000 limit_of="a test"`,
	}
	if len(lines) != len(want) {
		t.Fatalf("%s", &r.log)
	}
	for i := range want {
		if !strings.HasSuffix(lines[i], want[i]) {
			t.Errorf("%s\nwant %s", lines[i], want[i])
		}
	}
}

// TestUnreadable: what cannot be read for a moment changes nothing, what
// cannot be read for long protects nobody.
func TestUnreadable(t *testing.T) {
	r := newRig(overload.Auto, usual)
	r.sample(960)
	r.err = errors.New("too many open files")
	began := r.now
	for r.Level() == overload.Shed {
		if r.sample(0); r.now-began > 10*time.Second {
			t.Fatal("it sheds without knowing why")
		}
	}
	if r.now-began < 4*time.Second || r.Level() != overload.Calm {
		t.Errorf("%s after %v", r.Level(), r.now-began)
	}
	if n := strings.Count(r.log.String(), "too many open files"); n != 1 {
		t.Errorf("told %d times", n)
	}
	r.err = nil
	if got := r.sample(960); got != overload.Shed || !strings.Contains(r.log.String(), "can be read again") {
		t.Errorf("%s, log %s", got, &r.log)
	}
}

// TestUnreadableAfterARelease changes nothing either.
func TestUnreadableAfterARelease(t *testing.T) {
	r := newRig(overload.Auto, usual)
	reads := 0
	m := overload.New(overload.Options{
		Read: func(overload.Limit) (overload.Reading, error) {
			if reads++; reads%2 == 0 {
				return overload.Reading{}, errors.New("gone")
			}
			return overload.Reading{Used: 990, Limit: 1000}, nil
		},
		Now: func() int64 { return int64(r.now) }, Release: func() {}, Collect: func(int64) {},
	})
	m.Set(overload.Settings{Thresholds: usual})
	if m.Sample(); m.Level() != overload.Calm || reads != 2 {
		t.Errorf("%s after %d readings", m.Level(), reads)
	}
	if m.Sample(); m.Level() != overload.NoAccept {
		t.Error(m.Level())
	}
}

func TestNoLimit(t *testing.T) {
	r := newRig(overload.Auto, usual)
	r.sample(960)
	r.reading.Limit = 0
	if got := r.sample(math.MaxInt64); got != overload.Calm || r.Last() != (overload.Reading{}) {
		t.Errorf("%s, %+v", got, r.Last())
	}
}

func TestSet(t *testing.T) {
	r := newRig(overload.Auto, usual)
	if r.sample(990); r.Last().Used != 990 {
		t.Errorf("%+v", r.Last())
	}
	r.Set(overload.Settings{Limit: overload.Off, Thresholds: usual})
	if r.Level() != overload.Calm || r.Last() != (overload.Reading{}) {
		t.Errorf("%s, %+v: off holds at once", r.Level(), r.Last())
	}
	if got := r.sample(990); got != overload.Calm {
		t.Error(got)
	}
	r.Set(overload.Settings{Limit: overload.Auto, Thresholds: overload.Thresholds{0.1, 0.2, 0.3, 1}})
	if got := r.sample(400); got != overload.Shed {
		t.Error(got)
	}
}

// TestLasting tells a leak from a peak.
func TestLasting(t *testing.T) {
	r := newRig(overload.Auto, usual)
	r.now = -250 * time.Millisecond // the first sample is at zero
	for r.now < 29*time.Second {
		if r.sample(990); r.Lasting() {
			t.Fatalf("after %v", r.now)
		}
	}
	for r.now < 31*time.Second {
		r.sample(960)
	}
	if !r.Lasting() {
		t.Errorf("not after %v", r.now)
	}
	for r.Level() >= overload.Shed {
		r.sample(1)
	}
	if r.Lasting() {
		t.Error("it lasts, but is over")
	}
	if r.sample(990); r.Lasting() {
		t.Error("it has just begun")
	}
}

func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	reads := 0
	var log bytes.Buffer
	m := overload.New(overload.Options{Release: func() {}, Collect: func(int64) {}, Log: slog.New(slog.NewTextHandler(&log, nil)), Read: func(overload.Limit) (overload.Reading, error) {
		if reads++; reads == 4 { // one more for the release
			cancel()
		}
		return overload.Reading{Used: 960, Limit: 1000}, nil
	}})
	m.Set(overload.Settings{Thresholds: usual})
	m.Run(ctx)
	if !strings.Contains(log.String(), "to=shed") || m.Level() != overload.Calm || reads != 4 {
		t.Errorf("%s after %d readings, log %s", m.Level(), reads, &log)
	}
}

func TestNobodyWatches(t *testing.T) {
	var m *overload.Monitor
	if m.Level() != overload.Calm {
		t.Error(m.Level())
	}
}

func BenchmarkLevel(b *testing.B) {
	m := overload.New(overload.Options{})
	b.ReportAllocs()
	for b.Loop() {
		if m.Level() != overload.Calm {
			b.Fatal("not calm")
		}
	}
}

func BenchmarkRead(b *testing.B) {
	m := new(overload.Machine)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Read(overload.Auto); err != nil {
			b.Fatal(err)
		}
	}
}
