package server_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestDrain ends a proxy while requests are under way: they are answered, and
// their connections told to close.
func TestDrain(t *testing.T) {
	began, release := make(chan bool), make(chan bool)
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		began <- true
		<-release
		fmt.Fprint(w, "done")
	}))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, "[timeouts]\ndrain = \"20s\""))
	at := p.Addr("gateway")
	idle := coretest.Dial(t, at)
	busy := coretest.Dial(t, at)
	busy.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	<-began
	ended := make(chan error, 1)
	go func() { ended <- p.Stop() }()
	if !idle.Closed() {
		t.Error("an idle connection was answered something")
	}
	close(release)
	if r := busy.Read("GET"); r.Body != "done" || !r.Close {
		t.Errorf("%+v, want the answer with connection: close", r)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestNotReadyWhileItDrains(t *testing.T) {
	began, release := make(chan bool), make(chan bool)
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(began); <-release }))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, "[timeouts]\ndrain = \"1m\""))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	<-began
	ended := make(chan error, 1)
	go func() { ended <- p.Stop() }()
	coretest.Eventually(t, "it says that it drains", func() bool {
		return p.Admin("GET", "/readyz") == coretest.AdminReply{Status: 503, Body: "not ready: it drains\n"}
	})
	close(release)
	if r := c.Read("GET"); r.Status != 200 {
		t.Errorf("%+v", r)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestDrainCutsWhatDoesNotEnd(t *testing.T) {
	began := make(chan bool)
	up := coretest.Script(t, func(p *coretest.Peer) {
		p.Head()
		close(began)
		p.Ended()
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, "[timeouts]\ndrain = \"50ms\""))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	<-began
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	if !p.Log.Has("cutting what did not end", "connections") {
		t.Errorf("the log does not say what was cut:\n%s", p.Log)
	}
}
