package otlp

import (
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
)

// batch is spans that are sent together, each as the field "spans" of a message
// ScopeSpans.
type batch struct {
	b     []byte
	spans uint64
}

// queue is the spans that wait. It is bounded by what they take in memory.
type queue struct {
	mu      sync.Mutex
	limit   int      // bytes of all; guarded by mu
	full    int      // bytes from which a batch is full; guarded by mu
	bytes   int      // of all, with those on their way; guarded by mu
	open    *batch   // guarded by mu
	waiting []*batch // full ones, oldest first; guarded by mu
	spare   *batch   // guarded by mu
	closed  bool     // guarded by mu
}

func (q *queue) bound(limit, full int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.limit, q.full = limit, full
}

// scopeSpansSpans is the number of that field.
const scopeSpansSpans = 2

// add takes a span's message. filled says that a batch became full by it.
func (q *queue) add(message []byte) (taken, filled bool) {
	size := protowire.SizeTag(scopeSpansSpans) + protowire.SizeBytes(len(message))
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || q.bytes+size > q.limit {
		return false, false
	}
	if q.open == nil {
		if q.open, q.spare = q.spare, nil; q.open == nil {
			q.open = &batch{b: make([]byte, 0, min(q.full+q.full/8, q.limit))}
		}
	}
	o := q.open
	o.b = protowire.AppendBytes(protowire.AppendTag(o.b, scopeSpansSpans, protowire.BytesType), message)
	o.spans++
	q.bytes += size
	if len(o.b) < q.full {
		return true, false
	}
	q.waiting, q.open = append(q.waiting, o), nil
	return true, true
}

// take is the oldest full batch, or with part the one that is being filled; nil
// where there is none. What is taken counts until it is given back.
func (q *queue) take(part bool) (b *batch) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case len(q.waiting) > 0:
		b = q.waiting[0]
		n := copy(q.waiting, q.waiting[1:])
		q.waiting[n] = nil
		q.waiting = q.waiting[:n]
	case part && q.open != nil:
		b, q.open = q.open, nil
	}
	return b
}

// give is for a batch that is done with.
func (q *queue) give(b *batch) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.bytes -= len(b.b)
	b.b, b.spans = b.b[:0], 0
	if cap(b.b) <= 2*q.full {
		q.spare = b
	}
}

// close takes no more.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
}
