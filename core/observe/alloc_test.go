//go:build !race

package observe_test

import (
	"io"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/observe"
)

func TestStreamsAreCountedWithoutAllocation(t *testing.T) {
	m := observe.NewMetrics("")
	l, r, c := m.Listener("l"), m.Route("r"), m.Cluster("c")
	g := m.Guests().Open()
	id := define(t, g, "f", observe.KindHistogram, "h")
	a, err := observe.OpenAccessLog(observe.AccessLogOptions{Out: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	e := *entry()
	e.Properties = &oneProperty{[]byte("ann")}
	for range 10_000 { // the buffers grow to their size
		a.Write(&e)
	}
	for name, do := range map[string]func(){
		"counting": func() {
			l.Opened()
			l.Request()
			l.BadHead(fault.BadRequest)
			r.Done(200, time.Millisecond)
			c.Request()
			c.Retry()
			c.Failed(fault.Connect)
			c.Connected(time.Millisecond)
			l.Closed()
		},
		"a guest's metric": func() { g.Record(id, 7) },
		"logging": func() {
			local := e
			a.Write(&local)
		},
		"who asks whom": func() {
			m.Mesh().Pair(observe.Pair{Direction: "inbound", Source: "a", Destination: "b", Route: "r"}).Done(200, false, time.Millisecond)
		},
	} {
		if got := testing.AllocsPerRun(200, do); got != 0 {
			t.Errorf("%s allocates %v times", name, got)
		}
	}
}
