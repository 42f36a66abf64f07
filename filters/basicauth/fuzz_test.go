package basicauth

import (
	"encoding/base64"
	"strings"
	"testing"
)

// FuzzDecode reads any text as a credential: what is taken is what encoding/base64
// reads, and within the bounds.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"YW5uOng=", "YW5uOng", "", "====", "!", "YW5u", "Og==", strings.Repeat("A", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		x := filter{buf: make([]byte, 0, maxDecoded)}
		name, password, ok := x.decode([]byte(sent))
		if !ok {
			return
		}
		want, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(sent, "="))
		if got := string(name) + ":" + string(password); err != nil || got != string(want) {
			t.Fatalf("%q is %q, not %q: %v", sent, got, want, err)
		}
		if len(name) == 0 || len(name) > maxName || len(password) > maxPassword || strings.ContainsAny(string(name), ":\r\n\x00") || strings.ContainsAny(string(password), "\r\n\x00") {
			t.Fatalf("%q is %q, %q", sent, name, password)
		}
	})
}
