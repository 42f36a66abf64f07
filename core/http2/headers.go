package http2

import (
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// block is the header block under way (RFC 9113, section 4.3). It is decoded as
// it comes: what is held of it is the list of its fields.
type block struct {
	id     uint32 // 0 while there is none
	end    bool   // END_STREAM
	wanted bool   // else it is decoded for the table's sake alone
	fields []hpack.HeaderField
	size   int   // as SETTINGS_MAX_HEADER_LIST_SIZE counts
	bytes  int   // compressed
	parts  int   // CONTINUATION frames
	over   error // what of it was too much
}

// maxBlock is the largest header block that is decoded at all, in bytes. A
// list above its limit is answered with 431; this much ends the connection.
func (c *conn) maxBlock() int { return 2*c.opt.Limits.Bytes + 1<<10 }

// maxParts bounds the CONTINUATION frames of a block: more than a block of the
// largest size needs.
const maxParts = 32

func (c *conn) readHeaders(h http2.FrameHeader) error {
	if h.StreamID == 0 {
		return refuse(http2.ErrCodeProtocol, "HEADERS on stream 0")
	}
	size, pad, err := c.headersPrefix(h)
	if err != nil {
		return err
	}
	b := &c.block
	*b = block{id: h.StreamID, end: h.Flags.Has(http2.FlagHeadersEndStream), fields: b.fields[:0]}
	if pad > size {
		return refuse(http2.ErrCodeProtocol, "more padding than payload")
	}
	c.mu.Lock()
	b.wanted, err = c.expect(b)
	c.mu.Unlock()
	if err != nil {
		if err = c.refuseStream(b.id, err); err != nil {
			return err
		}
	}
	c.decoder.SetEmitEnabled(b.wanted)
	if err := c.decode(size - pad); err != nil {
		return err
	}
	if err := c.in.skip(pad); err != nil {
		return err
	}
	if h.Flags.Has(http2.FlagHeadersEndHeaders) {
		return c.endBlock()
	}
	return nil
}

// headersPrefix reads what may stand before the block, and says how many bytes
// of payload are left and how many of them are padding.
func (c *conn) headersPrefix(h http2.FrameHeader) (size, pad int, err error) {
	size = int(h.Length)
	short := refuseShort
	if h.Flags.Has(http2.FlagHeadersPadded) {
		if size--; size < 0 {
			return 0, 0, short
		}
		b, err := c.in.octet()
		if err != nil {
			return 0, 0, err
		}
		pad = int(b)
	}
	if !h.Flags.Has(http2.FlagHeadersPriority) {
		return size, pad, nil
	}
	if size -= 5; size < 0 {
		return 0, 0, short
	}
	var p [5]byte
	for i := range p {
		if p[i], err = c.in.octet(); err != nil {
			return 0, 0, err
		}
	}
	on := uint32(p[0]&0x7f)<<24 | uint32(p[1])<<16 | uint32(p[2])<<8 | uint32(p[3])
	if on == h.StreamID {
		return 0, 0, refuse(http2.ErrCodeProtocol, "stream depends on itself")
	}
	return size, pad, nil
}

var refuseShort = refuse(http2.ErrCodeFrameSize, "HEADERS shorter than its flags say")

// expect decides what a HEADERS frame is. The lock is held.
func (c *conn) expect(b *block) (wanted bool, err error) {
	s := c.streams[b.id]
	if s == nil && c.isIdle(b.id) {
		return c.role.open(b.id, b.end)
	}
	if s == nil && c.closed.skipped(b.id) {
		return false, refuse(http2.ErrCodeProtocol, "HEADERS for a stream that was left out")
	}
	if err := c.late(s, b.id); err != nil || s == nil || s.how != unknown {
		return false, err
	}
	if !b.end && !c.role.interim(s) {
		return false, reset(http2.ErrCodeProtocol, "HEADERS without END_STREAM behind a message's head")
	}
	return true, nil
}

func (c *conn) readContinuation(h http2.FrameHeader) error {
	b := &c.block
	if b.parts++; b.parts > maxParts {
		return refuse(http2.ErrCodeEnhanceYourCalm, "budget overspent: CONTINUATION")
	}
	if err := c.decode(int(h.Length)); err != nil {
		return err
	}
	if h.Flags.Has(http2.FlagContinuationEndHeaders) {
		return c.endBlock()
	}
	return nil
}

// decode gives n bytes of payload to the decoder, which hands fields to field.
func (c *conn) decode(n int) error {
	if c.block.bytes += n; c.block.bytes > c.maxBlock() {
		return refuse(http2.ErrCodeEnhanceYourCalm, "budget overspent: size of a head")
	}
	for n > 0 {
		p, err := c.in.peek()
		if err != nil {
			return err
		}
		p = p[:min(n, len(p))]
		if _, err := c.decoder.Write(p); err != nil {
			if err == hpack.ErrStringLength {
				return refuse(http2.ErrCodeEnhanceYourCalm, "budget overspent: length of a field")
			}
			return refuse(http2.ErrCodeCompression, err.Error())
		}
		c.in.take(len(p))
		n -= len(p)
	}
	return nil
}

// field takes a decoded field. Cookies may come in crumbs, which count as one.
func (c *conn) field(f hpack.HeaderField) {
	b := &c.block
	b.size += int(f.Size())
	if b.size > c.opt.Limits.Bytes || len(b.fields) >= maxFields {
		b.over = errTooLarge
		c.decoder.SetEmitEnabled(false)
		return
	}
	b.fields = append(b.fields, f)
}

// maxFields bounds the fields of a block, crumbs of cookies included; their
// size bounds them too.
const maxFields = 2048

func (c *conn) endBlock() error {
	if err := c.decoder.Close(); err != nil {
		return refuse(http2.ErrCodeCompression, err.Error())
	}
	b := &c.block
	defer func() { b.id = 0 }()
	if !b.wanted {
		return nil
	}
	c.mu.Lock()
	s := c.streams[b.id]
	if s == nil || c.role.interim(s) {
		c.mu.Unlock()
		return c.refuseStream(b.id, c.role.head(b))
	}
	var err error
	if s.how == unknown {
		if err = s.takeTrailers(b); err == nil {
			err = s.endReceiving()
		}
	}
	c.mu.Unlock()
	return c.refuseStream(b.id, err)
}

// takeTrailers keeps the fields behind a body. The lock is held.
func (s *Stream) takeTrailers(b *block) error {
	fail := func(err error) error {
		s.cause = err
		return reset(http2.ErrCodeProtocol, err.Error())
	}
	if b.over != nil || len(b.fields) > s.c.opt.Limits.Count {
		return fail(errTrailerBig)
	}
	for i := range b.fields {
		if !s.trailer(&b.fields[i]) {
			return fail(errTrailer)
		}
	}
	return nil
}
