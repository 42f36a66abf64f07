// Package lb picks one of several endpoints. A file per policy.
package lb

import "math/rand/v2"

// Set is what a policy chooses from.
type Set interface {
	// Len is the number of endpoints that may be picked.
	Len() int
	// Load is the number of requests under way at endpoint i.
	Load(i int) int64
}

// Policy picks. It may be used from any goroutine.
type Policy interface {
	// Pick answers an index into s, which is not empty. It stays clear of
	// avoid, an index or -1, if there is another.
	Pick(s Set, avoid int) int
}

// New is the policy of that name: "p2c" or "round_robin".
func New(name string) (Policy, bool) {
	switch name {
	case "p2c", "":
		return P2C{}, true
	case "round_robin":
		return new(RoundRobin), true
	}
	return nil, false
}

// other is a random index that is not avoid.
func other(n, avoid int) int {
	if avoid < 0 || avoid >= n {
		return rand.IntN(n)
	}
	i := rand.IntN(n - 1)
	if i >= avoid {
		i++
	}
	return i
}
