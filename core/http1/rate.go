package http1

import "time"

// Rate finds clients that send just enough to stay, over spans of a body's
// idle time. The zero value starts with the first piece.
type Rate struct {
	since time.Time
	bytes int64
}

// Enough takes n bytes more, and says whether they come at least at so many a
// second over each span.
func (r *Rate) Enough(n int, least int64, span time.Duration) bool {
	now := time.Now()
	if r.since.IsZero() {
		r.since = now
	}
	r.bytes += int64(n)
	took := now.Sub(r.since)
	if took < span {
		return true
	}
	ok := float64(r.bytes) >= float64(least)*took.Seconds()
	r.since, r.bytes = now, 0
	return ok
}
