package load

import (
	"context"
	"time"

	"golang.org/x/sys/unix"
)

// dueAhead is how many requests may wait for a connection before the pace does
// too. That changes nothing of when they were to be sent.
const dueAhead = 1024

// pace says when requests are to be sent. It sleeps by the kernel's clock: Go's
// timers are up to a millisecond late where nothing else happens.
func (r *run) pace(ctx context.Context, began time.Time) {
	defer close(r.due)
	total := int64(r.load.Duration.Seconds() * r.load.Rate)
	for n := int64(0); n < total; n++ {
		at := began.Add(time.Duration(float64(n) / r.load.Rate * float64(time.Second)))
		for ahead := time.Until(at); ahead > 0 && ctx.Err() == nil; ahead = time.Until(at) {
			sleep(ahead)
		}
		select {
		case <-ctx.Done(): // nobody takes them any more
			if !time.Now().Before(r.end) {
				for ; n < total; n++ {
					r.leave(began.Add(time.Duration(float64(n) / r.load.Rate * float64(time.Second))))
				}
			}
			return
		case r.due <- at:
		}
	}
}

// leave counts a request that was due and was never sent. It has waited until
// the end: that is the least that its latency would have been.
func (r *run) leave(at time.Time) {
	r.unsent.Add(1)
	r.latency.of(0).record(r.end.Sub(at))
}

// sleep is in pieces: a load that is ended early waits for none of them long.
func sleep(d time.Duration) {
	t := unix.NsecToTimespec(min(d, 100*time.Millisecond).Nanoseconds())
	_ = unix.Nanosleep(&t, nil) // an interrupted one is followed by the next request a little early
}
