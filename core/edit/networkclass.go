package edit

import (
	"net/netip"
	"slices"
)

// ranges are where the networks begin and end that a filter tells addresses apart by, in
// order: addresses with none of these between them are in the same networks.
type ranges []netip.Addr

// The encoding of a network: 16 bytes, IPv4 ones as ::ffff:a.b.c.d, and how many bits
// of them count.
const (
	sizeNetwork = 17
	maxNetworks = 4096
)

func readNetworks(text string) (r ranges, ok bool) {
	if len(text)%sizeNetwork != 0 || len(text) > maxNetworks*sizeNetwork {
		return nil, false
	}
	for b := []byte(text); len(b) > 0; b = b[sizeNetwork:] {
		a, bits := netip.AddrFrom16([16]byte(b)), int(b[sizeNetwork-1])
		if a.Is4In6() && bits >= 96 {
			a, bits = a.Unmap(), bits-96
		}
		p := netip.PrefixFrom(a, bits)
		if !p.IsValid() || a.Is4In6() || p != p.Masked() {
			return nil, false
		}
		r = append(r, a)
		if next := last(p).Next(); next.IsValid() {
			r = append(r, next)
		}
	}
	slices.SortFunc(r, netip.Addr.Compare)
	return slices.Compact(r), true
}

// last is a network's last address.
func last(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// class is the number of the range that an address is in. All of IPv4 is before all of
// IPv6. It is not known for an address that is not.
func (r ranges) class(a netip.Addr) (n uint32, known bool) {
	a = a.Unmap().WithZone("")
	at, found := slices.BinarySearchFunc(r, a, netip.Addr.Compare)
	if found {
		at++
	}
	n = uint32(at) << 1
	if a.Is6() {
		n |= 1 // a range may begin in IPv4 and end in IPv6
	}
	return n, a.IsValid()
}
