package server_test

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/weirproxy/weir/core/coretest"
)

// reset stands for the status of a stream that was reset instead of answered.
const reset = 1

// send1 sends a message in HTTP/1.1, byte by byte as it is given, and answers the
// status.
func send1(t *testing.T, addr string, m *message) int {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", m.method, m.path, m.authority)
	for _, list := range [][]string{m.fields, m.only1} {
		for i := 0; i < len(list); i += 2 {
			fmt.Fprintf(&b, "%s: %s\r\n", list[i], list[i+1])
		}
	}
	switch {
	case m.unknown && !strings.Contains(b.String(), "content-length"):
		fmt.Fprintf(&b, "transfer-encoding: chunked\r\n\r\n")
		if m.body != "" {
			fmt.Fprintf(&b, "%x\r\n%s\r\n", len(m.body), m.body)
		}
		b.WriteString("0\r\n")
		for i := 0; i < len(m.trailers); i += 2 {
			fmt.Fprintf(&b, "%s: %s\r\n", m.trailers[i], m.trailers[i+1])
		}
		b.WriteString("\r\n")
	case m.unknown:
		b.WriteString("\r\n" + m.body)
	case m.body != "":
		fmt.Fprintf(&b, "content-length: %d\r\n\r\n%s", len(m.body), m.body)
	default:
		b.WriteString("\r\n")
	}
	c := coretest.Dial(t, addr)
	c.Send(b.String())
	return c.Read(m.method).Status
}

// send2 sends a message in HTTP/2, whatever is in it, and answers the status.
func send2(t *testing.T, addr string, m *message) int {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(coretest.Patience))
	var out, block bytes.Buffer
	out.WriteString(http2.ClientPreface)
	f, enc := http2.NewFramer(&out, nc), hpack.NewEncoder(&block)
	head := func(end bool, lists ...[]string) {
		block.Reset()
		for _, list := range lists {
			for i := 0; i < len(list); i += 2 {
				_ = enc.WriteField(hpack.HeaderField{Name: list[i], Value: list[i+1]})
			}
		}
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: end})
	}
	_ = f.WriteSettings()
	length := []string{}
	if m.body != "" && !m.unknown {
		length = []string{"content-length", fmt.Sprint(len(m.body))}
	}
	head(m.body == "" && m.trailers == nil && !m.unknown,
		[]string{":method", m.method, ":scheme", "http", ":authority", m.authority, ":path", m.path}, m.fields, m.only2, length)
	if m.body != "" || m.unknown {
		for rest := m.body; ; {
			n := min(len(rest), 16<<10)
			_ = f.WriteData(1, n == len(rest) && m.trailers == nil, []byte(rest[:n]))
			if rest = rest[n:]; rest == "" {
				break
			}
		}
	}
	if m.trailers != nil {
		head(true, m.trailers)
	}
	return exchange2(t, nc, &out, f)
}

// exchange2 writes what was gathered beside reading, and answers the status.
func exchange2(t *testing.T, nc net.Conn, out *bytes.Buffer, f *http2.Framer) int {
	t.Helper()
	go func() { _, _ = nc.Write(out.Bytes()) }() // within the windows, or the test waits in vain
	status := 0
	dec := hpack.NewDecoder(4096, func(h hpack.HeaderField) {
		if h.Name == ":status" {
			_, _ = fmt.Sscan(h.Value, &status)
		}
	})
	for {
		fr, err := f.ReadFrame()
		if err != nil {
			t.Fatalf("waiting for an answer: %v", err)
		}
		switch fr := fr.(type) {
		case *http2.HeadersFrame:
			if _, err := dec.Write(fr.HeaderBlockFragment()); err != nil {
				t.Fatal(err)
			}
			if status >= 200 {
				return status
			}
		case *http2.RSTStreamFrame:
			return reset
		case *http2.GoAwayFrame:
			if fr.ErrCode != http2.ErrCodeNo {
				return reset
			}
		}
	}
}
