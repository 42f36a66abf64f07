package http2_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// TestIdleConnectionsHoldLittle: neither buffers nor the goroutines that
// handled their streams.
func TestIdleConnectionsHoldLittle(t *testing.T) {
	const connections, most = 200, 32 << 10
	o := options()
	o.Head, o.BodyIdle, o.WriteIdle = 2*time.Second, 2*time.Second, 2*time.Second // a short period
	r := serve(t, o, echo)
	before := held()
	goroutines := runtime.NumGoroutine()
	for range connections {
		c := dial(t, r.addr)
		for id := uint32(1); id < 9; id += 2 {
			c.headersStart(id, post())
			c.data(id, true, "hello")
		}
		for id := uint32(1); id < 9; id += 2 {
			for got := false; !got; {
				f := c.next().Header()
				got = f.StreamID != 0 && f.Flags&1 != 0 && f.Type <= 1
			}
		}
		c.out, c.framer, c.encoder, c.decoder = nil, nil, nil, nil // the client's own memory
	}
	coretest.Eventually(t, "one goroutine a connection", func() bool { return runtime.NumGoroutine() <= goroutines+connections+10 })
	each := (held() - before) / connections
	t.Logf("an idle connection holds %d bytes", each)
	if each > most {
		t.Errorf("an idle connection holds %d bytes", each)
	}
}

// held is the memory of heap and stacks in use, garbage taken away.
func held() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // pools give up what they hold at the second
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
