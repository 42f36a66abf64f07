package retry_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/retry"
)

// encode is a policy as a guest sends it.
func encode(share, rate uint32, key string, change func(words []uint32, times []time.Duration)) []byte {
	words := []uint32{2, 7, 1 << 14, 0x3f, share, rate, 0, 0}
	times := []time.Duration{time.Second, 25 * time.Millisecond, 100 * time.Millisecond, time.Second}
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
	return append(append(b, statuses...), key...)
}

func TestParse(t *testing.T) {
	p, err := retry.Parse(encode(20, 10, "idempotency-key", nil))
	if err != nil || p.Attempts != 2 || p.PerTry != time.Second || p.Longest != 100*time.Millisecond || p.Key != "idempotency-key" || !p.Statuses.Has(503) || p.Statuses.Has(502) {
		t.Fatalf("%+v, %v", p, err)
	}
	for try := range 100 {
		if w := p.Wait(try); w < 0 || w > min(25*time.Millisecond<<min(try, 9), 100*time.Millisecond) {
			t.Errorf("try %d waits %v", try, w)
		}
	}
	for method, want := range map[string]bool{"GET": true, "DELETE": true, "POST": false, "PATCH": false, "get": false, "": false, "CONNECT": false} {
		if p.Methods.Has([]byte(method)) != want {
			t.Errorf("%s: %t", method, !want)
		}
	}
	for name, b := range map[string][]byte{
		"short":            encode(20, 10, "", nil)[:127],
		"a long key":       encode(20, 10, "a234567890123456789012345678901234567890123456789012345678901234x", nil),
		"a key in capital": encode(20, 10, "X-Key", nil),
		"a key of two":     encode(20, 10, "a:b", nil),
		"share":            encode(1001, 10, "", nil),
		"rate":             encode(20, 1_000_001, "", nil),
		"attempts":         encode(20, 10, "", func(w []uint32, _ []time.Duration) { w[0] = 11 }),
		"faults":           encode(20, 10, "", func(w []uint32, _ []time.Duration) { w[1] = 16 }),
		"calls":            encode(20, 10, "", func(w []uint32, _ []time.Duration) { w[2] = 1 << 17 }),
		"methods":          encode(20, 10, "", func(w []uint32, _ []time.Duration) { w[3] = 0x40 }),
		"reserved":         encode(20, 10, "", func(w []uint32, _ []time.Duration) { w[7] = 1 }),
		"a negative try":   encode(20, 10, "", func(_ []uint32, d []time.Duration) { d[0] = -1 }),
		"a negative wait":  encode(20, 10, "", func(_ []uint32, d []time.Duration) { d[1] = -1 }),
		"longest":          encode(20, 10, "", func(_ []uint32, d []time.Duration) { d[2] = d[1] - 1 }),
		"after":            encode(20, 10, "", func(_ []uint32, d []time.Duration) { d[3] = time.Minute + 1 }),
	} {
		if _, err := retry.Parse(b); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(encode(20, 10, "idempotency-key", nil), 3)
	f.Add([]byte{}, 0)
	f.Fuzz(func(t *testing.T, b []byte, try int) {
		p, err := retry.Parse(b)
		if err != nil {
			return
		}
		if w := p.Wait(try & 0xff); w < 0 || w > p.Longest {
			t.Fatalf("waits %v of %v", w, p.Longest)
		}
		p.Budget.Request(1)
		p.Budget.Take(2)
	})
}

// TestBudget: the share and the rate are what is allowed in ten seconds, exactly.
func TestBudget(t *testing.T) {
	for _, c := range []struct {
		share, rate    uint32
		requests, want int
	}{{0, 0, 1000, 0}, {20, 0, 1000, 200}, {20, 0, 4, 0}, {20, 0, 5, 1}, {0, 3, 0, 30}, {10, 1, 100, 20}, {1000, 0, 1, 10}} {
		p, err := retry.Parse(encode(c.share, c.rate, "", nil))
		if err != nil {
			t.Fatal(err)
		}
		now := int64(time.Hour)
		for range 2 { // the second time all is forgotten
			for range c.requests {
				p.Budget.Request(now)
			}
			taken := 0
			for range 2000 {
				if p.Budget.Take(now) {
					taken++
				}
			}
			if taken != c.want {
				t.Errorf("%d %%, %d a second, %d requests: %d retries, want %d", c.share, c.rate, c.requests, taken, c.want)
			}
			now += int64(10 * time.Second)
		}
	}
}

func TestAfter(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for v, want := range map[string]time.Duration{
		"0": 0, "1": time.Second, "007": 7 * time.Second, "86400": 24 * time.Hour,
		"99999999999999999999999999999999999": 24 * time.Hour,
		"Thu, 01 Jan 2026 00:00:30 GMT":       30 * time.Second,
		"Wed, 31 Dec 2025 00:00:00 GMT":       0,
		"Thu, 01 Jan 2099 00:00:00 GMT":       24 * time.Hour,
		"":                                    -1, "soon": -1, "-1": -1, "1.5": -1, " 1": -1, "1 ": -1, "1\x00": -1,
	} {
		got, ok := retry.After([]byte(v), now)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %v, want %v", v, got, want)
		}
	}
}

func FuzzAfter(f *testing.F) {
	for _, v := range []string{"1", "Thu, 01 Jan 2026 00:00:30 GMT", "99999999999999999999", "\xff"} {
		f.Add([]byte(v))
	}
	f.Fuzz(func(t *testing.T, v []byte) {
		if d, ok := retry.After(v, time.Unix(0, 0)); d < 0 || d > 24*time.Hour || !ok && d != 0 {
			t.Fatalf("%q: %v, %t", v, d, ok)
		}
	})
}
