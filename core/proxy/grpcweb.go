package proxy

import (
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/grpc/web"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// webDownstream is the connection of a client that speaks gRPC-Web. What reads
// and writes it sees gRPC: filters and upstreams need not know.
type webDownstream struct {
	Downstream
	forms   web.Forms
	framing http1.Framing
	text    web.Decoder

	head    stream.ResponseHead
	foreign bool // the response is not gRPC: it goes out as it is
	out     []byte
}

// plainGRPC gives a call of gRPC-Web, whose head was read from d, the look of
// gRPC. Any other request stays as it is.
func plainGRPC(d Downstream, head *stream.RequestHead) Downstream {
	f, ok := web.Negotiate(head)
	if !ok {
		return d
	}
	web.Plain(head, f)
	w := &webDownstream{Downstream: d, forms: f, framing: *d.Frame()}
	if f.TextRequest && w.framing.Length > 0 {
		w.framing.Length, w.framing.Chunked = -1, true // what it says is shorter than the text
	}
	return w
}

func (w *webDownstream) Frame() *http1.Framing { return &w.framing }

func (w *webDownstream) Ready() (chunk []byte, end bool, err error) {
	return w.read(w.Downstream.Ready)
}

func (w *webDownstream) ReadBody() (chunk []byte, end bool, err error) {
	return w.read(w.Downstream.ReadBody)
}

// read reads on until a piece says something, or there is none.
func (w *webDownstream) read(next func() ([]byte, bool, error)) ([]byte, bool, error) {
	for {
		chunk, end, err := next()
		if err != nil || !w.forms.TextRequest {
			return chunk, end, err
		}
		said, err := w.text.Decode(chunk)
		if err == nil && end {
			err = w.text.End()
		}
		if err != nil {
			return nil, false, fault.New(fault.BadRequest, "reading body", err)
		}
		if len(said) > 0 || end || len(chunk) == 0 {
			return said, end, nil
		}
	}
}

// WriteHead sends a response that has messages, or trailers, with both in its
// body. One that is a head alone says its status there in both protocols.
func (w *webDownstream) WriteHead(h *stream.ResponseHead, length int64, chunk []byte, end bool, trailers *stream.Headers) error {
	ct := h.Headers.Peek("content-type")
	if w.foreign = !grpc.IsType(ct); w.foreign {
		return w.Downstream.WriteHead(h, length, chunk, end, trailers)
	}
	w.head.Status, w.head.Version = h.Status, h.Version
	w.head.Headers.CopyFrom(&h.Headers)
	w.head.Headers.Set([]byte("content-type"), web.ResponseType(ct, w.forms))
	w.head.Headers.Del("trailer") // nothing trails any more
	return w.Downstream.WriteHead(&w.head, http1.Unknown, w.body(chunk, trailers), end, nil)
}

func (w *webDownstream) WriteBody(chunk []byte, end bool, trailers *stream.Headers) error {
	if w.foreign {
		return w.Downstream.WriteBody(chunk, end, trailers)
	}
	return w.Downstream.WriteBody(w.body(chunk, trailers), end, nil)
}

// body is a piece of the response's body in the client's form, valid until the
// next.
func (w *webDownstream) body(chunk []byte, trailers *stream.Headers) []byte {
	if trailers == nil && !w.forms.TextResponse {
		return chunk
	}
	w.out = w.out[:0]
	if w.forms.TextResponse {
		w.out = web.AppendText(w.out, chunk)
	} else {
		w.out = append(w.out, chunk...)
	}
	if trailers == nil {
		return w.out
	}
	frame := web.AppendTrailers(nil, trailers)
	if w.forms.TextResponse {
		return web.AppendText(w.out, frame)
	}
	return append(w.out, frame...)
}
