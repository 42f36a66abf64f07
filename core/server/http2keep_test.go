package server_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestOneStreamDoesNotEndTheOthers: a request whose body is refused, or whose
// client gives up while it sends, ends by itself; its connection goes on.
func TestOneStreamDoesNotEndTheOthers(t *testing.T) {
	p := coretest.Proxy(t, coretest.Gateway(coretest.Serve(t, http.HandlerFunc(reflect)).Addr, "max_body = \"10B\""))
	c, at := over2(t), "http://"+p.Addr("gateway")
	reused := func() (again bool) {
		trace := &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { again = i.Reused }}
		r, _ := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "GET", at, nil)
		resp, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		return again
	}
	reused() // the connection is there from here on
	for _, o := range []struct {
		name string
		do   func(t *testing.T)
	}{
		{"too large by its length", func(t *testing.T) {
			if r, _ := exchange(t, c, "POST", at, strings.NewReader(strings.Repeat("x", 100_000))); r.StatusCode != 413 {
				t.Errorf("answered %d", r.StatusCode)
			}
		}},
		{"too large as it comes", func(t *testing.T) {
			if r, _ := exchange(t, c, "POST", at, io.MultiReader(strings.NewReader(strings.Repeat("x", 100_000)))); r.StatusCode != 413 {
				t.Errorf("answered %d", r.StatusCode)
			}
		}},
		{"malformed", func(t *testing.T) {
			if r, _ := exchange(t, c, "GET", at+"/%00", nil); r.StatusCode != 400 {
				t.Errorf("answered %d", r.StatusCode)
			}
		}},
		{"given up", func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			in, out := io.Pipe()
			go func() { _, _ = out.Write([]byte("abc")); cancel() }()
			r, _ := http.NewRequestWithContext(ctx, "POST", at, in)
			if resp, err := c.Do(r); err == nil {
				_ = resp.Body.Close()
				t.Error("answered, although it was given up")
			}
		}},
	} {
		t.Run(o.name, func(t *testing.T) {
			o.do(t)
			if !reused() {
				t.Error("the connection was ended")
			}
		})
	}
}
