package jwt

import (
	"time"

	"github.com/weirproxy/weir/filters/internal/credential"
	"github.com/weirproxy/weir/sdk"
)

// Periods of the timer: how soon a lane learns of new keys.
const (
	calmTick  = time.Second
	eagerTick = 50 * time.Millisecond // while requests wait for them
)

// maxWaiting bounds the requests of a lane that wait for keys.
const maxWaiting = 256

// waitedProperty marks a request that has waited for keys: it does so once.
const waitedProperty = "jwt.waited"

// waiter is a request whose token names a key that is not known.
type waiter struct {
	stream uint32
	issuer *issuer
}

// await goes on with a token whose key is not known: it may be a new one. The
// keys are fetched again, at a bounded rate, and the request waits for that.
func (f *filter) await(s *sdk.Stream, is *issuer, token []byte) sdk.Action {
	if is.refresh() {
		return f.later(s, is, token)
	}
	if _, waited := sdk.Property(waitedProperty); waited || len(f.waiting) >= maxWaiting {
		return f.refuse(s, &unknownKey)
	}
	if sdk.SetProperty(waitedProperty, "1") != nil {
		return f.refuse(s, &unknownKey)
	}
	if !is.remote.ask() {
		// They were asked for a short while ago, and may have come since the host was
		// asked about this token: it is asked once more, by what is there now.
		is.refresh()
		return f.later(s, is, token)
	}
	f.waiting = append(f.waiting, waiter{s.ID(), is})
	if !f.eager {
		f.eager = true
		_ = s.Root().SetTick(eagerTick)
	}
	return sdk.Pause
}

// look takes over keys that have come, and goes on with those who waited.
func (f *filter) look(r *sdk.Root) {
	for _, is := range f.issuers {
		if is.remote == nil {
			continue
		}
		// In this order: what is stored before the fetch ends is seen.
		ended := !is.remote.underWay()
		if is.refresh() || ended {
			f.release(r, is)
		}
	}
	f.eager = len(f.waiting) > 0
	if f.eager {
		_ = r.SetTick(eagerTick)
	} else {
		_ = r.SetTick(calmTick)
	}
}

// release goes on with the requests that wait for an issuer's keys.
func (f *filter) release(r *sdk.Root, is *issuer) {
	kept := f.waiting[:0]
	var free []uint32
	for _, w := range f.waiting {
		if w.issuer == is {
			free = append(free, w.stream)
		} else {
			kept = append(kept, w)
		}
	}
	f.waiting = kept
	for _, id := range free {
		if s, ok := r.Enter(id); ok {
			f.again(s, is)
		}
	}
}

func (f *filter) again(s *sdk.Stream, is *issuer) {
	token, n := f.place.Only(s)
	if n != credential.One {
		f.refuse(s, &severalTokens)
		return
	}
	f.later(s, is, token)
}
