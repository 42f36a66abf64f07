package http1_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// TestUnderscores: a name that servers could read as another's is let through, left out,
// or not taken, in heads and behind bodies.
func TestUnderscores(t *testing.T) {
	const (
		plain   = "POST / HTTP/1.1\r\nHost: a\r\nX-User: ann\r\nTransfer-Encoding: chunked\r\n"
		field   = "X_User:  root \r\n"
		chunks  = "\r\n1\r\nx\r\n0\r\n"
		trailer = "X-Sum: 1\r\n"
	)
	for _, c := range []struct {
		name              string
		request           string
		fields, trailers  string // allowed
		without, trailing string // dropped
		dropped           int
		refused           fault.Kind
	}{
		{"none", plain + chunks + trailer + "\r\n", "x-user: ann", "x-sum: 1", "x-user: ann", "x-sum: 1", 0, accepted},
		{"in the head", plain + field + chunks + "\r\n", "x-user: ann, x_user: root", "", "x-user: ann", "", 1, fault.BadRequest},
		{"first", "POST / HTTP/1.1\r\n_: a\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + chunks + "\r\n", "_: a", "", "", "", 1, fault.BadRequest},
		{"of our own", plain + "x_forwarded_for: 1\r\nX_-: 2\r\n" + chunks + "\r\n", "x-user: ann, x_forwarded_for: 1, x_-: 2", "", "x-user: ann", "", 2, fault.BadRequest},
		{"of framing", plain + "Content_Length: 9\r\n" + chunks + "\r\n", "x-user: ann, content_length: 9", "", "x-user: ann", "", 1, fault.BadRequest},
		{"behind the body", plain + chunks + field + trailer + "\r\n", "x-user: ann", "x_user: root, x-sum: 1", "x-user: ann", "x-sum: 1", 1, fault.BadRequest},
		{"in a value", plain + "A: x_y\r\n" + chunks + "\r\n", "x-user: ann, a: x_y", "", "x-user: ann, a: x_y", "", 0, accepted},
	} {
		for _, policy := range []http1.Underscores{http1.AllowUnderscores, http1.DropUnderscores, http1.RefuseUnderscores} {
			dropped := 0
			opt := serverOptions
			opt.Limits.Underscores, opt.Limits.Dropped = policy, func() { dropped++ }
			m, _, err := next(http1.NewServer(incoming(c.request), &opt))
			want, fields, trailers, count := accepted, c.fields, c.trailers, 0
			switch policy {
			case http1.DropUnderscores:
				fields, trailers, count = c.without, c.trailing, c.dropped
			case http1.RefuseUnderscores:
				want = c.refused
			}
			if got := kindOf(err); got != want || want == accepted && (inLine(m.fields) != fields || inLine(m.trailers) != trailers) || dropped != count {
				t.Errorf("%s, policy %d: %s (%v), fields %q trailers %q, %d dropped", c.name, policy, show(got), err, m.fields, m.trailers, dropped)
			}
		}
	}
}

func inLine(list string) string {
	return strings.Join(strings.FieldsFunc(list, func(c rune) bool { return c == '\n' }), ", ")
}

// TestDroppedFieldsAreWellFormed: what is left out is held to all that holds for
// fields, and counts as one.
func TestDroppedFieldsAreWellFormed(t *testing.T) {
	l := limits
	l.Underscores, l.Count = http1.DropUnderscores, 3
	for line, want := range map[string]fault.Kind{
		"x_a: b":                             accepted,
		"x_a : b":                            fault.BadRequest,
		"x_a b: c":                           fault.BadRequest,
		"x_a":                                fault.BadRequest,
		"x_a: \x00":                          fault.BadRequest,
		"x_a: b\r\n c":                       fault.BadRequest,
		"x_a: b\r\nx_a: b\r\nx_a: b\r\nc: d": fault.HeadTooLarge,
	} {
		var head stream.RequestHead
		var f http1.Framing
		err := http1.ParseRequest([]byte("GET / HTTP/1.1\r\nHost: a\r\n"+line+"\r\n\r\n"), &head, &f, &l)
		if got := kindOf(err); got != want {
			t.Errorf("%q: %s (%v), want %s", line, show(got), err, show(want))
		}
	}
}

// FuzzUnderscores: dropping leaves of a request what allowing does, but for the fields;
// refusing refuses those alone.
func FuzzUnderscores(f *testing.F) {
	for _, s := range append(seeds, "GET / HTTP/1.1\r\nHost: a\r\nx_a: b\r\nA: x_b\r\nc_: d\r\n\r\n") {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		end := strings.Index(string(in), "\r\n\r\n")
		if end < 0 {
			t.Skip()
		}
		parse := func(u http1.Underscores) (stream.RequestHead, http1.Framing, error) {
			var head stream.RequestHead
			var f http1.Framing
			l := limits
			l.Underscores = u
			err := http1.ParseRequest([]byte(string(in[:end+4])), &head, &f, &l)
			return head, f, err
		}
		allowed, framing, errAllow := parse(http1.AllowUnderscores)
		dropped, framed, errDrop := parse(http1.DropUnderscores)
		_, _, errRefuse := parse(http1.RefuseUnderscores)
		if kindOf(errAllow) != kindOf(errDrop) {
			t.Fatalf("allowed %v, dropped %v", errAllow, errDrop)
		}
		if errAllow != nil {
			return
		}
		some := false
		allowed.Headers.DelFunc(func(e *stream.Field) bool {
			has := strings.Contains(string(e.Name), "_")
			some = some || has
			return has
		})
		if a, b := list(&allowed.Headers), list(&dropped.Headers); a != b || framing != framed {
			t.Fatalf("allowed %q, dropped %q", a, b)
		}
		if errRefuse == nil == some && !strings.Contains(strings.ToLower(string(in)), "connection") {
			t.Fatalf("fields with underscores: %t, but %v", some, errRefuse)
		}
	})
}
