package identity

import (
	"log/slog"
	"slices"
	"sync"
	"time"
)

// keeper keeps pairs as their files are.
type keeper struct {
	log *slog.Logger

	mu       sync.Mutex // guards what follows
	pairs    []*Pair
	settling map[Files][2]glance // as the last look saw what changed
	faulty   map[Files][2]glance // as what cannot be used was seen
	warned   map[Files]time.Time // of the end that is near
}

func newKeeper(log *slog.Logger) keeper {
	return keeper{log: log, settling: map[Files][2]glance{}, faulty: map[Files][2]glance{}, warned: map[Files]time.Time{}}
}

// refresh looks whether files have changed, and takes up those that have once
// two looks show the same: a certificate and its key are written one after the
// other. What cannot be used is told once, and leaves the old in its place. It
// also tells of certificates that end soon.
func (k *keeper) refresh(now time.Time) (changed bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, p := range k.pairs {
		if fresh := k.again(p); fresh != nil {
			k.pairs[i], changed = fresh, true
		}
		k.warnOfEnd(k.pairs[i], now)
	}
	return changed
}

// again reads a pair anew if its files changed, and nothing is wrong with them.
func (k *keeper) again(p *Pair) *Pair {
	seen := p.Files.glance()
	switch {
	case seen == p.seen:
		delete(k.settling, p.Files)
		delete(k.faulty, p.Files)
		return nil
	case k.settling[p.Files] != seen:
		k.settling[p.Files] = seen
		return nil
	case k.faulty[p.Files] == seen:
		return nil
	}
	fresh, err := readPair(p.Files)
	if err != nil {
		k.faulty[p.Files] = seen
		k.log.Error("a certificate changed and cannot be used: the old one stays in use", "certificate", p.Cert, "key", p.Key, "ends", p.Leaf.NotAfter, "err", err)
		return nil
	}
	delete(k.settling, p.Files)
	delete(k.faulty, p.Files)
	delete(k.warned, p.Files)
	k.log.Info("certificate reloaded", "certificate", p.Cert, "names", fresh.Leaf.DNSNames, "ends", fresh.Leaf.NotAfter)
	k.warnOf(fresh)
	return fresh
}

// warnOf tells of a private key that is not private.
func (k *keeper) warnOf(p *Pair) {
	if mode, exposed := p.exposed(); exposed {
		k.log.Warn("a private key can be read or changed by other users: chmod 600 it", "key", p.Key, "mode", mode)
	}
}

// Certificates that end are told of this long ahead, or for the last quarter of
// a shorter life; once a day.
const (
	endAhead = 14 * 24 * time.Hour
	endAgain = 24 * time.Hour
)

func (k *keeper) warnOfEnd(p *Pair, now time.Time) {
	left := p.Leaf.NotAfter.Sub(now)
	life := p.Leaf.NotAfter.Sub(p.Leaf.NotBefore)
	if left > min(endAhead, life/4) || now.Sub(k.warned[p.Files]) < endAgain {
		return
	}
	k.warned[p.Files] = now
	if left <= 0 {
		k.log.Error("a certificate has expired: put a new one in its place", "certificate", p.Cert, "ended", p.Leaf.NotAfter)
		return
	}
	k.log.Warn("a certificate ends soon: put a new one in its place", "certificate", p.Cert, "ends", p.Leaf.NotAfter, "left", left.Round(time.Minute))
}

// all are the pairs as they are now.
func (k *keeper) all() []*Pair {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.pairs)
}
