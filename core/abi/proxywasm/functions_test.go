package proxywasm_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// row is one call of a host function with what it answers at each place where
// a guest can make it.
type row struct {
	function string
	args     []any
	want     string // a status for each of places
	apart    bool   // the call changes what is possible afterwards: a stream for each place
	before   []step // in on_configure
}

// places are where a row's call is made, in the order in which they come. An
// "as" is on_request_headers with another effective context.
var places = []string{
	"vm_start", "configure", "tick", "create",
	"request_headers", "as_root", "as_vm", "call", "request_body", "request_trailers",
	"response_headers", "response_body", "response_trailers",
	"log", "done", "delete",
}

// tables are those of this package's functions.
var tables = map[string][]row{"maps": mapRows, "buffers": bufferRows, "streams": streamRows, "roots": rootRows, "store": storeRows}

// placed is a guest that makes the calls of rows at every place, or at one.
func placed(rows []row, only string) *script {
	act := func(place string) step {
		if only != "" && only != place {
			return always()
		}
		steps := []step{say("@" + place)}
		for _, r := range rows {
			steps = append(steps, call(r.function, r.args...))
		}
		return always(steps...)
	}
	effective := func(id any) step { return quiet("proxy_set_effective_context", id) }
	var before []step
	for _, r := range rows {
		before = append(before, r.before...)
	}
	return newScript().on("on_vm_start", act("vm_start")).
		on("on_configure", always(before...), act("configure"), effective(1), tick(1)).
		on("on_tick", tick(0), act("tick"), say("@ticked")).
		on("on_context_create", when(1, 1, act("create"))).
		on("on_request_headers", save(0, 0), act("request_headers"),
			effective(1), act("as_root"), effective(0), act("as_vm"), effective(cell(0)),
			quiet("proxy_http_call", "auth", pairs(":method", "GET", ":path", "/", ":authority", "a"), "", "", 0, outWord{}), ret(1)).
		on("on_http_call_response", unless(0, 0, unless(1, 1, count(1), act("call"), effective(cell(0)), quiet("proxy_continue_stream", 0)))).
		on("on_request_body", act("request_body")).on("on_request_trailers", act("request_trailers")).
		on("on_response_headers", act("response_headers")).on("on_response_body", act("response_body")).on("on_response_trailers", act("response_trailers")).
		on("on_log", act("log")).on("on_done", when(0, 2, act("done"))).on("on_delete", when(0, 2, act("delete")))
}

// statuses runs rows and answers the statuses of each at every place.
func statuses(t *testing.T, rows []row, only string) map[string][]string {
	t.Helper()
	h := newHost(t)
	h.caller.answer = func(filter.CallRequest) *filter.CallResponse {
		a := answer(200, "body", "x-a: 1")
		a.Trailers = fields(new(stream.Headers), []string{"t: 1"})
		return a
	}
	f := h.load(placed(rows, only), calling, ticking, func(s *proxywasm.Spec) {
		s.Config, s.VMConfig, s.Budget = []byte("config"), []byte("vm"), time.Second
	})
	h.wait("@ticked")
	x := exchange{body: []string{"body"}, trailers: []string{"t: 1"}, responseBody: []string{"body"}, responseTrailers: []string{"t: 1"}}
	x.run(f)
	got := map[string][]string{}
	place := ""
	for _, line := range h.log.take() {
		if at, ok := strings.CutPrefix(line, "@"); ok {
			place = at
		} else if _, status, ok := strings.Cut(line, "="); ok && len(got[place]) < len(rows) {
			status, _, _ = strings.Cut(status, " ")
			got[place] = append(got[place], status)
		}
	}
	return got
}

// TestFunctionsAtEveryPlace calls each function in every callback, for each
// kind of map and buffer, and for other effective contexts.
func TestFunctionsAtEveryPlace(t *testing.T) {
	for name, table := range tables {
		t.Run(name, func(t *testing.T) {
			var together, apart []row
			for _, r := range table {
				if r.apart {
					apart = append(apart, r)
				} else {
					together = append(together, r)
				}
			}
			got := statuses(t, together, "")
			for k, r := range together {
				r.check(t, func(place string) string { return nth(got[place], k) })
			}
			for _, r := range apart {
				r.check(t, func(place string) string { return nth(statuses(t, []row{r}, place)[place], 0) })
			}
		})
	}
}

func nth(list []string, k int) string {
	if k < len(list) {
		return list[k]
	}
	return "none"
}

// check compares a row with what it answers at each place.
func (r row) check(t *testing.T, status func(place string) string) {
	t.Helper()
	got := make([]string, len(places))
	for k, place := range places {
		got[k] = status(place)
	}
	if all := strings.Join(got, " "); all != r.want {
		t.Errorf("%s%q answers\n\t%s, want\n\t%s", r.function, r.args, all, r.want)
	}
}

// TestFunctionsHaveRows: every function that the README lists is in a table, and
// no other.
func TestFunctionsHaveRows(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	tabled := map[string]bool{}
	for _, table := range tables {
		for _, r := range table {
			tabled[r.function] = true
		}
	}
	for _, f := range hostFunctions {
		if !tabled[f.name] {
			t.Errorf("%s is in no table", f.name)
		}
		if !strings.Contains(string(text), "| `"+f.name+"` |") {
			t.Errorf("%s is not in the README", f.name)
		}
		delete(tabled, f.name)
	}
	for name := range tabled {
		t.Errorf("%s is in a table, but no function", name)
	}
	if n := strings.Count(string(text), "\n| `proxy_"); n != len(hostFunctions) {
		t.Errorf("the README lists %d functions, the tests %d", n, len(hostFunctions))
	}
}
