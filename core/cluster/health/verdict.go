package health

import "time"

// verdict is what the checks so far say. A single failure, or success, changes
// nothing: only some in a row do.
type verdict struct {
	State
	rise, fall int
	streak     int  // checks in a row that speak against the state
	known      bool // one has succeeded, ever
}

// note takes the outcome of one more check, and says whether it changed the
// state.
func (v *verdict) note(err error, now time.Time) (changed bool) {
	v.Checks++
	v.Err = err
	if err != nil {
		v.Failures++
	}
	if (err == nil) == v.Healthy {
		v.known = v.known || err == nil
		v.streak = 0
		return false
	}
	v.streak++
	if v.streak < v.needed() {
		return false
	}
	v.Healthy, v.Since, v.streak = err == nil, now, 0
	v.known = v.known || err == nil
	return true
}

// needed is how many in a row change the state. As long as nothing but trust
// speaks for an endpoint, one failure is enough.
func (v *verdict) needed() int {
	switch {
	case !v.Healthy:
		return v.rise
	case !v.known:
		return 1
	}
	return v.fall
}
