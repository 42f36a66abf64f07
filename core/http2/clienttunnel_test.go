package http2_test

import (
	"io"
	"testing"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/stream"
)

var upgrade = http1.RequestFraming{Length: http1.NoBody, Upgrade: true}

// handshake is that of a WebSocket, as HTTP/1 has it (RFC 6455, section 1.2).
func handshake() *stream.RequestHead {
	h := headOf("GET", "/chat")
	h.Headers.AddString("upgrade", "websocket")
	h.Headers.AddString("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
	h.Headers.AddString("sec-websocket-version", "13")
	return h
}

// An upgrade to WebSocket is an extended CONNECT, whose answer is given as the
// 101 of HTTP/1; behind it bytes go both ways.
func TestClientTunnel(t *testing.T) {
	asked := make(chan *stream.RequestHead, 1)
	r := serve(t, options(), func(s *http2.ServerStream) {
		head := new(stream.RequestHead)
		if _, err := s.ReadRequest(head); err != nil || !s.Frame().Upgrade {
			t.Errorf("upgrade %v, %v", s.Frame().Upgrade, err)
		}
		asked <- head
		_ = s.WriteUpgrade(&stream.ResponseHead{Status: 101})
		tunnel, b := s.Tunnel(), make([]byte, 100)
		for {
			n, err := tunnel.Read(b)
			if err != nil {
				if err != io.EOF {
					t.Error(err)
				}
				_ = tunnel.CloseWrite()
				return
			}
			_ = tunnel.WriteVec(b[:n], nil, nil)
		}
	})
	client := client(t, r.addr, clientOptions())
	s := open(t, client)
	defer s.Close()
	h, head := handshake(), new(stream.ResponseHead)
	if err := s.Send(h, &upgrade, nil, true, nil, enough); err != nil {
		t.Fatal(err)
	}
	if err := s.ReadHead(head, h.Method, enough); err != nil {
		t.Fatal(err)
	}
	if accept := head.Headers.Peek("sec-websocket-accept"); head.Status != 101 || string(accept) != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Errorf("status %d, accept %q", head.Status, accept)
	}
	got := <-asked
	if string(got.Path) != "/chat" || got.Headers.Has("sec-websocket-key") || !got.Headers.Has("sec-websocket-version") {
		t.Errorf("the upstream got %s, %v", got.Path, listOf(&got.Headers))
	}
	tunnel, b := s.Tunnel(), make([]byte, 100)
	if err := tunnel.WriteVec([]byte("hel"), []byte("lo"), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(readerOf{tunnel}, b[:5]); err != nil || string(b[:5]) != "hello" {
		t.Errorf("%q, %v", b[:5], err)
	}
	if err := tunnel.CloseWrite(); err != nil {
		t.Error(err)
	}
	if n, err := tunnel.Read(b); err != io.EOF {
		t.Errorf("%d, %v behind the end", n, err)
	}
}

// readerOf reads a tunnel to the full.
type readerOf struct{ http1.Tunnel }

// A refusal of the tunnel is a response as any.
func TestClientTunnelRefused(t *testing.T) {
	r := serve(t, options(), func(s *http2.ServerStream) {
		var head stream.RequestHead
		_, _ = s.ReadRequest(&head)
		_ = s.WriteHead(&stream.ResponseHead{Status: 403}, 2, []byte("no"), true, nil)
	})
	client := client(t, r.addr, clientOptions())
	s := open(t, client)
	defer s.Close()
	h := handshake()
	if err := s.Send(h, &upgrade, nil, true, nil, enough); err != nil {
		t.Fatal(err)
	}
	if got := receive(s, h); got.status != 403 || got.body != "no" || got.err != nil {
		t.Errorf("%d %q %v", got.status, got.body, got.err)
	}
}

// An upstream that does not take extended CONNECT is not asked for it.
func TestClientTunnelNeedsTheSetting(t *testing.T) {
	o := options()
	o.Connect = false
	client := client(t, serve(t, o, echo).addr, clientOptions())
	s := open(t, client)
	defer s.Close()
	err := s.Send(handshake(), &upgrade, nil, true, nil, enough)
	if fault.KindOf(err) != fault.UpstreamProtocol || s.Sent() {
		t.Errorf("%v, sent %v", err, s.Sent())
	}
}
