package http2_test

import (
	"io"
	"testing"
	"time"

	xhttp2 "golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

var _ proxy.Downstream = (*http2.ServerStream)(nil)

// webSocket is the head of an extended CONNECT (RFC 8441).
var webSocket = []string{":method", "CONNECT", ":protocol", "websocket", ":scheme", "http", ":authority", "a", ":path", "/chat"}

// TestTunnel: the bytes of a WebSocket, both ways, until both halves end.
func TestTunnel(t *testing.T) {
	r := serve(t, options(), func(s *http2.ServerStream) {
		var head stream.RequestHead
		if _, err := s.ReadRequest(&head); err != nil || !s.Frame().Upgrade || !s.Done() {
			t.Errorf("%v, %+v", err, s.Frame())
			return
		}
		_ = s.WriteUpgrade(&stream.ResponseHead{Status: 101, Headers: fieldsOf("upgrade", "websocket", "sec-websocket-accept", "x", "x-a", "b")})
		tunnel := s.Tunnel()
		tunnel.ArmRead(time.Minute)
		b := make([]byte, 4)
		for {
			n, err := tunnel.Read(b)
			if err != nil {
				if err != io.EOF {
					t.Error(err)
				}
				break
			}
			if err := tunnel.WriteVec([]byte("<"), b[:n], []byte(">")); err != nil {
				t.Error(err)
			}
		}
		_ = tunnel.CloseWrite()
		_ = tunnel.Close()
	})
	c := dial(t, r.addr)
	c.headers(1, false, webSocket)
	c.data(1, false, "hello!")
	c.data(1, true, "")
	if got := c.until(1); got.fields != ":status: 200\nx-a: b" || got.body != "<hell><o!>" || got.reset != "" {
		t.Errorf("%s", got)
	}
}

func TestTunnelTimesOut(t *testing.T) {
	r := serve(t, options(), reading(func(s *http2.ServerStream) {
		_ = s.WriteUpgrade(&stream.ResponseHead{Status: 101})
		tunnel := s.Tunnel()
		tunnel.ArmRead(20 * time.Millisecond)
		if _, err := tunnel.Read(make([]byte, 1)); err != sock.ErrTimeout {
			t.Errorf("reading ended by %v", err)
		}
		tunnel.ArmRead(0)
		go s.Interrupt()
		if _, err := tunnel.Read(make([]byte, 1)); err != sock.ErrInterrupted {
			t.Errorf("reading ended by %v", err)
		}
		_ = tunnel.Close()
	}))
	c := dial(t, r.addr)
	c.headers(1, false, webSocket)
	if got := c.until(1); got.reset != "CANCEL" {
		t.Errorf("%s", got)
	}
}

func TestConnectIsAnnounced(t *testing.T) {
	for _, on := range []bool{true, false} {
		o := options()
		o.Connect = on
		r := serve(t, o, echo)
		c := connect(t, r.addr)
		begin(c)
		c.flush()
		if v, ok := c.next().(*xhttp2.SettingsFrame).Value(xhttp2.SettingEnableConnectProtocol); ok != on || on && v != 1 {
			t.Errorf("enabled: %v; announced %d, %v", on, v, ok)
		}
	}
}
