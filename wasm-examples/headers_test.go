package examples_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

var headers = topic{
	behaves: func(t *testing.T, w *world) {
		requests := w.app.sees(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-Edge", "the service's") })
		// Streams of one instance.
		for range 3 {
			response := coretest.Get(t, w.addr, "/", "x-tier: the client's", "x-other: kept")
			if response.Status != 200 {
				t.Fatalf("status %d", response.Status)
			}
			request := <-requests
			for _, c := range []struct {
				in         string
				head       http.Header
				name, want string
			}{
				{"request", request.Header, "X-Edge", "paris"},
				{"request", request.Header, "X-Tier", "gold"},
				{"request", request.Header, "X-Other", "kept"},
				{"response", response.Header, "X-Edge", "paris"},
				{"response", response.Header, "X-Tier", "gold"},
			} {
				if got := c.head[c.name]; !slices.Equal(got, []string{c.want}) {
					t.Errorf("the %s has %s %q, want %q", c.in, c.name, got, c.want)
				}
			}
		}
	},
	refuses: []refusal{
		{"x-edge=paris\nno", `no header name before "="; give NAME=VALUE`},
		{"=paris", `no header name before "="; give NAME=VALUE`},
		{"", "it is empty; give NAME=VALUE"},
	},
}
