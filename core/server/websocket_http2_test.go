package server_test

import (
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/weirproxy/weir/core/coretest"
)

// A WebSocket crosses a hop of HTTP/2: the first gateway asks by extended
// CONNECT, and the second makes a handshake of HTTP/1.1 of it again.
func TestWebSocketOverHTTP2(t *testing.T) {
	behind := coretest.Proxy(t, coretest.Gateway(echoing(t).Addr))
	p := coretest.Proxy(t, coretest.Gateway(behind.Addr("gateway"))+"protocol = \"http2\"\n")
	a := openSocket(t, p.Addr("gateway"), &websocket.DialOptions{Subprotocols: []string{"chat"}})
	b := openSocket(t, p.Addr("gateway"), nil)
	if a.Subprotocol() != "chat" {
		t.Errorf("subprotocol %q", a.Subprotocol())
	}
	for _, size := range []int{0, 1, 200, 300_000} {
		echo(t, a, websocket.MessageBinary, strings.Repeat("a", size))
		echo(t, b, websocket.MessageText, strings.Repeat("b", size))
	}
	if err := a.Write(t.Context(), websocket.MessageText, []byte("bye")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Read(t.Context()); websocket.CloseStatus(err) != 4001 {
		t.Errorf("closed by %v", err)
	}
	echo(t, b, websocket.MessageText, "still here")
}
