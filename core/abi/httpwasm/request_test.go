package httpwasm_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// TestRequest shows what a guest sees of a request, and changes of it.
func TestRequest(t *testing.T) {
	t.Run("PW-128 a buffer that is too short gets nothing, and the true length", func(t *testing.T) {
		r := serve(t, &guest{request: []step{
			do("set_method", "METHOD"), // the buffer is empty so far
			within(3, get("get_method")), peek(3), within(0, get("get_method")), within(6, get("get_method")),
			within(5, get("get_uri")), within(5, get("get_protocol_version")), within(1, get("get_source_addr")),
			within(3, get("get_config")),
			within(2, list("get_header_values", 0, "x-a")), within(1, list("get_header_names", 0)),
			peek(2), within(4, list("get_header_values", 0, "x-a")),
		}}, echo(t), `config = "abcd"`)
		r.get("/a/path", "X-A: abc")
		lines := r.lines()
		for i, want := range []string{"get_method=6", "peek=3 ???", "get_method=6", "get_method=6 METHOD", "get_uri=7",
			"get_protocol_version=8", "get_source_addr=", "get_config=4", "get_header_values=1", "get_header_names=", "peek=2 ME",
			"get_header_values=1 abc?"} {
			if i >= len(lines) || !strings.HasPrefix(lines[i], want) || strings.HasSuffix(want, "=") && strings.Contains(lines[i], " ") {
				t.Fatalf("line %d of %q: want %q", i, lines, want)
			}
		}
	})

	t.Run("names once and sorted, host among them, values all, case of no matter", func(t *testing.T) {
		r := serve(t, &guest{request: []step{
			list("get_header_names", 0), list("get_header_values", 0, "X-a"), list("get_header_values", 0, "HOST"),
			list("get_header_values", 0, "x-none"), get("get_uri"), get("get_protocol_version"), ask("get_status_code"),
		}}, echo(t))
		r.get("/x%26y?q=%26", "X-A: 1", "B: ", "x-a: 2")
		r.expect("get_header_names=5 b?host?x-a?x-forwarded-for?x-forwarded-proto?", "get_header_values=2 1?2?", "get_header_values=1 test?",
			"get_header_values=0", "get_uri=12 /x%26y?q=%26", "get_protocol_version=8 HTTP/1.1", "get_status_code=200")
	})

	t.Run("everything can be changed", func(t *testing.T) {
		r := serve(t, &guest{request: []step{
			do("set_method", "PUT"), do("set_uri", "/other?x=1"), do("set_header_value", 0, "X-A", "set"), do("add_header_value", 0, "x-a", " more "),
			do("remove_header", 0, "X-B"), do("add_header_value", 0, "x-c", ""), do("set_header_value", 0, "Host", "else"),
		}}, echo(t))
		if got := r.get("/", "X-A: 1", "X-A: 2", "X-B: 3").Body; got != "PUT /other?x=1 else [] X-A=set,more X-C=" {
			t.Errorf("upstream saw %q", got)
		}
	})

	t.Run("an empty URI is a slash", func(t *testing.T) {
		r := serve(t, &guest{request: []step{do("set_uri", "")}}, echo(t))
		if got := r.get("/a").Body; got != "GET / test []" {
			t.Errorf("upstream saw %q", got)
		}
	})

	t.Run("a changed path finds its route", func(t *testing.T) {
		other := coretest.Serve(t, http.NotFoundHandler())
		r := serve(t, &guest{request: []step{do("set_uri", "/private")}}, echo(t),
			"[[routes]]\nname = \"private\"\nmatch = { path = \"/private\" }\ncluster = \"other\"\n[clusters.other]\nendpoints = [\""+other.Addr+"\"]")
		if got := r.get("/a").Status; got != 404 {
			t.Errorf("status %d, want that of the other service", got)
		}
	})
}

// TestMisuse: what a guest gets wrong ends its instance, is logged with its
// reason, and the client gets what on_error says. The next request is served.
func TestMisuse(t *testing.T) {
	long := strings.Repeat("v", 4096)
	bomb := make([]step, 65)
	for i := range bomb {
		bomb[i] = do("add_header_value", 0, "x", long)
	}
	cases := map[string]struct {
		steps []step
		why   string
	}{
		"a method that is empty":            {[]step{do("set_method", "")}, "set_method: not a method"},
		"a method that is none":             {[]step{do("set_method", "G T")}, "set_method: not a method"},
		"a URI without a slash":             {[]step{do("set_uri", "x")}, "set_uri: must begin"},
		"a URI that splits":                 {[]step{do("set_uri", "/ HTTP/1.1\r\nx: y")}, "set_uri: must begin"},
		"an empty name":                     {[]step{list("get_header_values", 0, "")}, "the name is empty"},
		"an empty name, set":                {[]step{do("set_header_value", 0, "", "v")}, "the name is empty"},
		"an empty name, removed":            {[]step{do("remove_header", 0, "")}, "the name is empty"},
		"a name that splits":                {[]step{do("set_header_value", 0, "a: b\r\nc", "v")}, "not a field name"},
		"a pseudo header":                   {[]step{do("add_header_value", 0, ":path", "/")}, "not a field name"},
		"a value that splits":               {[]step{do("add_header_value", 0, "a", "b\r\nc: d")}, "control characters"},
		"a host that is none":               {[]step{do("set_header_value", 0, "host", "a b")}, "not a host"},
		"a kind of fields":                  {[]step{list("get_header_names", 4)}, "header kind 4"},
		"a kind of bodies":                  {[]step{read(2, 1)}, "body kind 2"},
		"PW-134 reading into nothing":       {[]step{read(0, 0)}, "buffer of 0 bytes"},
		"a status before 200":               {[]step{do("set_status_code", 101)}, "101 is not from 200"},
		"a status that does not exist":      {[]step{do("set_status_code", 1000)}, "1000 is not"},
		"a pointer out of bounds":           {[]step{do("set_method", -1, 2)}, "not within the guest's memory"},
		"a buffer out of bounds":            {[]step{code(I32(-2), I32(9)), do("get_method"), code(Drop)}, "not within the guest's memory"},
		"a buffer of names out of bounds":   {[]step{do("get_header_names", 0, -2, 4096), code(Drop)}, "not within the guest's memory"},
		"PW-129 a trailer without feature":  {[]step{do("set_header_value", 2, "a", "b")}, "needs the feature trailers"},
		"PW-129 a response trailer without": {[]step{do("add_header_value", 3, "a", "b")}, "needs the feature trailers"},
		"more fields than a request may":    {bomb, "more than 262144 bytes of fields"},
		"unreachable code":                  {[]step{code(Unreachable)}, "unreachable"},
		"an endless loop":                   {[]step{code(Loop(Br(0)))}, "budget"},
	}
	var names []string
	var pairs []pair
	up := echo(t)
	for name, c := range cases {
		// The second request of the instance, or of the next, goes well: only one
		// with the field x-a is wrong.
		wrong := step{code: func(g *guest) Code {
			return Seq(g.emit(do("get_header_values", 0, "x-a", bufferAt, 9)), shift, Wrap, If(g.all(c.steps)))
		}}
		names = append(names, name)
		pairs = append(pairs, pair{&guest{request: append([]step{wrong}, uses(c.steps)...)}, up})
	}
	r := serveAll(t, pairs)
	for n, name := range names {
		t.Run(name, func(t *testing.T) {
			filter := fmt.Sprint("g", n)
			if got := r.get("/"+filter, "X-A: 1"); got.Status != 503 || strings.Contains(got.Body, filter) {
				t.Errorf("a client got %+v", got)
			}
			coretest.Eventually(t, "a fresh instance", func() bool { return r.Filter(filter).Lanes[0].State == "live" })
			if got := r.get("/" + filter); got.Status != 200 {
				t.Errorf("the next client got %+v", got)
			}
			lines := r.linesOf(filter)
			if len(lines) != 1 || !strings.Contains(lines[0], "a filter failed") || !strings.Contains(lines[0], cases[name].why) {
				t.Errorf("%q do not say %q", lines, cases[name].why)
			}
			if f := r.Filter(filter); f.Traps != 1 {
				t.Errorf("%d traps", f.Traps)
			}
		})
	}
}
