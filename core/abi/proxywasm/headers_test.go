package proxywasm_test

import (
	"strings"
	"testing"

	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// Short forms of the calls on maps.
func get(m int, name string) step { return call("proxy_get_header_map_value", m, name, outBytes{}) }
func set(m int, name, value string) step {
	return call("proxy_replace_header_map_value", m, name, value)
}
func add(m int, name, value string) step { return call("proxy_add_header_map_value", m, name, value) }
func del(m int, name string) step        { return call("proxy_remove_header_map_value", m, name) }
func all(m int) step                     { return call("proxy_get_header_map_pairs", m, outHex{}) }
func setAll(m int, kv ...string) step    { return call("proxy_set_header_map_pairs", m, pairs(kv...)) }
func size(m int) step                    { return call("proxy_get_header_map_size", m, outWord{}) }

func TestRequestHeaders(t *testing.T) {
	long := strings.Repeat("n", 300)
	for name, c := range map[string]struct {
		x     exchange
		steps []step
		want  []string // lines
		up    string   // what the upstream gets; empty: not looked at
		down  string
	}{
		"PW-041 pseudo headers": {
			steps: []step{get(0, ":method"), get(0, ":path"), get(0, ":authority"), get(0, ":scheme"), get(0, ":status"), size(0)},
			want: []string{"get_header_map_value=0 GET", "get_header_map_value=0 /", "get_header_map_value=0 a.example",
				"get_header_map_value=0 http", "get_header_map_value=1 ", "get_header_map_size=0 46"},
		},
		"PW-042 host is :authority": {
			steps: []step{get(0, "host"), set(0, "Host", "b.example"), get(0, ":authority")},
			want:  []string{"get_header_map_value=0 a.example", "replace_header_map_value=0", "get_header_map_value=0 b.example"},
			up:    "GET / b.example",
		},
		"PW-043 names are lower case, look-up is not": {
			x: exchange{headers: []string{"x-a: 1"}},
			steps: []step{get(0, "X-A"), add(0, "X-B", "V"), get(0, "x-b"), add(0, "X-"+strings.ToUpper(long), "long"),
				get(0, "X-"+strings.ToUpper(long))},
			want: []string{"get_header_map_value=0 1", "add_header_map_value=0", "get_header_map_value=0 V",
				"add_header_map_value=0", "get_header_map_value=0 long"},
			up: "GET / a.example|x-a: 1|x-b: V|x-" + long + ": long",
		},
		"PW-044 missing": {
			steps: []step{get(0, "x-no"), get(0, ""), call("proxy_get_header_map_value", 0, "x-no", -4, -4)},
			want:  []string{"get_header_map_value=1 ", "get_header_map_value=1 ", "get_header_map_value=1"},
		},
		"PW-045 the first of several, pairs has all": {
			x:     exchange{headers: []string{"x-a: 1", "x-a: 2"}},
			steps: []step{get(0, "x-a"), all(0)},
			want: []string{"get_header_map_value=0 1", "get_header_map_pairs=0 " + hexOf(pairs(
				":authority", "a.example", ":path", "/", ":method", "GET", ":scheme", "http", "x-a", "1", "x-a", "2"))},
		},
		"PW-046 add, replace, remove": {
			x: exchange{headers: []string{"x-a: 1", "x-a: 2", "x-b: 3", "x-c: 4", "x-c: 5"}},
			steps: []step{add(0, "x-a", "9"), set(0, "x-b", "8"), set(0, "x-c", "7"), set(0, "x-d", "6"), del(0, "x-a"),
				add(0, "x-a", "0"), del(0, "x-none")},
			want: []string{"add_header_map_value=0", "replace_header_map_value=0", "replace_header_map_value=0",
				"replace_header_map_value=0", "remove_header_map_value=0", "add_header_map_value=0", "remove_header_map_value=0"},
			up: "GET / a.example|x-b: 8|x-c: 7|x-d: 6|x-a: 0",
		},
		"PW-046 fields that Envoy keeps as one are joined": {
			x: exchange{headers: []string{"accept: a", "cookie: a=1"}},
			steps: []step{add(0, "accept", "b"), add(0, "cookie", "b=2"), add(0, "user-agent", "u"), add(0, ":path", "x"),
				add(0, ":method", "POST")},
			want: []string{"add_header_map_value=0", "add_header_map_value=0", "add_header_map_value=0",
				"add_header_map_value=0", "add_header_map_value=2"},
			up: "GET /,x a.example|accept: a,b|cookie: a=1|cookie: b=2|user-agent: u",
		},
		"PW-047 an empty value": {
			steps: []step{add(0, "x-e", ""), get(0, "x-e")},
			want:  []string{"add_header_map_value=0", "get_header_map_value=0 "},
			up:    "GET / a.example|x-e: ",
		},
		"PW-048 :path": {
			steps: []step{set(0, ":path", "/n?q=1#f\xff"), set(0, ":path", "x"), set(0, ":path", ""), set(0, ":path", "/a b"),
				set(0, ":path", "/a\r\nx: y")},
			want: []string{"replace_header_map_value=0", "replace_header_map_value=2", "replace_header_map_value=2",
				"replace_header_map_value=2", "replace_header_map_value=2"},
			up: "GET /n?q=1#f\xff a.example",
		},
		"PW-049 :method and :authority": {
			steps: []step{set(0, ":method", "PUT"), set(0, ":authority", "c.example:8080"), set(0, ":method", "GE T"),
				set(0, ":method", ""), set(0, ":authority", "a b"), set(0, ":scheme", "https"), set(0, ":scheme", "ftp")},
			want: []string{"replace_header_map_value=0", "replace_header_map_value=0", "replace_header_map_value=2",
				"replace_header_map_value=2", "replace_header_map_value=2", "replace_header_map_value=0", "replace_header_map_value=2"},
			up: "PUT / c.example:8080",
		},
		"PW-050 removing :method": {
			steps: []step{del(0, ":method"), get(0, ":method")},
			want:  []string{"remove_header_map_value=0", "get_header_map_value=1 "},
			down:  "503|content-type: text/plain|content-length: 32|>missing required header: :method",
		},
		"PW-050 removing :path":      {steps: []step{quiet("proxy_remove_header_map_value", 0, ":path")}, down: "404|content-length: 0"},
		"PW-050 removing :scheme":    {steps: []step{quiet("proxy_remove_header_map_value", 0, ":scheme")}, down: "200"},
		"PW-050 removing :authority": {steps: []step{quiet("proxy_remove_header_map_value", 0, "host")}, up: "GET / "},
		"PW-050 removing and setting again": {
			steps: []step{quiet("proxy_remove_header_map_value", 0, ":path"), quiet("proxy_replace_header_map_value", 0, ":path", "/b")},
			up:    "GET /b a.example",
		},
		"PW-051 replacing the whole map": {
			x:     exchange{headers: []string{"x-a: 1"}},
			steps: []step{setAll(0, "X-B", "2", ":path", "/p", "x-b", "3", ":authority", "d", ":method", "POST"), all(0)},
			want: []string{"set_header_map_pairs=0", "get_header_map_pairs=0 " + hexOf(pairs(":authority", "d", ":path", "/p",
				":method", "POST", ":scheme", "http", "x-b", "2", "x-b", "3"))},
			up: "POST /p d|x-b: 2|x-b: 3",
		},
		"PW-051 a map without :method": {
			steps: []step{setAll(0, "x-b", "2", ":path", "/p")}, want: []string{"set_header_map_pairs=0"},
			down: "503|content-type: text/plain|content-length: 32|>missing required header: :method",
		},
		"PW-052 a malformed map changes nothing": {
			x: exchange{headers: []string{"x-a: 1"}},
			steps: []step{
				call("proxy_set_header_map_pairs", 0, "\x01\x00"),
				call("proxy_set_header_map_pairs", 0, "\x01\x00\x00\x00"),
				call("proxy_set_header_map_pairs", 0, "\xff\xff\xff\xff"),
				call("proxy_set_header_map_pairs", 0, pairs("a", "b")+"x"),
				call("proxy_set_header_map_pairs", 0, strings.TrimSuffix(pairs("a", "b"), "\x00")),
				call("proxy_set_header_map_pairs", 0, strings.Replace(pairs("ab", "b"), "ab\x00", "abc", 1)),
				call("proxy_set_header_map_pairs", 0, "\x01\x00\x00\x00\xff\xff\xff\xff\x01\x00\x00\x00a\x00b\x00"),
				setAll(0, ":path", "/a", ":path", "/b"),
				setAll(0, "x-a", "1\n"), setAll(0, "x a", "1"), setAll(0, ":other", "1"),
			},
			want: repeat("set_header_map_pairs=2", 11),
			up:   "GET / a.example|x-a: 1",
		},
		"PW-053 nothing splits": {
			steps: []step{add(0, "x-a", "1\r\nx-b: 2"), add(0, "x-a", "\x00"), add(0, "x-a", "\x7f"), add(0, "x\r\n", "1"), add(0, "", "1"),
				add(0, "x:y", "1"), add(0, "x y", "1"), add(0, "x(", "1"), set(0, "x-a", "\x01"), add(0, "x-ok", "\t \x80\xff")},
			want: append(append(repeat("add_header_map_value=2", 8), "replace_header_map_value=2"), "add_header_map_value=0"),
			up:   "GET / a.example|x-ok: \t \x80\xff",
		},
		"PW-054 special names are fields like others": {
			x: exchange{headers: []string{"content-type: a", "cookie: c", "user-agent: u"}},
			steps: []step{get(0, "content-type"), set(0, "content-type", "b"), set(0, "cookie", "d"), del(0, "user-agent"),
				set(0, "connection", "close"), get(0, "connection")},
			want: []string{"get_header_map_value=0 a", "replace_header_map_value=0", "replace_header_map_value=0",
				"remove_header_map_value=0", "replace_header_map_value=0", "get_header_map_value=0 close"},
			up: "GET / a.example|content-type: b|cookie: d|connection: close",
		},
		"PW-054 fields of framing too": {
			x: exchange{headers: []string{"content-length: 3"}, body: []string{"abc"}},
			steps: []step{get(0, "Content-Length"), set(0, "content-length", "9"), get(0, "content-length"), del(0, "content-length"), get(0, "content-length"),
				add(0, "content-length", "5"), add(0, "Transfer-Encoding", "gzip"), add(0, "transfer-encoding", "chunked"), get(0, "transfer-encoding"),
				set(0, "transfer-encoding", "x"), get(0, "transfer-encoding"), del(0, "transfer-encoding"), get(0, "transfer-encoding")},
			want: []string{"get_header_map_value=0 3", "replace_header_map_value=0", "get_header_map_value=0 9", "remove_header_map_value=0", "get_header_map_value=1 ",
				"add_header_map_value=0", "add_header_map_value=0", "add_header_map_value=0", "get_header_map_value=0 gzip",
				"replace_header_map_value=0", "get_header_map_value=0 x", "remove_header_map_value=0", "get_header_map_value=1 "},
			up: "GET / a.example|content-length: 5|>abc",
		},
		"PW-056 unknown maps, and those that are not there": {
			steps: []step{get(8, "a"), all(8), size(8), set(8, "a", "b"), get(4, "a"), all(5), get(6, "a"), all(7), set(6, "a", "b"),
				get(2, "a"), all(2), size(2), set(2, "a", "b"), get(1, "a"), all(3), add(1, "a", "b"), get(-1, "a")},
			want: []string{"get_header_map_value=2 ", "get_header_map_pairs=2 ", "get_header_map_size=2 0", "replace_header_map_value=2",
				"get_header_map_value=2 ", "get_header_map_pairs=0 ", "get_header_map_value=2 ", "get_header_map_pairs=0 ",
				"replace_header_map_value=2", "get_header_map_value=2 ", "get_header_map_pairs=0 ", "get_header_map_size=2 0",
				"replace_header_map_value=2", "get_header_map_value=2 ", "get_header_map_pairs=0 ", "add_header_map_value=2",
				"get_header_map_value=2 "},
			up: "GET / a.example",
		},
		"address 0 is one like any other": {
			steps: []step{call("proxy_get_header_map_value", 0, ":path", 0, 0), call("proxy_get_header_map_pairs", 0, 0, 0),
				call("proxy_get_header_map_size", 0, 0), stepFunc(func(s *script) Code {
					return Seq(I32(0), Load32(0), s.local("dec"), s.local("flush"))
				})},
			want: []string{"get_header_map_value=0", "get_header_map_pairs=0", "get_header_map_size=0", "46"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			f := h.load(newScript().on("on_request_headers", c.steps...))
			o := c.x.run(f)
			h.expect(c.want...)
			if c.up != "" && o.upstream != c.up {
				t.Errorf("upstream got %q, want %q", o.upstream, c.up)
			}
			if c.down != "" && o.downstream != c.down {
				t.Errorf("downstream got %q, want %q", o.downstream, c.down)
			}
		})
	}
}

func repeat(line string, n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = line
	}
	return lines
}

func TestRequestHeadersInOrder(t *testing.T) {
	t.Run("PW-040 the count has pseudo headers, PW-058 the end", func(t *testing.T) {
		h := newHost(t)
		s := newScript()
		s.trace = true
		f := h.load(s.on("on_request_headers"))
		(&exchange{headers: []string{"a: b"}}).run(f)
		(&exchange{body: []string{"x"}}).run(f)
		h.expect("on_request_headers(2,5,1)", "on_request_headers(3,4,0)")
	})
	t.Run("PW-057 the second filter sees what the first changed", func(t *testing.T) {
		h := newHost(t)
		first := h.load(newScript().on("on_request_headers", add(0, "x-a", "1")))
		second := h.load(newScript().on("on_request_headers", get(0, "x-a")))
		(&exchange{}).run(first, second)
		h.expect("add_header_map_value=0", "get_header_map_value=0 1")
	})
	t.Run("request headers in later callbacks: readable, not writable", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().
			on("on_context_create", when(1, 1, get(0, ":path"), all(0))).
			on("on_request_body", get(0, ":path"), set(0, "x-a", "1")).
			on("on_response_headers", get(0, ":path"), add(0, "x-a", "1"), del(0, "x-a"), setAll(0)).
			on("on_response_body", get(0, ":path"), get(2, ":status"), set(2, "x-a", "1"), all(2)).
			on("on_log", get(0, ":path"), get(2, ":status"), get(1, "t"), get(3, "t"), size(0), set(0, "x-a", "1"), set(2, "x-a", "1")).
			on("on_done", get(0, ":path"), get(2, ":status")).
			on("on_delete", get(0, ":path"), all(0)))
		(&exchange{body: []string{"x"}, responseBody: []string{"y"}, responseTrailers: []string{"t: 1"}}).run(f)
		h.expect("get_header_map_value=2 ", "get_header_map_pairs=0 ",
			"get_header_map_value=0 /", "replace_header_map_value=2",
			"get_header_map_value=0 /", "add_header_map_value=2", "remove_header_map_value=2", "set_header_map_pairs=2",
			"get_header_map_value=0 /", "get_header_map_value=2 ", "replace_header_map_value=2", "get_header_map_pairs=0 ",
			"get_header_map_value=0 /", "get_header_map_value=0 200", "get_header_map_value=1 ", "get_header_map_value=0 1",
			"get_header_map_size=2 0", "replace_header_map_value=2", "replace_header_map_value=2",
			"get_header_map_value=2 ", "get_header_map_value=2 ", "get_header_map_value=2 ", "get_header_map_pairs=0 ")
	})
	t.Run("what filters write into a stream is bounded", func(t *testing.T) {
		h := newHost(t)
		big := strings.Repeat("x", 20<<10)
		steps := []step{}
		for range 14 {
			steps = append(steps, set(0, "x-big", big))
		}
		f := h.load(newScript().on("on_request_headers", steps...))
		(&exchange{}).run(f)
		h.expect(append(repeat("replace_header_map_value=0", 12), "replace_header_map_value=10", "replace_header_map_value=10")...)
	})
}

func TestResponseHeaders(t *testing.T) {
	for name, c := range map[string]struct {
		x     exchange
		steps []step
		want  []string
		down  string
	}{
		"PW-071 :status": {
			steps: []step{get(2, ":status"), set(2, ":status", "404"), get(2, ":status"), set(2, ":status", "99"), set(2, ":status", "abc"),
				set(2, ":status", "600"), set(2, ":status", "101"), set(2, ":status", " 200"), add(2, ":status", "200")},
			want: append([]string{"get_header_map_value=0 200", "replace_header_map_value=0", "get_header_map_value=0 404"},
				append(repeat("replace_header_map_value=2", 5), "add_header_map_value=2")...),
			down: "404",
		},
		"PW-071 removing :status": {
			steps: []step{del(2, ":status"), get(2, ":status")}, want: []string{"remove_header_map_value=0", "get_header_map_value=1 "},
			down: "502|content-type: text/plain|content-length: 32|>missing required header: :status",
		},
		"PW-072 fields": {
			x: exchange{responseHeaders: []string{"x-a: 1", "set-cookie: a", "etag: e"}},
			steps: []step{set(2, "x-a", "2"), add(2, "set-cookie", "b"), del(2, "etag"), add(2, "vary", "a"), add(2, "vary", "b"),
				add(2, "x-a", "b\r\nc: d"), size(2)},
			want: []string{"replace_header_map_value=0", "add_header_map_value=0", "remove_header_map_value=0", "add_header_map_value=0",
				"add_header_map_value=0", "add_header_map_value=2", "get_header_map_size=0 43"},
			down: "200|x-a: 2|set-cookie: a|set-cookie: b|vary: a,b",
		},
		"PW-072 the whole map": {
			x:     exchange{responseHeaders: []string{"x-a: 1"}},
			steps: []step{all(2), setAll(2, ":status", "201", "x-b", "2"), setAll(2, ":status", "20"), setAll(2, ":path", "/")},
			want: []string{"get_header_map_pairs=0 " + hexOf(pairs(":status", "200", "x-a", "1")), "set_header_map_pairs=0",
				"set_header_map_pairs=2", "set_header_map_pairs=2"},
			down: "201|x-b: 2",
		},
		"PW-072 a map without :status": {steps: []step{setAll(2, "a", "b")}, want: []string{"set_header_map_pairs=0"}, down: "502|content-type: text/plain|content-length: 32|>missing required header: :status"},
		"host is no pseudo header of a response": {
			steps: []step{set(2, "host", "x"), get(2, "host")}, want: []string{"replace_header_map_value=0", "get_header_map_value=0 x"},
			down: "200|host: x",
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			f := h.load(newScript().on("on_response_headers", c.steps...))
			o := c.x.run(f)
			h.expect(c.want...)
			if o.downstream != c.down {
				t.Errorf("downstream got %q, want %q", o.downstream, c.down)
			}
		})
	}
	t.Run("PW-080 the response goes last to first", func(t *testing.T) {
		h := newHost(t)
		a := h.load(newScript().on("on_request_headers", say("a>")).on("on_response_headers", say("<a")))
		b := h.load(newScript().on("on_request_headers", say("b>")).on("on_response_headers", say("<b")))
		(&exchange{}).run(a, b)
		h.expect("a>", "b>", "<b", "<a")
	})
}
