package proxy

import (
	"slices"

	"github.com/weirproxy/weir/core/stream"
)

// lines are the requests that wait at a gate, one line for each priority. The
// gate's lock guards them.
type lines struct {
	line   [len(stream.Priorities)][]waiter
	passed [len(stream.Priorities)]int // how often others went before those of a line
	total  int
}

// waiter is told once: true for a place, false that it has to go.
type waiter chan bool

// maxPassed is how often those of higher priority may go before one that waits:
// under any load a line moves by one place in that many.
const maxPassed = 8

func (l *lines) len() int { return l.total }

// join puts a request at the end of its line.
func (l *lines) join(p stream.Priority) waiter {
	w := make(waiter, 1)
	l.line[p.Rank()] = append(l.line[p.Rank()], w)
	l.total++
	return w
}

// leave takes one out that has waited too long, and says whether it was there.
func (l *lines) leave(p stream.Priority, w waiter) bool {
	i := slices.Index(l.line[p.Rank()], w)
	if i < 0 {
		return false
	}
	l.take(p.Rank(), i)
	return true
}

// giveWay sends away the last of the lowest line below p, and says whether there
// was one.
func (l *lines) giveWay(p stream.Priority) bool {
	for rank := range p.Rank() {
		if n := len(l.line[rank]); n > 0 {
			l.take(rank, n-1) <- false
			return true
		}
	}
	return false
}

// admit lets the next in: the first of the highest line, or of a lower one that was
// passed too often.
func (l *lines) admit() {
	next := -1
	for rank := range l.line {
		if len(l.line[rank]) > 0 {
			next = rank
			if l.passed[rank] >= maxPassed {
				break
			}
		}
	}
	if next < 0 {
		return
	}
	for rank := range next {
		if len(l.line[rank]) > 0 {
			l.passed[rank]++
		}
	}
	l.passed[next] = 0
	l.take(next, 0) <- true
}

// above says whether anybody of a higher priority than p waits.
func (l *lines) above(p stream.Priority) bool {
	for rank := p.Rank() + 1; rank < len(l.line); rank++ {
		if len(l.line[rank]) > 0 {
			return true
		}
	}
	return false
}

func (l *lines) take(rank, i int) waiter {
	w := l.line[rank][i]
	l.line[rank] = slices.Delete(l.line[rank], i, i+1)
	l.total--
	if len(l.line[rank]) == 0 {
		l.passed[rank] = 0
	}
	return w
}
