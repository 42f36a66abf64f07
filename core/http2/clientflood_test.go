package http2_test

import (
	"strings"
	"testing"

	xhttp2 "golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
)

// What no single stream shows: an upstream that overruns the connection by many of
// them loses it, and one beside it goes on.
func TestClientEndsFloods(t *testing.T) {
	upload := &http1.RequestFraming{Length: http1.Unknown}
	for _, c := range []struct {
		name    string
		streams int
		send    func(u *peer, id uint32) // for each
		code    string
	}{
		{"data beyond the connection's window", 5, func(u *peer, id uint32) {
			u.respond(id, false, ":status", "200")
			for range 4 { // a stream's window, of which the connection has four
				u.say(id, false, strings.Repeat("x", 16<<10))
			}
		}, "FLOW_CONTROL_ERROR"},
		{"resets of uploads", 250, func(u *peer, id uint32) {
			_ = u.framer.WriteRSTStream(id, xhttp2.ErrCodeCancel)
			u.flush()
		}, "ENHANCE_YOUR_CALM"},
		{"resets of what is over", 30, func(u *peer, id uint32) {
			for range 50 {
				_ = u.framer.WriteRSTStream(id, xhttp2.ErrCodeCancel)
			}
			u.flush()
		}, "ENHANCE_YOUR_CALM"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code := make(chan string, 1)
			addr := upstream(t, func(u *peer) {
				for range c.streams {
					id := u.request()
					if id == 0 {
						break
					}
					c.send(u, id)
				}
				code <- u.code(0)
			})
			good := client(t, origin(t, echoHTTP), clientOptions())
			o := clientOptions()
			o.Window, o.ConnWindow = 64<<10, 4*64<<10
			client := client(t, addr, o)
			h := headOf("POST", "/")
			var open []*http2.ClientStream // unread
			for range c.streams {
				s := client.Open()
				if s == nil || s.Send(h, upload, []byte("x"), false, nil, enough) != nil {
					break
				}
				if open = append(open, s); len(open) > 20 { // within what may be open at once
					_ = receive(open[0], h)
					open[0].Close()
					open = open[1:]
				}
			}
			// Its own reset may come before the connection's end.
			if got := receive(open[len(open)-1], h); fault.KindOf(got.err).Side() != fault.Upstream {
				t.Errorf("a stream of it: %d, %v", got.status, got.err)
			}
			for _, s := range open {
				s.Close()
			}
			// A peer that is slow may be cut off before it reads our word.
			if got := <-code; got != c.code && got != "the connection's end" {
				t.Errorf("the connection ended by %s, want %s", got, c.code)
			}
			if client.Open() != nil || client.Limit() != 0 {
				t.Error("the connection takes streams")
			}
			other := good.Open()
			if got := exchange(other, headOf("GET", "/"), "", nil); got.status != 200 {
				t.Errorf("a good upstream: %d, %v", got.status, got.err)
			}
			other.Close()
		})
	}
}
