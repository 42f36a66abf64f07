package proxywasm_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// These tests run a filter in a whole proxy, between sockets: what they show
// is on the wire.

// proxied runs a proxy whose only route has the script as its filter. Keys
// that begin with "filter:" are the filter's, "lanes:" says how many instances
// there are, others are the route's.
func proxied(t *testing.T, s *script, upstream string, keys ...string) *coretest.Running {
	t.Helper()
	lanes := "1" // so that contexts have the same ids each time
	route, filter := []string{`filters = ["f"]`}, []string{}
	for _, k := range keys {
		if key, ok := strings.CutPrefix(k, "filter:"); ok {
			filter = append(filter, key)
		} else if n, ok := strings.CutPrefix(k, "lanes:"); ok {
			lanes = n
		} else {
			route = append(route, k)
		}
	}
	route = append(route, coretest.Wasm("lanes = "+lanes, "log_lines = 100000"), coretest.FilterTable("f", coretest.Module(t, s.bytes()), "root", filter...))
	return coretest.Proxy(t, coretest.Gateway(upstream, route...))
}

// guestLines are the lines that the guest logged.
func guestLines(p *coretest.Running) (lines []string) {
	for line := range strings.Lines(p.Log.String()) {
		if strings.Contains(line, `"filter":"f"`) {
			_, rest, _ := strings.Cut(line, `"msg":"`)
			msg, _, _ := strings.Cut(rest, `"`)
			lines = append(lines, msg)
		}
	}
	return lines
}

// echo is a service that answers each request with its head and body.
func echo(t *testing.T) *coretest.Upstream {
	return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("reading a request: %v", err)
		}
		var head strings.Builder
		_ = r.Header.Write(&head)
		fmt.Fprintf(w, "%s %s length=%d\r\n%s\r\n%s", r.Method, r.URL.RequestURI(), r.ContentLength, head.String(), body)
	}))
}

// TestWireFields: what a filter adds that is between two hops does not leave.
func TestWireFields(t *testing.T) {
	up := echo(t)
	for _, c := range []struct {
		name, value string
		sent        string // upstream
	}{
		{"connection", "x-keep", ""}, {"connection", "close", ""}, {"keep-alive", "timeout=5", ""}, {"proxy-connection", "close", ""},
		{"upgrade", "foo", ""}, {"te", "gzip", ""}, {"te", "trailers", "Te: trailers"}, {"expect", "100-continue", ""},
		{"transfer-encoding", "chunked", ""}, {"transfer-encoding", "gzip", ""}, {"content-length", "7", ""},
	} {
		t.Run("PW-055 "+c.name+" "+c.value, func(t *testing.T) {
			p := proxied(t, newScript().on("on_request_headers", add(0, c.name, c.value), get(0, c.name)).on("on_response_headers", add(2, c.name, c.value)), up.Addr)
			client := coretest.Dial(t, p.Addr("gateway"))
			for range 2 { // the second shows that the first left both connections in order
				client.Send("GET / HTTP/1.1\r\nHost: a\r\nX-Keep: 1\r\n\r\n")
				r := client.Read("GET")
				name := http.CanonicalHeaderKey(c.name)
				if got := strings.Contains(r.Body, name+":"); got != (c.sent != "") || !strings.Contains(r.Body, c.sent) || !strings.Contains(r.Body, "X-Keep: 1") {
					t.Errorf("upstream got %q, want %q", r.Body, c.sent)
				}
				if r.Status != 200 || r.Close || r.Err != nil || c.name != "content-length" && r.Header.Get(name) != "" {
					t.Errorf("the client got %+v", r)
				}
			}
			if lines := guestLines(p); !slices.Contains(lines, "get_header_map_value=0 "+c.value) {
				t.Errorf("the filter itself reads what it added; it logged %q", lines)
			}
		})
	}
}

// TestWireFraming: a message's framing is that of the body which is sent,
// whatever its length was and whatever the filter says it is.
func TestWireFraming(t *testing.T) {
	const long = 70_000
	for name, c := range map[string]struct {
		size, put int // as proxy_set_buffer_bytes has it
		data      string
		want      func(body string) string
	}{
		"longer":  {0, 0, "<<<", func(b string) string { return "<<<" + b }},
		"shorter": {0, -1, "s", func(string) string { return "s" }},
		"empty":   {0, -1, "", func(string) string { return "" }},
		"equal":   {0, 1, "a", func(b string) string { return b }},
	} {
		up := echo(t)
		t.Run("PW-066 a request made "+name, func(t *testing.T) {
			p := proxied(t, newScript().on("on_request_headers", set(0, "content-length", "3")).
				on("on_request_body", when(2, 0, ret(1)), splice(0, c.size, c.put, c.data)), up.Addr)
			client := coretest.Dial(t, p.Addr("gateway"))
			for _, body := range []string{"abc", "a" + strings.Repeat("x", long)} {
				client.Send(fmt.Sprintf("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
				checkEcho(t, client.Read("POST"), c.want(body))
				client.Send(fmt.Sprintf("POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body))
				checkEcho(t, client.Read("POST"), c.want(body))
			}
		})
		t.Run("PW-066 a response made "+name+", PW-073 its length", func(t *testing.T) {
			up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/length" {
					w.Header().Set("Content-Length", "3")
				}
				fmt.Fprint(w, "abc")
			}))
			p := proxied(t, newScript().on("on_response_headers", get(2, "content-length"), set(2, "content-length", "9999")).
				on("on_response_body", when(2, 0, ret(1)), splice(1, c.size, c.put, c.data)), up.Addr)
			client := coretest.Dial(t, p.Addr("gateway"))
			for _, path := range []string{"/length", "/chunks", "/length"} {
				client.Send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n")
				if r := client.Read("GET"); r.Body != c.want("abc") || r.Err != nil || r.Header.Get("Content-Length") == "9999" {
					t.Errorf("%s: the client got %+v", path, r)
				}
			}
			if lines := guestLines(p); lines[0] != "get_header_map_value=0 3" {
				t.Errorf("lines %q", lines)
			}
		})
	}
}

// checkEcho checks what the service got: a body, and a length that fits.
func checkEcho(t *testing.T, r coretest.Response, body string) {
	t.Helper()
	head, got, _ := strings.Cut(r.Body, "\r\n\r\n")
	if r.Status != 200 || got != body {
		t.Errorf("status %d, the service got %d bytes %.20q, want %d %.20q", r.Status, len(got), got, len(body), body)
	}
	if _, length, _ := strings.Cut(strings.SplitN(head, "\r\n", 2)[0], "length="); length != "-1" && length != fmt.Sprint(len(body)) {
		t.Errorf("the service was told of %s bytes, %d came", length, len(body))
	}
}

// TestWireWithoutBody: a response that has no body has no body callback.
func TestWireWithoutBody(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", "e")
		switch r.URL.Path {
		case "/204":
			w.WriteHeader(204)
		case "/304":
			w.WriteHeader(304)
		default:
			w.Header().Set("Content-Length", "5")
			if r.Method != "HEAD" {
				fmt.Fprint(w, "hello")
			}
		}
	}))
	for _, c := range []struct {
		method, path string
		status       int
		body, length string
		want         []string
	}{
		{"HEAD", "/", 200, "", "5", []string{"end"}},
		{"GET", "/204", 204, "", "", []string{"end"}},
		{"GET", "/304", 304, "", "", []string{"end"}},
		{"GET", "/", 200, "hello", "5", []string{"more", "body"}},
	} {
		t.Run("PW-076 "+c.method+" "+c.path, func(t *testing.T) {
			p := proxied(t, newScript().on("on_response_headers", when(2, 1, say("end")), when(2, 0, say("more"))).
				on("on_response_body", unless(3, 1, count(3), say("body"))), up.Addr)
			client := coretest.Dial(t, p.Addr("gateway"))
			client.Send(c.method + " " + c.path + " HTTP/1.1\r\nHost: a\r\n\r\n")
			r := client.Read(c.method)
			if r.Status != c.status || r.Body != c.body || r.Err != nil || c.length != "" && c.body == "" && r.Header.Get("Content-Length") != c.length {
				t.Errorf("the client got %+v", r)
			}
			if lines := guestLines(p); !slices.Equal(lines, c.want) {
				t.Errorf("callbacks %q, want %q", lines, c.want)
			}
		})
	}
}

// TestWireEncoded: a body that is encoded passes as it is, and the filter sees
// its bytes.
func TestWireEncoded(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	fmt.Fprint(w, strings.Repeat("plain text ", 5000))
	_ = w.Close()
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	}))
	t.Run("PW-077 a gzip body is untouched", func(t *testing.T) {
		p := proxied(t, newScript().on("on_response_headers", get(2, "content-encoding")).
			on("on_response_body", when(2, 0, ret(1)), call("proxy_get_buffer_bytes", 1, 0, 3, outHex{}), call("proxy_get_buffer_status", 1, outWord{}, 40)), up.Addr)
		r := coretest.Get(t, p.Addr("gateway"), "/", "Accept-Encoding: gzip")
		if r.Body != packed.String() || r.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("the client got %d bytes, %v", len(r.Body), r.Header)
		}
		want := []string{"get_header_map_value=0 gzip", "get_buffer_bytes=0 1f8b08", fmt.Sprintf("get_buffer_status=0 %d", packed.Len())}
		if lines := guestLines(p); !slices.Equal(lines, want) {
			t.Errorf("lines %q, want %q", lines, want)
		}
	})
}
