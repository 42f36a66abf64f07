package fault

import (
	"strconv"
	"strings"
	"testing"
)

// FuzzNumber compares with strconv.
func FuzzNumber(f *testing.F) {
	for _, s := range []string{"0", "503", "000000503", "0000000503", "-1", "+1", "1_0", "", " 1", "99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := number([]byte(s))
		want, err := strconv.Atoi(s)
		if plain := err == nil && len(s) <= 9 && !strings.ContainsAny(s, "+-"); ok != plain || ok && n != want {
			t.Fatalf("%q: %d %v, want %d %v", s, n, ok, want, plain)
		}
	})
}
