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

			// What is let through before the store's first word is 40 at most.
			if got := both(a, b, "ann", 1000); got < 360 || got > 440 {
				t.Errorf("%d requests got through, want 400, give or take 40", got)
			}
			if got := a.through("ann", 50) + b.through("ann", 50); got > 0 {
				t.Errorf("%d requests got through later", got)
			}
			// One proxy alone may have all.
			if got := a.through("bob", 1000); got < 360 || got > 440 {
				t.Errorf("%d requests got through one proxy, want 400, give or take 40", got)
			}
			for _, key := range s.keys() {
				if strings.Contains(key, "ann") || !strings.HasPrefix(key, "weir:{") {
					t.Errorf("Redis has the key %q", key)
				}
			}

			s.signal(syscall.SIGSTOP)
			a.knows(false, 2)
			b.knows(false, 2)
			if got := both(a, b, "cid", 300); got != 400 {
				t.Errorf("Redis is frozen: %d requests got through, want the shares of 200", got)
			}
			s.signal(syscall.SIGCONT)
			a.knows(true, 2)
			b.knows(true, 2)

			s.kill()
			a.knows(false, 2)
			b.knows(false, 2)
			if got := both(a, b, "dee", 300); got != 400 {
				t.Errorf("Redis is dead: %d requests got through, want the shares of 200", got)
			}
			if !a.Log.Has(`"level":"WARN"`, "each proxy holds its share", `"members":2`) {
				t.Error("it is not in the log")
			}
			if got := both(a, b, "ann", 50) + a.through("bob", 50); got > 0 {
				t.Errorf("Redis is dead: %d requests got through of limits that were used up", got)
			}
			s.start()
			coretest.Eventually(t, "Redis, which had forgotten all, was told", func() bool { return len(s.usedUp()) >= 4 })
			a.knows(true, 2)
			b.knows(true, 2)
			// Of bob one proxy has never heard: it lets an advance through before it is told.
			for user, most := range map[string]int{"ann": 4, "bob": 44, "cid": 4, "dee": 4} {
				if got := both(a, b, user, 100); got > most {
					t.Errorf("Redis forgot all: %d more requests got through of %s", got, user)
				}
			}
		})
	}
}
