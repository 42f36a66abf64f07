// Package fault is the filter "fault": it delays and fails a share of the requests
// on purpose, so that one sees how those cope who make them.
//
// The waiting is the host's (weir.async.sleep), which bounds how many do.
//
// Start at [New].
package fault

import (
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("fault", New) }

// filter is one configuration. Streams have no state: a request that was delayed is
// looked at once more when it goes on.
type filter struct {
	delay      delay
	abort      abort
	delayField string // by which a client asks for a delay, empty for none
	abortField string
	most       int           // delayed at once
	longest    time.Duration // that a client gets
	dice       dice
	delayed    sdk.Counter
	aborted    sdk.Counter
	overflowed sdk.Counter
	malformed  sdk.Counter
}

type delay struct {
	time  time.Duration
	share share
}

type abort struct {
	status int
	grpc   int32
	share  share
}

// New makes the filter. It needs a host that waits.
func New(r *sdk.Root) (sdk.Plugin, error) {
	seed, err := weir.Random(8)
	if err != nil {
		return nil, notHere{}
	}
	f := &filter{dice: seeded(seed)}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	f.delayed = sdk.NewCounter("fault_delayed_total")
	f.aborted = sdk.NewCounter("fault_aborted_total")
	f.overflowed = sdk.NewCounter("fault_overflow_total")
	f.malformed = sdk.NewCounter("fault_malformed_total")
	return f, nil
}

type notHere struct{}

func (notHere) Error() string {
	return "the host has no weir.async.sleep; fault runs in Weir only"
}

// OnRequestHeaders delays the request, or goes on to what follows a delay.
func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	wait, ok := f.wait(s)
	if !ok {
		f.malformed.Add(1)
		s.Reply(sdk.Reply{Status: 400, Details: "fault_malformed", Body: "the fault that is asked for is not understood\n"})
		return sdk.Pause
	}
	if wait > 0 {
		switch err := weir.Sleep(wait, f.most); err {
		case nil:
			f.delayed.Add(1)
			return sdk.Pause
		case sdk.ErrInternal:
			f.overflowed.Add(1)
		default:
			sdk.Error("delaying a request: ", err.Error())
		}
	}
	if f.fail(s) {
		return sdk.Pause
	}
	return sdk.Continue
}

// OnForeign ends a delay.
func (f *filter) OnForeign(s *sdk.Stream, _ uint32, _ []byte) {
	if s != nil && !f.fail(s) {
		s.ContinueRequest()
	}
}

// wait is how long the request is to be delayed; false if what its client asks for
// is malformed.
func (f *filter) wait(s *sdk.Stream) (time.Duration, bool) {
	if f.abortField != "" {
		if v, asked := s.Request().Get(f.abortField); asked {
			if n, ok := number(v); !ok || n < 400 || n > 599 {
				return 0, false
			}
		}
	}
	if f.delayField != "" {
		if v, asked := s.Request().Get(f.delayField); asked {
			n, ok := number(v)
			s.Request().Del(f.delayField) // or it would be done again further on
			return min(time.Duration(n)*time.Millisecond, f.longest), ok
		}
	}
	if f.delay.time > 0 && f.dice.hit(f.delay.share) {
		return f.delay.time, true
	}
	return 0, true
}

// fail answers the request, if that is its lot.
func (f *filter) fail(s *sdk.Stream) bool {
	a := abort{}
	asked := false
	if f.abortField != "" {
		var v []byte
		if v, asked = s.Request().Get(f.abortField); asked {
			a.status, _ = number(v)
		}
	}
	if !asked {
		if f.abort.status == 0 || !f.dice.hit(f.abort.share) {
			return false
		}
		a = f.abort
	}
	f.aborted.Add(1)
	s.Reply(sdk.Reply{Status: a.status, Details: "fault_abort", Body: "this request was made to fail\n", GRPC: a.grpc})
	return true
}

// number reads up to nine digits.
func number(v []byte) (n int, ok bool) {
	for _, c := range v {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(v) > 0 && len(v) <= 9
}
