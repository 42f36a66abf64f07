package tcp_test

import (
	"context"
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
