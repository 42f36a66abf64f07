// Package template is values with placeholders, such as "{client_ip}-{route}":
// compiled when a filter is configured, filled in for each stream without
// allocating.
//
// Start at [Parse].
package template

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

// Template is a compiled value.
type Template struct {
	parts []part
}

// part is a literal text or a placeholder.
type part struct {
	source source
	text   string // the literal, the header's name or the property's path
}

type source uint8

const (
	literal source = iota
	clientIP
	requestID
	route
	cluster
	method
	path
	host
	status
	statusClass
	identity
	header
	responseHeader
	property
	clientNetwork
)

// sources are the placeholders by name.
var sources = [...]struct {
	name   string
	source source
}{
	{"client_ip", clientIP}, {"request_id", requestID}, {"route", route}, {"cluster", cluster}, {"method", method},
	{"path", path}, {"host", host}, {"status", status}, {"status_class", statusClass}, {"identity", identity},
}

// Identity is the property in which a filter that authenticates leaves who the
// client is.
const Identity = "weir.identity"

// Claim is what the property of a token's claim begins with, which a filter that
// checks tokens sets.
const Claim = "weir.claim."

// Literal is the whole value when there is no placeholder in it.
func (t *Template) Literal() (text string, ok bool) {
	switch {
	case len(t.parts) == 0:
		return "", true
	case len(t.parts) == 1 && t.parts[0].source == literal:
		return t.parts[0].text, true
	}
	return "", false
}

// NeedsResponse says whether a placeholder is only known once there is a
// response.
func (t *Template) NeedsResponse() bool {
	for i := range t.parts {
		switch t.parts[i].source {
		case status, statusClass, responseHeader:
			return true
		}
	}
	return false
}

// Append appends the value for a stream, and says whether any placeholder
// stood for something: a value whose placeholders are all empty says nothing.
func (t *Template) Append(dst []byte, s *sdk.Stream) (value []byte, any bool) {
	return t.AppendEscaped(dst, s, plain)
}

func plain(dst, v []byte) []byte { return append(dst, v...) }

// AppendEscaped is Append with what placeholders stand for appended by escape.
func (t *Template) AppendEscaped(dst []byte, s *sdk.Stream, escape func(dst, v []byte) []byte) (value []byte, any bool) {
	known := false
	for i := range t.parts {
		p := &t.parts[i]
		if p.source == literal {
			dst = append(dst, p.text...)
			continue
		}
		v := p.value(s)
		known = known || len(v) > 0
		dst = escape(dst, v)
	}
	return dst, known
}

func (p *part) value(s *sdk.Stream) (v []byte) {
	switch p.source {
	case clientIP:
		return weir.ClientIP()
	case clientNetwork:
		return networkOf(weir.ClientIP(), p.text)
	case requestID:
		v, _ = s.Request().Get("x-request-id")
	case route:
		v, _ = sdk.Property("xds\x00route_name")
	case cluster:
		v, _ = sdk.Property("xds\x00cluster_name")
	case method:
		return s.Method()
	case path:
		return s.Path()
	case host:
		return s.Authority()
	case status:
		v, _ = s.Response().Get(":status")
	case statusClass:
		if v, _ = s.Response().Get(":status"); len(v) == 3 {
			return classes[(v[0]-'0')%10]
		}
	case identity:
		v, _ = sdk.Property(Identity)
	case header:
		v, _ = s.Request().Get(p.text)
	case responseHeader:
		v, _ = s.Response().Get(p.text)
	case property:
		v, _ = sdk.Property(p.text)
	}
	return v
}

// classes are the classes of statuses by their first digit.
var classes = func() (list [10][]byte) {
	for i := range list {
		list[i] = []byte{byte('0' + i), 'x', 'x'}
	}
	return list
}()
