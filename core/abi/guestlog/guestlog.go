// Package guestlog is what the ABIs have in common where guests write to the
// process's log: text that cannot forge or garble a line, and not too much of it.
package guestlog

import (
	"sync"
	"time"

	"github.com/weirproxy/weir/core/wasm"
)

// maxLine bounds one line of a guest's log, in bytes.
const maxLine = 4 << 10

// Clean is a guest's text for logs: of bounded length, and nothing in it forges
// or garbles a line.
func Clean(b []byte) string {
	cut := len(b) > maxLine
	if cut {
		b = b[:maxLine]
	}
	for len(b) > 0 && (b[len(b)-1] == '\n' || b[len(b)-1] == '\r') {
		b = b[:len(b)-1]
	}
	out := wasm.AppendPrintable(make([]byte, 0, len(b)+3), b)
	if cut {
		out = append(out, "…"...)
	}
	return string(out)
}

// Limit bounds the lines of a filter, in all instances, per second.
type Limit struct {
	max int

	mu      sync.Mutex
	second  int64
	written int
	dropped uint64 // since a line said so
	total   uint64
}

// Init says how many lines there may be.
func (l *Limit) Init(max int) { l.max = max }

// Take asks for one line. The first that is let through after others were not
// gets their number.
func (l *Limit) Take(now time.Time) (ok bool, dropped uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := now.Unix(); s != l.second {
		l.second, l.written = s, 0
	}
	if l.written >= l.max {
		l.dropped++
		l.total++
		return false, 0
	}
	l.written++
	dropped, l.dropped = l.dropped, 0
	return true, dropped
}

// Dropped is how many lines were not written so far.
func (l *Limit) Dropped() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total
}
