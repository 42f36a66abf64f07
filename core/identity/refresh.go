package identity

import (
	"slices"
	"time"
)

// Refresh looks whether files have changed, and takes up those that have once
// two looks show the same: a certificate and its key are written one after the
// other. What cannot be used is told once, and leaves the old in its place. It
// also tells of certificates that end soon. It is called every second or so.
func (s *Server) Refresh(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := false
	for i, p := range s.pairs {
		if fresh := s.again(p); fresh != nil {
			s.pairs[i], changed = fresh, true
		}
		s.warnOfEnd(s.pairs[i], now)
	}
	if changed {
		s.names.Store(index(slices.Clone(s.pairs)))
	}
}

// again reads a pair anew if its files changed, and nothing is wrong with them.
func (s *Server) again(p *Pair) *Pair {
	seen := p.Files.glance()
	if seen == p.seen {
		delete(s.faulty, p.Files)
		return nil
	}
	if s.settling[p.Files] != seen {
		s.settling[p.Files] = seen
		return nil
	}
	if s.faulty[p.Files] == seen {
		return nil
	}
	fresh, err := readPair(p.Files)
	if err != nil {
		s.faulty[p.Files] = seen
		s.opt.Log.Error("a certificate changed and cannot be used: the old one stays in use", "certificate", p.Cert, "key", p.Key, "ends", p.Leaf.NotAfter, "err", err)
		return nil
	}
	delete(s.faulty, p.Files)
	s.opt.Log.Info("certificate reloaded", "certificate", p.Cert, "names", fresh.Leaf.DNSNames, "ends", fresh.Leaf.NotAfter)
	s.warnOf(fresh)
	return fresh
}

// warnOf tells of what is unwise about a pair that was read.
func (s *Server) warnOf(p *Pair) {
	if mode, exposed := p.exposed(); exposed {
		s.opt.Log.Warn("a private key can be read or changed by other users: chmod 600 it", "key", p.Key, "mode", mode)
	}
	if len(p.Leaf.DNSNames) == 0 && len(p.Leaf.IPAddresses) == 0 {
		s.opt.Log.Warn("a certificate names no host in its subject's alternative names: no client will accept it", "certificate", p.Cert)
	}
}

// Certificates that end are told of this long ahead, or for the last quarter of
// a shorter life; once a day.
const (
	endAhead = 14 * 24 * time.Hour
	endAgain = 24 * time.Hour
)

func (s *Server) warnOfEnd(p *Pair, now time.Time) {
	left := p.Leaf.NotAfter.Sub(now)
	life := p.Leaf.NotAfter.Sub(p.Leaf.NotBefore)
	if left > min(endAhead, life/4) || now.Sub(s.warned[p.Files]) < endAgain {
		return
	}
	s.warned[p.Files] = now
	if left <= 0 {
		s.opt.Log.Error("a certificate has expired: put a new one in its place", "certificate", p.Cert, "ended", p.Leaf.NotAfter)
		return
	}
	s.opt.Log.Warn("a certificate ends soon: put a new one in its place", "certificate", p.Cert, "ends", p.Leaf.NotAfter, "left", left.Round(time.Minute))
}

// Pairs are the certificates in use.
func (s *Server) Pairs() []*Pair {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.pairs)
}
