package template

import (
	"net/netip"

	"github.com/weirproxy/weir/sdk"
)

// Networks has {client_ip} stand for the first address of the client's network,
// which has so many bits of an address of IPv4 and of IPv6.
func (t *Template) Networks(v4, v6 byte) {
	for i := range t.parts {
		if p := &t.parts[i]; p.source == clientIP {
			*p = part{clientNetwork, string([]byte{v4, v6})}
		}
	}
}

// networkBuf is what networkOf answers in; callbacks do not overlap.
var networkBuf [64]byte

func networkOf(address []byte, bits string) []byte {
	a, err := netip.ParseAddr(sdk.View(address))
	if err != nil {
		return nil
	}
	a = a.Unmap().WithZone("")
	n := bits[1]
	if a.Is4() {
		n = bits[0]
	}
	p, err := a.Prefix(int(n))
	if err != nil {
		return nil
	}
	return p.Addr().AppendTo(networkBuf[:0])
}
