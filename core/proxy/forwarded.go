package proxy

import (
	"bytes"
	"net/netip"

	"github.com/weirproxy/weir/core/stream"
)

// Forwarding is whose word about the client counts, and what is said upstream.
type Forwarding struct {
	Proxies   []netip.Prefix // peers whose X-Forwarded-* and Forwarded are kept and added to
	Via       string         // our name in Via, or ""
	Forwarded bool           // also write Forwarded (RFC 7239)
	RequestID bool           // keep an untrusted client's x-request-id
}

func (f *Forwarding) trusts(a netip.Addr) bool {
	for _, p := range f.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// claims says whether a field tells of the client or of what proxies before
// us found: only trusted peers may say that.
func claims(name []byte) bool {
	switch name[0] {
	case 'x':
		if len(name) < 9 || name[1] != '-' {
			return false
		}
		return string(name) == "x-real-ip" || bytes.HasPrefix(name, xForwarded) || bytes.HasPrefix(name, xWeir)
	case 'f':
		return string(name) == "forwarded"
	}
	return false
}

var (
	xForwarded    = []byte("x-forwarded-")
	xForwardedFor = []byte("x-forwarded-for")
	xWeir         = []byte("x-weir-")
	xRequestID    = []byte("x-request-id")
)

// Receive is what happens to the head of a request from c before any filter sees
// it, for those who look at one without a proxy.
func (f *Forwarding) Receive(h *stream.RequestHead, c *Conn, info *stream.Info) {
	f.receive(h, c, info)
}

// receive makes what the request says of its way here true, and finds the
// client. It runs before any filter.
func (f *Forwarding) receive(h *stream.RequestHead, c *Conn, info *stream.Info) {
	info.Client = c.Source.Addr()
	trusted := len(f.Proxies) > 0 && f.trusts(info.Client)
	if trusted {
		f.extend(h, c, info)
	} else {
		h.Headers.DelFunc(func(e *stream.Field) bool {
			return claims(e.Name) || !f.RequestID && bytes.Equal(e.Name, xRequestID)
		})
		h.Headers.AddString("x-forwarded-for", c.peer)
	}
	if !trusted || !h.Headers.Has("x-forwarded-proto") {
		h.Headers.SetString("x-forwarded-proto", c.scheme)
	}
	if f.Forwarded {
		f.element(h, c)
	}
	if f.Via != "" {
		f.via(h)
	}
}

// extend adds the peer to the list that a trusted peer sent, in one field or
// several, and finds the client in it.
func (f *Forwarding) extend(h *stream.RequestHead, c *Conn, info *stream.Info) {
	var b [256]byte
	v := b[:0]
	for i := range h.Headers.Fields() {
		if e := h.Headers.At(i); bytes.Equal(e.Name, xForwardedFor) {
			v = append(append(v, e.Value...), ", "...)
		}
	}
	if len(v) > 0 {
		info.Client = f.client(v[:len(v)-2], info.Client)
	}
	h.Headers.Set(xForwardedFor, append(v, c.peer...))
}

// client is the last address of an X-Forwarded-For that no trusted proxy has:
// what stands before it anybody may have written.
func (f *Forwarding) client(list []byte, peer netip.Addr) netip.Addr {
	found := peer
	for len(list) > 0 {
		i := bytes.LastIndexByte(list, ',')
		a, err := netip.ParseAddr(string(stream.TrimOWS(list[i+1:])))
		if err != nil {
			return found
		}
		found = a.Unmap()
		if !f.trusts(found) {
			return found
		}
		list = list[:max(i, 0)]
	}
	return found
}

// element appends our element of Forwarded (RFC 7239, section 4).
func (f *Forwarding) element(h *stream.RequestHead, c *Conn) {
	var b [512]byte
	v := b[:0]
	if old := h.Headers.Peek("forwarded"); old != nil {
		v = append(append(v, old...), ", "...)
	}
	if c.Source.Addr().Is6() {
		v = append(append(append(v, `for="[`...), c.peer...), `]"`...)
	} else {
		v = append(append(v, "for="...), c.peer...)
	}
	v = append(append(v, `;host="`...), h.Authority...)
	v = append(append(v, `";proto=`...), c.scheme...)
	h.Headers.Set([]byte("forwarded"), v)
}

// via appends our member of Via (RFC 9110, section 7.6.3).
func (f *Forwarding) via(h *stream.RequestHead) {
	var b [256]byte
	v := b[:0]
	if old := h.Headers.Peek("via"); old != nil {
		v = append(append(v, old...), ", "...)
	}
	version := "1.1 "
	if h.Version == stream.HTTP10 {
		version = "1.0 "
	}
	h.Headers.Set([]byte("via"), append(append(v, version...), f.Via...))
}
