package http2_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	xhttp2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// raw is a client that sends what it is told to, frame by frame.
type raw struct {
	net.Conn
	t       testing.TB
	out     *bufio.Writer
	framer  *xhttp2.Framer
	encoded bytes.Buffer
	encoder *hpack.Encoder
	decoder *hpack.Decoder
	fields  []string // of the block being decoded
	stingy  bool     // until gives no credit
}

// patience bounds what a test waits for: it never decides about a result.
const patience = 30 * time.Second

// connect opens a connection and sends nothing.
func connect(t testing.TB, addr string) *raw {
	t.Helper()
	n, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	_ = n.SetDeadline(time.Now().Add(patience))
	c := &raw{Conn: n, t: t, out: bufio.NewWriterSize(n, 64<<10)}
	c.framer = xhttp2.NewFramer(c.out, bufio.NewReaderSize(n, 64<<10))
	c.framer.AllowIllegalWrites = true
	c.framer.SetReuseFrames()
	c.encoder = hpack.NewEncoder(&c.encoded)
	c.decoder = hpack.NewDecoder(4096, func(f hpack.HeaderField) { c.fields = append(c.fields, f.Name+": "+f.Value) })
	return c
}

// dial opens a connection and exchanges the first frames.
func dial(t testing.TB, addr string, settings ...xhttp2.Setting) *raw {
	t.Helper()
	c := connect(t, addr)
	_, _ = c.out.WriteString(xhttp2.ClientPreface)
	c.must(c.framer.WriteSettings(settings...))
	c.must(c.framer.WriteSettingsAck())
	c.flush()
	for {
		f := c.next()
		if s, ok := f.(*xhttp2.SettingsFrame); ok && s.IsAck() {
			return c
		}
	}
}

func (c *raw) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *raw) flush() { _ = c.out.Flush() } // a server that gave up is seen by what it sent

// block encodes fields given as name, value, name, value.
func (c *raw) block(nv ...string) []byte {
	c.encoded.Reset()
	for i := 0; i < len(nv); i += 2 {
		_ = c.encoder.WriteField(hpack.HeaderField{Name: nv[i], Value: nv[i+1]})
	}
	return bytes.Clone(c.encoded.Bytes())
}

// get is the head of a request that nobody can mind, and what is added to it.
func get(more ...string) []string {
	return append([]string{":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/"}, more...)
}

func post(more ...string) []string {
	return append([]string{":method", "POST", ":scheme", "http", ":authority", "a", ":path", "/"}, more...)
}

// headers sends a head in one frame.
func (c *raw) headers(id uint32, end bool, nv []string) {
	c.t.Helper()
	c.must(c.framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, BlockFragment: c.block(nv...), EndHeaders: true, EndStream: end}))
	c.flush()
}

func (c *raw) headersFrame(id uint32, block []byte) {
	_ = c.framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, BlockFragment: block, EndHeaders: true, EndStream: true})
}

func (c *raw) data(id uint32, end bool, body string) {
	c.t.Helper()
	c.must(c.framer.WriteData(id, end, []byte(body)))
	c.flush()
}

func (c *raw) update(id, n uint32) { _ = c.framer.WriteWindowUpdate(id, n) }

// next is the next frame; a connection that ends is one too late.
func (c *raw) next() xhttp2.Frame {
	c.t.Helper()
	f, err := c.framer.ReadFrame()
	if err != nil {
		c.t.Fatalf("waiting for a frame: %v", err)
	}
	return f
}

// answer is what came back on a stream.
type reply struct {
	fields   string // one a line
	trailers string
	body     string
	reset    string // the code, if it was
}

// until reads frames until one of stream id ends it, and gathers what it got.
func (c *raw) until(id uint32) (r reply) {
	c.t.Helper()
	for {
		switch f := c.next().(type) {
		case *xhttp2.HeadersFrame:
			c.fields = c.fields[:0]
			_, err := c.decoder.Write(f.HeaderBlockFragment())
			c.must(err)
			if !f.HeadersEnded() {
				c.t.Fatal("a head in several frames")
			}
			if f.StreamID != id {
				continue
			}
			if list := strings.Join(c.fields, "\n"); r.fields == "" || strings.HasPrefix(list, ":") {
				r.fields += list
			} else {
				r.trailers = list
			}
			if f.StreamEnded() {
				return r
			}
		case *xhttp2.DataFrame:
			if n := f.Length; n > 0 && !c.stingy {
				c.update(0, n)
				c.update(f.StreamID, n)
				c.flush()
			}
			if f.StreamID == id {
				r.body += string(f.Data())
				if f.StreamEnded() {
					return r
				}
			}
		case *xhttp2.RSTStreamFrame:
			if f.StreamID == id {
				r.reset = f.ErrCode.String()
				return r
			}
		case *xhttp2.GoAwayFrame:
			c.t.Fatalf("GOAWAY with %v", f.ErrCode)
		}
	}
}

// end reads on until the connection ends, and says by which GOAWAY: "" without
// one.
func (c *raw) end() string {
	c.t.Helper()
	code := ""
	for {
		f, err := c.framer.ReadFrame()
		if err != nil {
			if e, ok := err.(net.Error); ok && e.Timeout() {
				c.t.Fatal("the connection does not end")
			}
			return code
		}
		if g, ok := f.(*xhttp2.GoAwayFrame); ok {
			code = g.ErrCode.String()
		}
	}
}

func (r reply) String() string {
	return fmt.Sprintf("%s\n%q\n%s %s", r.fields, r.body, r.trailers, r.reset)
}

// headersStart sends the head of a request whose body follows, and does not flush.
func (c *raw) headersStart(id uint32, nv []string) {
	_ = c.framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, BlockFragment: c.block(nv...), EndHeaders: true})
}

// parts sends a head in as many frames as it takes.
func (c *raw) parts(id uint32, nv []string) {
	const most = 16 << 10
	block := c.block(nv...)
	n := min(len(block), most)
	_ = c.framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, BlockFragment: block[:n], EndHeaders: n == len(block), EndStream: true})
	for block = block[n:]; len(block) > 0; block = block[n:] {
		n = min(len(block), most)
		_ = c.framer.WriteContinuation(id, n == len(block), block[:n])
	}
	c.flush()
}
