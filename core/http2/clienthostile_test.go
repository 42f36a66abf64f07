package http2_test

import (
	"strings"
	"testing"

	xhttp2 "golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// An upstream that breaks or abuses the protocol of connections loses its
// connection, by a code and a fault that say why.
func TestClientEndsHostileConnections(t *testing.T) {
	times := func(n int, do func(u *peer, id uint32)) func(*peer, uint32) {
		return func(u *peer, id uint32) {
			for range n {
				do(u, id)
			}
			u.flush()
		}
	}
	frame := func(kind xhttp2.FrameType, flags xhttp2.Flags, on int, payload string) func(*peer, uint32) {
		return func(u *peer, id uint32) {
			if on >= 0 {
				id = uint32(on)
			}
			_ = u.framer.WriteRawFrame(kind, flags, id, []byte(payload))
			u.flush()
		}
	}
	const calm, protocol, flow, size = "ENHANCE_YOUR_CALM", "PROTOCOL_ERROR", "FLOW_CONTROL_ERROR", "FRAME_SIZE_ERROR"
	for _, c := range []struct {
		name string
		send func(u *peer, id uint32)
		code string
	}{
		{"pings", times(5000, func(u *peer, _ uint32) { _ = u.framer.WritePing(false, [8]byte{}) }), calm},
		{"settings", times(5000, func(u *peer, _ uint32) { _ = u.framer.WriteSettings() }), calm},
		{"empty data", func(u *peer, id uint32) {
			u.respond(id, false, ":status", "200")
			times(5000, func(u *peer, id uint32) { _ = u.framer.WriteData(id, false, nil) })(u, id)
		}, calm},
		{"window updates", times(5000, func(u *peer, id uint32) { u.update(id, 1) }), calm},
		{"priorities", times(5000, func(u *peer, _ uint32) { _ = u.framer.WritePriority(3, xhttp2.PriorityParam{}) }), calm},
		{"unknown frames", times(5000, frame(0x42, 0, 0, "")), calm},
		{"continuations", func(u *peer, id uint32) {
			_ = u.framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, BlockFragment: u.block(":status", "200")})
			for range 5000 {
				_ = u.framer.WriteContinuation(id, false, nil)
			}
			u.flush()
		}, calm},
		{"head without an end", func(u *peer, id uint32) {
			_ = u.framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, BlockFragment: u.block(":status", "200")})
			for range 30 {
				_ = u.framer.WriteContinuation(id, false, []byte(strings.Repeat("\x00\x01a\x01b", 3000)))
			}
			u.flush()
		}, calm},
		{"other frame in a head", func(u *peer, id uint32) {
			_ = u.framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, BlockFragment: u.block(":status", "200")})
			frame(xhttp2.FramePing, 0, 0, "12345678")(u, id)
		}, protocol},
		{"compression that is none", frame(xhttp2.FrameHeaders, xhttp2.FlagHeadersEndHeaders, -1, "\xff\xff\xff\xff"), "COMPRESSION_ERROR"},
		{"connection's window over its bound", func(u *peer, _ uint32) { u.update(0, 1<<31-1); u.flush() }, flow},
		{"window over its bound by a setting", func(u *peer, _ uint32) {
			u.update(1, 1<<31-1-65535)
			_ = u.framer.WriteSettings(xhttp2.Setting{ID: xhttp2.SettingInitialWindowSize, Val: 1<<31 - 1})
			u.flush()
		}, flow},
		{"data on stream 0", frame(xhttp2.FrameData, 0, 0, "x"), protocol},
		{"data on a stream that was never opened", frame(xhttp2.FrameData, 0, 99, "x"), protocol},
		{"head on a stream that was never opened", frame(xhttp2.FrameHeaders, xhttp2.FlagHeadersEndHeaders, 99, "\x88"), protocol},
		{"head on a stream of the upstream's", frame(xhttp2.FrameHeaders, xhttp2.FlagHeadersEndHeaders, 2, "\x88"), protocol},
		{"push", frame(xhttp2.FramePushPromise, xhttp2.FlagPushPromiseEndHeaders, -1, "\x00\x00\x00\x02\x82"), protocol},
		{"frame larger than allowed", frame(xhttp2.FrameData, 0, -1, strings.Repeat("x", 16<<10+1)), size},
		{"setting that is none", func(u *peer, _ uint32) {
			_ = u.framer.WriteSettings(xhttp2.Setting{ID: xhttp2.SettingMaxFrameSize, Val: 1})
			u.flush()
		}, protocol},
	} {
		t.Run(c.name, func(t *testing.T) {
			code := make(chan string, 1)
			addr := upstream(t, func(u *peer) {
				c.send(u, u.request())
				code <- u.code(0)
			})
			good := client(t, origin(t, echoHTTP), clientOptions())
			client := client(t, addr, clientOptions())
			s := open(t, client)
			h := headOf("GET", "/")
			if err := s.Send(h, &noBody, nil, true, nil, enough); err != nil {
				t.Fatal(err)
			}
			var head stream.ResponseHead
			err := s.ReadHead(&head, h.Method, enough)
			for err == nil {
				if _, _, err = s.ReadBody(enough); err == sock.ErrInterrupted {
					err = nil
				}
			}
			if fault.KindOf(err) != fault.UpstreamProtocol || !strings.Contains(err.Error(), c.code) {
				t.Errorf("%s: %v, want %s", fault.KindOf(err), err, c.code)
			}
			s.Close()
			// A peer that is slow may be cut off before it reads our word.
			if got := <-code; got != c.code && got != "the connection's end" {
				t.Errorf("the connection ended by %s, want %s", got, c.code)
			}
			if client.Open() != nil || client.Limit() != 0 {
				t.Error("the connection takes streams")
			}
			other := open(t, good)
			if got := exchange(other, headOf("GET", "/"), "", nil); got.status != 200 {
				t.Errorf("a good upstream: %d, %v", got.status, got.err)
			}
			other.Close()
		})
	}
}
