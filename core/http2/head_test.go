package http2_test

import (
	"strings"
	"testing"

	"golang.org/x/net/http2/hpack"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/stream"
)

var limits = http1.Limits{Bytes: 32 << 10, Count: 100, Line: 8 << 10}

// decoded makes fields out of name, value, name, value.
func decoded(nv []string) (list []hpack.HeaderField) {
	for i := 0; i < len(nv); i += 2 {
		list = append(list, hpack.HeaderField{Name: nv[i], Value: nv[i+1]})
	}
	return list
}

// shown is a head as HTTP/1 would put it.
func shown(h *stream.RequestHead) string {
	s := string(h.Method) + " " + string(h.Scheme) + "://" + string(h.Authority) + string(h.Path)
	for _, f := range h.Headers.Fields() {
		s += "|" + string(f.Name) + ": " + string(f.Value)
	}
	return s
}

func TestHeads(t *testing.T) {
	line := strings.Repeat("a", limits.Line)
	tests := []struct {
		name   string
		fields []string
		want   string // the head, or what its error says
		kind   fault.Kind
	}{
		{"plain", get("accept", "*/*"), "GET http://a/|accept: */*", 0},
		{"query", []string{":method", "GET", ":scheme", "https", ":authority", "a:8080", ":path", "/b?c=d"}, "GET https://a:8080/b?c=d", 0},
		{"any order of pseudo-headers", []string{":path", "/", ":authority", "a", ":method", "PUT", ":scheme", "http"}, "PUT http://a/", 0},
		{"host alone", []string{":method", "GET", ":scheme", "http", ":path", "/", "host", "a"}, "GET http://a/", 0},
		{"host that agrees", get("host", "A"), "GET http://a/", 0},
		{"asterisk", []string{":method", "OPTIONS", ":scheme", "http", ":authority", "a", ":path", "*"}, "OPTIONS http://a*", 0},
		{"te", get("te", "trailers"), "GET http://a/|te: trailers", 0},
		{"crumbs of a cookie", get("cookie", "a=1", "x", "y", "cookie", "b=2"), "GET http://a/|cookie: a=1; b=2|x: y", 0},
		{"repeated fields stay apart", get("x", "1", "x", "2"), "GET http://a/|x: 1|x: 2", 0},
		{"empty value", get("x", ""), "GET http://a/|x: ", 0},
		{"proxy credentials are ours", get("proxy-authorization", "x", "proxy-authenticate", "y"), "GET http://a/", 0},
		{"expectation", get("expect", "100-continue"), "GET http://a/", 0},

		{"upper case", get("X-A", "b"), "field name", fault.BadRequest},
		{"blank in a name", get("x a", "b"), "field name", fault.BadRequest},
		{"colon in a name", get("x:a", "b"), "field name", fault.BadRequest},
		{"empty name", get("", "b"), "field name", fault.BadRequest},
		{"CR LF in a name", get("x\r\ny", "b"), "field name", fault.BadRequest},
		{"CR LF in a value", get("x", "a\r\nb: c"), "field value", fault.BadRequest},
		{"LF in a value", get("x", "a\nb"), "field value", fault.BadRequest},
		{"NUL in a value", get("x", "a\x00"), "field value", fault.BadRequest},
		{"DEL in a value", get("x", "a\x7f"), "field value", fault.BadRequest},
		{"outer blank", get("x", " a"), "field value", fault.BadRequest},
		{"outer tab", get("x", "a\t"), "field value", fault.BadRequest},
		{"connection", get("connection", "close"), "field of a connection", fault.BadRequest},
		{"keep-alive", get("keep-alive", "5"), "field of a connection", fault.BadRequest},
		{"proxy-connection", get("proxy-connection", "x"), "field of a connection", fault.BadRequest},
		{"transfer-encoding", get("transfer-encoding", "chunked"), "field of a connection", fault.BadRequest},
		{"upgrade", get("upgrade", "h2c"), "field of a connection", fault.BadRequest},
		{"te for more", get("te", "trailers, gzip"), "TE is not", fault.BadRequest},
		{"two lengths", post("content-length", "1", "content-length", "1"), "more than one Content-Length", fault.BadRequest},
		{"list of lengths", post("content-length", "1, 1"), "malformed Content-Length", fault.BadRequest},
		{"signed length", post("content-length", "+1"), "malformed Content-Length", fault.BadRequest},
		{"length without a body", post("content-length", "1"), "differs from the body", fault.BadRequest},
		{"unknown pseudo-header", get(":status", "200"), "pseudo-header", fault.BadRequest},
		{"pseudo-header behind a field", append(get("x", "y")[:2:2], "x", "y", ":path", "/"), "pseudo-header", fault.BadRequest},
		{"pseudo-header twice", append(get(), ":path", "/b"), "pseudo-header", fault.BadRequest},
		{"empty pseudo-header twice", []string{":method", "GET", ":path", "", ":path", "/", ":scheme", "http", ":authority", "a"}, "pseudo-header", fault.BadRequest},
		{"no method", get()[2:], "no :method", fault.BadRequest},
		{"no scheme", []string{":method", "GET", ":authority", "a", ":path", "/"}, "no :method", fault.BadRequest},
		{"no path", get()[:6], "no :method", fault.BadRequest},
		{"no authority", []string{":method", "GET", ":scheme", "http", ":path", "/"}, "neither :authority nor Host", fault.BadRequest},
		{"empty authority", []string{":method", "GET", ":scheme", "http", ":path", "/", ":authority", ""}, "malformed :authority", fault.BadRequest},
		{"credentials in the authority", []string{":method", "GET", ":scheme", "http", ":path", "/", ":authority", "u:p@a"}, "malformed :authority", fault.BadRequest},
		{"path in the authority", []string{":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a/b"}, "malformed :authority", fault.BadRequest},
		{"host that differs", get("host", "b"), "differs from :authority", fault.BadRequest},
		{"two hosts", get("host", "a", "host", "a"), "more than one Host", fault.BadRequest},
		{"method with a blank", []string{":method", "GET /x HTTP/1.1", ":scheme", "http", ":authority", "a", ":path", "/"}, "method is not a token", fault.BadRequest},
		{"another scheme", []string{":method", "GET", ":scheme", "ftp", ":authority", "a", ":path", "/"}, "scheme is neither", fault.BadRequest},
		{"empty path", []string{":method", "GET", ":scheme", "http", ":authority", "a", ":path", ""}, "target", fault.BadRequest},
		{"relative path", []string{":method", "GET", ":scheme", "http", ":authority", "a", ":path", "b"}, "target", fault.BadRequest},
		{"absolute path", []string{":method", "GET", ":scheme", "http", ":authority", "a", ":path", "http://b/"}, "origin form", fault.BadRequest},
		{"asterisk for GET", []string{":method", "GET", ":scheme", "http", ":authority", "a", ":path", "*"}, "target", fault.BadRequest},
		{"blank in the path", []string{":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/ HTTP/1.1"}, "target", fault.BadRequest},
		{"line end in the path", []string{":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/\r\nx: y"}, "target", fault.BadRequest},
		{"fragment", []string{":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/#b"}, "target", fault.BadRequest},
		{"long path", []string{":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/" + line}, ":path longer", fault.URITooLong},
		{"CONNECT", []string{":method", "CONNECT", ":authority", "a:443"}, "CONNECT is not supported", fault.BadRequest},
		{"another expectation", get("expect", "x"), "unknown expectation", fault.ExpectationFailed},
		{"many fields", get(strings.Split(strings.Repeat("x,y,", 101)+"x,y", ",")...), "larger than the limit", fault.HeadTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var head stream.RequestHead
			var f http1.Framing
			err := http2.ParseRequest(decoded(tt.fields), true, &head, &f, &limits, true)
			if tt.kind == fault.Unknown {
				if got := shown(&head); err != nil || got != tt.want {
					t.Fatalf("%s, %v; want %s", got, err, tt.want)
				}
				return
			}
			if err == nil || fault.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("%v; want %v: %s", err, tt.kind, tt.want)
			}
		})
	}
}

func TestFramingOfRequests(t *testing.T) {
	connect := func(protocol string, more ...string) []string {
		return append([]string{":method", "CONNECT", ":protocol", protocol, ":scheme", "https", ":authority", "a", ":path", "/chat"}, more...)
	}
	for _, tt := range []struct {
		name   string
		fields []string
		end    bool
		want   http1.Framing
		err    string
	}{
		{"no body", get(), true, http1.Framing{Length: -1}, ""},
		{"empty body", post("content-length", "0"), true, http1.Framing{Length: 0}, ""},
		{"known length", post("content-length", "5"), false, http1.Framing{Length: 5}, ""},
		{"unknown length", post(), false, http1.Framing{Length: -1, Chunked: true}, ""},
		{"expectation", post("expect", "100-Continue"), false, http1.Framing{Length: -1, Chunked: true, Expect: true}, ""},
		{"expectation without a body", get("expect", "100-continue"), true, http1.Framing{Length: -1}, ""},
		{"websocket", connect("websocket", "sec-websocket-version", "13"), false, http1.Framing{Length: -1, Upgrade: true}, ""},
		{"websocket with a length", connect("websocket", "content-length", "5"), false, http1.Framing{}, "differs"},
		{"another protocol", connect("connect-udp"), false, http1.Framing{}, "another protocol"},
		{"a protocol beside GET", get(":protocol", "websocket"), true, http1.Framing{}, "CONNECT"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var head stream.RequestHead
			var f http1.Framing
			err := http2.ParseRequest(decoded(tt.fields), tt.end, &head, &f, &limits, true)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("%v, want %s", err, tt.err)
				}
				return
			}
			if err != nil || f != tt.want {
				t.Fatalf("%+v, %v; want %+v", f, err, tt.want)
			}
			if f.Upgrade && (string(head.Method) != "GET" || string(head.Headers.Peek("upgrade")) != "websocket") {
				t.Errorf("an extended CONNECT became %s", shown(&head))
			}
		})
	}
	if err := http2.ParseRequest(decoded(connect("websocket")), false, new(stream.RequestHead), new(http1.Framing), &limits, false); err == nil {
		t.Error("extended CONNECT passes though it is not enabled")
	}
}
