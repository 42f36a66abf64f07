package server_test

import (
	"context"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/coder/websocket"
	"golang.org/x/net/http2"
)

// sockets are the ways to open a WebSocket: each test of them runs over both.
var sockets = map[string]func(t *testing.T) *http.Client{
	"HTTP/1.1": func(*testing.T) *http.Client { return http.DefaultClient },
	"HTTP/2": func(t *testing.T) *http.Client {
		//lint:ignore SA1019 that of net/http has no extended CONNECT
		tr := &http2.Transport{AllowHTTP: true, DialTLSContext: func(ctx context.Context, network, addr string, _ *tls.Config) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, addr)
		}}
		c := &http.Client{Transport: extended{tr}}
		t.Cleanup(c.CloseIdleConnections)
		return c
	},
}

// overBoth runs a test with sockets over HTTP/1.1, and over HTTP/2.
func overBoth(t *testing.T, test func(t *testing.T, o *websocket.DialOptions)) {
	t.Helper()
	for name, client := range sockets {
		t.Run(name, func(t *testing.T) { test(t, &websocket.DialOptions{HTTPClient: client(t)}) })
	}
}

// extended opens the WebSockets of a library that knows HTTP/1.1 alone by the
// extended CONNECT of HTTP/2 (RFC 8441).
type extended struct{ transport }

type transport interface {
	http.RoundTripper
	CloseIdleConnections()
}

func (e extended) RoundTrip(r *http.Request) (*http.Response, error) {
	key := r.Header.Get("Sec-Websocket-Key")
	in, out := io.Pipe()
	c := r.Clone(context.WithoutCancel(r.Context())) // which ends with the handshake
	c.Method, c.Body = http.MethodConnect, in
	for _, name := range []string{"Connection", "Upgrade", "Sec-Websocket-Key"} {
		c.Header.Del(name) // section 5: they have no meaning here
	}
	c.Header.Set(":protocol", "websocket")
	resp, err := e.transport.RoundTrip(c)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	resp.StatusCode = http.StatusSwitchingProtocols
	resp.Header.Set("Connection", "Upgrade")
	resp.Header.Set("Upgrade", "websocket")
	resp.Header.Set("Sec-Websocket-Accept", base64.StdEncoding.EncodeToString(sum[:]))
	resp.Body = halves{resp.Body, out}
	return resp, nil
}

// halves are the two directions of a stream.
type halves struct {
	io.ReadCloser
	w *io.PipeWriter
}

func (h halves) Write(b []byte) (int, error) { return h.w.Write(b) }

func (h halves) Close() error {
	_ = h.w.Close()
	return h.ReadCloser.Close()
}
