package http1

import (
	"bytes"

	"github.com/weirproxy/weir/core/stream"
)

// Limits bound a head.
type Limits struct {
	Bytes int // of the whole head
	Count int // of fields
	Line  int // bytes of the request line

	Underscores Underscores // in names of a request's fields
	Dropped     func()      // told of each field that is left out; may be nil
}

var crlf2 = []byte("\r\n\r\n")

// headEnd is the length of the head that b starts with, once it is all there;
// seen bytes were looked at before.
func headEnd(b []byte, seen int, l *Limits) (int, error) {
	from := max(seen-3, 0)
	if i := bytes.Index(b[from:], crlf2); i >= 0 {
		n := from + i + 4
		if n > l.Bytes {
			return 0, tooLarge(b, l)
		}
		return n, nil
	}
	// What cannot become a head is refused at once, so that nobody waits for
	// the end of a head whose lines end in bare LF.
	for rest, at := b[from:], from; ; {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			break
		}
		at += i
		if at > 0 && b[at-1] != '\r' || at == 0 {
			return 0, errLineEnd
		}
		rest, at = rest[i+1:], at+1
	}
	if len(b) >= l.Bytes {
		return 0, tooLarge(b, l)
	}
	if lineTooLong(b, l) {
		return 0, errLineTooLong
	}
	return 0, errMore
}

// tooLarge says what of a head above its limit was too much.
func tooLarge(b []byte, l *Limits) error {
	if lineTooLong(b, l) || bytes.IndexByte(b, '\n') < 0 {
		return errLineTooLong
	}
	return errTooLarge
}

func lineTooLong(b []byte, l *Limits) bool {
	return len(b) > l.Line+2 && bytes.IndexByte(b[:l.Line+2], '\n') < 0
}

// ParseRequest reads a request's head from b, which holds all of it, and
// nothing behind it. The head's fields are spans over b, whose names are
// lower-cased in place.
func ParseRequest(b []byte, head *stream.RequestHead, f *Framing, l *Limits) error {
	*f = Framing{Length: -1}
	if len(b) > 2 && b[0] == '\r' && b[1] == '\n' {
		b = b[2:] // RFC 9112, section 2.2: one empty line before a request is forgiven
	}
	end, err := lineEnd(b)
	if err != nil {
		return err
	}
	if end > l.Line {
		return errLineTooLong
	}
	authority, err := requestLine(b[:end], head)
	if err != nil {
		return err
	}
	f.Absolute = authority != nil && !secureTarget(b)
	p := fields{list: &head.Headers, framing: f, request: true}
	if err := p.read(b[end+2:], l); err != nil {
		return err
	}
	if err := hostOf(&p, head, authority); err != nil {
		return err
	}
	if head.Version == stream.HTTP10 {
		if f.Chunked {
			return errTransferHTTP10
		}
		f.Close = f.Close || !p.keep
		f.Expect, f.Upgrade = false, false
	}
	return nil
}

// requestLine reads method, target and version, each apart by one blank.
func requestLine(line []byte, head *stream.RequestHead) (authority []byte, err error) {
	sp := bytes.IndexByte(line, ' ')
	if sp <= 0 {
		return nil, errRequestLine
	}
	method, rest := line[:sp:sp], line[sp+1:]
	if !stream.ValidName(method) {
		return nil, errMethod
	}
	sp = bytes.IndexByte(rest, ' ')
	if sp <= 0 {
		return nil, errRequestLine // HTTP/0.9, or an empty target
	}
	target, version := rest[:sp:sp], rest[sp+1:]
	switch string(version) {
	case "HTTP/1.1":
		head.Version = stream.HTTP11
	case "HTTP/1.0":
		head.Version = stream.HTTP10
	default:
		return nil, versionError(version)
	}
	if string(method) == "CONNECT" {
		return nil, errConnect
	}
	head.Method = method
	head.Path, authority, err = splitTarget(method, target)
	return authority, err
}

// versionError tells a version that we do not speak from what is none.
func versionError(v []byte) error {
	if len(v) == 8 && string(v[:5]) == "HTTP/" && isDigit(v[5]) && v[6] == '.' && isDigit(v[7]) {
		return errVersion
	}
	return errRequestLine
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// splitTarget takes the origin form and the absolute form apart (RFC 9112,
// section 3.2); the asterisk form is for OPTIONS alone.
func splitTarget(method, target []byte) (path, authority []byte, err error) {
	for _, c := range target {
		if c <= ' ' || c == '#' || c >= 0x7f {
			return nil, nil, errTarget
		}
	}
	if target[0] == '/' {
		return target, nil, nil
	}
	if string(target) == "*" && string(method) == "OPTIONS" {
		return target, nil, nil
	}
	var rest []byte
	switch {
	case len(target) > 7 && stream.EqualFold(target[:7], "http://"):
		rest = target[7:]
	case len(target) > 8 && stream.EqualFold(target[:8], "https://"):
		rest = target[8:]
	default:
		return nil, nil, errTarget
	}
	end := bytes.IndexAny(rest, "/?")
	switch {
	case end == 0:
		return nil, nil, errTarget
	case end < 0:
		return []byte("/"), rest, nil
	case rest[end] == '?':
		return append([]byte("/"), rest[end:]...), rest[:end], nil
	}
	return rest[end:], rest[:end], nil
}

// secureTarget says whether a request line's absolute target is one of https.
func secureTarget(line []byte) bool {
	at := bytes.IndexByte(line, ' ') + 1
	return line[at+4] == 's' || line[at+4] == 'S'
}

// hostOf settles the authority: one Host, well formed, equal to that of an
// absolute target.
func hostOf(p *fields, head *stream.RequestHead, authority []byte) error {
	switch {
	case p.hosts > 1:
		return errHostTwice
	case p.hosts == 0 && head.Version == stream.HTTP11:
		return errHostMissing
	}
	if authority != nil {
		if p.hosts == 1 && !bytes.EqualFold(p.host, authority) {
			return errHostDiffers
		}
		p.host = authority
	}
	if p.hosts == 1 && len(p.host) == 0 && authority == nil || !stream.ValidHost(p.host) {
		return errHost
	}
	head.Authority = p.host
	return nil
}
