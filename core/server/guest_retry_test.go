package server_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// policy is one that a filter asks for; the zero value of a key is what it says in
// sdk/ABI.md, "Retries", and without attempts there are three.
type policy struct {
	attempts, faults, methods, share, rate, reserved uint32
	perTry, backOff, longest, after                  time.Duration
	key                                              string
}

// encoded is the policy in hex, as the filter "retry" of the guest takes it.
func (p policy) encoded() string {
	if p.attempts == 0 {
		p.attempts = 3
	}
	if p.methods == 0 {
		p.methods = 0x3f
	}
	if p.rate == 0 {
		p.rate = 1000
	}
	var b []byte
	for _, w := range []uint32{p.attempts, p.faults, 0, p.methods, p.share, p.rate, p.reserved, 0} {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	for _, d := range []time.Duration{p.perTry, p.backOff, p.longest, p.after} {
		b = binary.LittleEndian.AppendUint64(b, uint64(d))
	}
	statuses := make([]byte, 64)
	statuses[(503-100)/8] |= 1 << ((503 - 100) % 8)
	return hex.EncodeToString(append(append(b, statuses...), p.key...))
}

// faltering is a service that answers 503 so often, by its requests' x-fail, and keeps when.
type faltering struct {
	mu    sync.Mutex
	at    []time.Time
	asked string
}

func (b *faltering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at, b.asked = append(b.at, time.Now()), r.Header.Get("X-Asked")
	fail := 0
	_, _ = fmt.Sscan(r.Header.Get("X-Fail"), &fail)
	if len(b.at) <= fail {
		if after := r.Header.Get("X-After"); after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// taken is when the requests came, and what the filter was answered; both are forgotten.
func (b *faltering) taken() (at []time.Time, asked string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at, asked = b.at, b.asked
	b.at, b.asked = nil, ""
	return at, asked
}

// retrying is a proxy whose filter, a module of somebody else's, decides for each
// request. Its route tries nothing again.
func retrying(t *testing.T, up, budget string) *coretest.Running {
	return coretest.Proxy(t, coretest.Gateway(up, chained("again"), `retries = { max = 0 }`, coretest.Wasm(),
		coretest.FilterTable("again", coretest.Guest(t), "retry"))+quick+"retry_budget = "+budget+"\n")
}

// TestPolicyOfOneRequest: each has its own, and the last that was asked for counts.
func TestPolicyOfOneRequest(t *testing.T) {
	up := new(faltering)
	p := retrying(t, coretest.Serve(t, up).Addr, "1")
	at := p.Addr("gateway")
	for _, c := range []struct {
		name   string
		policy policy
		fail   int
		fields []string
		status int
		tries  int
	}{
		{"two of three", policy{}, 2, nil, 200, 3},
		{"too often", policy{}, 9, nil, 503, 4},
		{"once", policy{attempts: 1}, 9, nil, 503, 2},
		{"as often as can be", policy{attempts: 10}, 10, nil, 200, 11},
		{"another method", policy{methods: 0b10}, 1, nil, 503, 1},
		{"a marked one", policy{methods: 0b10, key: "x-once"}, 1, []string{"X-Once: 7"}, 200, 2},
		{"asked to come back at once", policy{after: time.Second}, 1, []string{"X-After: 0"}, 200, 2},
		{"asked to come back too late", policy{after: time.Second}, 1, []string{"X-After: 2"}, 503, 1},
		{"asked to come back on a day far away", policy{after: time.Minute}, 1, []string{"X-After: Thu, 01 Jan 2099 00:00:00 GMT"}, 503, 1},
		{"asked to come back never", policy{after: time.Minute}, 1, []string{"X-After: 99999999999999999999999999"}, 503, 1},
		{"asked in words", policy{after: time.Minute}, 1, []string{"X-After: later\tplease"}, 200, 2},
		{"asked, but nobody listens", policy{}, 1, []string{"X-After: 3600"}, 200, 2},
	} {
		r := coretest.Get(t, at, "/", append(c.fields, "X-Policy: "+c.policy.encoded(), fmt.Sprint("X-Fail: ", c.fail))...)
		if seen, asked := up.taken(); r.Status != c.status || len(seen) != c.tries || asked != "ok" {
			t.Errorf("%s: status %d, %d tries, the filter was answered %q; want %d, %d, ok", c.name, r.Status, len(seen), asked, c.status, c.tries)
		}
	}
	r := coretest.Get(t, at, "/", "X-Policy: "+policy{after: 2 * time.Second}.encoded(), "X-Fail: 1", "X-After: 1")
	if seen, _ := up.taken(); r.Status != 200 || len(seen) != 2 || seen[1].Sub(seen[0]) < 900*time.Millisecond {
		t.Errorf("asked to come back in a second: status %d, at %v", r.Status, seen)
	}
	if r := coretest.Get(t, at, "/", "X-Fail: 1"); r.Status != 503 {
		t.Errorf("a request without a policy has that of another: %+v", r)
	}
}

// TestHostilePolicies are answered with an error, and leave the request as it was.
func TestHostilePolicies(t *testing.T) {
	up := new(faltering)
	p := retrying(t, coretest.Serve(t, up).Addr, "1")
	at := p.Addr("gateway")
	good := policy{}.encoded()
	for name, raw := range map[string]string{
		"nothing":           "",
		"a part":            good[:len(good)-2],
		"eleven attempts":   policy{attempts: 11}.encoded(),
		"all attempts":      policy{attempts: 1<<32 - 1}.encoded(),
		"faults of nobody":  policy{faults: 0x10}.encoded(),
		"methods of nobody": policy{methods: 0x40}.encoded(),
		"the share":         policy{share: 1001}.encoded(),
		"the rate":          policy{rate: 1<<32 - 1}.encoded(),
		"reserved":          policy{reserved: 1}.encoded(),
		"a negative try":    policy{perTry: -1}.encoded(),
		"a negative wait":   policy{backOff: -1, longest: -1}.encoded(),
		"a wait of years":   policy{backOff: 1 << 62, longest: 1 << 62}.encoded(),
		"longest":           policy{backOff: time.Second}.encoded(),
		"retry-after":       policy{after: time.Minute + 1}.encoded(),
		"a key of two":      policy{key: "x-a\r\nx-b"}.encoded(),
		"a long key":        policy{key: "x-567890123456789012345678901234567890123456789012345678901234567"}.encoded(),
		"far too long":      good + hex.EncodeToString(make([]byte, 4<<10)),
	} {
		r := coretest.Get(t, at, "/", "X-Policy: "+raw, "X-Fail: 1")
		if seen, asked := up.taken(); r.Status != 503 || len(seen) != 1 || asked != "bad argument" {
			t.Errorf("%s: status %d, %d tries, the filter was answered %q", name, r.Status, len(seen), asked)
		}
	}
	r := coretest.Get(t, at, "/", "X-Late: "+good, "X-Fail: 1")
	if seen, _ := up.taken(); r.Status != 503 || len(seen) != 1 || r.Header.Get("X-Asked") != "bad argument" {
		t.Errorf("when the response is there: %d tries, %+v", len(seen), r)
	}
	taken := 0
	for i := range 70 { // the host keeps so many and no more
		coretest.Get(t, at, "/", "X-Policy: "+policy{longest: time.Duration(i)}.encoded())
		if _, asked := up.taken(); asked == "ok" {
			taken++
		}
	}
	if taken != 64 {
		t.Errorf("%d different policies are kept, want 64", taken)
	}
	if v := p.Filter("again"); v.Traps != 0 {
		t.Errorf("%d traps", v.Traps)
	}
}

// TestClusterBoundsPolicies: whatever a filter asks for, retries of a cluster that are
// under way stay a share of its requests, and there are none where it wants none.
func TestClusterBoundsPolicies(t *testing.T) {
	greedy := "X-Policy: " + policy{attempts: 10, share: 1000}.encoded()
	t.Run("none", func(t *testing.T) {
		up := new(faltering)
		p := retrying(t, coretest.Serve(t, up).Addr, "0")
		r := coretest.Get(t, p.Addr("gateway"), "/", greedy, "X-Fail: 1")
		if seen, asked := up.taken(); r.Status != 503 || len(seen) != 1 || asked != "ok" {
			t.Errorf("status %d, %d tries, %q", r.Status, len(seen), asked)
		}
	})
	t.Run("some", func(t *testing.T) {
		const clients, share = 20, 5
		var came atomic.Int64
		all, release := make(chan bool), make(chan bool)
		up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch n := came.Add(1); {
			case n < clients:
				<-all
			case n == clients:
				close(all)
			default: // a retry
				<-release
				return
			}
			w.WriteHeader(http.StatusServiceUnavailable)
		}))
		p := retrying(t, up.Addr, "0.25")
		got := make(chan int, clients)
		for range clients {
			c := coretest.Dial(t, p.Addr("gateway"))
			go func() {
				_, _ = c.Write([]byte("GET / HTTP/1.1\r\nHost: a\r\n" + greedy + "\r\n\r\n"))
				r, _ := c.TryRead("GET")
				got <- r.Status
			}()
		}
		for range clients - share {
			if s := <-got; s != 503 {
				t.Errorf("status %d while the retries wait", s)
			}
		}
		close(release)
		for range share {
			if s := <-got; s != 200 {
				t.Errorf("status %d of a retry", s)
			}
		}
		if n := came.Load(); n != clients+share {
			t.Errorf("%d requests came, want %d and %d more", n, clients, share)
		}
	})
}
