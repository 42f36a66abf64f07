package edit

import (
	"strconv"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// value is what an edit writes: texts and sources in a row.
type value []part

// part is a text or where one comes from.
type part struct {
	source source
	text   string // the text itself, the field's name or the property's path
	bits   [2]int // of clientNetwork: of IPv4 and IPv6
}

type source uint32

const (
	literal source = iota
	requestField
	responseField
	statusClass
	clientAddress
	route
	cluster
	property
	uuidV7
	uuidV4
	clientNetwork
	lastSource = clientNetwork
)

func (d *Decoder) value() value {
	n := d.Number()
	if uint64(n)*8 > uint64(len(d.Rest)) { // each part takes as much at least
		d.Bad = d.Bad || n > 0
		return nil
	}
	v := make(value, 0, n)
	for range n {
		p := part{source: source(d.Number()), text: d.Text()}
		named := p.source == requestField || p.source == responseField || p.source == property
		switch {
		case p.source > lastSource || named && p.text == "":
			d.Bad = true
		case p.source == clientNetwork:
			d.Bad = d.Bad || !p.readNetwork()
		}
		v = append(v, p)
	}
	return v
}

// fixed says whether the value is the same for all streams.
func (v value) fixed() bool {
	for i := range v {
		if v[i].source != literal {
			return false
		}
	}
	return true
}

func (v value) needsResponse() bool {
	for i := range v {
		if s := v[i].source; s == responseField || s == statusClass {
			return true
		}
	}
	return false
}

// append appends the value for a stream, and says whether anything is known: a
// value whose sources are all empty says nothing.
func (v value) append(dst []byte, s filter.Stream) (b []byte, known bool) {
	known = v.fixed()
	for i := range v {
		at := len(dst)
		dst = v[i].append(dst, s)
		known = known || v[i].source != literal && len(dst) > at
	}
	return dst, known
}

func (p *part) append(dst []byte, s filter.Stream) []byte {
	switch p.source {
	case literal:
		return append(dst, p.text...)
	case requestField:
		return append(dst, ofRequest(s.Request(), p.text)...)
	case responseField, statusClass:
		r := s.Response()
		switch {
		case r == nil:
			return dst
		case p.source == statusClass:
			return append(strconv.AppendInt(dst, int64(r.Status/100), 10), "xx"...)
		case p.text == ":status":
			return strconv.AppendInt(dst, int64(r.Status), 10)
		}
		return append(dst, r.Headers.Peek(p.text)...)
	case clientAddress:
		if a := s.Info().Client; a.IsValid() {
			return a.AppendTo(dst)
		}
		return dst
	case clientNetwork:
		return p.network(dst, s.Info().Client)
	case route:
		return append(dst, s.Info().Route...)
	case cluster:
		return append(dst, s.Info().Cluster...)
	case property:
		return append(dst, s.Property(p.text)...)
	case uuidV7:
		return appendV7(dst)
	}
	return appendV4(dst)
}

// ofRequest is a field of a request or a pseudo header.
func ofRequest(r *stream.RequestHead, name string) []byte {
	switch name {
	case ":method":
		return r.Method
	case ":path":
		return r.Path
	case authority:
		return r.Authority
	case ":scheme":
		return r.Scheme
	}
	return r.Headers.Peek(name)
}
