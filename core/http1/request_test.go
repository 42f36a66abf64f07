package http1_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// accepted stands for "no fault" in tables.
const accepted = fault.Kind(255)

func kindOf(err error) fault.Kind {
	if err == nil {
		return accepted
	}
	return fault.KindOf(err)
}

// show names a kind, accepted too.
func show(k fault.Kind) string {
	if k == accepted {
		return "accepted"
	}
	return k.String()
}

// TestRequestHeads has a row for each rule by which a strict and a lax parser
// could disagree.
func TestRequestHeads(t *testing.T) {
	const bad = fault.BadRequest
	for _, c := range []struct {
		name string
		head string // CR LF CR LF is added
		want fault.Kind
	}{
		{"plain", "GET / HTTP/1.1\r\nHost: a", accepted},
		{"any token is a method", "frob-1 / HTTP/1.1\r\nHost: a", accepted},
		{"one empty line before", "\r\nGET / HTTP/1.1\r\nHost: a", accepted},
		{"two empty lines before", "\r\n\r\nGET / HTTP/1.1\r\nHost: a", bad},
		{"blank before the method", " GET / HTTP/1.1\r\nHost: a", bad},
		{"method with a separator", "GE(T / HTTP/1.1\r\nHost: a", bad},
		{"two blanks behind the method", "GET  / HTTP/1.1\r\nHost: a", bad},
		{"two blanks behind the target", "GET /  HTTP/1.1\r\nHost: a", bad},
		{"TAB in the request line", "GET\t/ HTTP/1.1\r\nHost: a", bad},
		{"blank behind the version", "GET / HTTP/1.1 \r\nHost: a", bad},
		{"no target", "GET HTTP/1.1\r\nHost: a", bad},
		{"three words as target", "GET /a b HTTP/1.1\r\nHost: a", bad},
		{"no version, HTTP/0.9", "GET /", bad},
		{"lower-case version", "GET / http/1.1\r\nHost: a", bad},
		{"HTTP/1.0", "GET / HTTP/1.0", accepted},
		{"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a", fault.VersionUnsupported},
		{"HTTP/1.9", "GET / HTTP/1.9\r\nHost: a", fault.VersionUnsupported},
		{"HTTP/2.0", "PRI * HTTP/2.0", fault.VersionUnsupported},
		{"HTTP/01.1", "GET / HTTP/01.1\r\nHost: a", bad},
		{"HTTP/1.10", "GET / HTTP/1.10\r\nHost: a", bad},

		{"fragment", "GET /#a HTTP/1.1\r\nHost: a", bad},
		{"control in the target", "GET /\x01 HTTP/1.1\r\nHost: a", bad},
		{"beyond ASCII in the target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a", bad},
		{"target without a slash", "GET a HTTP/1.1\r\nHost: a", bad},
		{"asterisk with OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: a", accepted},
		{"asterisk with GET", "GET * HTTP/1.1\r\nHost: a", bad},
		{"absolute target", "GET http://a/x HTTP/1.1\r\nHost: a", accepted},
		{"absolute target, Host in another case", "GET http://A/x HTTP/1.1\r\nHost: a", accepted},
		{"absolute target, other Host", "GET http://b/x HTTP/1.1\r\nHost: a", bad},
		{"absolute target, other port", "GET http://a:81/x HTTP/1.1\r\nHost: a", bad},
		{"absolute target, no Host", "GET http://a/x HTTP/1.1", bad},
		{"absolute target with credentials", "GET http://u:p@a/x HTTP/1.1\r\nHost: u:p@a", bad},
		{"absolute target without a host", "GET http:///x HTTP/1.1\r\nHost: a", bad},
		{"absolute target of another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a", bad},
		{"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443", bad},

		{"no Host", "GET / HTTP/1.1", bad},
		{"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a", bad},
		{"empty Host", "GET / HTTP/1.1\r\nHost:", bad},
		{"Host with credentials", "GET / HTTP/1.1\r\nHost: u:p@victim", bad},
		{"Host with a blank", "GET / HTTP/1.1\r\nHost: a b", bad},
		{"Host with a slash", "GET / HTTP/1.1\r\nHost: a/b", bad},
		{"Host with a port", "GET / HTTP/1.1\r\nHost: a:80", accepted},
		{"Host in brackets", "GET / HTTP/1.1\r\nHost: [::1]:80", accepted},

		{"Content-Length and chunked", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked", bad},
		{"chunked and Content-Length", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3", bad},
		{"two equal Content-Lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3", bad},
		{"two different Content-Lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4", bad},
		{"Content-Length twice, zero", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0", bad},
		{"Content-Length as a list", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5", bad},
		{"Content-Length with a plus", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5", bad},
		{"Content-Length below zero", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5", bad},
		{"Content-Length with a blank inside", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5", bad},
		{"Content-Length in hexadecimal", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5", bad},
		{"Content-Length with an underscore", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1_0", bad},
		{"empty Content-Length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:", bad},
		{"Content-Length past 64 bits", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551621", bad},
		{"Content-Length of 18 digits", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999999999", accepted},
		{"chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked", accepted},
		{"chunked in another case", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked", accepted},
		{"identity", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity", bad},
		{"gzip, chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked", bad},
		{"xchunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked", bad},
		{"chunked twice", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked", bad},
		{"chunked, chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked", bad},
		{"chunked with a parameter", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;a=b", bad},
		{"empty Transfer-Encoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:", bad},
		{"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked", bad},
		{"vertical tab before chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \vchunked", bad},

		{"bare LF in the request line", "GET / HTTP/1.1\nHost: a", bad},
		{"bare LF in a field", "GET / HTTP/1.1\r\nHost: a\nX: y", bad},
		{"bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb", bad},
		{"bare CR in a name", "GET / HTTP/1.1\r\nHost: a\r\nX\ry: b", bad},
		{"NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b", bad},
		{"DEL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\x7fb", bad},
		{"control in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\x0bb", bad},
		{"TAB in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\tb", accepted},
		{"beyond ASCII in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \xff", accepted},
		{"folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b: c", bad},
		{"folded by TAB", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb", bad},
		{"blank before the first field", "GET / HTTP/1.1\r\n Host: a", bad},
		{"blank before the colon", "GET / HTTP/1.1\r\nHost : a", bad},
		{"TAB before the colon", "GET / HTTP/1.1\r\nHost\t: a", bad},
		{"blank in a name", "GET / HTTP/1.1\r\nHost: a\r\nFoo Bar: x", bad},
		{"empty name", "GET / HTTP/1.1\r\nHost: a\r\n: x", bad},
		{"no colon", "GET / HTTP/1.1\r\nHost: a\r\nX", bad},
		{"separator in a name", "GET / HTTP/1.1\r\nHost: a\r\nX(: y", bad},
		{"beyond ASCII in a name", "GET / HTTP/1.1\r\nHost: a\r\nX\xe4: y", bad},
		{"empty value", "GET / HTTP/1.1\r\nHost: a\r\nX:", accepted},

		{"100-continue", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-Continue", accepted},
		{"another expectation", "POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok", fault.ExpectationFailed},

		{"Connection names a field of its own", "GET / HTTP/1.1\r\nHost: a\r\nConnection: x-hop", accepted},
		{"Connection names Host", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close, host", bad},
		{"Connection names Authorization", "GET / HTTP/1.1\r\nHost: a\r\nConnection: Authorization", bad},
		{"Connection names Cookie", "GET / HTTP/1.1\r\nHost: a\r\nConnection: cookie", bad},
		{"Connection names X-Forwarded-For", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Forwarded-For", bad},
		{"Connection names Content-Length", "GET / HTTP/1.1\r\nHost: a\r\nConnection: content-length", bad},
		{"Connection names Content-Language", "GET / HTTP/1.1\r\nHost: a\r\nConnection: content-language", bad},
		{"Connection names X-Request-Id", "GET / HTTP/1.1\r\nHost: a\r\nConnection: x-request-id", bad},
		{"Connection with what is no token", "GET / HTTP/1.1\r\nHost: a\r\nConnection: a b", bad},
		{"Connection in too many lines", "GET / HTTP/1.1\r\nHost: a" + strings.Repeat("\r\nConnection: x", 9), fault.HeadTooLarge},

		{"as many fields as may be", "GET / HTTP/1.1\r\nHost: a" + strings.Repeat("\r\nX: y", limits.Count-1), accepted},
		{"one field too many", "GET / HTTP/1.1\r\nHost: a" + strings.Repeat("\r\nX: y", limits.Count), fault.HeadTooLarge},
		{"longest request line", "GET /" + strings.Repeat("a", limits.Line-14) + " HTTP/1.1\r\nHost: a", accepted},
		{"request line too long", "GET /" + strings.Repeat("a", limits.Line-13) + " HTTP/1.1\r\nHost: a", fault.URITooLong},
		{"request line longer than a head", "GET /" + strings.Repeat("a", limits.Bytes), fault.URITooLong},
		{"head too large", "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("a", limits.Bytes), fault.HeadTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			whole := c.head + "\r\n\r\n"
			for _, n := range []int{len(whole), 1, 2, 7, 1000} {
				w := &wire{in: pieces(whole, n), end: sock.ErrTimeout}
				s := http1.NewServer(w, &serverOptions)
				var head stream.RequestHead
				err := s.Await(0)
				if err == nil {
					_, err = s.ReadRequest(&head)
				}
				if got := kindOf(err); got != c.want {
					t.Fatalf("in pieces of %d: %s (%v), want %s", n, show(got), err, show(c.want))
				}
			}
		})
	}
}

// What can no longer become a head is refused without waiting for its end.
func TestHopelessHeadsAreNotWaitedFor(t *testing.T) {
	for name, text := range map[string]string{
		"bare LF":         "GET / HTTP/1.1\nHost: a\n\n",
		"LF at the start": "\nGET / HTTP/1.1\r\n",
		"endless line":    "GET /" + strings.Repeat("a", limits.Line+10),
		"endless fields":  "GET / HTTP/1.1\r\n" + strings.Repeat("X: y\r\n", limits.Bytes/6),
	} {
		w := &wire{in: pieces(text, 4096), end: sock.ErrTimeout}
		s := http1.NewServer(w, &serverOptions)
		var head stream.RequestHead
		if err := s.Await(0); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ReadRequest(&head); err == nil || fault.KindOf(err) == fault.HeadTimeout {
			t.Errorf("%s: %v, want a refusal at once", name, err)
		}
	}
}

func TestRequestHeadIsReadAsItStands(t *testing.T) {
	head, f, err := parse("POST http://Example.com:80?q=1 HTTP/1.1\r\nHost: example.com:80\r\nX-One:  a \t\r\nCookie: b\r\n" +
		"x-ONE: c\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%s %s %s %v\n%s%+v", head.Method, head.Authority, head.Path, head.Version, list(&head.Headers), *f)
	want := "POST Example.com:80 /?q=1 HTTP/1.1\nx-one: a\ncookie: b\nx-one: c\ncontent-length: 12\n" +
		"{Length:12 Chunked:false Close:false Expect:true Upgrade:false UntilEOF:false Absolute:true}"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestHopByHopFieldsAreTakenOff(t *testing.T) {
	for _, c := range []struct{ name, fields, want string }{
		{"those that always are", "Connection: keep-alive\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nProxy-Authorization: x\r\n" +
			"Proxy-Authenticate: x\r\nAccept: y\r\n", "accept: y\n"},
		{"those that Connection names", "X-A: 1\r\nConnection: close, X-A , x-b\r\nX-B: 2\r\nX-C: 3\r\nx-a: 4\r\n", "x-c: 3\n"},
		{"in several lines", "X-A: 1\r\nX-B: 1\r\nConnection: x-a\r\nConnection: ,,x-b,\r\n", ""},
		{"TE but for trailers", "TE: gzip\r\nConnection: te\r\n", ""},
		{"TE with trailers", "TE: gzip, Trailers\r\nConnection: te\r\n", "te: trailers\n"},
		{"Upgrade without Connection", "Upgrade: h2c\r\n", ""},
		{"Upgrade with Connection", "Upgrade: websocket\r\nConnection: Upgrade\r\n", "upgrade: websocket\n"},
		// Trailers are passed on, so what announces them is too (RFC 9110, section 6.6.2).
		{"Trailer stays", "Trailer: x-sum\r\n", "trailer: x-sum\n"},
	} {
		head, _, err := parse("GET / HTTP/1.1\r\nHost: a\r\n" + c.fields + "\r\n")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got := list(&head.Headers); got != c.want {
			t.Errorf("%s: left are\n%swant\n%s", c.name, got, c.want)
		}
	}
}

func TestWhatAHeadSaysOfItsConnection(t *testing.T) {
	for _, c := range []struct {
		head string
		want http1.Framing
	}{
		{"GET / HTTP/1.1\r\nHost: a", http1.Framing{Length: -1}},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: Close", http1.Framing{Length: -1, Close: true}},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, close", http1.Framing{Length: -1, Close: true}},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, upgrade\r\nUpgrade: x", http1.Framing{Length: -1, Upgrade: true}},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade", http1.Framing{Length: -1}},
		{"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x", http1.Framing{Length: -1}},
		{"GET / HTTP/1.0", http1.Framing{Length: -1, Close: true}},
		{"GET / HTTP/1.0\r\nConnection: Keep-Alive", http1.Framing{Length: -1}},
		{"GET / HTTP/1.0\r\nConnection: keep-alive, close", http1.Framing{Length: -1, Close: true}},
		{"POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\nConnection: upgrade, keep-alive\r\nUpgrade: x", http1.Framing{Length: 1}},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked", http1.Framing{Length: -1, Chunked: true}},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 007", http1.Framing{Length: 7}},
	} {
		if _, f, err := parse(c.head + "\r\n\r\n"); err != nil || *f != c.want {
			t.Errorf("%q: %+v, %v, want %+v", c.head, *f, err, c.want)
		}
	}
}
