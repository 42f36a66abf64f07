package state

import (
	"context"
	"time"
)

// exchange asks the store for what is due, once.
func (f *Fleet) exchange(ctx context.Context) (pause time.Duration) {
	sent := f.now()
	b := f.collect(sent, f.lends.Load())
	report := Report{Member: f.member, Counts: MemberFor, Epoch: f.epoch, RecentFor: time.Duration(sent - f.back), Asks: b.asks}
	if b.more && !f.lends.Load() {
		report.Counts = 0
	}
	f.asking.Store(max(1, sent))
	reply, err := f.o.Exchanger.Exchange(ctx, report)
	if err == nil {
		err = believe(b.asks, &reply)
	}
	f.took.Store(f.now() - sent)
	f.asking.Store(0)
	if err != nil {
		b.miss(sent)
		f.lends.Store(false)
		f.back = 0
	} else {
		forgot := f.epoch != 0 && f.epoch != reply.Epoch
		b.hear(reply.Grants, sent, !forgot)
		f.count(int64(reply.Members), sent)
		f.agree(int64(reply.Recent), forgot, b.more)
		f.epoch = reply.Epoch
	}
	f.adapt(err)
	f.up.Store(err == nil)
	f.tell(err)
	if !f.lends.Load() {
		return time.Duration(leastPace)
	}
	return time.Duration(max(leastPace, b.next-f.now()))
}

// agree finds out whether the store lends. After it was away, or has forgotten, it
// does once all have asked it since it was back, and so have told what it may not
// know: what one of them leased before would be the others' already.
func (f *Fleet) agree(recent int64, forgot, more bool) {
	now := f.now()
	switch {
	case forgot:
		f.lends.Store(false)
		f.back = now
		f.recall(now)
	case f.back == 0:
		f.back = now
	case !more && recent >= f.members.Load():
		f.lends.Store(true)
	}
}

// count takes note of how many members there are. That there are fewer is believed
// after a while: a store that has forgotten all has to hear of each of them again.
func (f *Fleet) count(members, now int64) {
	if members < f.members.Load() {
		if f.fewer == 0 {
			f.fewer = now
		}
		if now-f.fewer < int64(MemberFor) {
			return
		}
	}
	f.fewer = 0
	f.members.Store(members)
}

// recall has all told that the store knew of and does not know any more.
func (f *Fleet) recall(now int64) {
	for i := range f.shards {
		s := &f.shards[i]
		s.mu.Lock()
		for _, l := range s.leases {
			if l.memo == nil || l.reset <= now {
				continue
			}
			if l.due = min(l.due, now); !l.queued {
				l.queued = true
				s.busy = append(s.busy, l)
			}
		}
		s.mu.Unlock()
	}
}

// hear takes the store's answer. What is granted is taken only if lend is true.
func (b *batch) hear(grants []Grant, sent int64, lend bool) {
	for i, l := range b.leases {
		b.shards[i].mu.Lock()
		if !lend {
			l.decline(&b.asks[i], &grants[i])
		}
		l.hear(&b.asks[i], &grants[i], sent)
		b.shards[i].mu.Unlock()
	}
}

// miss takes note that there is no answer.
func (b *batch) miss(sent int64) {
	for i, l := range b.leases {
		b.shards[i].mu.Lock()
		l.miss(&b.asks[i], sent)
		b.shards[i].mu.Unlock()
	}
}
