package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// balanced is a configuration with a cluster of these endpoints.
func balanced(rest string, ups ...*coretest.Upstream) string {
	toml := coretest.Gateway("127.0.0.1:1", "retries.max = 2")
	var list []string
	for i, u := range ups {
		list = append(list, fmt.Sprintf("{ address = %q, weight = %d }", u.Addr, 1+2*i))
	}
	return strings.Replace(toml, `["127.0.0.1:1"]`, "["+strings.Join(list, ", ")+"]", 1) + rest
}

func TestWeights(t *testing.T) {
	p := coretest.Proxy(t, balanced("balance = \"round_robin\"\n", named(t, "light"), named(t, "heavy")))
	got := map[string]int{}
	for range 80 {
		got[coretest.Get(t, p.Addr("gateway"), "/").Body]++
	}
	if got["light"] < 19 || got["light"] > 21 || got["heavy"] != 80-got["light"] {
		t.Errorf("%v, want 20 and 60", got)
	}
}

// manyTries come to one of several endpoints alone about never: where the endpoints are
// on the ring is another matter with each run, as their ports are.
const manyTries = 300

// TestHash sends what has the same key to the same endpoint, also when that is tried
// again elsewhere.
func TestHash(t *testing.T) {
	a, b, c := named(t, "a"), named(t, "b"), named(t, "c")
	var nonce atomic.Int64
	dead := &coretest.Upstream{Addr: coretest.Refusing(t)}
	for by, request := range map[string]func(key int) (path string, fields []string){
		"header:X-User": func(key int) (string, []string) { return "/", []string{fmt.Sprint("x-user: ", key)} },
		"cookie:sid": func(key int) (string, []string) {
			return "/", []string{fmt.Sprintf("cookie: a=%d; sid=%d; sid=9", nonce.Add(1), key)}
		},
		"path": func(key int) (string, []string) { return fmt.Sprintf("/%d?%d", key, nonce.Add(1)), nil },
	} {
		p := coretest.Proxy(t, balanced("balance = \"ring_hash\"\nhash.by = \""+by+"\"\n", a, b, c, dead))
		seen := map[string]bool{}
		// The lightest of them has some 7 % of the keys, which 30 may well miss.
		for key := 0; key < 30 || len(seen) < 3 && key < manyTries; key++ {
			path, fields := request(key)
			first := coretest.Get(t, p.Addr("gateway"), path, fields...)
			if first.Status != 200 {
				t.Fatalf("%s: %+v", by, first)
			}
			seen[first.Body] = true
			for range 3 {
				path, fields = request(key)
				if r := coretest.Get(t, p.Addr("gateway"), path, fields...); r.Body != first.Body {
					t.Errorf("%s: key %d came to %q, then to %q", by, key, first.Body, r.Body)
				}
			}
		}
		if len(seen) != 3 {
			t.Errorf("%s: all keys came to %v", by, seen)
		}
	}
	p := coretest.Proxy(t, balanced("balance = \"ring_hash\"\nhash.by = \"client_ip\"\n", a, b, c))
	if got := serving(t, p); len(got) != 1 {
		t.Errorf("one client came to %q", got)
	}
	p = coretest.Proxy(t, balanced("balance = \"ring_hash\"\nhash.by = \"header:x-none\"\n", a, b, c))
	seen := map[string]bool{}
	for n := 0; n < manyTries && len(seen) < 2; n++ {
		seen[coretest.Get(t, p.Addr("gateway"), "/").Body] = true
	}
	if len(seen) < 2 {
		t.Errorf("requests without a key came to %v", seen)
	}
}

// TestPeakEWMA: who has not answered its first request gets no other, as long as
// somebody else answers in less than a second.
func TestPeakEWMA(t *testing.T) {
	arrived, release := make(chan bool, 100), make(chan bool)
	free := sync.OnceFunc(func() { close(release) })
	defer free()
	slow := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- true
		<-release
		fmt.Fprint(w, "slow")
	}))
	toml := balanced("balance = \"peak_ewma\"\n", slow, named(t, "quick"))
	p := coretest.Proxy(t, strings.Replace(toml, "weight = 3", "weight = 1", 1))
	first := coretest.Dial(t, p.Addr("gateway"))
	for waiting := false; !waiting; {
		first.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		answered := make(chan string, 1)
		go func() {
			r, _ := first.TryRead("GET")
			answered <- r.Body
		}()
		select {
		case waiting = <-arrived:
		case <-answered:
		}
	}
	for range 40 {
		if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Body != "quick" {
			t.Errorf("%+v", r)
		}
	}
	if v := clusterOf(t, p); v.Endpoints[0].Latency != 0 || v.Endpoints[1].Latency == 0 {
		t.Errorf("%+v", v)
	}
	free()
	coretest.Eventually(t, "the answer is counted", func() bool { return clusterOf(t, p).Endpoints[0].Latency > 0 })
}

// TestFilterChoosesTheEndpoint by weir.hash_key, above what the cluster hashes.
func TestFilterChoosesTheEndpoint(t *testing.T) {
	toml := balanced("balance = \"ring_hash\"\nhash.by = \"path\"\n", named(t, "a"), named(t, "b"), named(t, "c"))
	toml = strings.Replace(toml, "cluster = \"up\"\n", "cluster = \"up\"\n"+chained("first")+"\n", 1)
	p := coretest.Proxy(t, toml+coretest.Wasm()+"\n"+coretest.FilterTable("first", coretest.Guest(t), "facts", ""))
	to := func(path int, key string) string {
		return coretest.Get(t, p.Addr("gateway"), fmt.Sprint("/", path), "X-Set: weir.hash_key="+key).Body
	}
	byPath, byKey := map[string]bool{}, map[string]bool{}
	for n := 0; n < manyTries && len(byPath) < 2; n++ {
		byPath[to(n, "")] = true
	}
	for n := 0; n < manyTries && (n < 8 || len(byKey) < 2); n++ {
		key := fmt.Sprint("k", n)
		first := to(0, key)
		byKey[first] = true
		for path := 1; path < 12; path++ {
			if name := to(path, key); name != first {
				t.Errorf("key %q came to %s, then to %s", key, first, name)
			}
		}
	}
	if len(byPath) < 2 || len(byKey) < 2 {
		t.Errorf("all paths came to %v, all keys to %v", byPath, byKey)
	}
}
