package trial

import "github.com/weirproxy/weir/core/trial/rig"

// try is a case under way.
type try struct {
	suite   *Suite
	c       *Case
	rig     *rig.Rig
	streams map[string]*rig.Stream // by the names that steps give them
	begun   []begunStream          // that were not over at once
	count   int                    // of all
	watched map[*rig.Stream]bool   // whose state a step has looked at
	used    []int                  // how often each reply was
	found   []Mismatch

	lines, calls int                  // of the log, that were there when the step began
	failures     map[*rig.Stream]bool // that were looked at
}

func newTry(s *Suite, c *Case) *try {
	return &try{
		suite: s, c: c, used: make([]int, len(c.replies)), streams: map[string]*rig.Stream{},
		watched: map[*rig.Stream]bool{}, failures: map[*rig.Stream]bool{},
	}
}

type begunStream struct {
	*rig.Stream
	key string // of its step
}

// refused judges a filter that could not be made.
func (t *try) refused(err error) {
	switch want := &t.c.refused; {
	case !want.set:
		t.add(t.c.key, "", "", "the filter cannot be used: "+err.Error())
	case !want.fits(err.Error()):
		t.add(want.key, want.String(), quote(err.Error()), "")
	}
}

// run takes the case through its steps.
func (t *try) run() {
	if want := &t.c.refused; want.set {
		t.add(want.key, "the filter refused: "+want.String(), "taken", "")
		return
	}
	for i := range t.c.steps {
		s := &t.c.steps[i]
		current, err := t.step(s)
		if err != nil {
			t.add(s.key, "", "", err.Error())
			return
		}
		t.judge(s, current)
	}
	t.leftovers()
}

// step does what a step says, and answers the stream that it is about.
func (t *try) step(s *stepTable) (*rig.Stream, error) {
	t.lines, t.calls = t.rig.Log.Len(), t.rig.CallCount()
	if s.Advance > 0 {
		if err := t.rig.Advance(s.Advance.Std()); err != nil {
			return nil, err
		}
	}
	for n := 0; s.Request != nil && n < max(1, s.Repeat); n++ {
		in, err := s.Request.request()
		if err != nil {
			return nil, err
		}
		out, err := s.Response.orDefault().response()
		if err != nil {
			return nil, err
		}
		if n == max(1, s.Repeat)-1 {
			t.lines, t.calls = t.rig.Log.Len(), t.rig.CallCount() // the last is what is looked at
		}
		current := t.rig.Begin(in, out, s.Facts.orDefault().facts())
		t.streams[s.Stream], t.streams[""] = current, current
		t.count++
		if s.Expect.State != nil {
			t.watched[current] = true
		}
		if err := t.rig.Settle(); err != nil {
			return nil, err
		}
		if !ended(current) {
			t.begun = append(t.begun, begunStream{current, s.key})
		}
	}
	current := t.streams[s.Stream]
	if s.Abort && current != nil {
		current.Abort()
	}
	if s.Expect.State != nil {
		t.watched[current] = true
	}
	return current, t.rig.Settle()
}

// ended says that a stream is over.
func ended(s *rig.Stream) bool {
	state := s.State()
	return state == rig.Done || state == rig.Reset || state == rig.Aborted
}

// leftovers finds streams that never ended.
func (t *try) leftovers() {
	for _, s := range t.begun {
		if t.watched[s.Stream] || ended(s.Stream) {
			continue
		}
		state := s.State()
		why := "still " + string(state) + " at the end of the case"
		if state == rig.Waiting {
			why = "still waiting for the rest of a message at the end of the case"
		}
		if due, ok := t.rig.Clock.Due(); ok {
			why += "; the next thing comes in " + due.String() + ": a step with advance = \"" + due.String() + "\" gets there"
		} else {
			why += ", and nothing will come that could end that: neither a timer nor a reply. If that is meant, say expect.state = \"" + string(state) + "\""
		}
		t.add(s.key, "", "", why+t.said(t.rig.Log.Lines(0)))
		return
	}
}
