package proxywasm_test

import (
	"sync/atomic"

	"github.com/weirproxy/weir/core/filter"
)

// streamCall is a streaming call whose answer a test gives.
type streamCall struct {
	filter.StreamRequest
	to       filter.StreamAnswer
	sent     []string
	ended    bool
	canceled atomic.Bool
}

func (c *caller) Stream(r filter.StreamRequest, to filter.StreamAnswer) (filter.StreamCall, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return nil, c.err
	}
	s := &streamCall{StreamRequest: r, to: to, ended: r.End}
	c.streams = append(c.streams, s)
	return s, nil
}

// stream is the streaming call n.
func (c *caller) stream(n int) *streamCall {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.streams[n]
}

func (s *streamCall) Send(b []byte, end bool) bool {
	if s.ended {
		return false
	}
	s.sent, s.ended = append(s.sent, string(b)), end
	return true
}

func (s *streamCall) Cancel() { s.canceled.Store(true) }
