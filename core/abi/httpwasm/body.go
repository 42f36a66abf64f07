package httpwasm

import "github.com/weirproxy/weir/core/filter"

// eof is in read_body's answer when nothing follows.
const eof = 1 << 32

// maxBody bounds what a guest makes of a body, in bytes.
const maxBody = 32 << 20

// direction is the direction that a kind of body stands for.
func direction(kind uint64) filter.Direction {
	if k := uint32(kind); k > 1 {
		trap("body kind %d: there are 0 (request) and 1 (response)", k)
	}
	return filter.Direction(uint32(kind))
}

// readBody is read_body(kind, buf, limit): the next bytes of a body, how many
// and whether they are the last.
func (i *instance) readBody(a []uint64) uint64 {
	d, limit := direction(a[0]), uint32(a[2])
	if limit == 0 {
		trap("read_body into a buffer of 0 bytes")
	}
	p := i.part
	b, ended := p.unread(d)
	for len(b) == 0 && !ended {
		// The stream goes on without us, and comes back with more.
		i.in.Await(p.wait)
		b, ended = p.unread(d)
	}
	n := min(len(b), int(limit))
	if n > 0 {
		if !i.in.Write(uint32(a[1]), b[:n]) {
			trap("read_body: a buffer at %#x for %d bytes: not within the guest's memory", uint32(a[1]), n)
		}
		i.charge(n)
		p.sides[d].read += n
	}
	if ended && n == len(b) {
		return eof | uint64(n)
	}
	return uint64(n)
}

// unread is what of a body the guest has not read, as far as it is there, and
// whether more will come.
func (p *part) unread(d filter.Direction) (b []byte, ended bool) {
	s := &p.sides[d]
	switch {
	case d == filter.Request && p.stage == stageRequest:
		if buffer := p.stream.Body(p, d); buffer != nil {
			b = buffer.Bytes()
		}
		ended = s.ended
	case d == filter.Request:
		if !p.features.has(bufferRequest) {
			trap("read_body of the request after it went on: that needs the feature buffer_request")
		}
		if p.dropped {
			trap("read_body of the request after it went on: it was longer than the %d bytes that are kept", maxCopied)
		}
		b, ended = p.copied, true
	case p.stage == stageRequest: // what the guest itself has written
		b, ended = s.body, true
	default:
		if !p.features.has(bufferResponse) {
			trap("read_body of the response: that needs the feature buffer_response")
		}
		if buffer := p.stream.Body(p, d); buffer != nil {
			b = buffer.Bytes()
		}
		ended = true
	}
	return b[min(s.read, len(b)):], ended
}

// writeBody is write_body(kind, body, size): the first call of a callback
// overwrites, further ones append.
func (i *instance) writeBody(a []uint64) uint64 {
	d := direction(a[0])
	p := i.part
	p.mutable(d, "write_body")
	b := i.bytes("write_body", a[1], a[2])
	s := &p.sides[d]
	if len(s.body)+len(b) > maxBody {
		trap("write_body: more than %d bytes", maxBody)
	}
	s.wrote = true
	s.body = append(s.body, b...)
	return 0
}

// mutable traps unless a message can still be changed.
func (p *part) mutable(d filter.Direction, op string) {
	switch {
	case p.stage == stageRequest:
	case d == filter.Request:
		trap("%s: the request has gone on", op)
	case !p.features.has(bufferResponse):
		trap("%s after the next handler: that needs the feature buffer_response", op)
	}
}
