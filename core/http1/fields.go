package http1

import "github.com/weirproxy/weir/core/stream"

// fields reads the field lines of a head: b holds them up to and with the
// empty line. Names are lower-cased in place.
//
// Hop-by-hop fields leave the list here (RFC 9110, section 7.6.1), before
// anything else sees it: Connection and what it names, Keep-Alive,
// Proxy-Connection, TE but for "trailers", Proxy-Authenticate and
// Proxy-Authorization. Content-Length and Transfer-Encoding stay to be read; the writer skips them.
type fields struct {
	list    *stream.Headers
	framing *Framing
	request bool
	host    []byte
	hosts   int
	upgrade []byte
	keep    bool // Connection: keep-alive
	conn    [4][]byte
	conns   int
}

func (p *fields) read(b []byte, l *Limits) error {
	names := l.names()
	for n := 0; ; n++ {
		if len(b) >= 2 && b[0] == '\r' && b[1] == '\n' {
			break
		}
		if n == l.Count {
			return errTooMany
		}
		name, value, rest, err := field(b, names)
		if err != nil {
			if b, err = l.skip(b, err); err != nil {
				return err
			}
			continue
		}
		if err := p.add(name, value); err != nil {
			return err
		}
		b = rest
	}
	return p.finish()
}

// field reads one field line, whose name names maps to lower case.
func field(b []byte, names *[256]byte) (name, value, rest []byte, err error) {
	i := 0
	for i < len(b) && b[i] != ':' {
		c := names[b[i]]
		if c == 0 {
			return nil, nil, nil, nameError(b, i)
		}
		b[i] = c
		i++
	}
	if i == 0 || i == len(b) {
		return nil, nil, nil, errName
	}
	name = b[:i:i]
	n, err := lineEnd(b[i+1:])
	if err != nil {
		return nil, nil, nil, err
	}
	value = stream.TrimOWS(b[i+1 : i+1+n])
	return name, value[:len(value):len(value)], b[i+1+n+2:], nil
}

func nameError(b []byte, i int) error {
	switch {
	case i == 0 && (b[0] == ' ' || b[0] == '\t'):
		return errFold
	case b[i] == '\r' || b[i] == '\n':
		return errNoColon
	case b[i] == '_':
		return errUnderscore
	}
	return errName
}

// nameByte maps a byte of a field name to lower case, and what may not stand
// in one to 0.
var nameByte = func() (t [256]byte) {
	for i := range 256 {
		b := []byte{byte(i)}
		if stream.LowerName(b) {
			t[i] = b[0]
		}
	}
	return t
}()

// add takes one field in. Its length picks the few names that could matter.
func (p *fields) add(name, value []byte) error {
	switch len(name) {
	case 2:
		if string(name) == "te" {
			if p.request && containsToken(value, "trailers") {
				p.list.AppendRaw(name, trailersValue)
			}
			return nil
		}
	case 4:
		if p.request && string(name) == "host" {
			p.hosts++
			p.host = value
			return nil
		}
	case 6:
		if p.request && string(name) == "expect" {
			if !stream.EqualFold(value, "100-continue") {
				return errExpect
			}
			p.framing.Expect = true
			return nil
		}
	case 7:
		if string(name) == "upgrade" {
			p.upgrade = value
		}
	case 10:
		switch string(name) {
		case "connection":
			return p.connection(value)
		case "keep-alive":
			return nil
		}
	case 14:
		if string(name) == "content-length" {
			if err := p.framing.addLength(value); err != nil {
				return err
			}
		}
	case 16:
		if string(name) == "proxy-connection" {
			return nil
		}
	case 17:
		if string(name) == "transfer-encoding" {
			if err := p.framing.addCoding(value); err != nil || p.request {
				return err // the request's is between the client and us
			}
		}
	case 18:
		if string(name) == "proxy-authenticate" {
			return nil
		}
	case 19:
		if string(name) == "proxy-authorization" {
			return nil
		}
	}
	p.list.AppendRaw(name, value)
	return nil
}

var trailersValue = []byte("trailers")

func (p *fields) connection(v []byte) error {
	switch {
	case stream.EqualFold(v, "close"):
		p.framing.Close = true
		return nil
	case stream.EqualFold(v, "keep-alive"):
		p.keep = true
		return nil
	}
	if p.conns == len(p.conn) {
		return errTooMany
	}
	p.conn[p.conns] = v
	p.conns++
	return nil
}

// finish settles what only the whole head can say.
func (p *fields) finish() error {
	wantsUpgrade := false
	for _, v := range p.conn[:p.conns] {
		err := eachToken(v, func(token []byte) error {
			switch {
			case stream.EqualFold(token, "close"):
				p.framing.Close = true
			case stream.EqualFold(token, "keep-alive"):
				p.keep = true
			case stream.EqualFold(token, "upgrade"):
				wantsUpgrade = true
			case stream.EqualFold(token, "te"):
			default:
				return p.strip(token)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if p.upgrade != nil {
		p.framing.Upgrade = wantsUpgrade
		if !wantsUpgrade {
			p.list.Del("upgrade")
		}
	}
	if p.framing.Chunked && p.framing.Length >= 0 {
		return errBothFramings
	}
	return nil
}

// strip removes a field that Connection names. Fields that carry meaning end
// to end are not a client's to remove: a filter or the upstream relies on them.
func (p *fields) strip(token []byte) error {
	var name [64]byte
	if len(token) > len(name) || !stream.ValidName(token) {
		return errConnection
	}
	n := name[:copy(name[:], token)]
	stream.LowerInPlace(n)
	if protected(string(n)) || len(n) > 8 && string(n[:8]) == "content-" {
		return errConnection
	}
	p.list.Del(string(n))
	return nil
}

func protected(name string) bool {
	switch name {
	case "host", "authorization", "cookie", "set-cookie", "forwarded", "x-real-ip", "x-request-id",
		"content-length", "content-type", "content-encoding", "transfer-encoding", "trailer", "expect":
		return true
	}
	return len(name) > 12 && name[:12] == "x-forwarded-" || len(name) > 7 && name[:7] == "x-weir-"
}

func containsToken(list []byte, want string) bool {
	found := false
	_ = eachToken(list, func(t []byte) error {
		found = found || stream.EqualFold(t, want)
		return nil
	})
	return found
}
