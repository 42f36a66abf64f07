package http2_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	xhttp2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/weirproxy/weir/core/http2"
)

// TestAbuse: each way to make us work for nothing ends the connection, by the
// budget's name, while a client beside it is served.
func TestAbuse(t *testing.T) {
	const plenty = 5000
	repeat := func(do func(c *raw, i int)) func(*raw) {
		return func(c *raw) {
			for i := range plenty {
				do(c, i)
			}
		}
	}
	id := func(i int) uint32 { return uint32(2*i + 1) }
	tests := []struct {
		name  string
		send  func(c *raw)
		code  string
		named string // in the error of Serve
	}{
		{"rapid reset", repeat(func(c *raw, i int) {
			c.headersFrame(id(i), c.block(get()...))
			_ = c.framer.WriteRSTStream(id(i), xhttp2.ErrCodeCancel)
		}), "ENHANCE_YOUR_CALM", "reset streams|streams that are over"},
		{"made you reset, by a window", repeat(func(c *raw, i int) {
			c.headersFrame(id(i), c.block(get()...))
			c.update(id(i), 1<<31-1)
		}), "ENHANCE_YOUR_CALM", "streams reset for errors"},
		{"made you reset, by an update of nothing", repeat(func(c *raw, i int) {
			c.headersFrame(id(i), c.block(get()...))
			c.update(id(i), 0)
		}), "ENHANCE_YOUR_CALM", "streams reset for errors"},
		{"made you reset, by data behind the end", repeat(func(c *raw, i int) {
			c.headersFrame(id(i), c.block(get()...))
			_ = c.framer.WriteData(id(i), true, nil)
		}), "ENHANCE_YOUR_CALM", "streams reset for errors"},
		{"made you reset, by priority", repeat(func(c *raw, i int) {
			c.headersFrame(id(i), c.block(get()...))
			_ = c.framer.WritePriority(id(i), xhttp2.PriorityParam{StreamDep: id(i)})
		}), "ENHANCE_YOUR_CALM", "streams reset for errors"},
		{"made you reset, by malformed heads", repeat(func(c *raw, i int) {
			c.headersFrame(id(i), c.block(get("X", "y")...))
		}), "ENHANCE_YOUR_CALM", "streams reset for errors|streams that are over|does not read"},
		{"pings", repeat(func(c *raw, _ int) { _ = c.framer.WritePing(false, [8]byte{}) }), "ENHANCE_YOUR_CALM", "PING"},
		{"answers to pings", repeat(func(c *raw, _ int) { _ = c.framer.WritePing(true, [8]byte{}) }), "ENHANCE_YOUR_CALM", "unknown types"},
		{"settings", repeat(func(c *raw, _ int) { _ = c.framer.WriteSettings() }), "ENHANCE_YOUR_CALM", "SETTINGS"},
		{"answers to settings", repeat(func(c *raw, _ int) { _ = c.framer.WriteSettingsAck() }), "ENHANCE_YOUR_CALM", "SETTINGS"},
		{"priorities", repeat(func(c *raw, _ int) {
			_ = c.framer.WritePriority(3, xhttp2.PriorityParam{StreamDep: 1})
		}), "ENHANCE_YOUR_CALM", "PRIORITY"},
		{"window updates", repeat(func(c *raw, _ int) { c.update(0, 1) }), "ENHANCE_YOUR_CALM", "WINDOW_UPDATE"},
		{"empty data", func(c *raw) {
			c.headersStart(1, post())
			for range plenty {
				_ = c.framer.WriteData(1, false, nil)
			}
		}, "ENHANCE_YOUR_CALM", "empty DATA"},
		{"padding alone", func(c *raw) {
			c.headersStart(1, post())
			for range plenty {
				_ = c.framer.WriteDataPadded(1, false, nil, make([]byte, 10))
			}
		}, "ENHANCE_YOUR_CALM", "empty DATA"},
		{"unknown frames", repeat(func(c *raw, _ int) { _ = c.framer.WriteRawFrame(0x42, 0, 0, nil) }), "ENHANCE_YOUR_CALM", "unknown types"},
		{"frames for what is over", func(c *raw) {
			c.headersFrame(1, c.block(get()...))
			_ = c.framer.WriteRSTStream(1, xhttp2.ErrCodeCancel)
			for range plenty {
				_ = c.framer.WriteRSTStream(1, xhttp2.ErrCodeCancel)
			}
		}, "ENHANCE_YOUR_CALM", "streams that are over"},
		{"more streams than allowed", repeat(func(c *raw, i int) { c.headersStart(id(i), post()) }), "ENHANCE_YOUR_CALM", "streams that are over|does not read"},
		{"continuations without end", func(c *raw) {
			_ = c.framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: 1, BlockFragment: c.block(get()...)})
			for range plenty {
				_ = c.framer.WriteContinuation(1, false, nil)
			}
		}, "ENHANCE_YOUR_CALM", "CONTINUATION"},
		{"a head without end", func(c *raw) {
			_ = c.framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: 1, BlockFragment: c.block(get()...)})
			for range 30 {
				_ = c.framer.WriteContinuation(1, false, bytes.Repeat([]byte{0x82}, 8<<10))
			}
		}, "ENHANCE_YOUR_CALM", "size of a head"},
		{"a field without end", func(c *raw) {
			_ = c.framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x00, 0x7f, 0x80, 0x80, 0x80, 0x08}})
			_ = c.framer.WriteContinuation(1, false, make([]byte, 16<<10))
		}, "ENHANCE_YOUR_CALM", "length of a field"},
		{"a large frame of settings", func(c *raw) {
			_ = c.framer.WriteSettings(make([]xhttp2.Setting, 2000)...)
		}, "FRAME_SIZE_ERROR", "SETTINGS"},
		{"a frame larger than allowed", func(c *raw) { _ = c.framer.WriteRawFrame(0, 0, 1, make([]byte, 17<<10)) }, "FRAME_SIZE_ERROR", "frame larger"},
		{"heads too large", repeat(func(c *raw, i int) { c.parts(id(i), get("x-a", strings.Repeat("0", 40<<10))) }), "ENHANCE_YOUR_CALM", "larger than the limit|does not read"},
		{"a push", func(c *raw) { _ = c.framer.WriteRawFrame(5, 4, 1, []byte{0, 0, 0, 2}) }, "PROTOCOL_ERROR", "PUSH_PROMISE"},
		{"an even stream", func(c *raw) { c.headersFrame(2, c.block(get()...)) }, "PROTOCOL_ERROR", "even number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := serve(t, options(), echo)
			good := dial(t, r.addr)
			bad := dial(t, r.addr)
			sent := make(chan bool)
			go func() {
				tt.send(bad)
				bad.flush()
				close(sent)
			}()
			code := bad.end()
			_ = bad.Close()
			<-sent
			if code != tt.code && code != "" { // the reset of a connection may overtake our last words
				t.Errorf("the connection ended with %s, want %s", code, tt.code)
			}
			var e *http2.Error
			if err := <-r.errs; !errors.As(err, &e) || e.Code.String() != tt.code || !says(e.Reason, tt.named) {
				t.Errorf("Serve says %v, want %s: %s", err, tt.code, tt.named)
			}
			good.headers(1, true, get())
			if got := good.until(1); got.body != "hello" {
				t.Errorf("a client beside it got %s", got)
			}
		})
	}
}

// says whether text holds one of the alternatives: what a flood exhausts first
// may depend on who is faster.
func says(text, alternatives string) bool {
	for a := range strings.SplitSeq(alternatives, "|") {
		if strings.Contains(text, a) {
			return true
		}
	}
	return false
}

// TestRapidResetsReachNobody: a stream whose reset was read with its head costs
// no handler, and so no upstream.
func TestRapidResetsReachNobody(t *testing.T) {
	var in, block bytes.Buffer
	e := hpack.NewEncoder(&block)
	e.SetMaxDynamicTableSizeLimit(0)
	for _, f := range decoded(get()) {
		_ = e.WriteField(f)
	}
	in.WriteString(xhttp2.ClientPreface)
	w := xhttp2.NewFramer(&in, nil)
	_ = w.WriteSettings()
	const resets = 99
	id := uint32(1)
	head := func() {
		_ = w.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: true})
	}
	for ; id < 2*resets; id += 2 {
		head()
		_ = w.WriteRSTStream(id, xhttp2.ErrCodeCancel)
	}
	head()
	o := options()
	reached := make(chan uint32, resets+1)
	s := http2.NewServer(&script{in: in.Bytes()}, &o, nil)
	_ = s.Serve(reading(func(s *http2.ServerStream) { reached <- s.ID() }))
	close(reached)
	for got := range reached {
		if got != id {
			t.Errorf("stream %d was handled, although it was reset", got)
		}
	}
	if n := s.Streams(); n != 0 {
		t.Errorf("%d streams are left", n)
	}
}

// TestHeadsTooLarge are answered; the connection goes on.
func TestHeadsTooLarge(t *testing.T) {
	errs := make(chan error, 1)
	r := serve(t, options(), func(s *http2.ServerStream) { refuseOr(s, errs) })
	c := dial(t, r.addr)
	value := strings.Repeat("a", 1000)
	many := get()
	for range 40 {
		many = append(many, "x-a", value)
	}
	for i, fields := range [][]string{
		many, // a bomb: one field in the table, named often
		get("x-a", strings.Repeat("0", 40<<10)),
	} {
		id := uint32(2*i + 1)
		c.parts(id, fields)
		if got := c.until(id); !strings.HasPrefix(got.fields, ":status: 431") {
			t.Errorf("answered %s", got)
		}
		if err := <-errs; !strings.Contains(err.Error(), "larger than the limit") {
			t.Errorf("refused for %v", err)
		}
	}
	c.headers(9, true, get("x-a", value)) // the table is as it should be
	if got := c.until(9); got.body != "hello" {
		t.Errorf("behind it: %s", got)
	}
}

// TestGoodClientsSpendNothing: what a client may do for hours does not add up.
func TestGoodClientsSpendNothing(t *testing.T) {
	r := serve(t, options(), echo)
	c := dial(t, r.addr)
	for i := range uint32(2000) {
		id := 2*i + 1
		c.headersStart(id, post())
		_ = c.framer.WritePing(false, [8]byte{})
		_ = c.framer.WriteData(id, false, nil)
		c.data(id, true, "hello")
		if got := c.until(id); got.body != "hello" {
			t.Fatalf("stream %d: %s", id, got)
		}
	}
}
