package http1

import (
	"bytes"
	"net"
	"strconv"

	"github.com/weirproxy/weir/core/stream"
)

var (
	errConnectTarget = reject("the target of CONNECT is not a host and a port")
	errConnectBody   = reject("a CONNECT with a body, or with bytes behind it that do not wait for its answer")
)

// Connect is the beginning of a CONNECT request.
const Connect = "CONNECT "

// ReadConnect reads a CONNECT request, see Begins, and answers where its client wants to
// be connected to, "host:port" (RFC 9110, section 9.3.6).
func (s *Server) ReadConnect() (to string, err error) {
	b, err := s.readHead(s.opt.Head)
	if err != nil {
		return "", clientFault(err, "reading head", errHeadTimeout)
	}
	to, err = parseConnect(b, &s.opt.Limits)
	if err == nil && len(s.unread()) > 0 {
		err = errConnectBody
	}
	return to, err
}

// parseConnect reads a head, of which b holds all.
func parseConnect(b []byte, l *Limits) (to string, err error) {
	end, err := lineEnd(b)
	if err != nil {
		return "", err
	}
	if end > l.Line {
		return "", errLineTooLong
	}
	target, version, ok := bytes.Cut(bytes.TrimPrefix(b[:end], []byte(Connect)), []byte(" "))
	if !ok {
		return "", errRequestLine
	}
	head := stream.RequestHead{Version: stream.HTTP11}
	switch string(version) {
	case "HTTP/1.1":
	case "HTTP/1.0":
		head.Version = stream.HTTP10
	default:
		return "", versionError(version)
	}
	f := Framing{Length: -1}
	p := fields{list: &head.Headers, framing: &f, request: true}
	if err := p.read(b[end+2:], l); err != nil {
		return "", err
	}
	if err := hostOf(&p, &head, target); err != nil {
		return "", err
	}
	if f.HasBody() {
		return "", errConnectBody
	}
	host, port, err := net.SplitHostPort(string(target))
	n, wrong := strconv.ParseUint(port, 10, 16)
	if err != nil || wrong != nil || n == 0 || host == "" {
		return "", errConnectTarget
	}
	return net.JoinHostPort(host, port), nil
}
