// Package errorpage writes the bodies of error answers: a problem in JSON (RFC
// 9457), an HTML page or plain text, as the client asks by Accept.
//
// Nothing of a request stands in them but its id, and that only where it is made
// of harmless characters.
//
// Start at [New] and [Pages.Append].
package errorpage

import (
	"bytes"
	_ "embed"
	"fmt"
	"net/http"
	"strconv"

	"github.com/weirproxy/weir/core/stream"
)

// MaxTemplate bounds a template of a page, in bytes.
const MaxTemplate = 64 << 10

// maxPlaceholders bounds how often a template's placeholders are filled in.
const maxPlaceholders = 64

// Pages are the forms of error answers. They never change.
type Pages struct{ html []part }

// part is a text or a placeholder.
type part struct {
	text []byte
	fill filling
}

type filling uint8

const (
	nothing filling = iota
	status
	title
	requestID
)

var names = [...]string{status: "{status}", title: "{title}", requestID: "{request_id}"}

//go:embed page.html
var page []byte

// New makes pages with an HTML template, nil for one of ours. In it {status},
// {title} and {request_id} are filled in; other braces are as they are.
func New(html []byte) (*Pages, error) {
	if html == nil {
		html = page
	}
	if len(html) > MaxTemplate {
		return nil, fmt.Errorf("the page has %d bytes, at most %d are taken", len(html), MaxTemplate)
	}
	p := &Pages{}
	for len(html) > 0 {
		at, what := next(html)
		p.html = append(p.html, part{html[:at], what})
		html = html[at+len(names[what]):]
	}
	if len(p.html) > maxPlaceholders {
		return nil, fmt.Errorf("the page has more than %d placeholders", maxPlaceholders)
	}
	return p, nil
}

// next is where the first placeholder stands, or the end.
func next(text []byte) (at int, what filling) {
	at = len(text)
	for f := status; f <= requestID; f++ {
		if i := bytes.Index(text[:at], []byte(names[f])); i >= 0 {
			at, what = i, f
		}
	}
	return at, what
}

// Append appends the body for a status, and answers its media type.
func (p *Pages) Append(dst []byte, h *stream.RequestHead, code int) (body []byte, mediaType string) {
	id := plain(h.Headers.Peek("x-request-id"))
	switch Negotiate(&h.Headers) {
	case Problem:
		dst = append(dst, `{"type":"about:blank","title":"`...)
		dst = append(dst, http.StatusText(code)...)
		dst = strconv.AppendInt(append(dst, `","status":`...), int64(code), 10)
		if len(id) > 0 {
			dst = append(append(append(dst, `,"request_id":"`...), id...), '"')
		}
		return append(dst, "}\n"...), "application/problem+json"
	case HTML:
		for i := range p.html {
			dst = append(dst, p.html[i].text...)
			switch p.html[i].fill {
			case status:
				dst = strconv.AppendInt(dst, int64(code), 10)
			case title:
				dst = append(dst, http.StatusText(code)...)
			case requestID:
				dst = append(dst, id...)
			}
		}
		return dst, "text/html; charset=utf-8"
	}
	return append(append(dst, http.StatusText(code)...), '\n'), "text/plain"
}

// plain is id where it is 1 to 128 characters that mean nothing in HTML and JSON,
// else nothing.
func plain(id []byte) []byte {
	if len(id) > 128 {
		return nil
	}
	for _, c := range id {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
		if !letter && bytes.IndexByte([]byte("-_.~+/=:@"), c) < 0 {
			return nil
		}
	}
	return id
}
