package weir

// Faults is a set of ways in which an upstream fails to answer.
type Faults uint32

// The faults.
const (
	Connect  Faults = 1 << iota // no connection
	Timeout                     // the route's time-outs
	Reset                       // the connection ended early
	Protocol                    // what came is not HTTP
)

// Statuses is a set of HTTP statuses, of 100 to 611.
type Statuses [64]byte

// Add adds a status.
func (s *Statuses) Add(status int) {
	if n := status - 100; n >= 0 && n < 8*len(s) {
		s[n/8] |= 1 << (n % 8)
	}
}

// Has says whether a status is in the set.
func (s *Statuses) Has(status int) bool {
	n := status - 100
	return n >= 0 && n < 8*len(s) && s[n/8]>>(n%8)&1 != 0
}
