package circuit

// windowSlots is how finely a window slides.
const windowSlots = 10

// window counts requests and errors of the time just gone by, slot by slot.
type window struct {
	width int64 // of a slot, nanoseconds
	at    int64 // the slot that is counted in, from the clock's zero on
	slots [windowSlots]tally
	sum   tally
}

type tally struct{ all, bad uint64 }

// add counts one request.
func (w *window) add(bad bool, width, now int64) {
	w.slide(width, now)
	s := &w.slots[uint64(w.at)%windowSlots]
	s.all++
	w.sum.all++
	if bad {
		s.bad++
		w.sum.bad++
	}
}

// slide forgets what has left the window.
func (w *window) slide(width, now int64) {
	at := now / width
	switch gone := at - w.at; {
	case w.width != width || gone >= windowSlots:
		*w = window{width: width, at: at}
	default:
		for ; w.at < at; w.at++ {
			s := &w.slots[uint64(w.at+1)%windowSlots]
			w.sum.all -= s.all
			w.sum.bad -= s.bad
			*s = tally{}
		}
	}
}
