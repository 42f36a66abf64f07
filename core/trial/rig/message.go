package rig

import (
	"net/netip"
	"time"

	"github.com/weirproxy/weir/core/stream"
)

// Field is one header field.
type Field struct{ Name, Value string }

// Message is what requests and responses have in common.
type Message struct {
	Fields   []Field
	Body     [][]byte // piece by piece
	Trailers []Field
	// Delay is how long the head takes to come, Gap how long each piece behind
	// it, and the trailers, after the one before.
	Delay, Gap time.Duration
}

// end says whether nothing follows the head.
func (m *Message) end() bool { return len(m.Body) == 0 && len(m.Trailers) == 0 }

// Request is what a client sends.
type Request struct {
	Method, Path, Authority, Scheme string
	Message
}

// Response is what an upstream answers when it has got the whole request, or
// when it has got the head if it is Early.
type Response struct {
	Status int
	Message
	Early bool
	Fail  Failure
}

// Failure is what comes in place of an answer.
type Failure string

// The failures.
const (
	FailConnect Failure = "connect" // nobody is there
	FailTimeout Failure = "timeout" // nobody answers
	FailReset   Failure = "reset"   // the connection breaks: behind what there is of a body
)

// Facts are what the host knows of a stream.
type Facts struct {
	Source, Destination, Upstream netip.AddrPort
	Client                        netip.Addr
	Listener, Route, Cluster      string
	Endpoints                     int // that the cluster has
	TLS                           *stream.TLSInfo
	Properties                    []Field // as filters set them
	RouteMetadata                 stream.Table
	ClusterMetadata               stream.Table
}

// Seen is what one side has got of a message.
type Seen struct {
	Head     []Field // pseudo-headers first
	Pieces   []string
	Trailers []Field
	Ended    bool
}

// Body is the whole of it.
func (s *Seen) Body() string {
	n := 0
	for _, p := range s.Pieces {
		n += len(p)
	}
	b := make([]byte, 0, n)
	for _, p := range s.Pieces {
		b = append(b, p...)
	}
	return string(b)
}

// All are the values of a header field.
func All(list []Field, name string) []string {
	var values []string
	for _, f := range list {
		if f.Name == name {
			values = append(values, f.Value)
		}
	}
	return values
}

// fieldsOf lists header fields.
func fieldsOf(list []Field, h *stream.Headers) []Field {
	for _, f := range h.Fields() {
		list = append(list, Field{string(f.Name), string(f.Value)})
	}
	return list
}

// requestFields lists a head with its pseudo-headers.
func requestFields(r *stream.RequestHead) []Field {
	return fieldsOf([]Field{
		{":method", string(r.Method)}, {":path", string(r.Path)},
		{":authority", string(r.Authority)}, {":scheme", string(r.Scheme)},
	}, &r.Headers)
}

// add puts fields into a list.
func add(h *stream.Headers, list []Field) {
	for _, f := range list {
		h.AddString(f.Name, f.Value)
	}
}
