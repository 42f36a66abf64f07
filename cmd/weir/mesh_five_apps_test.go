package main_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// moods of an app.
const (
	well  = iota
	slow  // holds each request until who asked has given it up
	flaps // cuts every other connection
)

// app is a service of the mesh of five, one process of it.
type app struct {
	t     *testing.T
	addr  string
	calls []string // the services that it calls for each request
	posts *ledger  // where it notes the POSTs that come, if it does

	mood, seen atomic.Int64
	sidecar    atomic.Pointer[string]
	socket     net.Listener
	kill       func() // ends it, and what is under way
	leave      func() // lets what it takes from now on be a connection's last
}

func newApp(t *testing.T, posts *ledger, calls ...string) *app {
	a := &app{t: t, posts: posts, calls: calls, addr: coretest.Refusing(t)}
	a.start()
	return a
}

// start serves at its address, which is nobody else's while it is dead.
func (a *app) start() {
	a.t.Helper()
	socket, err := net.Listen("tcp", a.addr)
	if err != nil {
		a.t.Fatal(err)
	}
	a.serve(socket)
}

func (a *app) serve(socket net.Listener) {
	a.socket = socket
	var leaving atomic.Bool
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if leaving.Load() {
			w.Header().Set("Connection", "close")
		}
		a.ServeHTTP(w, r)
	})}
	a.kill = func() { _ = s.Close() }
	a.leave = func() { leaving.Store(true); _ = socket.Close() }
	a.t.Cleanup(a.kill)
	go func() { _ = s.Serve(socket) }()
}

// restart has another server take over: the old one takes no more connections, and
// ends those it has with their next answers.
func (a *app) restart() {
	a.t.Helper()
	leave := a.leave
	descriptor, err := a.socket.(*net.TCPListener).File()
	if err != nil {
		a.t.Fatal(err)
	}
	defer descriptor.Close()
	socket, err := net.FileListener(descriptor)
	if err != nil {
		a.t.Fatal(err)
	}
	a.serve(socket)
	leave()
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost && a.posts != nil {
		a.posts.note(r.Header.Get("X-Order"))
	}
	switch n := a.seen.Add(1); {
	case a.mood.Load() == slow:
		<-r.Context().Done()
		return
	case a.mood.Load() == flaps && n%2 == 0:
		panic(http.ErrAbortHandler)
	}
	for _, service := range a.calls {
		if err := a.call(r, service); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
	}
	fmt.Fprintln(w, "good")
}

// call calls a service through the sidecar; with POST the orders alone.
func (a *app) call(on *http.Request, service string) error {
	method := http.MethodGet
	if service == "orders" {
		method = on.Method
	}
	r, err := http.NewRequestWithContext(on.Context(), method, "http://"+*a.sidecar.Load()+"/", nil)
	if err != nil {
		return err
	}
	r.Host, r.Header = service, http.Header{"X-Order": on.Header["X-Order"]}
	return do(r)
}

// client keeps connections as applications do, but none for as long as a proxy's
// drain_delay: one that lies idle then is closed just when a POST is sent on it now and
// then, which nobody may repeat.
var client = &http.Client{Timeout: compiling, Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 100 * time.Millisecond}}

// do fails unless the answer is a 200.
func do(r *http.Request) error {
	got, err := client.Do(r)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err == nil && got.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %d %.200q", r.Method, r.Host, got.StatusCode, body)
	}
	return err
}

// ledger counts each POST by its number.
type ledger struct {
	mu    sync.Mutex
	count map[string]int
}

func (l *ledger) note(order string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count[order]++
}

// twice are the orders that came more than once.
func (l *ledger) twice() (orders []string, all int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for order, n := range l.count {
		if n > 1 {
			orders = append(orders, order)
		}
	}
	return orders, len(l.count)
}

// crowd are clients that ask all the time.
type crowd struct {
	good, bad [2]atomic.Int64 // of GETs and of POSTs
	mu        sync.Mutex
	failures  []string
	over      atomic.Bool
	asking    sync.WaitGroup
}

const gets, posts = 0, 1

func (c *crowd) ask(addr string, clients int) {
	for i := range clients {
		c.asking.Go(func() {
			for n := 0; !c.over.Load(); n++ {
				kind, method := gets, http.MethodGet
				if i%4 == 3 {
					kind, method = posts, http.MethodPost
				}
				r, err := http.NewRequest(method, "http://"+addr+"/", nil)
				if err != nil {
					panic(err)
				}
				r.Header.Set("X-Order", fmt.Sprintf("%d-%d", i, n))
				if err := do(r); err != nil {
					c.fail(kind, fmt.Sprintf("%s: %v", method, err))
				} else {
					c.good[kind].Add(1)
				}
			}
		})
	}
}

func (c *crowd) fail(kind int, how string) {
	c.bad[kind].Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failures = append(c.failures, how)
}

// told are the failures since the last time.
func (c *crowd) told() (failures []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	failures, c.failures = c.failures, nil
	return failures
}
