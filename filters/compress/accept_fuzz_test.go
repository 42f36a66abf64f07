package compress

import (
	"strconv"
	"strings"
	"testing"

	"github.com/weirproxy/weir/sdk/weir"
)

// FuzzAcceptEncoding compares with a reading that is written plainly.
func FuzzAcceptEncoding(f *testing.F) {
	for _, seed := range []string{"", "gzip", "gzip, br;q=0.5", "*;q=0.1,identity;q=0", "br;q=1.000 , zstd;q=0.", "gzip;q=1.001", ";q=1,=,*;", "identity\t, x-gzip ;Q=0.25"} {
		f.Add(seed)
	}
	names := map[weir.Coding]string{identity: "identity", weir.Gzip: "gzip", weir.Brotli: "br", weir.Zstd: "zstd"}
	codings := []weir.Coding{weir.Brotli, weir.Zstd, weir.Gzip}
	f.Fuzz(func(t *testing.T, value string) {
		var a accepted
		a.read([]byte(value))
		wanted := plainly(value)
		for c, name := range names {
			want, ok := wanted[name]
			if !ok {
				want, ok = wanted["*"]
			}
			if got := a.of(c); ok != (got != unnamed) || ok && got != weight(want)+refused {
				t.Errorf("%q: the weight of %s is %d, want %d, %t", value, name, got-refused, want, ok)
			}
		}
		chosen := a.choose(codings)
		if chosen != identity && a.of(chosen) <= refused {
			t.Errorf("%q: chose %s, which is refused", value, names[chosen])
		}
		for _, c := range codings {
			if chosen != identity && a.of(c) > a.of(chosen) {
				t.Errorf("%q: chose %s, though %s is liked better", value, names[chosen], names[c])
			}
		}
	})
}

// plainly is the weight of each name in thousandths, 0 for malformed ones.
func plainly(value string) map[string]int {
	list := map[string]int{}
	for member := range strings.SplitSeq(value, ",") {
		name, parameters, _ := strings.Cut(member, ";")
		name = asciiLower(strings.Trim(name, " \t"))
		if name == "x-gzip" {
			name = "gzip"
		}
		if _, twice := list[name]; twice {
			continue
		}
		list[name] = 0
		parameters = strings.Trim(parameters, " \t")
		if parameters == "" {
			list[name] = 1000
		} else if q, ok := strings.CutPrefix(asciiLower(parameters), "q="); ok && wellFormed(q) {
			w, _ := strconv.ParseFloat(q, 64)
			list[name] = int(w*1000 + 0.5)
		}
	}
	return list
}

func wellFormed(q string) bool {
	whole, digits, _ := strings.Cut(q, ".")
	return (whole == "0" && strings.Trim(digits, "0123456789") == "" || whole == "1" && strings.Trim(digits, "0") == "") && len(digits) <= 3
}

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r | 0x20
		}
		return r
	}, strings.ToValidUTF8(s, "\x00"))
}
