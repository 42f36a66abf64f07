package deadline

import (
	"testing"
	"time"
)

func FuzzParse(f *testing.F) {
	for _, v := range []string{"", "0", "250", "-1", "1e3", "99999999999999999999999"} {
		f.Add([]byte(v))
	}
	f.Fuzz(func(t *testing.T, v []byte) {
		if d, ok := parse(v); d < 0 || d > 24*time.Hour || !ok && d != 0 {
			t.Fatalf("%q: %v, %t", v, d, ok)
		}
	})
}
