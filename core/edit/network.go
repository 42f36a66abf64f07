package edit

import "net/netip"

// readNetwork reads how much of an address is its network: a byte for IPv4, up
// to 32, and one for IPv6, up to 128.
func (p *part) readNetwork() bool {
	if len(p.text) != 2 || p.text[0] > 32 || p.text[1] > 128 {
		return false
	}
	p.bits = [2]int{int(p.text[0]), int(p.text[1])}
	return true
}

// network appends the first address of the network that a is in: one client has
// a whole network of IPv6.
func (p *part) network(dst []byte, a netip.Addr) []byte {
	if !a.IsValid() {
		return dst
	}
	a = a.Unmap()
	bits := p.bits[1]
	if a.Is4() {
		bits = p.bits[0]
	}
	n, err := a.Prefix(bits)
	if err != nil {
		return dst
	}
	return n.Addr().AppendTo(dst)
}
