package tcp_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestReloadKeeps: a connection outlives the configuration that it began with.
func TestReloadKeeps(t *testing.T) {
	up := coretest.Script(t, echo)
	text := service([]string{up.Addr}, "")
	p := coretest.Proxy(t, text)
	c := coretest.Dial(t, p.Addr("db"))
	c.Send("before")
	exact(t, c.R, "before")
	p.Write(strings.Replace(text, "[[tcp]]", "[[tcp]]\nidle = \"30m\"", 1))
	if err := p.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	c.Send("after")
	exact(t, c.R, "after")
	next := coretest.Dial(t, p.Addr("db"))
	next.Send("new")
	exact(t, next.R, "new")
}

// TestDrain: connections have the time of the drain to end by themselves, and are cut
// then.
func TestDrain(t *testing.T) {
	up := coretest.Script(t, echo)
	p := coretest.Proxy(t, service([]string{up.Addr}, "", "[timeouts]\ndrain_delay = \"0s\"\ndrain = \"5s\""))
	polite, stubborn := coretest.Dial(t, p.Addr("db")), coretest.Dial(t, p.Addr("db"))
	for _, c := range []*coretest.Client{polite, stubborn} {
		c.Send("hi")
		exact(t, c.R, "hi")
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Stop() }()
	coretest.Eventually(t, "it drains", func() bool { return p.Log.Has("draining") })
	polite.Send("bye")
	exact(t, polite.R, "bye")
	polite.HalfClose()
	if got, failed := all(polite.R); got != "" || failed {
		t.Errorf("%q, failed %v", got, failed)
	}
	if !stubborn.Closed() {
		t.Error("it was sent something")
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if !p.Log.Has("cutting what did not end in time", `"connections":1`) {
		t.Error("the log does not tell of one connection that was cut")
	}
}

// TestConnectionLimit: one more than may be open is closed, and none makes room for it.
func TestConnectionLimit(t *testing.T) {
	up := coretest.Script(t, echo)
	p := coretest.Proxy(t, service([]string{up.Addr}, "", "[limits]\nconnections = 1"))
	c := coretest.Dial(t, p.Addr("db"))
	c.Send("hi")
	exact(t, c.R, "hi")
	if more := coretest.Dial(t, p.Addr("db")); !more.Closed() {
		t.Error("it was answered")
	}
	c.Send("still")
	exact(t, c.R, "still")
}

// TestAddressMoves: a reload may give an address to another service, to HTTP, and
// back; what is open stays what it was.
func TestAddressMoves(t *testing.T) {
	at := coretest.Refusing(t)
	first, second := coretest.Script(t, saying("first")), coretest.Script(t, saying("second"))
	text := func(http, a, b string) string {
		return fmt.Sprintf(`version = 1
[gateway]
listen = [%s]
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "0s"
drain = "2s"
[[tcp]]
name = "a"
listen = [%s]
cluster = "first"
[[tcp]]
name = "b"
listen = [%s]
cluster = "second"
[clusters.first]
endpoints = [%q]
[clusters.second]
endpoints = [%q]
`, http, a, b, first.Addr, second.Addr)
	}
	const other = `"127.0.0.1:0"`
	moving := fmt.Sprintf("%q", at)
	p := coretest.Proxy(t, text(other, moving, other))
	old := coretest.Dial(t, at)
	exact(t, old.R, "first")
	for _, c := range []struct{ text, want string }{
		{text(other, other, moving), "second"}, {text(moving, other, other), "HTTP/1.1 404"}, {text(other, moving, other), "first"},
	} {
		p.Write(c.text)
		if err := p.Reload(context.Background()); err != nil {
			t.Fatal(err)
		}
		next := coretest.Dial(t, at)
		next.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
		exact(t, next.R, c.want)
	}
	old.HalfClose()
	if got, failed := all(old.R); got != "" || failed {
		t.Errorf("%q, failed %v", got, failed)
	}
	coretest.Eventually(t, "it is counted where it began", func() bool {
		return p.Metric(`weir_tcp_connections_total{reason="end",service="a"}`) >= 1
	})
}
