package http1

import "time"

// rate finds clients that send just enough to stay, over spans of the body's
// idle time.
type rate struct {
	since time.Time
	bytes int64
}

func (r *rate) enough(n int, opt *ServerOptions) bool {
	now := time.Now()
	if r.since.IsZero() {
		r.since = now
	}
	r.bytes += int64(n)
	span := now.Sub(r.since)
	if span < opt.BodyIdle {
		return true
	}
	ok := float64(r.bytes) >= float64(opt.MinRate)*span.Seconds()
	r.since, r.bytes = now, 0
	return ok
}
