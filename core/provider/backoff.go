package provider

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff is how long to wait before another try: twice as long each time.
type backoff struct {
	most  time.Duration
	tries int
}

const (
	firstWait   = 250 * time.Millisecond
	processWait = 30 * time.Second // at most, to start a process again
	serviceWait = 10 * time.Second // at most, to ask for a service again
)

// wait waits for a while, and answers whether ctx still holds. Half of the time
// is drawn, so that a fleet does not come back all at once.
func (b *backoff) wait(ctx context.Context) bool {
	d := min(firstWait<<min(b.tries, 10), b.most)
	b.tries++
	t := time.NewTimer(d/2 + rand.N(d/2))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// since begins anew after what has gone well for as long as the longest wait:
// who fails often is not asked often because it goes well in between.
func (b *backoff) since(began time.Time) {
	if time.Since(began) > b.most {
		b.tries = 0
	}
}
