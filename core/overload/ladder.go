package overload

import "time"

// Thresholds are the shares of the limit from which on the levels Shrink to
// NoAccept hold, in that order, ascending.
type Thresholds [NoAccept]float64

// at is the level of a share, without a past.
func (t *Thresholds) at(share float64) Level {
	level := Calm
	for i, from := range t {
		if share >= from {
			level = Level(i + 1)
		}
	}
	return level
}

const (
	// margin is by how much less than its threshold, as a part of that, the
	// memory has to be for a level to end.
	margin = 0.02
	// hold is for how long it has to be. What a level refuses comes back when
	// the level ends: at once, and all of it, it would bring the level back.
	hold = int64(time.Second)
)

// ladder is the level over time.
type ladder struct {
	level Level
	low   bool  // memory is low enough for a lower level
	since int64 // from when on it has been, if it is
}

// step settles the level for a share that was measured at time now,
// nanoseconds of a clock that never goes back. It rises as far as it must, and
// falls by one.
func (l *ladder) step(now int64, share float64, t *Thresholds) Level {
	switch {
	case t.at(share) >= l.level:
		*l = ladder{level: t.at(share)}
	case t.at(share/(1-margin)) >= l.level:
		l.low = false
	case !l.low:
		l.low, l.since = true, now
	case now-l.since >= hold:
		l.level, l.since = l.level-1, now
	}
	return l.level
}
