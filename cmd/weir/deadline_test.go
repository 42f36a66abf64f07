package main_test

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// told is an upstream that keeps the heads it gets, and fails so often.
type told struct {
	mu    sync.Mutex
	heads []http.Header
	fail  int
	hang  bool
}

func (u *told) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	u.heads = append(u.heads, r.Header)
	failing := len(u.heads) <= u.fail
	u.mu.Unlock()
	switch {
	case u.hang:
		<-r.Context().Done()
	case failing:
		w.WriteHeader(503)
	}
}

func (u *told) got() []http.Header {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.heads
}

const patient = `[filters.again]
use = "retrypolicy"
config = { back_off = "20ms" }
`

// TestDeadlineIsToldToEachTry: what is left becomes less and never more, and is
// bounded by the client's time and ours.
func TestDeadlineIsToldToEachTry(t *testing.T) {
	const field = "X-Envoy-Expected-Rq-Timeout-Ms"
	for name, c := range map[string]struct {
		config, sent, field string
		most                int
	}{
		"the client's":        {`most = "24h"`, "3600000", field, 3_600_000},
		"ours":                {`most = "1h"`, "", field, 3_600_000},
		"the lesser":          {`most = "1h"`, "9999999999", field, 3_600_000},
		"by another name":     {`forward = "x-left"`, "3600000", "X-Left", 3_600_000},
		"the route's is less": {`most = "24h"`, "3600000", field, 60_000},
	} {
		t.Run(name, func(t *testing.T) {
			up := &told{fail: 2}
			_, r := chained(t, coretest.Serve(t, up).Addr, "filters = [\"limit\", \"again\"]\ntimeout = \"1m\"", patient,
				"[filters.limit]\nuse = \"deadline\"\nconfig = { "+c.config+" }")
			var fields []string
			if c.sent != "" {
				fields = append(fields, field+": "+c.sent)
			}
			if got := coretest.Get(t, r.Listen["gateway"][0], "/", fields...); got.Status != 200 {
				t.Fatalf("status %d", got.Status)
			}
			last := min(c.most, 60_000)
			heads := up.got()
			for i, h := range heads {
				left, err := strconv.Atoi(h.Get(c.field))
				if err != nil || left < 1 || left > last || len(h.Values(c.field)) != 1 {
					t.Errorf("try %d is told %q after %d", i, h.Values(c.field), last)
				}
				last = left
				if c.field != field && h.Get(field) != "" {
					t.Errorf("the client's time goes on: %v", h)
				}
			}
			if len(heads) != 3 {
				t.Errorf("%d tries", len(heads))
			}
		})
	}
}

// TestDeadlineEndsTheRequest at once where nothing is left, or when it is over.
func TestDeadlineEndsTheRequest(t *testing.T) {
	up := &told{hang: true}
	_, r := chained(t, coretest.Serve(t, up).Addr, "filters = [\"limit\", \"again\"]", patient,
		"[filters.limit]\nuse = \"deadline\"\nconfig = { header = \"x-time\", most = \"1h\" }")
	at := r.Listen["gateway"][0]
	if got := coretest.Get(t, at, "/", "X-Time: 0"); got.Status != 504 || len(up.got()) > 0 {
		t.Errorf("without time: status %d, %d tries", got.Status, len(up.got()))
	}
	if got := coretest.Get(t, at, "/", "X-Time: -1"); got.Status != 400 || len(up.got()) > 0 {
		t.Errorf("malformed: status %d, %d tries", got.Status, len(up.got()))
	}
	if got := coretest.Get(t, at, "/", "X-Time: 300"); got.Status != 504 {
		t.Errorf("too slow: status %d", got.Status)
	}
	if n := len(up.got()); n > 1 {
		t.Errorf("a request whose time is over was tried %d times", n)
	}
}

// TestDeadlineOfACall is gRPC's own.
func TestDeadlineOfACall(t *testing.T) {
	up := &told{hang: true}
	_, r := chained(t, coretest.Serve(t, up).Addr, "filters = [\"limit\"]",
		"[filters.limit]\nuse = \"deadline\"\nconfig = { header = \"\", most = \"300ms\" }")
	c := coretest.Dial(t, r.Listen["gateway"][0])
	c.Send("POST /a.B/C HTTP/1.1\r\nHost: test\r\nContent-Type: application/grpc\r\nGrpc-Timeout: 1H\r\nTe: trailers\r\nContent-Length: 0\r\n\r\n")
	if got := c.Read("POST"); got.Status != 200 || got.Header.Get("Grpc-Status") != "4" {
		t.Errorf("status %d, %v", got.Status, got.Header)
	}
	for _, h := range up.got() {
		if v := h.Get("Grpc-Timeout"); v == "" || strings.HasSuffix(v, "H") {
			t.Errorf("the upstream is told %q", v)
		}
	}
}
