// Command counter is a filter that counts responses, exactly, over all of the
// host's instances and workers, and shows what state filters can share.
//
// Each response says how many there were in the header x-count. A timer
// publishes that number as a metric, and logs it when it has changed.
//
// The configuration is the timer's period in milliseconds, as in "1000".
package main

import (
	"errors"
	"strconv"
	"time"

	"github.com/weirproxy/weir/sdk"
)

func main() {} // not called: a module is a library

func init() { sdk.Register("counter", New) }

type filter struct {
	responses sdk.Counter
	published sdk.Gauge
	seen      uint64 // by the last tick
}

// New makes a filter of its configuration.
func New(r *sdk.Root) (sdk.Plugin, error) {
	ms, err := strconv.ParseUint(string(r.Config()), 10, 31)
	if err != nil || ms == 0 {
		return nil, errors.New("give the timer's period in milliseconds, such as 1000")
	}
	if err := begin(); err != nil {
		return nil, err
	}
	f := &filter{responses: sdk.NewCounter("example_responses_total"), published: sdk.NewGauge("example_published")}
	return f, r.SetTick(time.Duration(ms) * time.Millisecond)
}

// OnResponseHeaders counts.
func (f *filter) OnResponseHeaders(s *sdk.Stream, end bool) sdk.Action {
	n, err := increment()
	if err != nil {
		sdk.Warn("counting a response: ", err.Error())
		return sdk.Continue
	}
	f.responses.Add(1)
	s.Response().Set("x-count", strconv.FormatUint(n, 10))
	return sdk.Continue
}

// OnTick publishes. The timer of each instance runs, so a number may be logged
// more than once.
func (f *filter) OnTick(r *sdk.Root) {
	n, _, err := load()
	if err != nil || n == f.seen {
		return
	}
	f.seen = n
	f.published.Set(int64(n))
	sdk.Info("responses so far: ", strconv.FormatUint(n, 10))
}
