package http2

import (
	"bytes"

	"golang.org/x/net/http2/hpack"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// requestFields makes a request's head out of decoded fields (RFC 9113, section
// 8.3), with the strictness of HTTP/1: whoever is sent it in that version must
// not read it differently.
type requestFields struct {
	head     *stream.RequestHead
	framing  *http1.Framing
	limits   *http1.Limits
	protocol []byte
	host     []byte
	hosts    int
	crumbs   int // cookies
	regular  bool
}

func parseRequest(fields []hpack.HeaderField, end bool, head *stream.RequestHead, f *http1.Framing, l *http1.Limits, connect bool) error {
	*f = http1.Framing{Length: -1}
	head.Version = stream.HTTP2
	p := requestFields{head: head, framing: f, limits: l}
	for i := range fields {
		name, value := spanOf(fields[i].Name), spanOf(fields[i].Value)
		var err error
		if len(name) > 0 && name[0] == ':' {
			err = p.pseudo(name, value)
		} else {
			err = p.field(name, value)
		}
		if err != nil {
			return err
		}
	}
	if err := p.target(l, connect); err != nil {
		return err
	}
	if err := p.authority(); err != nil {
		return err
	}
	if p.crumbs > 1 {
		joinCookies(&head.Headers)
	}
	if head.Headers.Len() > l.Count {
		return errTooLarge
	}
	switch {
	case f.Upgrade:
		if f.Length >= 0 {
			return errBodyLength
		}
	case end && f.Length > 0:
		return errBodyLength
	case !end && f.Length < 0:
		f.Chunked = true
	}
	f.Expect = f.Expect && f.HasBody()
	return nil
}

// pseudo takes a pseudo-header field: each once, before all others.
func (p *requestFields) pseudo(name, value []byte) error {
	var at *[]byte
	switch string(name) {
	case ":method":
		at = &p.head.Method
	case ":scheme":
		at = &p.head.Scheme
	case ":authority":
		at = &p.head.Authority
	case ":path":
		at = &p.head.Path
	case ":protocol":
		at = &p.protocol
	}
	if at == nil || p.regular || *at != nil {
		return errPseudo
	}
	if *at = value; value == nil {
		*at = []byte{}
	}
	return nil
}

// field takes a regular field in. Its length picks the few names that matter.
func (p *requestFields) field(name, value []byte) error {
	p.regular = true
	said := bytesOf(name)
	if said&noName != 0 {
		return errName
	}
	if said&underscore != 0 {
		if drop, err := p.limits.Drops(textOf(name)); drop || err != nil {
			return err
		}
	}
	if !validValue(value) {
		return errValue
	}
	switch len(name) {
	case 2:
		if string(name) == "te" && !stream.EqualFold(value, "trailers") {
			return errTE
		}
	case 4:
		if string(name) == "host" {
			p.hosts++
			p.host = value
			return nil
		}
	case 6:
		switch string(name) {
		case "cookie":
			p.crumbs++
		case "expect":
			if !stream.EqualFold(value, "100-continue") {
				return errExpect
			}
			p.framing.Expect = true
			return nil
		}
	case 14:
		if string(name) == "content-length" {
			if err := p.framing.AddLength(value); err != nil {
				return err
			}
		}
	case 7, 10, 16, 17:
		switch string(name) {
		case "upgrade", "connection", "keep-alive", "proxy-connection", "transfer-encoding":
			return errHopByHop
		}
	case 18, 19:
		if string(name) == "proxy-authenticate" || string(name) == "proxy-authorization" {
			return nil
		}
	}
	p.head.Headers.AppendRaw(name, value)
	return nil
}

// target checks the method, the scheme and the path.
func (p *requestFields) target(l *http1.Limits, connect bool) error {
	h := p.head
	if p.protocol != nil {
		if err := p.upgrade(connect); err != nil {
			return err
		}
	} else if string(h.Method) == "CONNECT" {
		return errConnect
	}
	switch {
	case h.Method == nil || h.Scheme == nil || h.Path == nil:
		return errMissing
	case !stream.ValidName(h.Method):
		return errMethod
	case !stream.EqualFold(h.Scheme, "http") && !stream.EqualFold(h.Scheme, "https"):
		return errScheme
	case len(h.Path) > l.Line:
		return errLongPath
	}
	_, authority, err := http1.SplitTarget(h.Method, h.Path)
	if err == nil && authority != nil {
		err = errPath
	}
	return err
}

// upgrade makes of an extended CONNECT (RFC 8441) what it is in HTTP/1: a GET
// that asks for an upgrade.
func (p *requestFields) upgrade(connect bool) error {
	switch {
	case !connect || string(p.head.Method) != "CONNECT":
		return errConnect
	case !stream.EqualFold(p.protocol, "websocket"):
		return errProtocol
	}
	p.head.Method = methodGet
	p.framing.Upgrade = true
	p.head.Headers.AppendRaw(nameUpgrade, websocket)
	return nil
}

var methodGet, nameUpgrade, websocket = []byte("GET"), []byte("upgrade"), []byte("websocket")

// authority settles it: :authority, or else Host, well formed and equal where
// there are both.
func (p *requestFields) authority() error {
	h := p.head
	switch {
	case p.hosts > 1:
		return errHostTwice
	case h.Authority == nil && p.hosts == 0:
		return errNoHost
	case h.Authority == nil:
		h.Authority = p.host
	case p.hosts == 1 && !bytes.EqualFold(p.host, h.Authority):
		return errDiffers
	}
	if len(h.Authority) == 0 || !stream.ValidHost(h.Authority) {
		return errHost
	}
	return nil
}

// joinCookies puts the crumbs of a cookie together, in the place of the first
// (RFC 9113, section 8.2.3).
func joinCookies(h *stream.Headers) {
	var whole []byte
	for i := range h.Fields() {
		if f := h.At(i); string(f.Name) == "cookie" {
			if whole != nil {
				whole = append(whole, "; "...)
			}
			whole = append(whole, f.Value...)
		}
	}
	h.SetNamed("cookie", whole)
}
