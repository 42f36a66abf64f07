package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

const plenty = `requests = 400, per = "240h"`

// TestLateAnswers: Redis hears and does all, but its answers come when nobody waits
// for them any more. No request waits, and no more get through than the limit.
func TestLateAnswers(t *testing.T) {
	s := startRedis(t)
	r := startRelay(t, s)
	a, b := pair(t, fmt.Sprintf(`{ address = %q, password = { file = "password" } }`, r.addr), plenty)
	a.knows(true, 2)
	b.knows(true, 2)
	release := r.hold()
	defer release()
	got := both(a, b, "ann", 300) // answered, though nothing comes from Redis
	a.knows(false, 2)
	b.knows(false, 2)
	got += both(a, b, "ann", 300)
	release()
	a.knows(true, 2)
	b.knows(true, 2)
	coretest.Eventually(t, "Redis knows of it", func() bool { return len(s.usedUp()) == 1 })
	got += both(a, b, "ann", 300)
	if got < 360 || got > 404 {
		t.Errorf("%d requests got through, want 400", got)
	}
}

// TestNoRedis: whatever stands where Redis should, each proxy holds its share, no
// request fails, and the log says why.
func TestNoRedis(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s := startRedis(t)
	for name, c := range map[string]struct{ config, told string }{
		"a wrong password": {fmt.Sprintf(`{ address = "unix:%s", password = "of another" }`, s.socket), "WRONGPASS"},
		"no password":      {fmt.Sprintf(`{ address = "unix:%s" }`, s.socket), "it wants a password"},
		"nobody":           {fmt.Sprintf(`{ address = "unix:%s.none" }`, s.socket), "no such file"},
		"a liar":           {fmt.Sprintf(`{ address = %q, prefix = "test" }`, liar(t, "*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n", "*3\r\n:1\r\n:1\r\n:1\r\n")), "is no answer for 1 keys"},
		"another server":   {fmt.Sprintf(`{ address = %q }`, up.Addr), "asking Redis"},
	} {
		t.Run(name, func(t *testing.T) {
			w := startWeir(t, gateway(up.Addr, plenty, stored(t, c.config)))
			if got := w.through("ann", 300); name != "a liar" && got != 200 || got > 240 {
				t.Errorf("%d requests got through, want the share of 200", got)
			}
			coretest.Eventually(t, "the log tells of "+c.told, func() bool { return w.Log.Has(`"level":"WARN"`, "each proxy holds its share", c.told) })
			if w.Log.Has("of another") {
				t.Error("the password is in the log")
			}
		})
	}
}

// TestReload: the store comes, changes and goes while requests run. None fails.
func TestReload(t *testing.T) {
	one, two := startRedis(t), startRedis(t)
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	none := gateway(up.Addr, plenty, "")
	w := startWeir(t, none)

	var users sync.WaitGroup
	over := make(chan struct{})
	for user := range 4 {
		users.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				default:
					w.get(fmt.Sprint(user, "/", i/300)) // which fails the test if it gets anything but 200 and 429
				}
			}
		})
	}
	defer users.Wait()
	defer close(over)
	for _, step := range []struct {
		toml  string
		store *server
	}{
		{gateway(up.Addr, plenty, strings.Replace(stored(t, one.config()), "members = 2", "members = 1", 1)), one},
		{gateway(up.Addr, plenty, strings.Replace(stored(t, two.config()), "members = 2", "members = 1", 1)), two},
		{none, nil},
		{gateway(up.Addr, plenty, strings.Replace(stored(t, one.config()), "members = 2", "members = 1", 1)), one},
	} {
		w.Write(step.toml)
		if r := w.Admin("POST", "/reload"); r.Status != 200 {
			t.Fatalf("reload: %d %s", r.Status, r.Body)
		}
		if step.store == nil {
			coretest.Eventually(t, "there is no store", func() bool { return !strings.Contains(w.Admin("GET", "/metrics").Body, "weir_store_up") })
			continue
		}
		c := step.store.client()
		defer c.Close()
		if err := c.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		w.knows(true, 1)
		coretest.Eventually(t, "the store is told of keys", func() bool { return len(step.store.keys()) > 3 })
	}
}
