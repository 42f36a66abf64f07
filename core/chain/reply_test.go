package chain_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
)

// replies makes a callback that replies and then answers action.
func replies(status int, body string, action filter.Action) callback {
	return func(p *part, _ bool) (filter.Action, error) {
		h := fieldsOf("x-by", p.name, "content-length", "99", "transfer-encoding", "gzip")
		err := p.s.Reply(filter.Reply{Status: status, Details: "no way\n", Headers: h, Body: []byte(body), GRPC: -1})
		return action, err
	}
}

// A reply goes through the response phases of the filters that the request
// had entered, the one that replied included, last to first.
func TestReplyInEachPhase(t *testing.T) {
	rq, rs := filter.Request, filter.Response
	for _, c := range []struct {
		name  string
		phase filter.Phases // in which b, the second of three, replies
		seen  string        // which filters' response phases run
	}{
		{"head", filter.PhaseRequestHeaders, "b answer|a answer|b answer body no end|a answer body no end"},
		{"body", filter.PhaseRequestBody, "c answer|b answer|a answer|c answer body no end|b answer body no end|a answer body no end"},
		{"trailers", filter.PhaseRequestTrailers, "c answer|b answer|a answer|c answer body no end|b answer body no end|a answer body no end"},
		{"answer", filter.PhaseResponseHeaders, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var tr trace
			b := all("b", &tr, map[filter.Phases]callback{c.phase: replies(403, "no", cont)})
			r := begin(t, nil, all("a", &tr, nil), b, all("c", &tr, nil))
			v := r.head(rq, false)
			if v == chain.Passed {
				v = r.feed(rq, "x", false)
			}
			if v == chain.Passed {
				v = r.trailers(rq, "t")
			}
			if v == chain.Passed {
				v = r.head(rs, false)
			}
			is(t, "verdict", v, chain.Replied)
			is(t, "fed after it", r.feed(rq, "more", true), chain.Replied)
			tr.events = nil
			status, body := r.answer()
			is(t, "status", status, 403)
			is(t, "body", body, "no")
			is(t, "seen", strings.Join(tr.events, "|"), c.seen)
			h := &r.Response().Headers
			is(t, "content-length", string(h.Peek("content-length")), "2")
			is(t, "transfer-encoding", h.Has("transfer-encoding"), false)
			is(t, "content-type", string(h.Peek("content-type")), "text/plain")
			is(t, "x-by", string(h.Peek("x-by")), "b")
			is(t, "details", r.Info().Details, "no_way_")
			is(t, "local", r.Local(), true)
			r.finish()
		})
	}
}

func TestReplyOnceTheResponseIsOnItsWay(t *testing.T) {
	for _, phase := range []filter.Phases{filter.PhaseResponseBody, filter.PhaseResponseTrailers} {
		var tr trace
		r := begin(t, nil, all("a", &tr, map[filter.Phases]callback{phase: replies(500, "no", cont)}))
		r.head(filter.Request, true)
		r.head(filter.Response, false)
		r.Sent(filter.Response)
		v := r.feed(filter.Response, "x", false)
		if v == chain.Passed {
			v = r.trailers(filter.Response, "t")
		}
		is(t, "verdict", v, chain.Cut)
		r.finish()
	}
	var tr trace
	a := all("a", &tr, map[filter.Phases]callback{filter.PhaseResponseBody: answers(pause)})
	r := begin(t, nil, a)
	r.head(filter.Request, true)
	r.head(filter.Response, false)
	r.Sent(filter.Response)
	r.feed(filter.Response, "x", true)
	r.outside(func() {
		if a.part.s.Reply(filter.Reply{Status: 403}) == nil {
			t.Error("a reply from outside was taken although the head is out")
		}
	})
	r.finish()
}

func TestTheFirstReplyOfACallbackStays(t *testing.T) {
	var tr trace
	twice := func(p *part, _ bool) (filter.Action, error) {
		_ = p.s.Reply(filter.Reply{Status: 401, GRPC: -1})
		return cont, p.s.Reply(filter.Reply{Status: 402, GRPC: -1})
	}
	r := begin(t, nil, all("a", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: twice}))
	is(t, "verdict", r.head(filter.Request, true), chain.Replied)
	status, _ := r.answer()
	is(t, "status", status, 401)
	r.finish()
}

// A filter may replace a reply by another in its response head, once: that
// goes out as it is.
func TestReplyToAReply(t *testing.T) {
	var tr trace
	r := begin(t, nil,
		all("a", &tr, map[filter.Phases]callback{filter.PhaseResponseHeaders: replies(418, "tea", cont)}),
		all("b", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: replies(403, "no", pause)}))
	is(t, "verdict", r.head(filter.Request, true), chain.Replied)
	status, body := r.answer()
	is(t, "answer", fmt.Sprint(status, body), "418tea")
	r.finish()
}

// Whatever the pause, a reply from outside ends it, and Resume cannot undo it.
func TestReplyFromOutside(t *testing.T) {
	for name, on := range map[string]map[filter.Phases]callback{
		"head":  {filter.PhaseRequestHeaders: answers(pause)},
		"wait":  {filter.PhaseRequestHeaders: answers(wait), filter.PhaseRequestBody: answers(pause)},
		"body":  {filter.PhaseRequestBody: answers(pause)},
		"trail": {filter.PhaseRequestTrailers: answers(pause)},
	} {
		var tr trace
		a, b := all("a", &tr, on), all("b", &tr, nil)
		r := begin(t, nil, a, b)
		r.head(filter.Request, false)
		r.feed(filter.Request, "x", false)
		r.trailers(filter.Request, "t")
		before := r.out[filter.Request].String()
		r.outside(func() {
			if err := a.part.s.Reply(filter.Reply{Status: 403, Body: []byte("no"), GRPC: -1}); err != nil {
				t.Error(err)
			}
			a.part.s.Resume(a.part, filter.Request)
		})
		is(t, name, r.flow(filter.Request), chain.Replied)
		is(t, name+": out", r.out[filter.Request].String(), before)
		status, _ := r.answer()
		is(t, name, status, 403)
		r.finish()
	}
}

func TestHeldBodiesAreBounded(t *testing.T) {
	rq, rs := filter.Request, filter.Response
	long := strings.Repeat("x", held)
	var tr trace
	r := begin(t, nil, all("a", &tr, map[filter.Phases]callback{filter.PhaseRequestBody: answers(pause)}))
	r.head(rq, false)
	is(t, "at the limit", r.feed(rq, long, false), chain.Held)
	is(t, "above", r.feed(rq, "x", false), chain.Replied)
	status, _ := r.answer()
	is(t, "status", status, 413)
	r.finish()

	on := map[filter.Phases]callback{filter.PhaseResponseHeaders: answers(wait), filter.PhaseResponseBody: answers(pause)}
	r = begin(t, nil, all("a", &tr, on))
	r.head(rq, true)
	r.head(rs, false)
	is(t, "response above", r.feed(rs, long+"x", false), chain.Replied)
	status, _ = r.answer()
	is(t, "status", status, 500)
	r.finish()

	r = begin(t, nil, all("a", &tr, map[filter.Phases]callback{filter.PhaseResponseBody: answers(pause)}))
	r.head(rq, true)
	r.head(rs, false)
	r.Sent(rs)
	is(t, "response above, head out", r.feed(rs, long+"x", false), chain.Cut)
	r.finish()
}

func TestReset(t *testing.T) {
	var tr trace
	a := all("a", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: func(p *part, _ bool) (filter.Action, error) {
		p.s.Reset()
		return cont, nil
	}})
	r := begin(t, nil, a)
	is(t, "verdict", r.head(filter.Request, true), chain.Cut)
	r.finish()
	a = all("a", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: answers(pause)})
	r = begin(t, nil, a)
	r.head(filter.Request, true)
	r.outside(func() { a.part.s.Reset() })
	is(t, "verdict", r.flow(filter.Request), chain.Cut)
	r.finish()
}

func TestRepliesToGRPC(t *testing.T) {
	for _, c := range []struct {
		content string
		status  int
		grpc    int32
		want    string // status and grpc-status
	}{
		{"application/grpc", 403, -1, "200 7"},
		{"application/grpc+proto", 401, -1, "200 16"},
		{"application/grpc", 404, -1, "200 12"},
		{"application/grpc", 429, -1, "200 14"},
		{"application/grpc", 500, -1, "200 2"},
		{"application/grpc", 403, 5, "200 5"},
		{"application/grpc", 403, 0, "200 0"},
		{"application/grpc", 403, 99, "200 7"},
		{"application/grpc-web", 403, -1, "403 "},
		{"text/plain", 403, 5, "403 "},
	} {
		var tr trace
		r := begin(t, nil, all("a", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: func(p *part, _ bool) (filter.Action, error) {
			return cont, p.s.Reply(filter.Reply{Status: c.status, Body: []byte("50% ä"), GRPC: c.grpc})
		}}))
		r.Request().Headers.AddString("content-type", c.content)
		r.head(filter.Request, true)
		status, body := r.answer()
		got := fmt.Sprintf("%d %s", status, r.Response().Headers.Peek("grpc-status"))
		is(t, c.content, got, c.want)
		if status == 200 {
			is(t, "body", body, "")
			is(t, "message", string(r.Response().Headers.Peek("grpc-message")), "50%25 %C3%A4")
		}
		r.finish()
	}
}

// TestRefusingGRPC: a fault of ours has a status of gRPC, and a message of one
// line.
func TestRefusingGRPC(t *testing.T) {
	for _, c := range []struct {
		kind fault.Kind
		want string // status and message
	}{
		{fault.NoRoute, "12 Not Found"},
		{fault.BadRequest, "13 Bad Request"},
		{fault.Overload, "14 Service Unavailable"},
		{fault.Connect, "14 Bad Gateway"},
		{fault.UpstreamTimeout, "4 Gateway Timeout"},
		{fault.Deadline, "4 Gateway Timeout"},
		{fault.BodyTooLarge, "8 Request Entity Too Large"},
		{fault.GuestTrap, "14 Service Unavailable"},
		{fault.Unknown, "2 Internal Server Error"},
	} {
		r := begin(t, nil)
		r.Request().Headers.AddString("content-type", "application/grpc+proto")
		is(t, "verdict", r.Refuse(c.kind), chain.Replied)
		status, body := r.answer()
		h := &r.Response().Headers
		got := fmt.Sprintf("%d %q %s %s", status, body, h.Peek("grpc-status"), h.Peek("grpc-message"))
		is(t, c.kind.String(), got, `200 "" `+c.want)
		r.finish()
	}
}

func TestRefuse(t *testing.T) {
	var tr trace
	r := begin(t, nil, all("a", &tr, nil))
	is(t, "before the head", r.Refuse(fault.BadRequest), chain.Replied)
	status, body := r.answer()
	is(t, "answer", fmt.Sprint(status, " ", body), "400 Bad Request\n")
	is(t, "events", strings.Join(tr.events, "|"), "")
	kind, ours := r.Refused()
	is(t, "kind", kind, fault.BadRequest)
	is(t, "ours", ours, true)
	is(t, "nobody is left", r.Refuse(fault.ClientGone), chain.Cut)
	r.finish()
}
