package httpwasm_test

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// gate is a service that answers when it is told to.
type gate struct {
	*coretest.Upstream
	entered chan string
	release chan bool
}

func newGate(t testing.TB) *gate {
	g := &gate{entered: make(chan string, 100), release: make(chan bool)}
	g.Upstream = coretest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		g.entered <- r.Header.Get("X-Count")
		<-g.release
	}))
	return g
}

// counting is a guest that tells the upstream how many requests its instance has
// begun, and says at the end which of them this was.
func counting() *guest {
	const begun = 0 // a global
	countField := step{name: "set_header_value", code: func(g *guest) Code {
		digit := Seq(I32(bufferAt), GlobalGet(begun), I32('0'), Add32, Store8(0))
		return Seq(digit, I32(0), g.text("x-count"), I32(bufferAt), I32(1), Call(g.imports["set_header_value"]))
	}}
	return &guest{
		request:  []step{code(GlobalGet(begun), I32(1), Add32, GlobalSet(begun)), countField},
		answer:   Seq(GlobalGet(begun), Extend, I64(32), shiftLeft, I64(1), Add64),
		response: []step{params},
	}
}

// TestPool: each stream under way has an instance to itself.
func TestPool(t *testing.T) {
	ask := func(r *rig, done chan<- int) {
		done <- coretest.Get(r.t, r.Addr("gateway"), "/").Status
	}

	t.Run("PW-139 streams under way are apart, then instances are used again", func(t *testing.T) {
		up := newGate(t)
		r := serve(t, counting(), up.Upstream)
		done := make(chan int, 3)
		for range 3 {
			go ask(r, done)
		}
		for range 3 {
			if n := <-up.entered; n != "1" {
				t.Errorf("an instance with state of another: %q", n)
			}
		}
		if n := len(r.Filter("guest").Lanes); n != 3 {
			t.Errorf("%d instances for 3 streams", n)
		}
		for range 3 {
			up.release <- true
			<-done
		}
		go ask(r, done)
		if n := <-up.entered; n != "2" {
			t.Errorf("a fresh instance, though there are warm ones: %q", n)
		}
		up.release <- true
		<-done
		if n := len(r.Filter("guest").Lanes); n != 3 {
			t.Errorf("%d instances for 3 streams at most", n)
		}
	})

	t.Run("PW-140 none is left: 503 at once without a wait", func(t *testing.T) {
		up := newGate(t)
		r := serve(t, counting(), up.Upstream, `instances = 2`, coretest.Wasm(`instance_wait = "0s"`))
		done := make(chan int, 2)
		go ask(r, done)
		go ask(r, done)
		<-up.entered
		<-up.entered
		for range 3 {
			if got := r.get("/").Status; got != 503 {
				t.Errorf("status %d", got)
			}
		}
		close(up.release)
		if a, b := <-done, <-done; a != 200 || b != 200 {
			t.Errorf("those that had one: %d, %d", a, b)
		}
		f := r.Filter("guest")
		if f.Unavailable != 3 || len(f.Lanes) != 2 || f.Traps != 0 {
			t.Errorf("%+v", f)
		}
		if !r.Log.Has("no instance left", `"instances":2`) {
			t.Error("the log does not say that there are too few")
		}
		if got := r.get("/").Status; got != 200 {
			t.Errorf("afterwards: %d", got)
		}
	})

	t.Run("PW-140 one becomes free while a request waits for it", func(t *testing.T) {
		up := newGate(t)
		r := serve(t, counting(), up.Upstream, `instances = 1`, coretest.Wasm(`instance_wait = "1m"`))
		done := make(chan int, 2)
		go ask(r, done)
		if n := <-up.entered; n != "1" {
			t.Errorf("%q", n)
		}
		go ask(r, done)
		coretest.Eventually(t, "the second is there", func() bool { return r.Filter("guest").Streams == 2 })
		up.release <- true
		if n := <-up.entered; n != "2" {
			t.Errorf("%q", n)
		}
		up.release <- true
		if a, b := <-done, <-done; a != 200 || b != 200 {
			t.Errorf("%d, %d", a, b)
		}
	})

	t.Run("open on error, those without go on without", func(t *testing.T) {
		up := newGate(t)
		r := serve(t, counting(), up.Upstream, `instances = 1`, `on_error = "open"`, coretest.Wasm(`instance_wait = "0s"`))
		done := make(chan int, 2)
		go ask(r, done)
		<-up.entered
		go ask(r, done)
		if n := <-up.entered; n != "" {
			t.Errorf("%q", n)
		}
		close(up.release)
		if a, b := <-done, <-done; a != 200 || b != 200 {
			t.Errorf("%d, %d", a, b)
		}
	})

	t.Run("a guest that has nothing to say to responses gives its instance back at once", func(t *testing.T) {
		up := newGate(t)
		g := counting()
		g.response = nil
		r := serve(t, g, up.Upstream, `instances = 1`, coretest.Wasm(`instance_wait = "0s"`))
		done := make(chan int, 3)
		for i := range 3 {
			go ask(r, done)
			if n := <-up.entered; n != strconv.Itoa(i+1) {
				t.Errorf("request %d: %q", i, n)
			}
		}
		close(up.release)
		for range 3 {
			if got := <-done; got != 200 {
				t.Errorf("status %d", got)
			}
		}
	})
}

// TestContextValues: PW-135: each stream gets back what it has given, whoever
// else is under way.
func TestContextValues(t *testing.T) {
	t.Run("PW-135 under concurrency", func(t *testing.T) {
		// The value is the first four bytes of the path behind the slash, and
		// handle_response puts it into the response.
		g := &guest{
			start:    features(bufferResponse),
			request:  []step{do("get_uri", bufferAt, 64), code(Drop)},
			answer:   Seq(I32(bufferAt), Load64(1), I64(32), shiftLeft, I64(1), Add64),
			response: []step{code(I32(bufferAt+100), Get(0), Store32(0)), do("set_header_value", 1, "x-ctx", bufferAt+100, 4)},
		}
		r := serve(t, g, echo(t), `instances = 4`, coretest.Wasm(`instance_wait = "1m"`))
		var all sync.WaitGroup
		for n := range 16 {
			all.Go(func() {
				c := coretest.Dial(t, r.Addr("gateway"))
				for k := range 25 {
					want := fmt.Sprintf("%02d%02d", n, k)
					c.Send("GET /" + want + "xxxx HTTP/1.1\r\nHost: test\r\n\r\n")
					if got := c.Read("GET"); got.Header.Get("X-Ctx") != want {
						t.Errorf("%q, want %q; %+v", got.Header.Get("X-Ctx"), want, got)
						return
					}
				}
			})
		}
		all.Wait()
		if f := r.Filter("guest"); f.Traps != 0 || f.Unavailable != 0 || len(f.Lanes) > 4 {
			t.Errorf("%+v", f)
		}
	})
}
