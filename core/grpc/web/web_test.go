package web_test

import (
	"fmt"
	"testing"

	"github.com/weirproxy/weir/core/grpc/web"
	"github.com/weirproxy/weir/core/stream"
)

func TestNegotiate(t *testing.T) {
	for _, c := range []struct {
		method, contentType, accept string
		want                        string // forms and the type upstream, or none
	}{
		{"POST", "application/grpc-web", "", "{false false} application/grpc"},
		{"POST", "application/grpc-web+proto", "*/*", "{false false} application/grpc+proto"},
		{"POST", "application/grpc-web-text", "application/grpc-web-text", "{true true} application/grpc"},
		{"POST", "application/grpc-web-text+json", "", "{true true} application/grpc+json"},
		{"POST", "application/grpc-web-text", "application/grpc-web", "{true false} application/grpc"},
		{"POST", "application/grpc-web+proto", "application/grpc-web-text+proto", "{false true} application/grpc+proto"},
		{"GET", "application/grpc-web", "", ""},
		{"POST", "application/grpc", "", ""},
		{"POST", "application/grpc-webx", "", ""},
		{"POST", "application/grpc-web-textual", "", ""},
		{"POST", "text/plain", "application/grpc-web-text", ""},
	} {
		h := &stream.RequestHead{Method: []byte(c.method)}
		h.Headers.AddString("content-type", c.contentType)
		h.Headers.AddString("content-length", "8")
		if c.accept != "" {
			h.Headers.AddString("accept", c.accept)
		}
		f, ok := web.Negotiate(h)
		got := ""
		if ok {
			web.Plain(h, f)
			got = fmt.Sprint(f, " ", string(h.Headers.Peek("content-type")))
			if h.Headers.Has("content-length") == f.TextRequest || string(h.Headers.Peek("te")) != "trailers" {
				t.Errorf("%s: head %q", c.contentType, h.Headers.Fields())
			}
		}
		if got != c.want {
			t.Errorf("%s %q, accepting %q: %q, want %q", c.method, c.contentType, c.accept, got, c.want)
		}
	}
}

func TestResponseType(t *testing.T) {
	text := web.Forms{TextResponse: true}
	for _, c := range []struct {
		grpc string
		f    web.Forms
		want string
	}{
		{"application/grpc", web.Forms{}, "application/grpc-web+proto"},
		{"application/grpc+json", web.Forms{}, "application/grpc-web+json"},
		{"application/grpc", text, "application/grpc-web-text+proto"},
		{"application/grpc+proto", text, "application/grpc-web-text+proto"},
	} {
		if got := string(web.ResponseType([]byte(c.grpc), c.f)); got != c.want {
			t.Errorf("%s: %q, want %q", c.grpc, got, c.want)
		}
	}
}

func TestTrailers(t *testing.T) {
	var h stream.Headers
	h.AddString("grpc-status", "5")
	h.AddString("grpc-message", "no such thing")
	h.AddString("x-bin", "AAE=")
	got := string(web.AppendTrailers([]byte("before"), &h))
	block := "grpc-status: 5\r\ngrpc-message: no such thing\r\nx-bin: AAE=\r\n"
	want := fmt.Sprintf("before\x80\x00\x00\x00%c%s", len(block), block)
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := string(web.AppendTrailers(nil, new(stream.Headers))); got != "\x80\x00\x00\x00\x00" {
		t.Errorf("no trailers: %q", got)
	}
}
