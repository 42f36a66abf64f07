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
	spendLarge                    // a head above its limit: it was decoded all the same
	spendPing                     // PING, to be answered
	spendSettings                 // SETTINGS, to be acknowledged
	spendPriority                 // PRIORITY and its like, of no use to us
	spendUpdate                   // WINDOW_UPDATE
	spendEmpty                    // DATA without a byte
	spendLate                     // frames for streams that are over
	spendUnknown                  // frames of unknown types
	numSpendings
)

// allowance is a budget: so many at once, or so many for each stream that may be
// open if that is more; so many more a second; and so many more for each piece of
// good work, up to the first figure.
type allowance struct {
	name                    string
	burst, each, second, by int
}

// Good work is a stream that ended as it should; for WINDOW_UPDATE and PING also
// each DATA frame that we sent. The figures leave room for clients that cancel
// (a browser leaving a page resets all its streams), for those that update two
// windows for each frame they get, and for those that measure the way by a PING
// when they get one (gRPC does).
var allowances = [numSpendings]allowance{
	spendReset:    {"reset streams", 200, 2, 20, 1},
	spendError:    {"streams reset for errors", 100, 0, 10, 1},
	spendLarge:    {"heads larger than the limit", 10, 0, 1, 0},
	spendPing:     {"PING", 100, 0, 10, 1},
	spendSettings: {"SETTINGS", 50, 0, 1, 0},
	spendPriority: {"PRIORITY", 500, 5, 50, 5},
	spendUpdate:   {"WINDOW_UPDATE", 1000, 10, 100, 10},
	spendEmpty:    {"empty DATA", 100, 0, 10, 1},
	spendLate:     {"frames for streams that are over", 1000, 10, 100, 10},
	spendUnknown:  {"frames of unknown types", 200, 0, 20, 1},
}

// budget is what a connection may still spend. Its lock is the connection's.
type budget struct {
	streams int // that may be open at once
	left    [numSpendings]int
	since   [numSpendings]int64 // when the seconds were last added, coarse time
}

func (b *budget) init(streams int, now int64) {
	b.streams = streams
	for i := range b.left {
		b.left[i], b.since[i] = b.most(spending(i)), now
	}
}

// most is how much can be spent at once.
func (b *budget) most(what spending) int {
	a := &allowances[what]
	return max(a.burst, a.each*b.streams)
}

// add gives back.
func (b *budget) add(what spending, n int) { b.left[what] = min(b.left[what]+n, b.most(what)) }

// spend takes one, or says that nothing is left.
func (b *budget) spend(what spending, now int64) error {
	a := &allowances[what]
	if b.left[what] <= 0 {
		n := int((now - b.since[what]) / (int64(time.Second) / int64(max(a.second, 1))))
		if n == 0 {
			return refuse(http2.ErrCodeEnhanceYourCalm, "budget overspent: "+a.name)
		}
		b.since[what] = now
		b.add(what, n)
	}
	b.left[what]--
	return nil
}

// earn gives back for a stream that ended as it should.
func (b *budget) earn() {
	for i := range b.left {
		b.add(spending(i), allowances[i].by)
	}
}

// earnData gives back for a DATA frame that was sent.
func (b *budget) earnData() {
	b.add(spendUpdate, allowances[spendUpdate].by)
	b.add(spendPing, allowances[spendPing].by)
}
