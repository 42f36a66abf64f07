package cluster

import (
	"net/netip"

	"github.com/weirproxy/weir/core/stream"
)

// Hash is what of a request chooses its endpoint, where the policy hashes.
type Hash struct {
	By   HashBy
	Name string // of the header, in lower case, or the cookie
}

// HashBy is a part of a request.
type HashBy uint8

// The parts.
const (
	HashNothing  HashBy = iota // requests go anywhere, unless a filter says otherwise
	HashClientIP               // the client's address, by the trust settings
	HashHeader                 // the first field of that name
	HashCookie                 // the first cookie of that name
	HashPath                   // the path without its query
)

// KeyOf is the key of a client's address.
func KeyOf(client netip.Addr) uint64 {
	b := client.As16()
	return stream.HashKey(b[:])
}
