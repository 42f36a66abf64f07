package http2

import (
	"time"

	"golang.org/x/net/http2"
)

// spending is what a peer can do at little cost to itself and more to us.
type spending uint8

const (
	spendReset    spending = iota // RST_STREAM before the answer's end: rapid reset
	spendError                    // a stream that we had to reset: MadeYouReset
	spendPing                     // PING, to be answered
	spendSettings                 // SETTINGS, to be acknowledged
	spendPriority                 // PRIORITY and its like, of no use to us
	spendUpdate                   // WINDOW_UPDATE
	spendEmpty                    // DATA without a byte
	spendLate                     // frames for streams that are over
	spendUnknown                  // frames of unknown types
	numSpendings
)

// allowance is a budget: so many at once, so many more a second, and so many
// more for each piece of good work, up to the first figure.
type allowance struct {
	name              string
	burst, second, by int
}

// Good work is a stream that ended as it should; for WINDOW_UPDATE and PING also
// each DATA frame that we sent. The figures leave room for clients that cancel
// (a browser leaving a page resets up to a hundred streams), for those that
// update two windows for each frame they get, and for those that measure the
// way by a PING when they get one (gRPC does).
var allowances = [numSpendings]allowance{
	spendReset:    {"reset streams", 200, 20, 1},
	spendError:    {"streams reset for errors", 100, 10, 1},
	spendPing:     {"PING", 100, 10, 1},
	spendSettings: {"SETTINGS", 50, 1, 0},
	spendPriority: {"PRIORITY", 500, 50, 5},
	spendUpdate:   {"WINDOW_UPDATE", 1000, 100, 10},
	spendEmpty:    {"empty DATA", 100, 10, 1},
	spendLate:     {"frames for streams that are over", 1000, 100, 10},
	spendUnknown:  {"frames of unknown types", 200, 20, 1},
}

// budget is what a connection may still spend. Its lock is the connection's.
type budget struct {
	left  [numSpendings]int
	since [numSpendings]int64 // when the seconds were last added, coarse time
}

func (b *budget) init(now int64) {
	for i := range b.left {
		b.left[i], b.since[i] = allowances[i].burst, now
	}
}

// spend takes one, or says that nothing is left.
func (b *budget) spend(what spending, now int64) error {
	a := &allowances[what]
	if b.left[what] <= 0 {
		n := int((now - b.since[what]) / (int64(time.Second) / int64(max(a.second, 1))))
		if n == 0 {
			return refuse(http2.ErrCodeEnhanceYourCalm, "budget overspent: "+a.name)
		}
		b.left[what], b.since[what] = min(n, a.burst), now
	}
	b.left[what]--
	return nil
}

// earn gives back for a stream that ended as it should.
func (b *budget) earn() {
	for i := range b.left {
		b.left[i] = min(b.left[i]+allowances[i].by, allowances[i].burst)
	}
}

// earnData gives back for a DATA frame that was sent.
func (b *budget) earnData() {
	for _, what := range [...]spending{spendUpdate, spendPing} {
		a := &allowances[what]
		b.left[what] = min(b.left[what]+a.by, a.burst)
	}
}
