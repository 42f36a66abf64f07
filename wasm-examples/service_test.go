package examples_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// service is one behind the proxy: it does what the test at hand says.
type service struct {
	*coretest.Upstream
	handler atomic.Pointer[http.HandlerFunc]
}

// serve is one of HTTP/1.1 or, for gRPC, of HTTP/2.
func serve(t *testing.T, over func(testing.TB, http.Handler) *coretest.Upstream) *service {
	t.Helper()
	s := new(service)
	s.does(func(http.ResponseWriter, *http.Request) {})
	s.Upstream = over(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*s.handler.Load())(w, r) }))
	return s
}

// does changes what it answers.
func (s *service) does(h http.HandlerFunc) { s.handler.Store(&h) }

// sees answers what the next requests look like when they arrive.
func (s *service) sees(reply http.HandlerFunc) <-chan *http.Request {
	seen := make(chan *http.Request, 100)
	s.does(func(w http.ResponseWriter, r *http.Request) {
		reply(w, r)
		seen <- r
	})
	return seen
}
