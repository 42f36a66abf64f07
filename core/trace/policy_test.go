package trace_test

import (
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trace"
)

// declaration is the arguments of weir.trace.
type declaration struct {
	version, flags, parent uint32
	share                  uint64
	rate, read, write      uint32
	always                 string
	rest                   []byte // name and tags; nil for none
}

const whole = 1 << 56

// w3c records every trace that begins here.
var w3c = declaration{version: 1, share: whole, read: 1, write: 1}

func (d declaration) encode() []byte {
	b := binary.LittleEndian.AppendUint32(nil, d.version)
	b = binary.LittleEndian.AppendUint32(b, d.flags)
	b = binary.LittleEndian.AppendUint32(b, d.parent)
	b = binary.LittleEndian.AppendUint64(b, d.share)
	for _, n := range []uint32{d.rate, d.read, d.write, uint32(len(d.always))} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	b = append(b, d.always...)
	if d.rest == nil {
		return append(b, make([]byte, 8)...)
	}
	return append(b, d.rest...)
}

func (d declaration) policy(t testing.TB) *trace.Policy {
	t.Helper()
	p, err := trace.Read(d.encode())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func with(change func(d *declaration)) declaration {
	d := w3c
	change(&d)
	return d
}

func TestDeclarationsThatAreRefused(t *testing.T) {
	for name, d := range map[string]declaration{
		"version":          with(func(d *declaration) { d.version = 2 }),
		"flags":            with(func(d *declaration) { d.flags = 4 }),
		"parent":           with(func(d *declaration) { d.parent = 3 }),
		"share":            with(func(d *declaration) { d.share = whole + 1 }),
		"read":             with(func(d *declaration) { d.read = 8 }),
		"write nothing":    with(func(d *declaration) { d.write = 0 }),
		"write":            with(func(d *declaration) { d.write = 9 }),
		"field":            with(func(d *declaration) { d.always = "X-Up" }),
		"pseudo header":    with(func(d *declaration) { d.always = ":path" }),
		"cut":              with(func(d *declaration) { d.rest = []byte{0, 0, 0} }),
		"more":             with(func(d *declaration) { d.rest = make([]byte, 9) }),
		"many parts":       with(func(d *declaration) { d.rest = []byte{255, 255, 255, 255, 0, 0, 0, 0} }),
		"many tags":        with(func(d *declaration) { d.rest = []byte{0, 0, 0, 0, 33, 0, 0, 0} }),
		"tag without name": with(func(d *declaration) { d.rest = []byte{0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0} }),
	} {
		if _, err := trace.Read(d.encode()); !errors.Is(err, trace.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := trace.Read(make([]byte, 8<<10+1)); !errors.Is(err, trace.ErrTooLarge) {
		t.Errorf("a large one: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(w3c.encode())
	f.Add(declaration{version: 1, share: 1, write: 7, always: "x-a", rest: []byte("\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00n\x01\x00\x00\x00\x01\x00\x00\x00k\x00\x00\x00\x00")}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := trace.Read(b)
		if (p == nil) == (err == nil) {
			t.Fatalf("%v and %v", p, err)
		}
		if p == nil {
			return
		}
		var s trace.Stream
		info := &stream.Info{Start: time.Unix(0, 0)}
		s.Begin(p, nil, new(stream.Headers), info, true)
		if !info.Trace.Valid() || info.Trace.Formats == 0 {
			t.Fatalf("the stream's context is %+v", info.Trace)
		}
	})
}

// begin begins a request's trace, without anything to record with.
func begin(p *trace.Policy, now time.Time, trusted bool, fields ...string) (stream.TraceContext, *stream.Headers) {
	var s trace.Stream
	info, h := &stream.Info{Start: now}, head(fields...)
	s.Begin(p, nil, h, info, trusted)
	s.Try(h, info)
	return info.Trace, h
}

func TestWhoseWordCounts(t *testing.T) {
	const parent, forced = "traceparent: 00-" + traceHex + "-" + spanHex, "x-force: 1"
	now := time.Unix(1, 0)
	never := with(func(d *declaration) { d.share, d.always, d.read = 0, "x-force", 7 })
	for _, c := range []struct {
		name           string
		parent         uint32 // trusted, all, none
		trusted        bool
		fields         []string
		goesOn, record bool
	}{
		{"nobody said anything", 0, true, nil, false, false},
		{"a trusted peer records", 0, true, []string{parent + "-01"}, true, true},
		{"a trusted peer does not", 0, true, []string{parent + "-00"}, true, false},
		{"a stranger", 0, false, []string{parent + "-01"}, false, false},
		{"a stranger, all are heeded", 1, false, []string{parent + "-01"}, true, true},
		{"a trusted peer, none is heeded", 2, true, []string{parent + "-01"}, false, false},
		{"a trusted peer forces", 0, true, []string{parent + "-00", forced}, true, true},
		{"a trusted peer forces alone", 0, true, []string{forced}, false, true},
		{"a stranger forces", 0, false, []string{forced}, false, false},
		{"debugging, in B3", 0, true, []string{"b3: d"}, false, true},
		{"a stranger's debugging", 0, false, []string{"b3: d"}, false, false},
	} {
		d := never
		d.parent = c.parent
		got, h := begin(d.policy(t), now, c.trusted, c.fields...)
		id, _ := trace.Extract(head(parent+"-01"), stream.TraceW3C, nil)
		if (got.Trace == id.Trace) != c.goesOn || got.Sampled != c.record {
			t.Errorf("%s: goes on %v, recorded %v", c.name, got.Trace == id.Trace, got.Sampled)
		}
		sent, _ := trace.Extract(h, stream.AllTraceFormats, nil)
		if sent.Trace != got.Trace || sent.Sampled != c.record || h.Has("b3") {
			t.Errorf("%s: the upstream is told %s", c.name, show(sent))
		}
		if heeded := c.trusted && c.parent == 0; !heeded && c.parent != 1 && h.Has("x-force") {
			t.Errorf("%s: the upstream is told to record", c.name)
		}
	}
}

func TestShareAndRate(t *testing.T) {
	count := func(p *trace.Policy, at time.Time, n int) (recorded int) {
		for range n {
			if c, _ := begin(p, at, true); c.Sampled {
				recorded++
			}
		}
		return recorded
	}
	now := time.Unix(1_000_000, 0)
	const n = 10_000
	share := with(func(d *declaration) { d.share = whole / 4 }).policy(t)
	if got := count(share, now, n); got < n*22/100 || got > n*28/100 { // 7 standard deviations
		t.Errorf("a share of a quarter is %d of %d", got, n)
	}
	rate := with(func(d *declaration) { d.rate = 50 }).policy(t)
	for i, c := range []struct {
		after time.Duration
		want  int
	}{{0, 50}, {0, 0}, {100 * time.Millisecond, 5}, {time.Hour, 50}} {
		if now = now.Add(c.after); count(rate, now, 100) != c.want {
			t.Errorf("step %d: not %d are recorded", i, c.want)
		}
	}
	// Those that callers decided about do not count.
	for range 100 {
		if c, _ := begin(rate, now, true, "traceparent: 00-"+traceHex+"-"+spanHex+"-01"); !c.Sampled {
			t.Fatal("a parent's decision was not kept to")
		}
	}
}
