package proxywasm

import (
	"time"

	"github.com/weirproxy/weir/core/filter"
)

// hold keeps the stream of a part still for the rest of the frame, so that
// host functions may touch it. It fails while the stream's owner works on it.
func (i *instance) hold(p *part) bool {
	if i.holds(p.stream) {
		return true
	}
	if !p.stream.TryHold() {
		return false
	}
	i.frame.held = append(i.frame.held, p.stream)
	return true
}

// wish is what a guest asks of a stream.
type wish struct {
	kind      wishKind
	direction filter.Direction
	reply     *filter.Reply // wishReply's; valid only at once, unless kept
}

type wishKind uint8

const (
	wishResume wishKind = iota
	wishReset
	wishReply
)

// ask does what a guest asks of the effective stream: at once where the frame
// holds the stream, else as soon as its owner lets go of it. Without an
// effective stream, and for one that ends, there is nothing to do.
func (i *instance) ask(w wish) {
	p := i.frame.at.part
	switch {
	case p == nil:
	case !i.holds(p.stream):
		i.retry(p.id, w.kept(), firstRetry)
	default:
		if _, m := i.moment(); m == momentLive {
			p.do(w)
		}
	}
}

// do acts on a wish. The stream is held.
func (p *part) do(w wish) {
	switch w.kind {
	case wishResume:
		p.resumed(w.direction)
		p.settle()
		p.stream.Resume(p, w.direction)
	case wishReset:
		p.stream.Reset()
	case wishReply:
		p.stream.Reply(*w.reply) // too late for one: its stream has been answered
	}
}

// Waits between attempts to hold a stream whose owner is at work on it.
const (
	firstRetry = 20 * time.Microsecond
	lastRetry  = 5 * time.Millisecond
)

// retry does something to a stream when its owner waits. The owner works for
// microseconds at a time, or waits for a socket with the stream free.
func (i *instance) retry(id uint32, w wish, wait time.Duration) {
	lane := i.in.Lane()
	time.AfterFunc(wait, func() {
		lane.Lock()
		defer lane.Unlock()
		p := i.partOf(id)
		if p == nil {
			return
		}
		if !p.stream.TryHold() {
			i.retry(id, w, min(2*wait, lastRetry))
			return
		}
		p.do(w)
		p.stream.Release()
	})
}

// partOf is the stream's part of a context, nil when it has ended or only
// log, done and delete are left of it.
func (i *instance) partOf(id uint32) *part {
	if i.dead {
		return nil
	}
	e := i.contexts.find(id)
	if e == nil || e.part == nil || e.part.logged {
		return nil
	}
	return e.part
}
