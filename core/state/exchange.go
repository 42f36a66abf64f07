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
	// Exchange takes note of what member has let through, and leases it units
	// for what comes: a grant for each ask, in their order. It answers how many
	// members there are: those who asked within [MemberFor], this one too.
	Exchange(ctx context.Context, member string, asks []Ask) (members int, grants []Grant, err error)
}

// MemberFor is how long a member counts as one after it has asked.
const MemberFor = 10 * time.Second

// Ask is what a proxy tells of the limit of one key, and wants of it.
type Ask struct {
	Key   [16]byte // a digest of the limit's names and the key
	Rate  Rate     // whole: Burst is set for a token bucket
	Spent int64    // let through without a lease; below 0: leased before, and not used
	Want  int64    // units
}

// Grant is a store's answer to an ask.
type Grant struct {
	Units int64         // 0 to what was wanted
	Left  int64         // what the store has left after that
	Retry time.Duration // until it has a unit; 0 when it has one left
	Reset time.Duration // until the key is as if never used
}

// The most that a store is asked at once, and believed.
const (
	MaxAsks    = 4096
	maxMembers = 10_000
	maxTold    = 1 << 61 // nanoseconds
)

// errLie is that an answer cannot be true.
var errLie = errors.New("the store's answer cannot be true")

// believe says whether an answer can be true. One that is wrong in one place is
// not believed in the others.
func believe(asks []Ask, members int, grants []Grant) error {
	switch {
	case members < 1 || members > maxMembers:
		return fmt.Errorf("%w: it counts %d members, want 1 to %d", errLie, members, maxMembers)
	case len(grants) != len(asks):
		return fmt.Errorf("%w: it has %d grants for %d asks", errLie, len(grants), len(asks))
	}
	for i := range grants {
		g, a := &grants[i], &asks[i]
		if g.Units < 0 || g.Units > a.Want || g.Left < 0 || g.Left > a.Rate.most() ||
			g.Retry < 0 || g.Retry > maxTold || g.Reset < 0 || g.Reset > maxTold {
			return fmt.Errorf("%w: grant %d of %d is %+v for a want of %d", errLie, i+1, len(grants), *g, a.Want)
		}
	}
	return nil
}
