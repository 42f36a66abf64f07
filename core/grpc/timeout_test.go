package grpc_test

import (
	"math"
	"regexp"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/grpc"
)

func TestTimeoutsAreReadStrictly(t *testing.T) {
	for _, c := range []struct {
		text string
		want time.Duration
	}{
		{"1n", 1}, {"20u", 20 * time.Microsecond}, {"0m", 0}, {"007S", 7 * time.Second},
		{"99999999S", 99_999_999 * time.Second}, {"3M", 3 * time.Minute}, {"2H", 2 * time.Hour},
		{"2562047H", 2_562_047 * time.Hour}, {"2562048H", math.MaxInt64}, {"99999999H", math.MaxInt64},
	} {
		if d, ok := grpc.ParseTimeout([]byte(c.text)); !ok || d != c.want {
			t.Errorf("%q: %v, %v, want %v", c.text, d, ok, c.want)
		}
	}
	for _, text := range []string{"", "S", "1", "123456789S", "-1S", "+1S", "1.5S", "1 S", " 1S", "1S ", "1s", "1h", "1Sm", "1SS", "0x1S", "٣S"} {
		if d, ok := grpc.ParseTimeout([]byte(text)); ok {
			t.Errorf("%q was read as %v", text, d)
		}
	}
}

func TestTimeoutsAreWritten(t *testing.T) {
	for _, c := range []struct {
		d    time.Duration
		want string
	}{
		{-time.Second, "0n"}, {0, "0n"}, {1, "1n"}, {99_999_999, "99999999n"}, {100_000_000, "100000u"},
		{99_999_999*time.Microsecond + 999, "99999999u"}, {time.Hour, "3600000m"},
		{30 * time.Hour, "108000S"}, {40_000 * time.Hour, "2400000M"}, {math.MaxInt64, "2562047H"},
	} {
		if got := string(grpc.AppendTimeout(nil, c.d)); got != c.want {
			t.Errorf("%v: %q, want %q", c.d, got, c.want)
		}
	}
}

// FuzzTimeout: what is read is what the grammar allows, and is never longer
// when it is passed on.
func FuzzTimeout(f *testing.F) {
	for _, s := range []string{"1n", "99999999H", "00000001u", "", "H", "1", "123456789S", "100000000n"} {
		f.Add([]byte(s))
	}
	grammar := regexp.MustCompile(`\A[0-9]{1,8}[numSMH]\z`)
	f.Fuzz(func(t *testing.T, text []byte) {
		d, ok := grpc.ParseTimeout(text)
		if ok != grammar.Match(text) {
			t.Fatalf("%q: %v", text, ok)
		}
		if !ok {
			return
		}
		written := grpc.AppendTimeout(nil, d)
		again, ok := grpc.ParseTimeout(written)
		if !ok || again > d || d > 1000 && again < d/100*99 && d < math.MaxInt64 {
			t.Fatalf("%q is %v; written %q, which is %v", text, d, written, again)
		}
	})
}
