package proxywasm_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/stream"
)

// grpcCall and grpcStream are of the cluster auth, with metadata.
func grpcCall(upstream, message string, timeout int, metadata ...string) step {
	return call("proxy_grpc_call", upstream, "shop.Auth", "Check", pairs(metadata...), message, timeout, outWord{})
}

func grpcStream(metadata ...string) step {
	return call("proxy_grpc_stream", "auth", "shop.Auth", "Watch", pairs(metadata...), outWord{})
}

// grpcStatus shows what is known of how a call ended.
func grpcStatus() step { return call("proxy_get_status", outWord{}, outBytes{}) }

// traced is a guest that shows all callbacks of gRPC.
func traced() *script {
	s := newScript()
	s.trace = true
	return s.on("on_grpc_receive_initial_metadata", get(4, "x-a"), all(4)).
		on("on_grpc_receive", body(5)).
		on("on_grpc_receive_trailing_metadata", get(5, "grpc-status"), all(5)).
		on("on_grpc_close", grpcStatus(), body(5))
}

// during runs a stream that calls at its head, and gives the answer while it is
// held. It answers the lines behind those of the head.
func during(t *testing.T, first step, answer func(c *streamCall)) []string {
	t.Helper()
	h := newHost(t)
	f := h.load(traced().on("on_request_headers", first, ret(1)), calling)
	x := exchange{paused: func() { answer(h.caller.stream(0)) }, wait: time.Millisecond}
	x.run(f)
	lines := h.log.take()
	if len(lines) < 2 {
		t.Fatalf("lines %q", lines)
	}
	return lines[2:]
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the guest logged\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func head(status int, list ...string) *stream.ResponseHead {
	h := &stream.ResponseHead{Status: status, Version: stream.HTTP2}
	fields(&h.Headers, list)
	return h
}

func trailers(list ...string) *stream.Headers { return fields(new(stream.Headers), list) }

func frame(message string) []byte { return grpc.AppendFrame(nil, message) }

func TestRPCRequest(t *testing.T) {
	h := newHost(t)
	f := h.load(traced().on("on_request_headers", grpcCall("auth", "question", 1500, "X-A", "1"), grpcStream(), ret(1)), calling)
	(&exchange{wait: time.Millisecond}).run(f)
	c := h.caller.stream(0)
	var b strings.Builder
	show(&b, &c.Head.Headers)
	got := string(c.Head.Method) + " " + string(c.Head.Authority) + " " + string(c.Head.Path) + b.String()
	if want := "POST auth /shop.Auth/Check|te: trailers|content-type: application/grpc|x-a: 1|grpc-timeout: 1500m"; got != want {
		t.Errorf("head %s, want %s", got, want)
	}
	if c.Cluster != "auth" || !c.End || c.Timeout != 1500*time.Millisecond || string(c.Body) != "\x00\x00\x00\x00\x08question" {
		t.Errorf("%+v", c.StreamRequest)
	}
	if s := h.caller.stream(1); s.End || s.Timeout != 0 || len(s.Body) != 0 || s.Head.Headers.Has("grpc-timeout") || string(s.Head.Path) != "/shop.Auth/Watch" {
		t.Errorf("%+v", s.StreamRequest)
	}
}

// TestRPCTarget: a cluster's name, or Envoy's message.
func TestRPCTarget(t *testing.T) {
	for upstream, want := range map[string]string{
		"auth":                             "auth auth",
		"\x0a\x06\x0a\x04auth":             "auth auth",
		"\x0a\x0c\x0a\x04auth\x12\x04host": "auth host",
		"\x0a\x06\x0a\x04auth\x2a\x08\x0a\x03x-b\x12\x012": "auth auth x-b=2",
		"\x0a\x06\x0a\x04auth\x1a\x02\x08\x05":             "auth auth", // a time-out, which is not heeded
	} {
		h := newHost(t)
		f := h.load(traced().on("on_request_headers", grpcCall(upstream, "", 0), ret(1)), calling)
		(&exchange{wait: time.Millisecond}).run(f)
		if len(h.caller.streams) != 1 {
			t.Errorf("%q: no call: %q", upstream, h.log.take())
			continue
		}
		c := h.caller.stream(0)
		got := c.Cluster + " " + string(c.Head.Authority)
		if v, ok := c.Head.Headers.Get("x-b"); ok {
			got += " x-b=" + string(v)
		}
		if got != want {
			t.Errorf("%q: %s, want %s", upstream, got, want)
		}
	}
}

func TestRPCRefused(t *testing.T) {
	for name, c := range map[string]struct {
		step step
		err  error
		want string
	}{
		"a cluster that is not listed":     {grpcCall("other", "", 0), nil, "grpc_call=4 5"},
		"a cluster that does not exist":    {grpcCall("auth", "", 0), filter.ErrNoCluster, "grpc_call=4 5"},
		"no endpoint":                      {grpcCall("auth", "", 0), filter.ErrNoEndpoint, "grpc_call=10 5"},
		"no name":                          {grpcCall("", "", 0), nil, "grpc_call=4 5"},
		"a message with another target":    {grpcCall("\x12\x06\x0a\x04auth", "", 0), nil, "grpc_call=4 5"},
		"a message without a name":         {grpcCall("\x0a\x00", "", 0), nil, "grpc_call=4 5"},
		"a malformed map":                  {call("proxy_grpc_stream", "auth", "a", "b", "\x01", outWord{}), nil, "grpc_stream=2 6"},
		"metadata that is no field":        {grpcStream("a", "b\r\nc: d"), nil, "grpc_stream=10 6"},
		"metadata that is a pseudo header": {grpcStream(":path", "/x"), nil, "grpc_stream=10 6"},
		"a service with a line end":        {call("proxy_grpc_stream", "auth", "a\r\n", "b", "", outWord{}), nil, "grpc_stream=10 6"},
		"a bad pointer for the id":         {call("proxy_grpc_stream", "auth", "a", "b", "", -4), nil, "grpc_stream=6"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			h.caller.err = c.err
			(&exchange{}).run(h.load(newScript().on("on_request_headers", c.step), calling))
			lines := h.log.take()
			if got := lines[len(lines)-1]; got != c.want || len(h.caller.streams) != 0 {
				t.Errorf("lines %q, want the last %q; %d calls", lines, c.want, len(h.caller.streams))
			}
		})
	}
}

func TestRPCUnary(t *testing.T) {
	broken := fault.New(fault.Connect, "", nil)
	for name, c := range map[string]struct {
		answer func(c *streamCall)
		want   []string
	}{
		"a message": {func(c *streamCall) {
			c.to.Head(head(200, "x-a: 1"), false)
			c.to.Body(frame("answer")[:7])
			c.to.Body(frame("answer")[7:])
			c.to.End(trailers("grpc-status: 0"), nil)
		}, []string{"on_grpc_receive(1,5,6)", "get_buffer_bytes=0 answer"}},
		"an empty message": {func(c *streamCall) {
			c.to.Head(head(200), false)
			c.to.Body(frame(""))
			c.to.End(trailers("grpc-status: 0"), nil)
		}, []string{"on_grpc_receive(1,5,0)", "get_buffer_bytes=0 "}},
		"no message": {func(c *streamCall) {
			c.to.Head(head(200), false)
			c.to.End(trailers("grpc-status: 0"), nil)
		}, []string{"on_grpc_close(1,5,13)", "get_status=0 13 ", "get_buffer_bytes=0 "}},
		"a status": {func(c *streamCall) {
			c.to.Head(head(200), false)
			c.to.Body(frame("is dropped"))
			c.to.End(trailers("grpc-status: 5", "grpc-message: no such%20user%zz"), nil)
		}, []string{"on_grpc_close(1,5,5)", "get_status=0 5 no such user%zz", "get_buffer_bytes=0 "}},
		"a head alone": {func(c *streamCall) {
			c.to.Head(head(200, "grpc-status: 7", "grpc-message: no"), true)
			c.to.End(nil, nil)
		}, []string{"on_grpc_close(1,5,7)", "get_status=0 7 no", "get_buffer_bytes=0 "}},
		"another HTTP status": {func(c *streamCall) {
			c.to.Head(head(404), false)
			c.to.Body([]byte("<html>"))
			c.to.End(nil, nil)
		}, []string{"on_grpc_close(1,5,12)", "get_status=0 12 ", "get_buffer_bytes=0 "}},
		"no connection": {func(c *streamCall) { c.to.End(nil, broken) },
			[]string{"on_grpc_close(1,5,14)", "get_status=0 14 upstream connect error or disconnect/reset before headers", "get_buffer_bytes=0 "}},
		"a time-out": {func(c *streamCall) { c.to.End(nil, fault.New(fault.UpstreamTimeout, "", nil)) },
			[]string{"on_grpc_close(1,5,14)", "get_status=0 14 upstream request timeout", "get_buffer_bytes=0 "}},
		"broken off": {func(c *streamCall) {
			c.to.Head(head(200), false)
			c.to.End(nil, errors.New("reset"))
		}, []string{"on_grpc_close(1,5,13)", "get_status=0 13 ", "get_buffer_bytes=0 "}},
	} {
		t.Run(name, func(t *testing.T) { same(t, during(t, grpcCall("auth", "q", 0), c.answer), c.want...) })
	}
}

func TestRPCStream(t *testing.T) {
	status := func(n, text string) []string {
		return []string{"get_status=0 " + n + " " + text, "get_buffer_bytes=0 "}
	}
	initial := []string{"on_grpc_receive_initial_metadata(1,6,2)", "get_header_map_value=0 1", "get_header_map_pairs=0 " + hexOf(pairs(":status", "200", "x-a", "1"))}
	closed := func(n string, text string) []string {
		return append([]string{"on_grpc_receive_trailing_metadata(1,6,0)", "get_header_map_value=1 ", "get_header_map_pairs=0 ", "on_grpc_close(1,6," + n + ")"}, status(n, text)...)
	}
	ok := head(200, "x-a: 1")
	for name, c := range map[string]struct {
		answer func(c *streamCall)
		want   [][]string
	}{
		"messages": {func(c *streamCall) {
			c.to.Head(ok, false)
			all := string(frame("one")) + string(frame("")) + string(frame("three"))
			for i := range all {
				c.to.Body([]byte(all[i : i+1]))
			}
			c.to.End(trailers("grpc-status: 0", "x-t: 2"), nil)
		}, [][]string{initial, {"on_grpc_receive(1,6,3)", "get_buffer_bytes=0 one", "on_grpc_receive(1,6,0)", "get_buffer_bytes=0 ", "on_grpc_receive(1,6,5)", "get_buffer_bytes=0 three",
			"on_grpc_receive_trailing_metadata(1,6,2)", "get_header_map_value=0 0", "get_header_map_pairs=0 " + hexOf(pairs("grpc-status", "0", "x-t", "2")), "on_grpc_close(1,6,0)"}, status("0", "")}},
		"a head alone": {func(c *streamCall) {
			c.to.Head(head(200, "grpc-status: 16"), true)
			c.to.End(nil, nil)
		}, [][]string{{"on_grpc_receive_initial_metadata(1,6,0)", "get_header_map_value=1 ", "get_header_map_pairs=0 ",
			"on_grpc_receive_trailing_metadata(1,6,2)", "get_header_map_value=0 16", "get_header_map_pairs=0 " + hexOf(pairs(":status", "200", "grpc-status", "16")), "on_grpc_close(1,6,16)"}, status("16", "")}},
		"no status":             {func(c *streamCall) { c.to.Head(ok, false); c.to.End(nil, nil) }, [][]string{initial, closed("2", "")}},
		"a status that is none": {func(c *streamCall) { c.to.Head(ok, false); c.to.End(nil, errors.New("reset")) }, [][]string{initial, closed("13", "")}},
		"a message cut off": {func(c *streamCall) {
			c.to.Head(ok, false)
			c.to.Body([]byte{0, 0, 0, 0, 9, 'x'})
			c.to.End(nil, nil)
		}, [][]string{initial, closed("2", "")}},
		"a message too long": {func(c *streamCall) {
			c.to.Head(ok, false)
			c.to.Body([]byte{0, 0xff, 0xff, 0xff, 0xff})
			c.to.Body([]byte("more"))
			if !c.canceled.Load() {
				c.to.Body([]byte("it goes on"))
			}
		}, [][]string{initial, closed("8", "")}},
		"a compressed message": {func(c *streamCall) {
			c.to.Head(ok, false)
			c.to.Body([]byte{1, 0, 0, 0, 1, 'x'})
		}, [][]string{initial, closed("13", "")}},
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			for _, w := range c.want {
				want = append(want, w...)
			}
			same(t, during(t, grpcStream(), c.answer), want...)
		})
	}
}

// TestRPCIDs: what send, close and cancel answer, and what comes of them.
func TestRPCIDs(t *testing.T) {
	send := func(id int, message string, end int) step { return call("proxy_grpc_send", id, message, end) }
	end := func(id int) step { return call("proxy_grpc_close", id) }
	cancel := func(id int) step { return call("proxy_grpc_cancel", id) }
	h := newHost(t)
	f := h.load(traced().on("on_request_headers",
		grpcStream(), grpcStream(), grpcCall("auth", "q", 0), grpcCall("auth", "q", 0),
		send(6, "one", 0), send(6, "two", 1), send(6, "late", 0), end(6), // 6 and 10 are streams, 13 and 17 calls
		send(10, "", 0), end(10), end(10), send(10, "late", 0), cancel(10), cancel(10), send(10, "x", 0),
		send(13, "x", 0), end(13), end(13), cancel(17),
		send(4, "x", 0), end(4), cancel(4), send(99, "x", 0), send(98, "x", 0), cancel(97), call("proxy_grpc_send", 6, -4, 8, 0)), calling)
	(&exchange{}).run(f)
	h.expect("on_request_headers(2,4,1)", "grpc_stream=0 6", "grpc_stream=0 10", "grpc_call=0 13", "grpc_call=0 17",
		"grpc_send=0", "grpc_send=0", "grpc_send=2", "grpc_close=0",
		"grpc_send=0", "grpc_close=0", "grpc_close=0", "grpc_send=2", "grpc_cancel=0", "grpc_cancel=1", "grpc_send=1",
		"grpc_send=2", "grpc_close=0", "grpc_close=1", "grpc_cancel=0",
		"grpc_send=2", "grpc_close=2", "grpc_cancel=2", "grpc_send=2", "grpc_send=1", "grpc_cancel=1", "grpc_send=6")
	if got := strings.Join(h.caller.stream(0).sent, ""); got != string(frame("one"))+string(frame("two")) || !h.caller.stream(0).ended {
		t.Errorf("sent %q", got)
	}
	for n, want := range []bool{false, true, true, true} {
		if c := h.caller.stream(n); c.canceled.Load() != want {
			t.Errorf("call %d: cancelled %t", n, !want)
		}
	}
}

// TestRPCEnds: calls end with their instance and their root, not with the
// stream that made them, and are bounded.
func TestRPCEnds(t *testing.T) {
	t.Run("bounds", func(t *testing.T) {
		h := newHost(t)
		steps := []step{}
		for range 8 {
			steps = append(steps, grpcStream())
		}
		f := h.load(newScript().on("on_request_headers", append(steps, grpcStream(), httpCall())...), calling)
		(&exchange{}).run(f)
		lines := h.log.take()
		if got := lines[len(lines)-2:]; strings.Join(got, " ") != "grpc_stream=10 38 http_call=10 1" {
			t.Errorf("beyond the bound: %q", got)
		}
	})
	t.Run("a stream that ends", func(t *testing.T) {
		h := newHost(t)
		f := h.load(traced().on("on_request_headers", grpcCall("auth", "q", 0)), calling)
		(&exchange{}).run(f)
		h.log.take()
		c := h.caller.stream(0)
		c.to.Head(head(200), false)
		c.to.Body(frame("late"))
		c.to.End(trailers("grpc-status: 0"), nil)
		h.expect("on_grpc_receive(1,5,4)", "get_buffer_bytes=0 late")
	})
	t.Run("a trap in a callback", func(t *testing.T) {
		h := newHost(t)
		f := h.load(newScript().on("on_request_headers", grpcStream(), grpcStream(), ret(1)).on("on_grpc_receive_initial_metadata", trap), calling)
		x := exchange{paused: func() { h.caller.stream(0).to.Head(head(200), false) }}
		if o := x.run(f); !strings.HasPrefix(o.downstream, "503") {
			t.Errorf("outcome %+v", o)
		}
		for n := range 2 {
			c := h.caller.stream(n)
			if !c.canceled.Load() {
				t.Errorf("call %d goes on", n)
			}
			c.to.Body(frame("x")) // nobody is there
			c.to.End(nil, nil)
		}
	})
	t.Run("the filter is closed", func(t *testing.T) {
		h := newHost(t)
		f, err := h.try(traced().on("on_request_headers", grpcStream()), calling)
		if err != nil {
			t.Fatal(err)
		}
		(&exchange{}).run(f)
		f.Close()
		if !h.caller.stream(0).canceled.Load() {
			t.Error("the stream goes on")
		}
	})
}
