package hello_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/tcp/hello"
)

// wire is a connection that reads what it is given, and keeps what is written.
type wire struct {
	in  io.Reader
	out bytes.Buffer
}

func (w *wire) Read(p []byte) (int, error)       { return w.in.Read(p) }
func (w *wire) Write(p []byte) (int, error)      { return w.out.Write(p) }
func (w *wire) Close() error                     { return nil }
func (w *wire) LocalAddr() net.Addr              { return nil }
func (w *wire) RemoteAddr() net.Addr             { return nil }
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// client is the ClientHello of crypto/tls.
func client(c *tls.Config) []byte {
	w := &wire{in: strings.NewReader("")}
	_ = tls.Client(w, c).Handshake()
	return w.out.Bytes()
}

// judge is what crypto/tls makes of a ClientHello.
func judge(b []byte) (name string, ok bool) {
	stop := errors.New("seen")
	err := tls.Server(&wire{in: bytes.NewReader(b)}, &tls.Config{GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		name, ok = h.ServerName, true
		return nil, stop
	}}).Handshake()
	return name, ok && errors.Is(err, stop)
}

// records cuts a message out of one record into records of n bytes.
func records(b []byte, n int) (out []byte) {
	head, m := b[:3], b[5:]
	for len(m) > 0 {
		k := min(n, len(m))
		out = append(append(out, head...), byte(k>>8), byte(k))
		out = append(out, m[:k]...)
		m = m[k:]
	}
	return out
}

func TestServerName(t *testing.T) {
	for name, c := range map[string]*tls.Config{
		"a.example":     {ServerName: "a.example"},
		"b-1.c.example": {ServerName: "B-1.c.Example", NextProtos: []string{"h2", "http/1.1"}},
		"":              {InsecureSkipVerify: true},
		"old.example":   {ServerName: "old.example", MaxVersion: tls.VersionTLS12},
		"long.example":  {ServerName: "long.example", NextProtos: strings.Fields(strings.Repeat("abcdefgh ", 700))},
	} {
		b := client(c)
		for n := range len(b) {
			if _, err := hello.ServerName(b[:n]); !errors.Is(err, hello.ErrShort) {
				t.Fatalf("%q: %d bytes of %d: %v, want ErrShort", name, n, len(b), err)
			}
		}
		for _, cut := range []int{16 << 10, 1000, 150} {
			if got, err := hello.ServerName(append(records(b, cut), "more"...)); err != nil || got != name {
				t.Errorf("%q in records of %d: %q, %v", name, cut, got, err)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	good := client(&tls.Config{ServerName: "a.example"})
	changed := func(change func(b []byte) []byte) []byte { return change(bytes.Clone(good)) }
	for name, b := range map[string][]byte{
		"a request":            []byte("GET / HTTP/1.1\r\n\r\n"),
		"SSH":                  []byte("SSH-2.0-OpenSSH_9.6\r\n"),
		"an alert":             {21, 3, 1, 0, 2, 2, 40},
		"SSL 2":                {0x80, 0x2e, 1, 3, 1},
		"an empty record":      {22, 3, 1, 0, 0},
		"a record too long":    {22, 3, 1, 0x40, 1, 1},
		"a ServerHello":        changed(func(b []byte) []byte { b[5] = 2; return b }),
		"a message too long":   changed(func(b []byte) []byte { b[6] = 1; return b }),
		"a message too short":  changed(func(b []byte) []byte { b[8]--; return b }),
		"a session id too big": changed(func(b []byte) []byte { b[43] = 33; return b }),
		"a name with a blank":  bytes.Replace(good, []byte("a.example"), []byte("a example"), 1),
		"a name with a dot":    bytes.Replace(good, []byte("a.example"), []byte("a.exampl."), 1),
		"a name with a NUL":    bytes.Replace(good, []byte("a.example"), []byte("a.exa\x00ple"), 1),
		"many small records":   records(good, 1),
	} {
		if got, err := hello.ServerName(b); err == nil || errors.Is(err, hello.ErrShort) {
			t.Errorf("%s: %q, %v; want an error", name, got, err)
		}
	}
}

// FuzzServerName compares with crypto/tls: what passes here and there has one name.
func FuzzServerName(f *testing.F) {
	f.Add(client(&tls.Config{ServerName: "a.example"}))
	f.Add(client(&tls.Config{ServerName: "a.example", NextProtos: []string{"h2"}, MaxVersion: tls.VersionTLS12}))
	f.Add(client(&tls.Config{InsecureSkipVerify: true}))
	f.Add(records(client(&tls.Config{ServerName: "b.example"}), 100))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := hello.ServerName(b)
		if errors.Is(err, hello.ErrShort) && !hello.Like(b) && len(b) > 0 {
			t.Fatalf("%x: waits for more of what is not TLS", b)
		}
		if err != nil {
			return
		}
		want, ok := judge(b)
		if ok && got != strings.ToLower(want) {
			t.Fatalf("%q, crypto/tls has %q", got, want)
		}
	})
}
