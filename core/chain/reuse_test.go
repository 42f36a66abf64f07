package chain_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
)

// A stream that has carried thousands of others behaves as a new one.
func TestStreamsAreReusedWithoutATrace(t *testing.T) {
	used := chain.NewStream()
	for i := range 3000 {
		script := []byte{byte(i), byte(i >> 3), byte(i * 7), byte(i >> 5), byte(i * 31), byte(i * 13), byte(i >> 2), byte(i * 5), byte(i >> 1), byte(i * 3)}
		fresh, again := episode(t, nil, i, script), episode(t, used, i, script)
		if fresh != again {
			t.Fatalf("stream %d: new\n%s\nreused\n%s", i, fresh, again)
		}
	}
}

// episode carries one stream that ends in one of several ways, and tells all
// that can be seen of it.
func episode(t *testing.T, st *chain.Stream, i int, data []byte) string {
	sc, tr := &script{data}, new(trace)
	var links []*fake
	marks := make([]int, 3)
	for j := range 1 + i%3 {
		links = append(links, player(j, filter.Request, sc, tr, map[byte]bool{}, marks))
	}
	if i%5 == 1 {
		links = append(links, all("x", tr, map[filter.Phases]callback{filter.PhaseRequestBody: replies(403, "no", cont)}))
	}
	if i%7 == 2 {
		links = append(links, all("y", tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: fails(errBroken)}))
	}
	r := begin(t, st, links...)
	start := fmt.Sprintf("%+v %v %v %q %v %v %v %v", r.Info(), r.Response(), r.Trailers(filter.Request), r.Property("a"), r.Local(),
		r.Holding(filter.Request), r.Resumed(filter.Response), r.HeadWritable(filter.Request))
	_, refused := r.Refused()
	r.SetProperty("a", []byte(fmt.Sprint(i)))
	drive(r, filter.Request, sc, links)
	if i%11 == 3 {
		r.Fail(links[0].part, errBroken) // and nobody acts on it
	} else {
		settle(r, filter.Request, links)
	}
	end := r.out[filter.Request].String()
	if r.Stopped() {
		status, body := r.answer()
		end += fmt.Sprint(status, body)
	} else if i%2 == 0 {
		r.head(filter.Response, false)
		r.feed(filter.Response, "answer", true)
		end += r.out[filter.Response].String()
	}
	r.finish()
	return start + fmt.Sprint(refused) + end + strings.Join(tr.events, "|")
}

func TestProperties(t *testing.T) {
	st := chain.NewStream()
	for range 3 {
		r := begin(t, st)
		if r.Property("a") != nil {
			t.Fatal("a property of the stream before is there")
		}
		value := []byte("1")
		r.SetProperty("a", value)
		value[0] = '2'
		r.SetProperty("b.c", nil)
		r.SetProperty("b.d", []byte("x"))
		is(t, "a", string(r.Property("a")), "1")
		is(t, "empty is present", r.Property("b.c") != nil, true)
		r.SetProperty("a", []byte("longer"))
		is(t, "a, set again", string(r.Property("a")), "longer")
		seen := ""
		r.EachProperty("b.", func(path string, value []byte) { seen += path + "=" + string(value) + " " })
		is(t, "each", seen, "b.c= b.d=x ")
		r.finish()
	}
}

// What filters store in one stream is bounded, and what goes beyond leaves
// the rest as it was.
func TestPropertiesAreBounded(t *testing.T) {
	r := begin(t, nil)
	big := make([]byte, 40<<10)
	r.SetProperty("a", big)
	r.SetProperty("b", big)
	is(t, "a", len(r.Property("a")), len(big))
	is(t, "b", r.Property("b") == nil, true)
	r.SetProperty("a", make([]byte, 70<<10))
	is(t, "a, larger than the bound", len(r.Property("a")), len(big))
	r.SetProperty("a", nil)
	r.SetProperty("b", big)
	is(t, "b, when there is room", len(r.Property("b")), len(big))
	for i := range 10_000 {
		r.SetProperty(fmt.Sprint("many", i), []byte("0123456789"))
	}
	total := 0
	r.EachProperty("", func(path string, value []byte) { total += len(path) + len(value) })
	if total > 64<<10 {
		t.Errorf("%d bytes are stored", total)
	}
	r.finish()
}
