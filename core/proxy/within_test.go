package proxy_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// TestTimeRunsWhileConnecting: who has less time than connecting may take is answered
// when it is over. The endpoint is not blamed for a client's haste.
func TestTimeRunsWhileConnecting(t *testing.T) {
	silent := coretest.Script(t, func(p *coretest.Peer) { p.Ended() })
	const patient = "protocol = \"http2\"\nconnect_timeout = \"60s\"\n"
	t.Run("a call", func(t *testing.T) {
		p := coretest.Proxy(t, coretest.Gateway(silent.Addr)+patient)
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send(call("grpc-timeout: 50m"))
		if got := status(c.Read("POST")); !strings.HasPrefix(got, "200 4 ") {
			t.Errorf("%q, want DEADLINE_EXCEEDED", got)
		}
		if n := p.Metric(`weir_endpoint_faults_total{cluster="up",endpoint="` + silent.Addr + `"}`); n != 0 {
			t.Errorf("%v faults of the endpoint", n)
		}
	})
	t.Run("a route", func(t *testing.T) {
		p := coretest.Proxy(t, coretest.Gateway(silent.Addr, `timeout = "50ms"`)+patient)
		if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Status != 504 {
			t.Errorf("%+v, want 504", r)
		}
	})
	t.Run("a filter", func(t *testing.T) {
		answered := make(chan *filter.CallResponse, 1)
		h := &stream.RequestHead{Method: []byte("GET"), Scheme: []byte("http"), Authority: []byte("x"), Path: []byte("/"), Version: stream.HTTP11}
		_, err := newCaller(t, silent.Addr, pool.HTTP2).Call(filter.CallRequest{Cluster: "auth", Head: h, Timeout: 50 * time.Millisecond},
			func(r *filter.CallResponse) { answered <- r })
		if r := <-answered; err != nil || r.Head.Status != 504 {
			t.Errorf("%v, %+v", err, r)
		}
	})
}

// TestStaleConnectionsAreNoFaults: what filters ask for goes elsewhere when the
// connection had ended while it was idle, and the endpoint is not blamed.
func TestStaleConnectionsAreNoFaults(t *testing.T) {
	closed := make(chan bool, 1)
	up := coretest.Script(t, func(p *coretest.Peer) {
		p.Head()
		p.Say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npass")
		_ = p.Close()
		closed <- true
	})
	caller := newCaller(t, up.Addr, pool.HTTP1)
	for range 20 {
		request(t, caller)
		<-closed
	}
	e := caller.Clusters()["auth"].Endpoints()[0]
	if active, total, faults := e.Numbers(); active != 0 || faults != 0 || total <= 20 {
		t.Errorf("%d under way, %d faults of %d tries, want none of more than 20", active, faults, total)
	}
}

// TestCancelledCallIsNotSent: a filter that has given up while its call waited for a
// connection asks nobody any more.
func TestCancelledCallIsNotSent(t *testing.T) {
	connected, goOn, paths := make(chan bool), make(chan bool), make(chan string, 2)
	up := coretest.Script(t, func(p *coretest.Peer) {
		close(connected)
		<-goOn
		_, _ = io.CopyN(io.Discard, p.Conn, int64(len(http2.ClientPreface)))
		f := http2.NewFramer(p.Conn, p.Conn)
		f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
		_ = f.WriteSettings()
		for {
			frame, err := f.ReadFrame()
			if err != nil {
				return
			}
			if head, ok := frame.(*http2.MetaHeadersFrame); ok {
				paths <- head.PseudoValue("path")
				_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: head.StreamID, EndHeaders: true, EndStream: true, BlockFragment: []byte{0x88}}) // :status 200
			}
		}
	})
	caller := newCaller(t, up.Addr, pool.HTTP2)
	ask := func(path string, done func(*filter.CallResponse)) (cancel func()) {
		h := &stream.RequestHead{Method: []byte("GET"), Scheme: []byte("http"), Authority: []byte("x"), Path: []byte(path), Version: stream.HTTP11}
		cancel, err := caller.Call(filter.CallRequest{Cluster: "auth", Head: h}, done)
		if err != nil {
			t.Fatal(err)
		}
		return cancel
	}
	cancel := ask("/cancelled", func(*filter.CallResponse) { t.Error("a cancelled call is answered") })
	<-connected
	cancel()
	close(goOn)
	e := caller.Clusters()["auth"].Endpoints()[0]
	coretest.Eventually(t, "the cancelled call is over", func() bool { active, _, _ := e.Numbers(); return active == 0 })
	answered := make(chan int)
	ask("/wanted", func(r *filter.CallResponse) { answered <- r.Head.Status })
	if status := <-answered; status != 200 || <-paths != "/wanted" || len(paths) > 0 {
		t.Errorf("status %d; the cancelled call was sent", status)
	}
}
