package http2_test

import (
	"strings"
	"testing"

	xhttp2 "golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/fault"
)

// A response that breaks the protocol ends its stream with a fault that says so,
// and no other.
func TestClientRefusesMalformedResponses(t *testing.T) {
	head := func(nv ...string) func(*peer, uint32) {
		return func(u *peer, id uint32) { u.respond(id, true, nv...) }
	}
	for _, c := range []struct {
		name string
		send func(u *peer, id uint32)
		says string
	}{
		{"no status", head("a", "b"), ":status"},
		{"empty head", head(), ":status"},
		{"short status", head(":status", "20"), ":status"},
		{"long status", head(":status", "2000"), ":status"},
		{"status of letters", head(":status", "2oo"), ":status"},
		{"status out of range", head(":status", "600"), ":status"},
		{"status twice", head(":status", "200", ":status", "200"), "pseudo"},
		{"status not first", head("a", "b", ":status", "200"), ":status"},
		{"pseudo field of requests", head(":status", "200", ":path", "/"), "pseudo"},
		{"upper case", head(":status", "200", "X-Up", "1"), "lower case"},
		{"blank in a name", head(":status", "200", "x y", "1"), "token"},
		{"empty name", head(":status", "200", "", "1"), "token"},
		{"line feed", head(":status", "200", "x", "1\nset-cookie: a"), "control"},
		{"carriage return", head(":status", "200", "x", "1\r"), "control"},
		{"nul", head(":status", "200", "x", "\x00"), "control"},
		{"outer blank", head(":status", "200", "x", " 1"), "blank"},
		{"connection", head(":status", "200", "connection", "close"), "of a connection"},
		{"transfer-encoding", head(":status", "200", "transfer-encoding", "chunked"), "of a connection"},
		{"keep-alive", head(":status", "200", "keep-alive", "1"), "of a connection"},
		{"upgrade", head(":status", "200", "upgrade", "x"), "of a connection"},
		{"two lengths", head(":status", "200", "content-length", "0", "content-length", "0"), "Content-Length"},
		{"length of letters", head(":status", "200", "content-length", "x"), "Content-Length"},
		{"list of lengths", head(":status", "200", "content-length", "0, 0"), "Content-Length"},
		{"length without a body", head(":status", "200", "content-length", "1"), "Content-Length differs"},
		{"switching protocols", head(":status", "101"), "101"},
		{"interim that ends", head(":status", "103"), "interim"},
		{"too many fields", head(append([]string{":status", "200"}, strings.Split(strings.Repeat("a,b,", 150)+"a,b", ",")...)...), "larger than the limit"},
		{"too large", head(append([]string{":status", "200"}, strings.Split(strings.Repeat("a,"+strings.Repeat("x", 3900)+",", 8)+"a,"+strings.Repeat("x", 3900), ",")...)...), "larger than the limit"},
		{"body too long", func(u *peer, id uint32) {
			u.respond(id, false, ":status", "200", "content-length", "2")
			u.say(id, true, "abc")
		}, ""},
		{"body too short", func(u *peer, id uint32) {
			u.respond(id, false, ":status", "200", "content-length", "2")
			u.say(id, true, "a")
		}, "Content-Length differs"},
		{"body behind 204", func(u *peer, id uint32) {
			u.respond(id, false, ":status", "204")
			u.say(id, true, "a")
		}, ""},
		{"body beyond the window", func(u *peer, id uint32) {
			u.respond(id, false, ":status", "200")
			for range 5 {
				u.say(id, false, strings.Repeat("x", 16<<10))
			}
		}, ""},
		{"body before a head", func(u *peer, id uint32) { u.say(id, false, "a") }, ""},
		{"end before a head", func(u *peer, id uint32) { u.say(id, true, "") }, "without a head"},
		{"second head", func(u *peer, id uint32) {
			u.respond(id, false, ":status", "200")
			u.respond(id, false, ":status", "200")
		}, ""},
		{"pseudo field in trailers", func(u *peer, id uint32) {
			u.respond(id, false, ":status", "200")
			u.respond(id, true, ":status", "200")
		}, "trailers"},
		{"length in trailers", func(u *peer, id uint32) {
			u.respond(id, false, ":status", "200")
			u.respond(id, true, "content-length", "1")
		}, "trailers"},
		{"interim responses that nobody reads", func(u *peer, id uint32) {
			for range 40 {
				u.respond(id, false, ":status", "103", "x", "y")
			}
		}, "interim"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, sent := make(chan string, 1), make(chan struct{})
			addr := upstream(t, func(u *peer) {
				id := u.request()
				c.send(u, id)
				u.barrier()
				close(sent)
				u.respond(u.request(), true, ":status", "204")
				code <- u.code(0)
			})
			client := client(t, addr, clientOptions())
			s := open(t, client)
			defer s.Close()
			h := headOf("GET", "/")
			if err := s.Send(h, &noBody, nil, true, nil, enough); err != nil {
				t.Fatal(err)
			}
			<-sent // all of it is there before anything is read
			got := receive(s, h)
			kind := fault.UpstreamProtocol
			if strings.HasPrefix(c.name, "too ") {
				kind = fault.UpstreamHeadTooLarge
			}
			if fault.KindOf(got.err) != kind || !strings.Contains(got.err.Error(), c.says) {
				t.Errorf("%s %v, want %s that says %q", fault.KindOf(got.err), got.err, kind, c.says)
			}
			other := open(t, client)
			defer other.Close()
			if got := exchange(other, headOf("GET", "/"), "", nil); got.status != 204 || got.err != nil {
				t.Errorf("the connection's next request: %d, %v", got.status, got.err)
			}
			client.Close()
			if got := <-code; got != xhttp2.ErrCodeNo.String() {
				t.Errorf("the connection ended by %s", got)
			}
		})
	}
}
