package http1

import (
	"errors"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/stream"
)

// ParseResponse reads a response's head from b, which holds all of it and
// nothing behind it, with the strictness of requests. method is the
// request's: it decides about the body (RFC 9112, section 6.3).
func ParseResponse(b []byte, head *stream.ResponseHead, f *Framing, method []byte, maxCount int) error {
	*f = Framing{Length: -1}
	if err := parseResponse(b, head, f, maxCount); err != nil {
		return upstreamError(err)
	}
	switch {
	case string(method) == "HEAD", head.Status < 200, head.Status == 204, head.Status == 304:
		// No body, whatever the fields say. They are kept for the client.
		f.Chunked, f.Length = false, 0
	case !f.Chunked && f.Length < 0:
		f.UntilEOF, f.Close = true, true
	}
	return nil
}

func parseResponse(b []byte, head *stream.ResponseHead, f *Framing, maxCount int) error {
	end, err := lineEnd(b)
	if err != nil {
		return err
	}
	line := b[:end]
	// "HTTP/1.1 200", and a blank before the reason, which may be empty.
	if len(line) < 12 || string(line[:7]) != "HTTP/1." || line[8] != ' ' || len(line) > 12 && line[12] != ' ' {
		return errStatusLine
	}
	switch line[7] {
	case '1':
		head.Version = stream.HTTP11
	case '0':
		head.Version = stream.HTTP10
	default:
		return errStatusLine
	}
	status := 0
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return errStatusLine
		}
		status = status*10 + int(c-'0')
	}
	if status < 100 || status > 599 {
		return errStatusLine
	}
	head.Status = status
	p := fields{list: &head.Headers, framing: f}
	if err := p.read(b[end+2:], &Limits{Count: maxCount}); err != nil {
		return err
	}
	if head.Version == stream.HTTP10 {
		if f.Chunked {
			return errTransferHTTP10
		}
		f.Close = f.Close || !p.keep
	}
	return nil
}

// upstreamError turns the parser's word about a client into one about an
// upstream.
func upstreamError(err error) error {
	kind := fault.UpstreamProtocol
	if fault.KindOf(err) == fault.HeadTooLarge || fault.KindOf(err) == fault.URITooLong {
		kind = fault.UpstreamHeadTooLarge
	}
	var e *fault.Error
	if errors.As(err, &e) && e.Op != "" {
		return &fault.Error{Kind: kind, Op: e.Op}
	}
	return &fault.Error{Kind: kind, Op: "reading response", Err: err}
}
