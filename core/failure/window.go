package failure

import "time"

// Slots is how finely a window slides.
const Slots = 10

// Window counts what happened in the time just gone by, slot by slot. Whoever has
// it guards it.
type Window struct {
	Sum   Tally
	width int64 // of a slot, nanoseconds
	at    int64 // the slot that is counted in, from the clock's zero on
	slots [Slots]Tally
}

// Tally is a number, and how many of those were bad.
type Tally struct{ All, Bad uint64 }

// Add counts. now is in nanoseconds, span at least Slots of them.
func (w *Window) Add(t Tally, span time.Duration, now int64) {
	w.slide(int64(span)/Slots, now)
	s := &w.slots[uint64(w.at)%Slots]
	s.All += t.All
	s.Bad += t.Bad
	w.Sum.All += t.All
	w.Sum.Bad += t.Bad
}

// slide forgets what has left the window.
func (w *Window) slide(width, now int64) {
	at := now / width
	if w.width != width || at-w.at >= Slots {
		*w = Window{width: width, at: at}
		return
	}
	for ; w.at < at; w.at++ {
		s := &w.slots[uint64(w.at+1)%Slots]
		w.Sum.All -= s.All
		w.Sum.Bad -= s.Bad
		*s = Tally{}
	}
}
