package alone

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestGuests reads the admin's page, and takes no figure from a filter that
// did not run or did not live.
func TestGuests(t *testing.T) {
	const lane = `{"callbacks":%C,"traps":%T,"budget_exceeded":0,"restarts":0,"memory_bytes":3145728,"longest_ns":2500000}`
	for _, c := range []struct{ page, err string }{
		{`[{"lanes":[` + strings.NewReplacer("%C", "7", "%T", "0").Replace(lane) + `]}]`, ""},
		{`[{"lanes":[` + strings.NewReplacer("%C", "7", "%T", "1").Replace(lane) + `]}]`, "1 callbacks trapped"},
		{`[{"lanes":[` + strings.NewReplacer("%C", "0", "%T", "0").Replace(lane) + `]}]`, "none was called"},
		{`[]`, "none was called"},
		{`busy`, "reading the filters"},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/filters" {
				_, _ = w.Write([]byte(c.page))
			}
		}))
		got, err := guests(t.Context(), s.URL)
		s.Close()
		if c.err == "" {
			if want := (worst{memory: 3, longest: 2.5, calls: 7}); err != nil || got != want {
				t.Errorf("%s: got %+v, %v; want %+v", c.page, got, err, want)
			}
		} else if err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: got %v, want %q", c.page, err, c.err)
		}
	}
}
