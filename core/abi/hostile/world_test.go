package hostile_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// world is a proxy into which hostile filters are brought, one after the
// other, while it serves.
type world struct {
	proxy *coretest.Running
	up    *upstream
	good  string // the path of the good filter's module
	quiet holdings
	plain []string // what an exchange looks like without a hostile filter, in goldens one word each
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{up: newUpstream(t), good: binary(t, "good")}
	w.proxy = coretest.Proxy(t, w.config(nil))
	for range 3 {
		w.goodServes(t) // what begins with the first request, and stays, has begun
	}
	w.plain = []string{w.exchange(t, &subject{}), w.saw()}
	w.quiet = w.rests(t)
	return w
}

// config is that of the good filter alone on every path, or with a hostile one
// behind it on /hostile.
func (w *world) config(s *subject) string {
	rest := []string{`filters = ["good"]`,
		"[timeouts]\npause = \"2s\"\n",
		coretest.Wasm("lanes = 1"),
		coretest.FilterTable("good", absolute(w.good), "", `vm = "good"`)}
	if s != nil {
		rest = append(rest,
			coretest.FilterTable("hostile", absolute(s.module), "", s.keys...),
			"[[routes]]\nname = \"hostile\"\nmatch = { path_prefix = \"/hostile\" }\ncluster = \"up\"\nfilters = [\"good\", \"hostile\"]\n")
	}
	return coretest.Gateway(w.up.Addr, rest...)
}

// take has the proxy take up a configuration, and answers what it says when it
// refuses.
func (w *world) take(toml string) (refusal string) {
	w.proxy.Write(toml)
	r := w.proxy.Admin("POST", "/reload")
	if r.Status == http.StatusOK {
		return ""
	}
	return fmt.Sprintf("%d %s", r.Status, strings.TrimSuffix(r.Body, "\n"))
}

// goodServes sees that the route beside the hostile one answers as ever.
func (w *world) goodServes(t *testing.T) {
	t.Helper()
	c := coretest.Dial(t, w.proxy.Addr("gateway"))
	defer c.Close()
	w.goodServesOn(t, c)
}

func (w *world) goodServesOn(t *testing.T, c *coretest.Client) {
	t.Helper()
	c.Send("GET /good HTTP/1.1\r\nHost: a\r\n\r\n")
	isGood(t, c)
}

// isGood reads an answer that the good filter has marked twice: on the way to
// the upstream, which shows it, and on the way back.
func isGood(t *testing.T, c *coretest.Client) {
	t.Helper()
	r, err := c.TryRead("GET")
	if err != nil || r.Status != http.StatusOK || r.Err != nil || r.Header.Get("X-Good") != "good" || r.Header.Get("X-Saw-Good") != "good" {
		t.Errorf("the good route: %+v %v", r, err)
	}
}

// held is a request on the good route that is under way while a hostile filter
// comes, does its deed and goes.
func (w *world) held(t *testing.T) *coretest.Client {
	t.Helper()
	c := coretest.Dial(t, w.proxy.Addr("gateway"))
	c.Send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
	<-w.up.held
	return c
}

// leave ends the hostile filter, and sees that nothing of it is left.
func (w *world) leave(t *testing.T) {
	t.Helper()
	if refusal := w.take(w.config(nil)); refusal != "" {
		t.Fatalf("the configuration without it: %s", refusal)
	}
	coretest.Eventually(t, "the filter has ended", func() bool {
		filters := w.proxy.Filters()
		return len(filters) == 1 && filters[0].Name == "good"
	})
}
