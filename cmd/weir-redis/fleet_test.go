package main

import (
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// pair starts two proxies with one store.
func pair(t *testing.T, config, limit string) (a, b *weir) {
	t.Helper()
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	toml := gateway(up.Addr, limit, stored(t, config))
	return startWeir(t, toml), startWeir(t, toml)
}

// both is how many of n requests at each of two proxies get through.
func both(a, b *weir, user string, n int) int {
	var passed [2]int
	var all sync.WaitGroup
	for i, w := range []*weir{a, b} {
		all.Go(func() { passed[i] = w.through(user, n) })
	}
	all.Wait()
	return passed[0] + passed[1]
}

// TestFleet: two proxies hold one limit by a real Redis, and their shares of it
// while that is frozen, dead or has forgotten all. No request fails meanwhile.
func TestFleet(t *testing.T) {
	for _, algorithm := range []string{"token_bucket", "sliding_window"} {
		t.Run(algorithm, func(t *testing.T) {
			s := startRedis(t)
			// The time is so long that nothing comes back within the test.
			a, b := pair(t, s.config(), `requests = 400, per = "240h", algorithm = "`+algorithm+`"`)
			a.knows(true, 2)
			b.knows(true, 2)

			// A slow machine may need some rounds until the leases have come.
			passed := map[string]int{}
			coretest.Eventually(t, "two proxies share all of the limit", func() bool {
				passed["ann"] += both(a, b, "ann", 200)
				return passed["ann"] >= 360
			})
			coretest.Eventually(t, "one proxy alone has all of it", func() bool {
				passed["bob"] += a.through("bob", 200)
				return passed["bob"] >= 360
			})
			passed["ann"] += both(a, b, "ann", 200)
			passed["bob"] += a.through("bob", 200)
			for _, key := range s.keys() {
				if strings.Contains(key, "ann") || !strings.HasPrefix(key, "weir:{") {
					t.Errorf("Redis has the key %q", key)
				}
			}

			s.signal(syscall.SIGSTOP)
			a.knows(false, 2)
			b.knows(false, 2)
			if passed["cid"] = both(a, b, "cid", 300); passed["cid"] != 400 {
				t.Errorf("Redis is frozen: %d requests got through, want the shares of 200", passed["cid"])
			}
			s.signal(syscall.SIGCONT)
			a.knows(true, 2)
			b.knows(true, 2)

			s.kill()
			a.knows(false, 2)
			b.knows(false, 2)
			if passed["dee"] = both(a, b, "dee", 300); passed["dee"] != 400 {
				t.Errorf("Redis is dead: %d requests got through, want the shares of 200", passed["dee"])
			}
			passed["ann"] += both(a, b, "ann", 100)
			passed["bob"] += a.through("bob", 100)
			if !a.Log.Has(`"level":"WARN"`, "each proxy holds its share", `"members":2`) {
				t.Error("it is not in the log")
			}
			s.start()
			coretest.Eventually(t, "Redis, which had forgotten all, was told", func() bool { return len(s.usedUp()) == 4 })
			a.knows(true, 2)
			b.knows(true, 2)
			// Beside the limit advances get through, of 20 at each proxy or 32 if that is
			// more; of cid and dee none, for what was let through was never leased. One
			// request of each proxy is rounded.
			for user, most := range map[string]int{"ann": 400 + 64 + 2, "bob": 400 + 64 + 2, "cid": 402, "dee": 402} {
				if passed[user] += both(a, b, user, 100); passed[user] > most {
					t.Errorf("%d requests got through of %s, at most %d", passed[user], user, most)
				}
			}
		})
	}
}
