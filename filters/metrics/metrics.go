// Package metrics is the filter "metrics": it counts streams, and measures how
// long and how large they were, by labels of the user's choice.
//
// What filters count lives in the host; here is only which number belongs to
// which labels. Their number is bounded: values beyond it are "other".
//
// Start at [New].
package metrics

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("metrics", New) }

// filter is one configuration.
type filter struct {
	labels  []label
	measure []measure
	most    int // series, of all measures together

	series map[string]int // by label values: index into ids
	ids    []id           // len(measure) for each of series
	key    []byte         // of the stream at hand; callbacks do not overlap
	folded sdk.Counter
}

// measure is something to count or to measure.
type measure struct {
	name string
	kind kind
}

type kind uint8

const (
	requests      kind = iota // a counter
	duration                  // a histogram of milliseconds
	requestBytes              // a histogram of the body's bytes
	responseBytes             // a histogram of the body's bytes
)

// id is one series in the host.
type id struct {
	counter   sdk.Counter
	histogram sdk.Histogram
}

// New makes the filter.
func New(r *sdk.Root) (sdk.Plugin, error) {
	f := &filter{most: 100, series: make(map[string]int)}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	f.folded = sdk.NewCounter("metrics_folded_total")
	f.key = make([]byte, 0, 256)
	var order weir.Order
	for i := range f.labels {
		f.labels[i].by.Properties(order.Logs)
	}
	order.Declare()
	return f, nil
}

// OnLog counts the stream, whose status and sizes are final now.
func (f *filter) OnLog(s *sdk.Stream) {
	f.key = f.key[:0]
	for i := range f.labels {
		f.key = f.labels[i].append(f.key, s)
	}
	at, ok := f.series[sdk.View(f.key)]
	if !ok {
		at = f.add()
	}
	for i, m := range f.measure {
		x := &f.ids[at+i]
		switch m.kind {
		case requests:
			x.counter.Add(1)
		case duration:
			if ns, ok := sdk.PropertyInt("request\x00duration"); ok {
				x.histogram.Observe(ns / 1e6)
			}
		case requestBytes:
			if n, ok := sdk.PropertyInt("request\x00size"); ok {
				x.histogram.Observe(n)
			}
		case responseBytes:
			if n, ok := sdk.PropertyInt("response\x00size"); ok {
				x.histogram.Observe(n)
			}
		}
	}
}

// add makes the series of f.key, or finds the one for values that there is no
// room for.
func (f *filter) add() int {
	if len(f.ids)+len(f.measure) > f.most-len(f.measure) {
		f.folded.Add(1)
		f.key = f.key[:0]
		for range f.labels {
			f.key = append(append(f.key, other...), separator)
		}
		if at, ok := f.series[sdk.View(f.key)]; ok {
			return at
		}
	}
	at := len(f.ids)
	for _, m := range f.measure {
		f.ids = append(f.ids, f.define(m))
	}
	f.series[string(f.key)] = at
	return at
}

// define makes one series, its labels behind its name as Prometheus writes
// them.
func (f *filter) define(m measure) id {
	b := append(make([]byte, 0, 256), m.name...)
	values := f.key
	for i := range f.labels {
		if i == 0 {
			b = append(b, '{')
		} else {
			b = append(b, ',')
		}
		b = append(append(b, f.labels[i].name...), '=', '"')
		n := 0
		for values[n] != separator {
			n++
		}
		b = append(append(b, values[:n]...), '"')
		values = values[n+1:]
	}
	if len(f.labels) > 0 {
		b = append(b, '}')
	}
	if m.kind == requests {
		return id{counter: sdk.NewCounter(string(b))}
	}
	return id{histogram: sdk.NewHistogram(string(b))}
}
