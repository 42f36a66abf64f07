package stream

// Priority says which requests are given up last when there are too many. The zero
// value is the usual one.
type Priority int8

// The priorities.
const (
	PriorityLow Priority = iota - 1
	PriorityNormal
	PriorityHigh
)

// Priorities are all of them, the lowest first.
var Priorities = [...]Priority{PriorityLow, PriorityNormal, PriorityHigh}

// String is the name in configurations, metrics and logs.
func (p Priority) String() string { return priorityNames[p.Rank()] }

// Rank counts from 0, the lowest.
func (p Priority) Rank() int { return int(p - PriorityLow) }

var priorityNames = [...]string{"low", "normal", "high"}

// PriorityOf is the priority of a name; false for one that does not exist.
func PriorityOf[T ~string | ~[]byte](name T) (p Priority, ok bool) {
	for _, p := range Priorities {
		if string(name) == p.String() {
			return p, true
		}
	}
	return PriorityNormal, false
}
