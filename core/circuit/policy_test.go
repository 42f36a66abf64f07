package circuit_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/circuit"
)

// encode is a policy as a guest sends it.
func encode(change func(words []uint32, times []time.Duration)) []byte {
	words := []uint32{3, 50, 10, 2, 200, 0xf, 1 << 14, 0}
	times := []time.Duration{10 * time.Second, time.Second, time.Minute}
	if change != nil {
		change(words, times)
	}
	var b []byte
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	for _, d := range times {
		b = binary.LittleEndian.AppendUint64(b, uint64(d))
	}
	statuses := make([]byte, 64)
	statuses[403/8] |= 1 << (403 % 8)
	b = append(b, statuses...)
	return append(b, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0)
}

func TestParse(t *testing.T) {
	p, err := circuit.Parse(encode(nil))
	if err != nil || p.Percent != 50 || p.Window != 10*time.Second || p.Metrics != [3]uint32{1, 2, 3} || !p.GRPC.Has(14) {
		t.Errorf("%+v, %v", p, err)
	}
	for status, want := range map[int]bool{503: true, 502: false, 504: false, 99: false, -1: false, 100: false, 611: false, 612: false, 1 << 40: false} {
		if p.Statuses.Has(status) != want {
			t.Errorf("status %d: %t", status, !want)
		}
	}
	for name, change := range map[string]func(w []uint32, d []time.Duration){
		"percent":            func(w []uint32, _ []time.Duration) { w[1] = 101 },
		"no minimum":         func(w []uint32, _ []time.Duration) { w[2] = 0 },
		"no probes":          func(w []uint32, _ []time.Duration) { w[3] = 0 },
		"many probes":        func(w []uint32, _ []time.Duration) { w[3] = 1001 },
		"shrinking":          func(w []uint32, _ []time.Duration) { w[4] = 99 },
		"unknown fault":      func(w []uint32, _ []time.Duration) { w[5] = 0x10 },
		"unknown status":     func(w []uint32, _ []time.Duration) { w[6] = 1 << 17 },
		"reserved":           func(w []uint32, _ []time.Duration) { w[7] = 1 },
		"a window too small": func(_ []uint32, d []time.Duration) { d[0] = 9 },
		"a negative window":  func(_ []uint32, d []time.Duration) { d[0] = -1 },
		"open for no time":   func(_ []uint32, d []time.Duration) { d[1] = 0 },
		"open for years":     func(_ []uint32, d []time.Duration) { d[1], d[2] = 1<<62, 1<<62 },
		"longest is shorter": func(_ []uint32, d []time.Duration) { d[2] = d[1] - 1 },
	} {
		if _, err := circuit.Parse(encode(change)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// FuzzParse: whatever is taken can be used.
func FuzzParse(f *testing.F) {
	f.Add(encode(nil), uint16(0x5a5a), int64(time.Second))
	f.Add(encode(func(w []uint32, d []time.Duration) { w[0], d[0] = 0, 10 }), uint16(0xffff), int64(1))
	f.Add([]byte("short"), uint16(0), int64(0))
	f.Fuzz(func(t *testing.T, b []byte, outcomes uint16, step int64) {
		p, err := circuit.Parse(b)
		if err != nil {
			return
		}
		s, now := newSet(), int64(time.Hour)
		for range 16 {
			d, _ := s.Enter([]byte("k"), &p, now)
			if d.Retry < 0 || d.Retry > p.Longest {
				t.Fatalf("retry %v of %+v", d.Retry, p)
			}
			if d.Allowed {
				d.Permit.End(circuit.Outcome(outcomes%3), &p, now)
			}
			outcomes >>= 1
			now += max(0, step%int64(time.Hour))
		}
	})
}
