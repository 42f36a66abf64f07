package sdktest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// The sources of a part of a value, in the order of their numbers.
const (
	fromText = iota
	fromRequest
	fromResponse
	fromStatusClass
	fromClient
	fromRoute
	fromCluster
	fromProperty
	fromUUIDv7
	fromUUIDv4
	fromNetwork
)

// fixed says whether the value is the same for all streams.
func (e *edit) fixed() bool {
	for _, p := range e.parts {
		if p.source != fromText {
			return false
		}
	}
	return true
}

func (e *edit) needsResponse() bool {
	for _, p := range e.parts {
		if p.source == fromResponse || p.source == fromStatusClass {
			return true
		}
	}
	return false
}

// value is the edit's for the stream, and whether anything of it is known.
func (e *edit) value(s *Stream) (v string, known bool) {
	known = e.fixed()
	var b strings.Builder
	for i := range e.parts {
		p := &e.parts[i]
		text := p.of(s)
		known = known || p.source != fromText && text != ""
		b.WriteString(text)
	}
	return b.String(), known
}

// texts is how long those parts are together that are texts.
func (e *edit) texts() (n int) {
	for _, p := range e.parts {
		if p.source == fromText {
			n += len(p.text)
		}
	}
	return n
}

func (p *editPart) of(s *Stream) string {
	switch p.source {
	case fromText:
		return p.text
	case fromRequest:
		return s.peek(abi.Request, p.text)
	case fromResponse:
		return s.peek(abi.Response, p.text)
	case fromStatusClass:
		if status := s.peek(abi.Response, ":status"); status != "" {
			return status[:1] + "xx"
		}
		return ""
	case fromClient:
		return s.fact("weir.client_ip")
	case fromNetwork:
		return networkOf(s.fact("weir.client_ip"), p.text)
	case fromRoute:
		return s.fact("xds\x00route_name")
	case fromCluster:
		return s.fact("xds\x00cluster_name")
	case fromProperty:
		return s.told(p.text)
	case fromUUIDv7:
		ms, part := uint64(s.host.now/1e6), uint64(s.host.now%1e6)
		return uuid(ms<<16 | 7<<12 | part*4096/1e6)
	}
	return uuid(rand.Uint64()&^0xf000 | 4<<12)
}

// networkOf is the first address of the network that an address is in.
func networkOf(address, bits string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	a = a.Unmap()
	n := bits[1]
	if a.Is4() {
		n = bits[0]
	}
	p, _ := a.Prefix(int(n))
	return p.Addr().String()
}

func (s *Stream) peek(d abi.Direction, name string) string {
	f := s.half[d].head
	if i := f.find(name); i >= 0 {
		return string(f[i].value)
	}
	return ""
}

// fact is a property of the host's.
func (s *Stream) fact(path string) string {
	v, _ := s.host.builtin(path)
	return string(v)
}

// told is a property that a filter has set: this one, or one before it, whose
// properties the test gives.
func (s *Stream) told(path string) string {
	for i := range s.props {
		if s.props[i].path == path {
			return string(s.props[i].value)
		}
	}
	v, ok := given(s.req.Properties, path)
	if !ok {
		v, _ = given(s.host.o.Properties, path)
	}
	return v
}

// uuid is one of the first half, of the variant of RFC 9562.
func uuid(high uint64) string {
	low := rand.Uint64()&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&(1<<48-1))
}
