package server_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// TestBackOffIsKeptBehindAPause: what woke a stream while its filter asked somebody
// does not end a wait that begins later.
func TestBackOffIsKeptBehindAPause(t *testing.T) {
	var mu sync.Mutex
	var tries []time.Time
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if tries = append(tries, time.Now()); len(tries) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	const backOff = 200 * time.Millisecond // half of which is waited at least
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("auth"), `retries = { max = 1, on_status = [503], back_off = "200ms" }`, coretest.Wasm(),
		coretest.FilterTable("auth", coretest.Guest(t), "auth", `config = { cluster = "auth", path = "/check" }`, `calls = ["auth"]`),
		clusters("auth", asked(t).Addr)))
	r := coretest.Get(t, p.Addr("gateway"), "/", "Authorization: Bearer good")
	mu.Lock()
	defer mu.Unlock()
	if r.Status != 200 || len(tries) != 2 {
		t.Fatalf("%d tries: %+v", len(tries), r)
	}
	if d := tries[1].Sub(tries[0]); d < backOff/2 {
		t.Errorf("%v between the tries, want %v at least", d, backOff/2)
	}
}
