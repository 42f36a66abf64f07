// Package deadline is the filter "deadline": it takes the time that a client gives
// its request, or its own bound where that is less, as the deadline of the request,
// and has each try tell the upstream what is left.
//
// The clock is the host's (weir.timeout): it ends the stream, counts the tries in,
// and writes the field.
//
// Start at [New].
package deadline

import (
	"time"

	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("deadline", New) }

// filter is one configuration.
type filter struct {
	field string        // of the client's time, in milliseconds; empty for none
	tell  string        // of what is left, for the upstream; empty for none
	most  time.Duration // 0 for no bound of our own

	bounded   sdk.Counter
	exceeded  sdk.Counter
	malformed sdk.Counter
}

// New makes the filter. It needs a host that keeps time.
func New(r *sdk.Root) (sdk.Plugin, error) {
	if !weir.Here() {
		return nil, notHere{}
	}
	f := &filter{}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	f.bounded = sdk.NewCounter("deadline_bounded_total")
	f.exceeded = sdk.NewCounter("deadline_exceeded_total")
	f.malformed = sdk.NewCounter("deadline_malformed_total")
	return f, nil
}

type notHere struct{}

func (notHere) Error() string {
	return "the host has no weir.timeout; deadline runs in Weir only"
}

func (f *filter) read(text []byte) error {
	r := jsonconf.New(text)
	tell := false
	f.field = "x-envoy-expected-rq-timeout-ms"
	r.Object(func(name []byte) {
		switch string(name) {
		case "header":
			f.field = readField(r)
		case "forward":
			f.tell, tell = readField(r), true
		case "most":
			f.most = r.Duration(time.Millisecond, 24*time.Hour)
		default:
			r.Unknown("header", "forward", "most")
		}
	})
	if !tell {
		f.tell = f.field
	}
	if f.field == "" && f.most == 0 && !r.Failed() {
		r.Fail(`bounds nothing; give it "most", or "header" a name`)
	}
	return r.Err()
}

// readField reads a field's name, or "" for none.
func readField(r *jsonconf.Reader) string {
	v := r.String()
	name := template.Lower(v)
	switch {
	case r.Failed() || v == "":
	case !jsonconf.Token(v) || len(v) > 64 || name == "host":
		r.Fail(`must be the name of a field other than "host": 1 to 64 letters, digits, - and _`)
	case name == "grpc-timeout":
		r.Fail(`is read and passed on without this filter: its form is another; name another field`)
	}
	return name
}

// OnRequestHeaders settles how long the request may take.
func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	most, bounded := f.most, f.most > 0
	if f.field != "" {
		v, given := s.Request().Get(f.field)
		d, ok := parse(v)
		switch {
		case !given:
		case !ok:
			f.malformed.Add(1)
			s.Reply(sdk.Reply{Status: 400, Details: "deadline_malformed", Body: "the time that the request may take is not a number of milliseconds\n"})
			return sdk.Pause
		case !bounded || d < most:
			most, bounded = d, true
		}
		if given && f.field != f.tell { // it says more than is left
			s.Request().Del(f.field)
		}
	}
	if !bounded {
		return sdk.Continue
	}
	f.bounded.Add(1)
	if most <= 0 {
		f.exceeded.Add(1)
		s.Reply(sdk.Reply{Status: 504, Details: "deadline_exceeded", Body: "no time is left for the request\n", GRPC: deadlineExceeded})
		return sdk.Pause
	}
	if err := weir.SetTimeout(most, f.tell); err != nil {
		sdk.Error("bounding a request's time: ", err.Error())
	}
	return sdk.Continue
}

// deadlineExceeded is the status of gRPC.
const deadlineExceeded = 4

// parse reads milliseconds: digits alone. What is more than a day is a day.
func parse(v []byte) (time.Duration, bool) {
	const longest = 24 * 60 * 60 * 1000
	n := int64(0)
	for _, c := range v {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(n*10+int64(c-'0'), longest)
	}
	return time.Duration(n) * time.Millisecond, len(v) > 0
}
