package state

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"log/slog"
	"sync"
	"sync/atomic"
)

// FleetOptions make a fleet. Zero fields mean the defaults.
type FleetOptions struct {
	Exchanger Exchanger
	Members   int // how many there are until the store has said; default 1
	Keys      int // leases at a time; default 100,000
	Log       *slog.Logger
}

// Fleet holds rates over all proxies that share a store. A request is decided
// by what this proxy has leased and knows, never by asking: that happens beside,
// see [Fleet.Run]. Where nothing is known, or the store is away, this proxy's
// share of the limit holds.
type Fleet struct {
	o      FleetOptions
	now    func() int64
	member string

	members atomic.Int64
	up      atomic.Bool  // the last exchange went well
	took    atomic.Int64 // how long it did, in nanoseconds
	asking  atomic.Int64 // since when the store is being asked; 0: it is not
	wake    chan struct{}
	fewer   int64       // since when the store counts fewer members, 0: it does not
	epoch   uint64      // of the store's last reply
	lends   atomic.Bool // all members have told the store what it may not know
	back    int64       // since when it answers again, 0: it does not, or has not yet
	room    int         // keys that are asked about at once
	from    int         // the shard whose keys come first

	shards [rateShards]leaseShard
	story  story
}

type leaseShard struct {
	mu     sync.Mutex
	leases map[cellKey]*lease
	busy   []*lease // to be asked about
}

// UseFleet has rates of the whole fleet held by a store. Zero options end that:
// they are then held by this proxy alone. The fleet's Run is the caller's.
func (s *Store) UseFleet(o FleetOptions) *Fleet {
	if o.Exchanger == nil {
		s.fleet.Store(nil)
		return nil
	}
	f := newFleet(o, s.o.Now)
	s.fleet.Store(f)
	return f
}

func newFleet(o FleetOptions, now func() int64) *Fleet {
	if o.Keys <= 0 {
		o.Keys = 100_000
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	f := &Fleet{o: o, now: now, member: rand.Text(), room: MaxAsks, wake: make(chan struct{}, 1)}
	f.members.Store(int64(max(1, o.Members)))
	f.lends.Store(true) // none of us has anything to tell
	for i := range f.shards {
		f.shards[i].leases = make(map[cellKey]*lease)
	}
	return f
}

// take is Namespace.Take for a rate of the fleet.
func (f *Fleet) take(n *Namespace, key []byte, cost int64, r *Rate, now int64) Decision {
	k := n.rates.keyOf(key, r)
	if r.Limit == 0 || cost > r.most() {
		return n.rates.take(k, cost, r, now, nil)
	}
	s := &f.shards[k[0]/2%rateShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.leases[k]
	if l == nil && cost > 0 && len(s.leases) < max(1, f.o.Keys/rateShards) {
		l = &lease{key: digest(n.name, key, r)}
		s.leases[k] = l
	}
	if l != nil {
		if !l.queued {
			l.queued = true
			s.busy = append(s.busy, l)
		}
		if d, known := l.take(r, cost, now); known {
			return d
		}
	}
	share, known := f.share(r, l, now)
	d := n.rates.take(k, cost, &share, now, &known)
	if l == nil {
		return d
	}
	if d.Allowed {
		l.spent = add(l.spent, cost)
	}
	l.due = min(l.due, now)
	f.hurry()
	return d
}

// digest is what a store knows a key by: it tells nothing of a client.
func digest(space string, key []byte, r *Rate) (short [16]byte) {
	b := make([]byte, 0, 512)
	b = binary.LittleEndian.AppendUint32(b, uint32(r.Algorithm))
	if r.Algorithm == SlidingWindow {
		b = binary.LittleEndian.AppendUint64(b, uint64(r.Period))
	}
	b = append(append(append(b, space...), 0), key...)
	sum := sha256.Sum256(b)
	copy(short[:], sum[:])
	return short
}

// hurry has the store asked now.
func (f *Fleet) hurry() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}
