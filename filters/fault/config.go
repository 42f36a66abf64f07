package fault

import (
	"time"

	"github.com/weirproxy/weir/filters/internal/failure"
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk/jsonconf"
)

// The bounds of a configuration.
const (
	maxDelay   = time.Hour
	maxDelayed = 100_000
)

func (f *filter) read(text []byte) error {
	r := jsonconf.New(text)
	f.most, f.longest = 100, 10*time.Second
	f.delay.share, f.abort.share = percent(100), percent(100)
	longest := false
	r.Object(func(name []byte) {
		switch string(name) {
		case "delay":
			f.readDelay(r)
		case "abort":
			f.readAbort(r)
		case "delay_header":
			f.delayField = readField(r)
		case "abort_header":
			f.abortField = readField(r)
		case "most":
			f.most = int(r.Int(1, maxDelayed))
		case "longest":
			f.longest, longest = r.Duration(time.Millisecond, maxDelay), true
		default:
			r.Unknown("delay", "abort", "delay_header", "abort_header", "most", "longest")
		}
	})
	switch {
	case r.Failed():
	case longest && f.delayField == "":
		r.FailAt("longest", `bounds what clients ask for, and has no effect without "delay_header"`)
	case f.delay.time == 0 && f.abort.status == 0 && f.delayField == "" && f.abortField == "":
		r.Fail(`makes no fault; give it "delay", "abort", "delay_header" or "abort_header"`)
	}
	return r.Err()
}

func (f *filter) readDelay(r *jsonconf.Reader) {
	r.Object(func(name []byte) {
		switch string(name) {
		case "time":
			f.delay.time = r.Duration(time.Millisecond, maxDelay)
		case "percent":
			f.delay.share = percent(r.Float(0, 100))
		default:
			r.Unknown("time", "percent")
		}
	})
	if f.delay.time == 0 && !r.Failed() {
		r.FailAt("time", `is missing: how long requests are delayed, such as "2s"`)
	}
}

func (f *filter) readAbort(r *jsonconf.Reader) {
	r.Object(func(name []byte) {
		switch string(name) {
		case "status":
			f.abort.status = int(r.Int(400, 599))
		case "grpc":
			f.abort.grpc = failure.Call(r)
		case "percent":
			f.abort.share = percent(r.Float(0, 100))
		default:
			r.Unknown("status", "grpc", "percent")
		}
	})
	if f.abort.status == 0 && !r.Failed() {
		r.FailAt("status", "is missing: what requests are answered, such as 503")
	}
}

func readField(r *jsonconf.Reader) string {
	v := r.String()
	if !r.Failed() && (!jsonconf.Token(v) || len(v) > 64) {
		r.Fail("must be the name of a field: 1 to 64 letters, digits, - and _")
	}
	return template.Lower(v)
}
