package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// counts are what the filter "share" tells the upstream.
type counts struct {
	name                         string
	host, swap, instance, popped int
}

// countsOf reads them, a filter each.
func countsOf(t *testing.T, r received) (all []counts) {
	t.Helper()
	for _, line := range r.header["X-Counts"] {
		var c counts
		if _, err := fmt.Sscanf(line, "%s host=%d swap=%d instance=%d popped=%d", &c.name, &c.host, &c.swap, &c.instance, &c.popped); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		all = append(all, c)
	}
	return all
}

// TestGuestCountsExactly adds up what 64 clients do at once on four lanes:
// each value between 1 and their number comes once.
func TestGuestCountsExactly(t *testing.T) {
	up := newUpstream(t)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("share"), coretest.Wasm("lanes = 4"),
		coretest.FilterTable("share", coretest.Guest(t), "share", `config = { name = "a" }`)))
	const perClient, most = 8, 64 * 8
	clients(t, p.Addr("gateway"), 64, perClient, nil)
	host, swap := map[int]bool{}, map[int]bool{}
	for _, r := range up.requests() {
		c := countsOf(t, r)[0]
		host[c.host], swap[c.swap] = true, true
	}
	for n := 1; n <= most; n++ {
		if !host[n] || !swap[n] {
			t.Fatalf("%d is missing: by the host's increment %t, by compare-and-swap %t", n, host[n], swap[n])
		}
	}
	if len(host) != most || len(swap) != most {
		t.Errorf("%d and %d values, want %d", len(host), len(swap), most)
	}
}

// TestGuestsShareByVM shows two filters of one module the same data where
// they share a VM, and each its own where they do not.
func TestGuestsShareByVM(t *testing.T) {
	module := coretest.Guest(t)
	for name, c := range map[string]struct {
		vm     [2]string
		shared bool
	}{
		"by default":            {[2]string{"", ""}, true},
		"of one name":           {[2]string{`vm = "ours"`, `vm = "ours"`}, true},
		"of two names":          {[2]string{`vm = "ours"`, `vm = "theirs"`}, false},
		"of its own":            {[2]string{`vm = "own"`, `vm = "own"`}, false},
		"one guards something":  {[2]string{`security = true`, ``}, false},
		"both guard something":  {[2]string{`security = true`, `security = true`}, false},
		"one is in the default": {[2]string{``, `vm = "ours"`}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			up := newUpstream(t)
			p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("a", "b"), coretest.Wasm("lanes = 1"),
				coretest.FilterTable("a", module, "share", `config = { name = "a", push = "items" }`, c.vm[0]),
				coretest.FilterTable("b", module, "share", `config = { name = "b", pop = "items" }`, c.vm[1])))
			at := p.Addr("gateway")
			coretest.Get(t, at, "/")
			all := countsOf(t, up.last(t))
			if len(all) != 2 || all[0].name != "a" || all[1].name != "b" || all[0].host != 1 {
				t.Fatalf("%+v", all)
			}
			second := 1
			if c.shared {
				second = 2
			}
			if b := all[1]; b.host != second || b.swap != second || b.instance != second {
				t.Errorf("%+v, want %d each", b, second)
			}
			if !c.shared {
				if all[1].popped != 0 {
					t.Errorf("%+v: an item went to another VM", all)
				}
				return
			}
			coretest.Eventually(t, "the item of the first is popped by the second", func() bool {
				coretest.Get(t, at, "/")
				return countsOf(t, up.last(t))[1].popped > 0
			})
		})
	}
}

// TestGuestQueueLosesNothing pushes from all lanes.
func TestGuestQueueLosesNothing(t *testing.T) {
	up := newUpstream(t)
	module := coretest.Guest(t)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("a", "b"), coretest.Wasm("lanes = 4"),
		coretest.FilterTable("a", module, "share", `config = { name = "a", push = "items" }`),
		coretest.FilterTable("b", module, "share", `config = { name = "b", pop = "items" }`)))
	at := p.Addr("gateway")
	clients(t, at, 16, 20, nil)
	sent := 16 * 20
	coretest.Eventually(t, "every item is popped once", func() bool {
		coretest.Get(t, at, "/")
		sent++
		popped := countsOf(t, up.last(t))[1].popped
		if popped > sent {
			t.Fatalf("%d items were popped of %d", popped, sent)
		}
		return popped >= 16*20
	})
}

func TestGuestCountsMetrics(t *testing.T) {
	up := newUpstream(t)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("noise"), coretest.Wasm("lanes = 4"),
		coretest.FilterTable("noise", coretest.Guest(t), "noise")))
	clients(t, p.Addr("gateway"), 16, 10, nil)
	page := p.Admin("GET", "/metrics").Body
	for _, want := range []string{
		`weir_filter_seen_total{filter="noise"} 160`, `weir_filter_last{filter="noise"} 6`,
		`weir_filter_sizes_count{filter="noise"} 160`, `weir_filter_sizes_sum{filter="noise"} 960`,
	} {
		if !strings.Contains(page, want+"\n") {
			t.Errorf("no %s", want)
		}
	}
}

func TestGuestLogs(t *testing.T) {
	up := newUpstream(t)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("noise"), coretest.Wasm("lanes = 1", "log_lines = 50"),
		coretest.FilterTable("noise", coretest.Guest(t), "noise")))
	at := p.Addr("gateway")
	t.Run("what it writes is cleaned", func(t *testing.T) {
		coretest.Get(t, at, "/", "X-Do: log")
		if !p.Log.Has(`"level":"WARN"`, `a \"line\"??level=ERROR msg=forged ?[31m? and �? more`, `"filter":"noise"`, `"instance":0`, `"stream":`) {
			t.Errorf("%s", p.Log)
		}
		for line := range strings.Lines(p.Log.String()) {
			if !strings.HasPrefix(line, "{") {
				t.Errorf("a guest forged a line: %q", line)
			}
		}
	})
	t.Run("what it prints is logged", func(t *testing.T) {
		coretest.Get(t, at, "/", "X-Do: print")
		if !p.Log.Has(`printed? text`, `"filter":"noise"`) {
			t.Errorf("%s", p.Log)
		}
	})
	t.Run("a storm is bounded", func(t *testing.T) {
		began := time.Now()
		if r := coretest.Get(t, at, "/", "X-Do: storm"); r.Status != 200 {
			t.Errorf("%+v", r)
		}
		const lines = 500
		most := 50 * (2 + int(time.Since(began)/time.Second)) // two seconds may have a part in it, or more
		if n := strings.Count(p.Log.String(), `"msg":"storm `); n > most {
			t.Errorf("%d lines, want at most %d", n, most)
		}
		if f := p.Filter("noise"); f.LogDropped < lines-most {
			t.Errorf("%d lines were dropped, want at least %d", f.LogDropped, lines-most)
		}
	})
	t.Run("a panic's text stays there", func(t *testing.T) {
		r := coretest.Get(t, at, "/", "X-Do: panic")
		if r.Status != 503 || strings.Contains(fmt.Sprint(r), "swordfish") || strings.Contains(r.Body, "noise") {
			t.Errorf("%+v", r)
		}
		if !p.Log.Has("a filter failed; its instance is replaced", `"filter":"noise"`) {
			t.Errorf("%s", p.Log)
		}
		if r := coretest.Get(t, at, "/"); r.Status != 200 {
			t.Errorf("afterwards: %+v", r)
		}
	})
	t.Run("nor is it lost when the log is full", func(t *testing.T) {
		if !p.Log.Has("a filter failed; its instance is replaced", "swordfish") {
			t.Errorf("%s", p.Log)
		}
	})
}
