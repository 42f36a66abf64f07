package identity

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"sync"
	"time"
	"weak"
)

// Tickets are the keys that session tickets are sealed with. They are the
// process's: all listeners have them, and they outlive reloads. A new one is
// made every so often and the oldest forgotten, so that who gets hold of one
// reads little.
type Tickets struct {
	mu    sync.Mutex
	keys  [][32]byte // the first seals, all open
	made  time.Time  // the first
	users []user
}

// user is a configuration that the keys are given to.
type user struct {
	cfg    weak.Pointer[tls.Config]
	policy [32]byte
}

// keptKeys is how many keys open tickets. A ticket lives between keptKeys-1 and
// keptKeys periods.
const keptKeys = 3

// Use gives cfg the keys, now and when they change. policy is what the peers of
// cfg have to be: a ticket that was given under another opens nothing, so that
// nobody resumes past a demand that was made since. cfg is let go of when nobody
// else holds it.
func (t *Tickets) Use(cfg *tls.Config, policy []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.keys == nil {
		t.add(time.Now())
	}
	u := user{weak.Make(cfg), sha256.Sum256(policy)}
	t.users = append(t.users, u)
	t.give(u)
}

// Rotate makes a new key if the last is older than period.
func (t *Tickets) Rotate(now time.Time, period time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.keys == nil || now.Sub(t.made) < period {
		return
	}
	t.add(now)
	kept := t.users[:0]
	for _, u := range t.users {
		if t.give(u) {
			kept = append(kept, u)
		}
	}
	clear(t.users[len(kept):])
	t.users = kept
}

func (t *Tickets) add(now time.Time) {
	var key [32]byte
	_, _ = rand.Read(key[:]) // it never fails
	t.made = now
	t.keys = append([][32]byte{key}, t.keys[:min(len(t.keys), keptKeys-1)]...)
}

// give sets the keys of one configuration, and says whether it is still used.
func (t *Tickets) give(u user) bool {
	cfg := u.cfg.Value()
	if cfg == nil {
		return false
	}
	derived := make([][32]byte, len(t.keys))
	for i := range t.keys {
		k, err := hkdf.Key(sha256.New, t.keys[i][:], nil, "weir session tickets "+string(u.policy[:]), 32)
		if err != nil {
			panic("identity: deriving a ticket key: " + err.Error()) // only by a length that is too large
		}
		derived[i] = [32]byte(k)
	}
	cfg.SetSessionTicketKeys(derived)
	return true
}
