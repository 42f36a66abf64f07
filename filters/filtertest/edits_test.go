package filtertest_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/edit"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/state"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

// declared is what the filter "declarer" hands to weir.edits, and the answers.
var declared struct {
	calls   [][]byte
	answers []error
	called  bool // since it was last set false
}

type declarer struct{}

func (declarer) OnRequestHeaders(*sdk.Stream, bool) sdk.Action {
	declared.called = true
	return sdk.Continue
}

func init() {
	sdk.Register("declarer", func(*sdk.Root) (sdk.Plugin, error) {
		sdk.NewCounter("made")
		sdk.NewCounter("refused")
		declared.answers = nil
		for _, b := range declared.calls {
			_, err := sdk.Foreign("weir.edits", b)
			declared.answers = append(declared.answers, err)
		}
		return declarer{}, nil
	})
}

// The ids of its counters in the emulated host.
const madeID, refusedID = 4, 8

// changing is a stream as far as the real edits see it.
type changing struct {
	filter.Stream
	info     stream.Info
	request  stream.RequestHead
	response *stream.ResponseHead
	set      map[string]string
}

func (c *changing) Info() *stream.Info                { return &c.info }
func (c *changing) Request() *stream.RequestHead      { return &c.request }
func (c *changing) Response() *stream.ResponseHead    { return c.response }
func (c *changing) Property(path string) []byte       { return []byte(c.set[path]) }
func (c *changing) SetProperty(path string, v []byte) { c.set[path] = string(v) }
func (c *changing) Increment(id uint32, n int64) error {
	c.set[fmt.Sprint("counter ", id)] += strings.Repeat("+", int(n))
	return nil
}

// shown are fields in their order, without framing.
func shown(list []sdk.Field) (s string) {
	for _, f := range list {
		if f.Name[0] != ':' {
			s += f.Name + "=" + f.Value + " "
		}
	}
	return s
}

func headers(h *stream.Headers) (list []sdk.Field) {
	for i := range h.Len() {
		list = append(list, sdk.Field{Name: string(h.At(i).Name), Value: string(h.At(i).Value)})
	}
	return list
}

// TestEmulatedEditsAreMadeAsTheRealOnes declares random edits on both sides, and
// takes the same streams through them.
func TestEmulatedEditsAreMadeAsTheRealOnes(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for n := range 4000 {
		declared.calls = nil
		for range 1 + random.IntN(3) {
			declared.calls = append(declared.calls, randomEdits(random))
		}
		var list edit.List
		var answers []string
		for _, b := range declared.calls {
			switch err := list.Add(b); {
			case err == nil:
				answers = append(answers, "<nil>")
			case errors.Is(err, edit.ErrTooMany):
				answers = append(answers, sdk.ErrInternal.Error())
			default:
				answers = append(answers, sdk.ErrBadArgument.Error())
			}
		}
		h, ok := sdktest.Start(t, "declarer", sdktest.Options{Properties: map[string]string{
			"weir.client_ip": "192.0.2.7", "xds.route_name": "orders", "xds.cluster_name": "blue", "weir.identity": "ann"}})
		if !ok {
			t.Fatal(h.Logs())
		}
		if got := fmt.Sprint(declared.answers); got != fmt.Sprint(answers) {
			t.Fatalf("declaring %x: emulated %s, real %s", declared.calls, got, answers)
		}
		store := state.New(state.Options{Now: func() int64 { return h.Time().UnixNano() }})
		space := store.Open("test", 0)
		for k := range 3 {
			path := []string{"/", "/api", "/api/users?q=1", "/apis", "/a//b"}[random.IntN(5)]
			status := []int{200, 404, 500}[random.IntN(3)]
			emulated := emulate(h, path, status)
			if real := really(&list, space, path, status); real != emulated {
				t.Fatalf("round %d, stream %d, %s, %d\nedits    %q\nemulated %s\nreal     %s", n, k, path, status, declared.calls, emulated, real)
			}
		}
		space.Close()
	}
}

func emulate(h *sdktest.Host, path string, status int) string {
	made, refused := h.Metric("made"), h.Metric("refused")
	declared.called = false
	s := h.Stream(sdktest.Request{Path: path, Authority: "a.example", Headers: sdktest.H("x-a", "1", "x-b", "2", "x-a", "3", "x-odd", "a\"b")})
	up := s.Upstream()
	if s.Local() {
		s.Finish()
		return "refused " + s.Details()
	}
	request := fmt.Sprint(shown(up.Headers()), up.Get(":path"), " ", up.Get(":authority"), " ", declared.called)
	s.Respond(sdktest.Response{Status: status, Headers: sdktest.H("server", "origin", "x-a", "1")})
	if s.Local() {
		s.Finish()
		return request + " refused " + s.Details()
	}
	response := shown(s.Downstream().Headers())
	s.Finish()
	var set []string
	for _, p := range s.Properties() {
		set = append(set, p.Name+"="+p.Value)
	}
	slices.Sort(set)
	return fmt.Sprint(request, " | ", response, " | ", set, " ", h.Metric("made")-made, h.Metric("refused")-refused)
}

func really(l *edit.List, space *state.Namespace, path string, status int) string {
	c := &changing{set: map[string]string{"weir.identity": "ann"}}
	c.info = stream.Info{Client: netip.MustParseAddr("192.0.2.7"), Route: "orders", Cluster: "blue"}
	c.request = stream.RequestHead{Method: []byte("GET"), Path: []byte(path), Authority: []byte("a.example"), Scheme: []byte("http")}
	for _, f := range sdktest.H("x-a", "1", "x-b", "2", "x-a", "3", "x-odd", "a\"b") {
		c.request.Headers.AddString(f.Name, f.Value)
	}
	room := edit.Room{State: space, Left: 256 << 10}
	const details = "refused filter_edit_refused"
	outcome := l.Apply(c, filter.PhaseRequestHeaders, &room, c)
	if outcome == edit.Refused {
		return details
	}
	request := fmt.Sprint(shown(headers(&c.request.Headers)), string(c.request.Path), " ", string(c.request.Authority), " ", outcome == edit.Made)
	c.response = &stream.ResponseHead{Status: status}
	c.response.Headers.AddString("server", "origin")
	c.response.Headers.AddString("x-a", "1")
	if l.Apply(c, filter.PhaseResponseHeaders, &room, c) == edit.Refused {
		return request + " " + details
	}
	response := shown(headers(&c.response.Headers))
	l.Apply(c, filter.PhaseLog, &room, c)
	made, refused := len(c.set[fmt.Sprint("counter ", madeID)]), len(c.set[fmt.Sprint("counter ", refusedID)])
	var set []string
	for name, v := range c.set {
		if name != "weir.identity" && !strings.HasPrefix(name, "counter ") {
			set = append(set, name+"="+v)
		}
	}
	slices.Sort(set)
	return fmt.Sprint(request, " | ", response, " | ", set, " ", made, refused)
}

// randomEdits is one call's arguments, sometimes wrong.
func randomEdits(r *rand.Rand) []byte {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	word := func(b []byte, v int) []byte { return binary.LittleEndian.AppendUint32(b, uint32(v)) }
	run := func(b []byte, s string) []byte { return append(word(b, len(s)), s...) }
	b := word(word(word(word(nil, 1), r.IntN(10)/9), madeID), refusedID)
	for range r.IntN(6) {
		phase, action := r.IntN(3), r.IntN(11)
		if action > 7 { // circuits have a test of their own
			action++
		}
		if phase == 2 && r.IntN(4) > 0 {
			action = 5
		}
		name := pick("x-a", "x-b", "x-c", "server", "x-odd")
		switch {
		case r.IntN(40) == 0:
			name = pick("X-A", "", "host", "a b", ":path", "weir.x")
		case action == 1 && phase == 0 && r.IntN(3) == 0:
			name = ":authority"
		case action == 5:
			name = pick("log.a", "mine", "weir.identity", "x\x00y")
		case action == 6:
			name = pick("/", "/api", "/api/", "/a")
		case action == 7:
			name = string(rate(r.Int64N(3)))
		case action == 9 || action == 10:
			name = pick("x-a", "x-none", ":method", ":path")
		case action == 11 && r.IntN(20) > 0:
			name = ""
		}
		status := 0
		if phase > 0 && r.IntN(3) == 0 {
			status = []int{2, 4, 404, 500, 7}[min(r.IntN(20), 4)*r.IntN(2)]
		}
		b = word(word(b, phase|action<<8), status)
		b = run(run(b, name), pick("", "", "", "/api", "/api/users", "no")[:])
		parts := r.IntN(4)
		if action == 11 && r.IntN(20) > 0 {
			parts = 0
		}
		b = word(b, parts)
		for range parts {
			source := r.IntN(8)
			if phase == 0 && (source == 2 || source == 3) || (action == 6 || action > 8) && r.IntN(20) > 0 {
				source = 0
			}
			text := pick("", "t", "/new", "/", "a b", "\n", "é")
			if action > 8 {
				text = pick("", "1", "GET", "/", "/api")
			}
			switch source {
			case 1:
				text = pick("x-a", "x-none", ":path", ":method", ":authority", ":scheme", "x-odd")
			case 2:
				text = pick("server", ":status", "x-none")
			case 7:
				text = pick("weir.identity", "mine", "none")
			}
			b = run(word(b, source), text)
		}
	}
	if r.IntN(30) == 0 {
		b = b[:r.IntN(len(b))]
	}
	return b
}

// rate is a gate's name: a token bucket of n a second.
func rate(n int64) []byte {
	b := make([]byte, 32)
	binary.LittleEndian.PutUint64(b[8:], uint64(n))
	binary.LittleEndian.PutUint64(b[16:], uint64(time.Second))
	return b
}
