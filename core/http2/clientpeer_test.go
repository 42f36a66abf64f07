package http2_test

import (
	"bufio"
	"io"
	"net"
	"testing"
	"time"

	xhttp2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// peer is an upstream that sends what it is told to, frame by frame.
type peer struct{ *raw }

// upstream runs script on each connection, behind the first frames.
func upstream(t testing.TB, script func(u *peer), settings ...xhttp2.Setting) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-over })
	go func() {
		defer close(over)
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			u := accepted(t, nc)
			if u.greet(settings) {
				script(u)
			}
			_ = nc.Close()
		}
	}()
	return l.Addr().String()
}

func accepted(t testing.TB, nc net.Conn) *peer {
	_ = nc.SetDeadline(time.Now().Add(enough))
	c := &raw{Conn: nc, t: t, out: bufio.NewWriterSize(nc, 64<<10)}
	in := bufio.NewReaderSize(nc, 64<<10)
	_, _ = io.CopyN(io.Discard, in, int64(len(xhttp2.ClientPreface)))
	c.framer = xhttp2.NewFramer(c.out, in)
	c.framer.AllowIllegalWrites = true
	c.encoder = hpack.NewEncoder(&c.encoded)
	c.decoder = hpack.NewDecoder(4096, func(f hpack.HeaderField) { c.fields = append(c.fields, f.Name+": "+f.Value) })
	return &peer{c}
}

func (u *peer) greet(settings []xhttp2.Setting) bool {
	_ = u.framer.WriteSettings(settings...)
	_ = u.framer.WriteSettingsAck()
	u.flush()
	return u.await(func(f xhttp2.Frame) bool {
		s, ok := f.(*xhttp2.SettingsFrame)
		return ok && s.IsAck()
	}) != nil
}

// await reads frames until one is it; nil at the connection's end.
func (u *peer) await(it func(f xhttp2.Frame) bool) xhttp2.Frame {
	for {
		f, err := u.framer.ReadFrame()
		if err != nil {
			return nil
		}
		if h, ok := f.(*xhttp2.HeadersFrame); ok {
			u.fields = u.fields[:0]
			_, _ = u.decoder.Write(h.HeaderBlockFragment())
		}
		if it(f) {
			return f
		}
	}
}

// request waits for the next request's head; 0 at the connection's end.
func (u *peer) request() (id uint32) {
	f := u.await(func(f xhttp2.Frame) bool { return f.Header().Type == xhttp2.FrameHeaders })
	if f == nil {
		return 0
	}
	return f.Header().StreamID
}

// barrier lets the client have read all that was sent, and gives what it had
// sent until then.
func (u *peer) barrier() (seen []xhttp2.Frame) {
	_ = u.framer.WritePing(false, [8]byte{1})
	u.flush()
	u.await(func(f xhttp2.Frame) bool {
		p, ok := f.(*xhttp2.PingFrame)
		seen = append(seen, f)
		return ok && p.IsAck()
	})
	return seen
}

// respond sends a head of fields given as name, value, name, value.
func (u *peer) respond(id uint32, end bool, nv ...string) {
	_ = u.framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, BlockFragment: u.block(nv...), EndHeaders: true, EndStream: end})
	u.flush()
}

// say sends a piece of a body.
func (u *peer) say(id uint32, end bool, body string) {
	_ = u.framer.WriteData(id, end, []byte(body))
	u.flush()
}

// code waits for RST_STREAM of a stream, or GOAWAY for stream 0, and says by
// which code.
func (u *peer) code(id uint32) string {
	switch f := u.await(func(f xhttp2.Frame) bool {
		t := f.Header().Type
		return t == xhttp2.FrameRSTStream && f.Header().StreamID == id || t == xhttp2.FrameGoAway && id == 0
	}).(type) {
	case *xhttp2.RSTStreamFrame:
		return f.ErrCode.String()
	case *xhttp2.GoAwayFrame:
		return f.ErrCode.String()
	}
	return "the connection's end"
}
