package proxywasm

import "github.com/weirproxy/weir/core/filter"

// This file is what the results of callbacks mean.

// headAction is what a header callback's result means. Of the actions that the
// C++ SDK has beyond PAUSE, 2 continues and the others hold everything.
func (p *part) headAction(v uint64) filter.Action {
	switch uint32(v) {
	case 0, 2:
		return filter.ActionContinue
	case 1:
		if p.filter.root.spec.BufferOnPause {
			return filter.ActionPauseBuffering
		}
	}
	return filter.ActionPause
}

// bodyAction is what a body callback's result means: 1 and 2 hold, 2 up to the
// watermark; the others drop the piece.
func bodyAction(v uint64) filter.Action {
	switch uint32(v) {
	case 0:
		return filter.ActionContinue
	case 1, 2:
		return filter.ActionPause
	}
	return filter.ActionDropBody
}

// unasked is what a phase means that the guest has no callback for: it goes on, unless
// a security filter holds the head.
func (p *part) unasked(d filter.Direction) filter.Action {
	if p.held[d] && p.filter.root.spec.Security {
		return filter.ActionPause
	}
	return filter.ActionContinue
}

// guarded is what a body's or the trailers' result means while the head is held. To
// continue lets the head go, and most SDKs do so where a filter has no callback of
// its own: a security filter that waits for an answer has not said so.
func (p *part) guarded(d filter.Direction, a filter.Action) filter.Action {
	if a == filter.ActionContinue && p.held[d] && p.waits > 0 && p.filter.root.spec.Security {
		return filter.ActionPause
	}
	return a
}
