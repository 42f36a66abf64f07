package server_test

import (
	"bytes"
	"io"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/weirproxy/weir/core/coretest"
)

// begin2 does an upstream's part of the first frames, and waits for a request.
func begin2(c *coretest.Peer) (f *http2.Framer, id uint32) {
	_, _ = io.CopyN(io.Discard, c.Conn, int64(len(http2.ClientPreface)))
	f = http2.NewFramer(c.Conn, c.Conn)
	_ = f.WriteSettings()
	_ = f.WriteSettingsAck()
	for {
		fr, err := f.ReadFrame()
		if err != nil {
			return f, 0
		}
		if fr.Header().Type == http2.FrameHeaders {
			return f, fr.Header().StreamID
		}
	}
}

// A request that the upstream says it did not look at goes to another
// connection, whatever its method, and costs no attempt.
func TestHTTP2UpstreamThatDidNotLook(t *testing.T) {
	answer := func(c *coretest.Peer) {
		f, id := begin2(c)
		var b bytes.Buffer
		_ = hpack.NewEncoder(&b).WriteField(hpack.HeaderField{Name: ":status", Value: "204"})
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: b.Bytes(), EndHeaders: true, EndStream: true})
		c.Ended()
	}
	for name, refuse := range map[string]func(f *http2.Framer, id uint32){
		"goaway": func(f *http2.Framer, _ uint32) { _ = f.WriteGoAway(0, http2.ErrCodeNo, nil) },
		"refused, and the connection's end": func(f *http2.Framer, id uint32) {
			_ = f.WriteRSTStream(id, http2.ErrCodeRefusedStream)
			_ = f.WriteGoAway(0, http2.ErrCodeNo, nil)
		},
	} {
		up := coretest.Script(t, func(c *coretest.Peer) {
			f, id := begin2(c)
			refuse(f, id)
			c.Ended()
		}, answer)
		p := coretest.Proxy(t, coretest.Gateway(up.Addr, "retries = { max = 0 }")+"protocol = \"http2\"\n")
		client := coretest.Dial(t, p.Addr("gateway"))
		client.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
		if r := client.Read("POST"); r.Status != 204 {
			t.Errorf("%s: status %d", name, r.Status)
		}
		if n := up.Connections(); n != 2 {
			t.Errorf("%s: %d connections", name, n)
		}
	}
}

// One that it may have looked at does not.
func TestHTTP2UpstreamThatBrokeOff(t *testing.T) {
	up := coretest.Script(t, func(c *coretest.Peer) {
		f, id := begin2(c)
		_ = f.WriteRSTStream(id, http2.ErrCodeInternal)
		c.Ended()
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr)+"protocol = \"http2\"\n")
	client := coretest.Dial(t, p.Addr("gateway"))
	client.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
	if r := client.Read("POST"); r.Status != 502 {
		t.Errorf("status %d", r.Status)
	}
}
