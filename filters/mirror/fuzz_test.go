package mirror

import (
	"strings"
	"testing"
)

// FuzzHost sees to it that the suffix stands behind a name and before its port, and
// that nothing of the host is lost.
func FuzzHost(f *testing.F) {
	for _, s := range []string{"a.example", "a.example:80", "[::1]:80", "::1", ":", ""} {
		f.Add(s)
	}
	const suffix = "-shadow"
	f.Fuzz(func(t *testing.T, host string) {
		got := string(appendHost(nil, []byte(host), suffix))
		name, port, _ := strings.Cut(host, ":")
		switch {
		case strings.HasPrefix(host, "[") || strings.Count(host, ":") > 1:
			if got != host {
				t.Fatalf("%q, an address, becomes %q", host, got)
			}
		case port == "" && got != name+suffix+strings.TrimPrefix(host, name), port != "" && got != name+suffix+":"+port:
			t.Fatalf("%q becomes %q", host, got)
		}
	})
}
