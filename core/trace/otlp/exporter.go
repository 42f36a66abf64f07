package otlp

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Exporter sends spans to what [Exporter.Use] says. All methods may be called from any
// goroutine.
type Exporter struct {
	log    *slog.Logger
	target atomic.Pointer[Target]
	active atomic.Bool
	queue  queue
	counts counts

	start   sync.Once
	filled  chan struct{} // a batch is full
	fresh   chan struct{} // there is another target
	end     chan struct{} // closed by Close
	ended   chan struct{}
	closes  sync.Once
	last    context.Context // of the time that is left; set before end is closed
	failing bool            // the last try did; the goroutine's
}

type counts struct{ sent, dropped, failed, rejected atomic.Uint64 }

// Counts are numbers of spans, ever.
type Counts struct {
	Sent     uint64 // that the receiver took
	Dropped  uint64 // that found the queue full, or came after the end
	Failed   uint64 // given up: the receiver was away for too long, or refused all of a batch
	Rejected uint64 // that the receiver refused out of a batch
}

// NewExporter makes one that does not take spans yet.
func NewExporter(log *slog.Logger) *Exporter {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Exporter{
		log: log, filled: make(chan struct{}, 1), fresh: make(chan struct{}, 1),
		end: make(chan struct{}), ended: make(chan struct{}),
	}
}

// Use sends to t from here on, what waits already too. nil ends the taking of spans;
// what waits goes where it was meant to go.
func (e *Exporter) Use(t *Target) {
	old := e.target.Load()
	if t == nil {
		e.active.Store(false)
		return
	}
	e.queue.bound(t.o.Queue, t.o.Batch)
	e.target.Store(t)
	e.active.Store(true)
	if old != nil && old != t {
		old.close()
	}
	ring(e.fresh)
	e.start.Do(func() { go e.run() })
}

// Active says whether spans are taken: what would be dropped need not be made.
func (e *Exporter) Active() bool { return e != nil && e.active.Load() }

// Add takes a span, which belongs to its caller no more. It never waits for the
// receiver.
func (e *Exporter) Add(s *Span) {
	taken, filled := e.queue.add(s.b)
	s.free()
	if !taken {
		e.counts.dropped.Add(1)
	}
	if filled {
		ring(e.filled)
	}
}

// Counts are the numbers at this moment.
func (e *Exporter) Counts() Counts {
	c := &e.counts
	return Counts{c.sent.Load(), c.dropped.Load(), c.failed.Load(), c.rejected.Load()}
}

// Close sends what waits, within ctx, and ends the exporter. What could not be sent
// by then counts as failed.
func (e *Exporter) Close(ctx context.Context) {
	e.closes.Do(func() {
		e.active.Store(false)
		e.queue.close()
		e.last = ctx
		close(e.end)
	})
	e.start.Do(func() { close(e.ended) }) // it never ran
	<-e.ended
}

func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// run sends full batches at once, and what there is at every interval.
func (e *Exporter) run() {
	defer close(e.ended)
	s := newSender(e)
	tick := time.NewTicker(e.target.Load().o.Interval)
	defer tick.Stop()
	for {
		part := false
		select {
		case <-e.end:
			e.flush(s)
			return
		case <-e.fresh:
			tick.Reset(e.target.Load().o.Interval)
		case <-tick.C:
			part = true
		case <-e.filled:
		}
		for b := e.queue.take(part); b != nil; b = e.queue.take(false) {
			e.settle(b, s.persist(b))
		}
	}
}

// flush sends what is left, each batch once, as long as there is time.
func (e *Exporter) flush(s *sender) {
	before := e.counts.failed.Load()
	for b := e.queue.take(true); b != nil; b = e.queue.take(true) {
		err := e.last.Err()
		if err == nil {
			_, err = s.send(e.last, b)
		}
		e.settle(b, err)
	}
	if lost := e.counts.failed.Load() - before; lost > 0 {
		e.log.Warn("ending with spans that could not be sent", "spans", lost)
	}
	e.target.Load().close()
}

// settle counts a batch that is done with.
func (e *Exporter) settle(b *batch, err error) {
	switch {
	case err != nil:
		e.trouble(err)
		e.counts.failed.Add(b.spans)
	case e.failing:
		e.failing = false
		e.log.Info("sending spans works again", "failed", e.counts.failed.Load(), "dropped", e.counts.dropped.Load())
	}
	e.queue.give(b)
}

// trouble tells that sending fails when it begins to, not for each try.
func (e *Exporter) trouble(err error) {
	if !e.failing {
		e.failing = true
		e.log.Warn("spans cannot be sent to trace.endpoint; they wait while there is room in trace.queue", "err", err)
	}
}
