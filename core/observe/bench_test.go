package observe_test

import (
	"io"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/observe"
)

// BenchmarkCountStream is all that is counted of a stream that goes well.
func BenchmarkCountStream(b *testing.B) {
	m := observe.NewMetrics("")
	l, r, c := m.Listener("gateway"), m.Route("orders"), m.Cluster("orders")
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			l.Request()
			c.Request()
			r.Done(200, 3*time.Millisecond)
		}
	})
}

func BenchmarkGuestIncrement(b *testing.B) {
	g := observe.NewMetrics("").Guests().Open()
	id := define(b, g, "f", observe.KindCounter, "c")
	b.ReportAllocs()
	for b.Loop() {
		g.Increment(id, 1)
	}
}

func BenchmarkAccessLogLine(b *testing.B) {
	a, err := observe.OpenAccessLog(observe.AccessLogOptions{Out: io.Discard})
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		e := entry()
		e.Properties = &oneProperty{[]byte("ann")}
		for p.Next() {
			a.Write(e)
		}
	})
	b.ReportMetric(float64(a.Dropped())/float64(b.N), "dropped/op")
}

// oneProperty costs no memory to go through.
type oneProperty struct{ value []byte }

func (p *oneProperty) EachProperty(_ string, do func(string, []byte)) { do("log.user", p.value) }
