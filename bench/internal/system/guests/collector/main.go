//go:build wasip1

// Command collector is a filter that gives Go's collector work: it keeps
// 100,000 objects, as a cache would, and each request replaces some and leaves
// garbage behind.
package main

import (
	"strconv"

	"github.com/weirproxy/weir/sdk"
)

func main() {}

func init() { sdk.Register("collector", New) }

const (
	live     = 100_000 // objects that are kept
	replaced = 16      // of them, by each request
	garbage  = 64      // further objects that each request makes
)

// session is one object that is kept. Each leads to the next, so the collector
// has to follow them.
type session struct {
	next *session
	id   [24]byte
}

type filter struct {
	sessions []*session
	oldest   int
	heap     *session // what a request made last, so that it is on the heap
}

// New makes all that is kept.
func New(*sdk.Root) (sdk.Plugin, error) {
	f := &filter{sessions: make([]*session, live)}
	for i := range f.sessions {
		f.put(i)
	}
	return f, nil
}

// put makes a new object in place of another.
func (f *filter) put(i int) {
	f.sessions[i] = &session{next: f.sessions[(i+live/2)%live]}
	if next := f.sessions[i].next; next != nil {
		next.next = nil // chains stay short, and what was replaced is let go
	}
}

func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	for range replaced {
		f.put(f.oldest)
		f.oldest = (f.oldest + 1) % live
	}
	for range garbage {
		f.heap = &session{}
	}
	s.Request().Set("x-live", strconv.Itoa(len(f.sessions)))
	return sdk.Continue
}
