package chain_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// callback is what a fake does in a phase.
type callback func(p *part, end bool) (filter.Action, error)

// fake is a filter made of callbacks. It takes part in the phases it has one
// for, and in Log.
type fake struct {
	name    string
	on      map[filter.Phases]callback
	group   any
	refuse  error // what Attach fails with
	only    chain.Condition
	onError filter.OnError
	guard   bool
	t       *trace
	part    *part // the last that was attached
}

// trace is what happened, in order.
type trace struct{ events []string }

func (t *trace) add(format string, args ...any) {
	t.events = append(t.events, fmt.Sprintf(format, args...))
}

func (f *fake) Name() string { return f.name }
func (f *fake) Group() any   { return f.group }
func (f *fake) Close()       {}

func (f *fake) Phases() filter.Phases {
	p := filter.PhaseLog
	for phase := range f.on {
		p |= phase
	}
	return p
}

func (f *fake) Attach(s filter.Stream, peer filter.Part) (filter.Part, error) {
	p := &part{fake: f, s: s}
	if peer != nil {
		p.peer = peer.(*part)
	}
	f.part = p
	return p, f.refuse
}

type part struct {
	*fake
	s      filter.Stream
	peer   *part
	closed int
}

func (p *part) call(phase filter.Phases, name string, d filter.Direction, end bool) (filter.Action, error) {
	if p.closed > 0 {
		panic("called after Close")
	}
	text := ""
	if b := p.s.Body(p, d); b != nil {
		text = " " + string(b.Bytes())
	}
	if end {
		text += " end"
	}
	p.t.add("%s %s%s", p.name, name, text)
	if do := p.on[phase]; do != nil {
		return do(p, end)
	}
	return filter.ActionContinue, nil
}

func (p *part) RequestHeaders(end bool) (filter.Action, error) {
	return p.call(filter.PhaseRequestHeaders, "head", filter.Request, end)
}

func (p *part) RequestBody(end bool) (filter.Action, error) {
	return p.call(filter.PhaseRequestBody, "body", filter.Request, end)
}

func (p *part) RequestTrailers() (filter.Action, error) {
	return p.call(filter.PhaseRequestTrailers, "trailers", filter.Request, false)
}

func (p *part) ResponseHeaders(end bool) (filter.Action, error) {
	return p.call(filter.PhaseResponseHeaders, "answer", filter.Response, end)
}

func (p *part) ResponseBody(end bool) (filter.Action, error) {
	return p.call(filter.PhaseResponseBody, "answer body", filter.Response, end)
}

func (p *part) ResponseTrailers() (filter.Action, error) {
	return p.call(filter.PhaseResponseTrailers, "answer trailers", filter.Response, false)
}

func (p *part) Log() { p.t.add("%s log", p.name) }

func (p *part) Close() {
	p.closed++
	p.t.add("%s close", p.name)
}

// all is a fake with every phase, which does what on says and else continues.
func all(name string, t *trace, on map[filter.Phases]callback) *fake {
	f := &fake{name: name, t: t, on: map[filter.Phases]callback{}}
	for p := filter.PhaseRequestHeaders; p < filter.PhaseLog; p <<= 1 {
		f.on[p] = on[p]
	}
	return f
}

// answers makes a callback that answers one action after the other, the last
// for ever.
func answers(a ...filter.Action) callback {
	i := 0
	return func(*part, bool) (filter.Action, error) {
		i++
		return a[min(i, len(a))-1], nil
	}
}

// fails makes a callback that fails.
func fails(err error) callback {
	return func(*part, bool) (filter.Action, error) { return 0, err }
}

// rig is a stream with what has come out of it.
type rig struct {
	t testing.TB
	*chain.Stream
	out      [2]sink
	clusters []string
	cleared  int
}

// sink is what has passed in one direction.
type sink struct {
	head, end bool
	data      string
	trailers  string
}

func (s sink) String() string {
	text := ""
	if s.head {
		text = "head "
	}
	text += s.data
	if s.trailers != "" {
		text += " [" + s.trailers + "]"
	}
	if s.end {
		text += " end"
	}
	return text
}

func (r *rig) SetCluster(name string) bool {
	r.clusters = append(r.clusters, name)
	return name != "unknown"
}
func (r *rig) ClearRoute() { r.cleared++ }

const held = 16 // bytes a fake may hold back

// begin starts a stream over filters, on st if that is not nil.
func begin(t testing.TB, st *chain.Stream, filters ...*fake) *rig {
	t.Helper()
	var links []chain.Link
	for _, f := range filters {
		links = append(links, chain.Link{Filter: f, OnError: f.onError, Condition: f.only, Guard: f.guard})
	}
	if st == nil {
		st = chain.NewStream()
	}
	r := &rig{t: t, Stream: st}
	st.Request().Method, st.Request().Path, st.Request().Authority = []byte("GET"), []byte("/"), []byte("a")
	st.Begin(chain.New(links, held), r)
	return r
}

// take moves what has passed to the sink, and fails the test if it makes no
// message.
func (r *rig) take(d filter.Direction) {
	r.t.Helper()
	out, s := r.Take(d), &r.out[d]
	if out.Head {
		if s.head {
			r.t.Fatal("the head passed twice")
		}
		s.head = true
	}
	if (len(out.Data) > 0 || out.End) && (!s.head || s.end) {
		r.t.Fatalf("out of order: %+v after %q", out, *s)
	}
	s.data += string(out.Data)
	if out.Trailers {
		for _, f := range r.Trailers(d).Fields() {
			s.trailers += string(f.Name)
		}
	}
	s.end = s.end || out.End
}

// head, feed and trailers give the stream something and take what comes out.
func (r *rig) head(d filter.Direction, end bool) chain.Verdict {
	r.t.Helper()
	if d == filter.Response && !r.Local() {
		r.ResponseHead().Status = 200
	}
	v := r.Head(d, end)
	r.take(d)
	return v
}

func (r *rig) feed(d filter.Direction, text string, end bool) chain.Verdict {
	r.t.Helper()
	b := []byte(text)
	v := r.Feed(d, b, end)
	r.take(d)
	for i := range b {
		b[i] = '?' // the owner's buffer is its own again
	}
	return v
}

func (r *rig) trailers(d filter.Direction, names ...string) chain.Verdict {
	r.t.Helper()
	h := new(stream.Headers)
	for _, n := range names {
		h.AddString(n, "x")
	}
	v := r.FeedTrailers(d, h)
	r.take(d)
	return v
}

// flow acts on all that was noted.
func (r *rig) flow(d filter.Direction) chain.Verdict {
	r.t.Helper()
	for {
		v := r.Flow(d)
		r.take(d)
		if v > chain.Held || !r.Resumed(d) {
			return v
		}
	}
}

// outside does something from another place than a callback, as a timer does.
func (r *rig) outside(do func()) {
	r.t.Helper()
	done := make(chan struct{})
	go func() {
		for !r.TryHold() {
			runtime.Gosched() // the owner is about to wait
		}
		do()
		r.Release()
		close(done)
		r.Wake() // though nothing may have been noted
	}()
	for waiting := true; waiting; {
		r.Wait(filter.Request, time.Minute)
		select {
		case <-done:
			waiting = false
		default:
		}
	}
}

// resume ends a pause from outside and lets flow what that sets free.
func (r *rig) resume(f *fake, d filter.Direction) chain.Verdict {
	r.t.Helper()
	r.outside(func() { r.Resume(f.part, d) })
	return r.flow(d)
}

// answer sends the local reply that was noted, and gives its body's text.
func (r *rig) answer() (status int, body string) {
	r.t.Helper()
	text := r.TakeReply()
	r.out[filter.Response] = sink{}
	v := r.head(filter.Response, len(text) == 0)
	if v == chain.Passed && len(text) > 0 {
		v = r.feed(filter.Response, string(text), true)
	}
	if v == chain.Replied {
		return r.answer()
	}
	if v != chain.Passed || !r.out[filter.Response].end {
		r.t.Fatalf("sending the reply: verdict %d, out %q", v, r.out[filter.Response])
	}
	return r.Response().Status, r.out[filter.Response].data
}

// finish ends the stream.
func (r *rig) finish() {
	r.Log()
	r.Finish()
}

// is fails the test if got is not want.
func is[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
