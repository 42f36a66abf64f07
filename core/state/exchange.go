package state

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Exchanger is a store of limits that the proxies of a fleet share. It is
// asked off the path of requests, by one goroutine at a time.
type Exchanger interface {
	// Exchange takes note of what a member has let through, and leases it units
	// for what comes.
	Exchange(ctx context.Context, r Report) (Reply, error)
}

// MemberFor is how long a member counts as one after it has asked.
const MemberFor = 10 * time.Second

// Report is what a member tells and asks of a store at once.
type Report struct {
	Member string
	// Counts is how long it counts as a member from now on. 0: it does not count
	// yet, because it has more to tell; and no less than it did.
	Counts time.Duration
	// Epoch is that of the last Reply, 0 for none. A member whose epoch is of
	// another store does not count yet: it has to tell first.
	Epoch uint64
	// RecentFor is since when the store answers this member again.
	RecentFor time.Duration
	Asks      []Ask // at most MaxAsks, of different keys
}

// Ask is what a proxy tells of the limit of one key, and wants of it.
type Ask struct {
	Key   [16]byte // a digest of the limit's names and the key
	Rate  Rate     // whole: Burst is set for a token bucket
	Spent int64    // let through without a lease; below 0: leased before, and not used
	Want  int64    // units
	// Memo is that of the last Grant for this key. A store that has forgotten
	// that, or is another, takes it for what was known: no more is left than it
	// says, less what was taken since, by all. It comes before Spent and Want.
	Memo []byte
}

// Reply is a store's answer.
type Reply struct {
	Members int     // those who asked within what they count, the one that asks too
	Recent  int     // those of them who asked within RecentFor
	Epoch   uint64  // another number once the store has forgotten; 0: it never does
	Grants  []Grant // one for each ask, in their order
}

// Grant is a store's answer to an ask.
type Grant struct {
	Units int64         // 0 to what was wanted
	Left  int64         // what the store has left after that
	Retry time.Duration // until it has a unit; 0 when it has one left
	Reset time.Duration // until the key is as if never used
	Memo  []byte        // what the store wants to be told of this key, should it forget
}

// The most that a store is asked at once, and believed.
const (
	MaxAsks    = 4096
	MaxMemo    = 128
	maxMembers = 10_000
	maxTold    = 1 << 61 // nanoseconds
)

// errLie is that an answer cannot be true.
var errLie = errors.New("the store's answer cannot be true")

// believe says whether an answer can be true. One that is wrong in one place is
// not believed in the others.
func believe(asks []Ask, r *Reply) error {
	switch {
	case r.Members < 1 || r.Members > maxMembers:
		return fmt.Errorf("%w: it counts %d members, want 1 to %d", errLie, r.Members, maxMembers)
	case r.Recent < 0 || r.Recent > r.Members:
		return fmt.Errorf("%w: of %d members %d are recent", errLie, r.Members, r.Recent)
	case len(r.Grants) != len(asks):
		return fmt.Errorf("%w: it has %d grants for %d asks", errLie, len(r.Grants), len(asks))
	}
	for i := range r.Grants {
		g, a := &r.Grants[i], &asks[i]
		if g.Units < 0 || g.Units > a.Want || g.Left < 0 || g.Left > a.Rate.most() ||
			g.Retry < 0 || g.Retry > maxTold || g.Reset < 0 || g.Reset > maxTold || len(g.Memo) > MaxMemo {
			return fmt.Errorf("%w: grant %d of %d is %d units, %d left, retry %v, reset %v, %d bytes of memo, for a want of %d",
				errLie, i+1, len(r.Grants), g.Units, g.Left, g.Retry, g.Reset, len(g.Memo), a.Want)
		}
	}
	return nil
}
