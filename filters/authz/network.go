package authz

import (
	"net/netip"
)

// network is a range of addresses, without pointers.
type network struct {
	high, low uint64
	bits      uint8 // of the address that count, of 128
	v4        bool
}

// parseNetwork reads "10.0.0.0/8", or one address.
func parseNetwork(text string) (n network, ok bool) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return n, false
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	if p != p.Masked() || p.Addr().Is4In6() {
		return n, false
	}
	n = networkOf(p.Addr())
	n.bits = uint8(p.Bits())
	if n.v4 {
		n.bits += 96
	}
	return n, true
}

// networkOf is one address.
func networkOf(a netip.Addr) network {
	b := a.As16()
	return network{bigEndian(b[:8]), bigEndian(b[8:]), 128, a.Is4()}
}

// has says whether an address is in n.
func (n *network) has(a *network) bool {
	if n.v4 != a.v4 {
		return false
	}
	if n.bits <= 64 {
		return (n.high^a.high)>>(64-n.bits) == 0
	}
	return n.high == a.high && (n.low^a.low)>>(128-n.bits) == 0
}

// bigEndian is the number in 8 bytes. encoding/binary would bring reflection into
// the module.
func bigEndian(b []byte) (n uint64) {
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}
