// Package failure has the words for how upstreams fail: sets of HTTP statuses and
// of faults, and a window that counts what happened of late.
//
// Start at [Statuses] and [Faults].
package failure

import "encoding/binary"

// Faults is a set of ways in which an upstream fails to answer.
type Faults uint32

// The faults. Values are part of foreign functions' encodings.
const (
	Connect   Faults = 1 << iota // no connection, or no TLS on it
	Timeout                      // the route's time-out, or that of a try
	Reset                        // the connection or stream ended early
	Protocol                     // what came is not HTTP
	AllFaults = 1<<iota - 1
)

// Statuses is a set of HTTP statuses: bit n is status 100+n.
type Statuses [8]uint64

// StatusesSize is the length of an encoded set, in bytes.
const StatusesSize = 64

// ReadStatuses reads a set from its first bytes, of which there are enough.
func ReadStatuses(b []byte) (s Statuses) {
	for i := range s {
		s[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return s
}

// Has says whether a status is in the set.
func (s *Statuses) Has(status int) bool {
	n := uint(status - 100)
	return n < uint(len(s)*64) && s[n/64]>>(n%64)&1 != 0
}
