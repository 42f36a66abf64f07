package http2_test

import (
	"testing"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/stream"
)

// TestUnderscores: names are judged as those of HTTP/1. Trailers are tried through a
// whole proxy.
func TestUnderscores(t *testing.T) {
	for _, tt := range []struct {
		fields           []string
		allowed, without string
		dropped          int
	}{
		{get("x-user", "ann", "x", "a_b"), "GET http://a/|x-user: ann|x: a_b", "GET http://a/|x-user: ann|x: a_b", 0},
		{get("x_user", "root", "x-user", "ann", "_", ""), "GET http://a/|x_user: root|x-user: ann|_: ", "GET http://a/|x-user: ann", 2},
	} {
		for _, policy := range []http1.Underscores{http1.AllowUnderscores, http1.DropUnderscores, http1.RefuseUnderscores} {
			dropped, l := 0, limits
			l.Underscores, l.Dropped = policy, func() { dropped++ }
			var head stream.RequestHead
			var f http1.Framing
			err := http2.ParseRequest(decoded(tt.fields), true, &head, &f, &l, true)
			want, count := tt.allowed, 0
			switch {
			case policy == http1.RefuseUnderscores && tt.dropped > 0:
				if fault.KindOf(err) != fault.BadRequest {
					t.Errorf("%q: %v, want it refused", tt.fields, err)
				}
				continue
			case policy == http1.DropUnderscores:
				want, count = tt.without, tt.dropped
			}
			if got := shown(&head); err != nil || got != want || dropped != count {
				t.Errorf("%q, policy %d: %q, %v, %d dropped; want %q", tt.fields, policy, got, err, dropped, want)
			}
		}
	}
}
