package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/weirproxy/weir/core/coretest"
)

// echoing is an upstream that sends every message back as it is. The message
// "bye" makes it close with a status of its own.
func echoing(t *testing.T) *coretest.Upstream {
	t.Helper()
	return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{
			InsecureSkipVerify: true, Subprotocols: []string{"chat"}, CompressionMode: websocket.CompressionContextTakeover,
		})
		if err != nil {
			return
		}
		defer func() { _ = c.CloseNow() }()
		c.SetReadLimit(-1)
		for {
			kind, message, err := c.Read(r.Context())
			if err != nil {
				return
			}
			if string(message) == "bye" {
				_ = c.Close(websocket.StatusCode(4001), "as you wish")
				return
			}
			if c.Write(r.Context(), kind, message) != nil {
				return
			}
		}
	}))
}

func openSocket(t *testing.T, at string, o *websocket.DialOptions) *websocket.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "ws://"+at+"/socket", o)
	if err != nil {
		t.Fatal(err)
	}
	c.SetReadLimit(-1)
	t.Cleanup(func() { _ = c.CloseNow() })
	return c
}

// echo sends a message and wants it back.
func echo(t *testing.T, c *websocket.Conn, kind websocket.MessageType, message string) {
	t.Helper()
	if err := echoed(t, c, kind, message); err != nil {
		t.Fatal(err)
	}
}

// echoed is echo for a message that may not come back.
func echoed(t *testing.T, c *websocket.Conn, kind websocket.MessageType, message string) error {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	sent := make(chan error, 1)
	go func() { sent <- c.Write(ctx, kind, []byte(message)) }()
	got, back, err := c.Read(ctx)
	if err != nil || got != kind || string(back) != message {
		return fmt.Errorf("%d bytes sent as %v, %d bytes back as %v: %w", len(message), kind, len(back), got, err)
	}
	return <-sent
}

// The sizes are those at which a frame's length changes its form, and those
// at which our windows do.
func TestWebSocketMessages(t *testing.T) {
	p := coretest.Proxy(t, coretest.Gateway(echoing(t).Addr))
	for name, mode := range map[string]websocket.CompressionMode{
		"plain": websocket.CompressionDisabled, "compressed": websocket.CompressionContextTakeover,
	} {
		t.Run(name, func(t *testing.T) {
			overBoth(t, func(t *testing.T, o *websocket.DialOptions) {
				o.CompressionMode = mode
				c := openSocket(t, p.Addr("gateway"), o)
				for _, size := range []int{0, 1, 125, 126, 127, 4095, 32 << 10, 65535, 65536, 3 << 20} {
					echo(t, c, websocket.MessageText, strings.Repeat("é", size/2))
					echo(t, c, websocket.MessageBinary, strings.Repeat("\xff\x00", size/2))
				}
			})
		})
	}
}

func TestWebSocketFragments(t *testing.T) {
	overBoth(t, func(t *testing.T, o *websocket.DialOptions) {
		p := coretest.Proxy(t, coretest.Gateway(echoing(t).Addr))
		c := openSocket(t, p.Addr("gateway"), o)
		w, err := c.Writer(t.Context(), websocket.MessageText)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 100 {
			if _, err := fmt.Fprintf(w, "part %d ", i); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		_, back, err := c.Read(t.Context())
		if err != nil || !strings.HasPrefix(string(back), "part 0 part 1 ") || !strings.HasSuffix(string(back), "part 99 ") {
			t.Fatalf("%q, %v", back, err)
		}
		pong := make(chan error, 1)
		go func() { pong <- c.Ping(t.Context()) }()
		go func() { _, _, _ = c.Read(t.Context()) }() // who reads takes the pong in
		if err := <-pong; err != nil {
			t.Errorf("no pong: %v", err)
		}
	})
}

func TestWebSocketHandshakeIsKept(t *testing.T) {
	overBoth(t, func(t *testing.T, o *websocket.DialOptions) {
		p := coretest.Proxy(t, coretest.Gateway(echoing(t).Addr))
		o.Subprotocols = []string{"mail", "chat"}
		c := openSocket(t, p.Addr("gateway"), o)
		if got := c.Subprotocol(); got != "chat" {
			t.Errorf("subprotocol %q, want chat", got)
		}
	})
}

func TestWebSocketCloses(t *testing.T) {
	overBoth(t, func(t *testing.T, o *websocket.DialOptions) {
		closed := make(chan error, 1)
		up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, err := websocket.Accept(w, r, nil)
			if err != nil {
				closed <- err
				return
			}
			_, _, err = c.Read(r.Context())
			closed <- err
		}))
		t.Run("by the client", func(t *testing.T) {
			p := coretest.Proxy(t, coretest.Gateway(up.Addr))
			c := openSocket(t, p.Addr("gateway"), o)
			_ = c.Close(websocket.StatusCode(4002), "enough")
			if err := <-closed; websocket.CloseStatus(err) != 4002 || !strings.Contains(err.Error(), "enough") {
				t.Errorf("upstream: %v, want status 4002, reason enough", err)
			}
		})
		t.Run("by the upstream", func(t *testing.T) {
			p := coretest.Proxy(t, coretest.Gateway(echoing(t).Addr))
			c := openSocket(t, p.Addr("gateway"), o)
			if err := c.Write(t.Context(), websocket.MessageText, []byte("bye")); err != nil {
				t.Fatal(err)
			}
			if _, _, err := c.Read(t.Context()); websocket.CloseStatus(err) != 4001 {
				t.Errorf("client: %v, want status 4001", err)
			}
		})
		t.Run("by the end of the client", func(t *testing.T) {
			p := coretest.Proxy(t, coretest.Gateway(up.Addr))
			c := openSocket(t, p.Addr("gateway"), o)
			_ = c.CloseNow()
			if err := <-closed; !errors.Is(err, io.EOF) && websocket.CloseStatus(err) == -1 && err == nil {
				t.Errorf("upstream: %v, want the end", err)
			}
		})
	})
}

// A reload and a drain leave sockets alone until they end by themselves, or the
// drain's time is over.
func TestWebSocketOutlivesReloadAndDrain(t *testing.T) {
	overBoth(t, func(t *testing.T, o *websocket.DialOptions) {
		up := echoing(t)
		at := coretest.Refusing(t)
		toml := coretest.GatewayAt(at, up.Addr, "[timeouts]\ndrain = \"60s\"")
		p := coretest.Proxy(t, toml)
		c := openSocket(t, at, o)
		echo(t, c, websocket.MessageText, "before")
		p.Write(strings.Replace(toml, `name = "all"`, `name = "other"`, 1))
		if r := p.Admin("POST", "/reload"); r.Status != 200 {
			t.Fatalf("%+v", r)
		}
		echo(t, c, websocket.MessageText, "after the reload")
		ended := make(chan error, 1)
		go func() { ended <- p.Stop() }()
		coretest.Eventually(t, "nobody is let in any more", func() bool {
			_, _, err := websocket.Dial(t.Context(), "ws://"+at, nil)
			return err != nil
		})
		echo(t, c, websocket.MessageText, "while it drains")
		_ = c.Close(websocket.StatusNormalClosure, "")
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestWebSocketIdle(t *testing.T) {
	overBoth(t, func(t *testing.T, o *websocket.DialOptions) {
		up := echoing(t)
		coretest.Unhurried(t, 300*time.Millisecond, func(idle time.Duration) error {
			p := coretest.Proxy(t, coretest.Gateway(up.Addr, fmt.Sprintf("[timeouts]\ntunnel = %q", idle)))
			c := openSocket(t, p.Addr("gateway"), o)
			if err := echoed(t, c, websocket.MessageText, "alive"); err != nil {
				return err
			}
			if _, _, err := c.Read(t.Context()); err == nil || websocket.CloseStatus(err) != -1 {
				t.Errorf("an idle socket ended with %v, want its connection cut", err)
			}
			return nil
		})
	})
}

// Filters see a handshake as the request that it is: they may refuse it.
func TestWebSocketMeetsFilters(t *testing.T) {
	overBoth(t, func(t *testing.T, o *websocket.DialOptions) {
		module := coretest.Guest(t)
		p := coretest.Proxy(t, coretest.Gateway(echoing(t).Addr, `filters = ["door"]`, coretest.Wasm(),
			coretest.FilterTable("door", module, "auth", `calls = ["up"]`, `config = { cluster = "up", path = "/no-socket", timeout = "5s" }`)))
		_, r, err := websocket.Dial(t.Context(), "ws://"+p.Addr("gateway"), o)
		if err == nil || r == nil || r.StatusCode != http.StatusUpgradeRequired {
			t.Fatalf("%+v, %v, want the filter's 426", r, err)
		}
	})
}
