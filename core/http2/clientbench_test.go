package http2_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	xhttp2 "golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/stream"
)

// BenchmarkClient is an exchange over a loopback socket, by so many streams at
// once, for ours and for the standard library's transport. The upstream is the
// same raw one, which allocates nothing a request.
func BenchmarkClient(b *testing.B) {
	for _, streams := range []int{1, 10, 100} {
		b.Run(fmt.Sprint("weir/streams=", streams), func(b *testing.B) {
			c := client(b, rawUpstream(b), clientOptions())
			inParallel(b, streams, func() func() error {
				h, head := headOf("GET", "/"), new(stream.ResponseHead)
				h.Headers.AddString("user-agent", "bench")
				return func() error {
					s := c.Open()
					err := s.Send(h, &noBody, nil, true, nil, enough)
					if err == nil {
						head.Reset()
						err = s.ReadHead(head, h.Method, enough)
					}
					for end := false; err == nil && !end; {
						_, end, err = s.ReadBody(enough)
					}
					s.Close()
					return err
				}
			})
		})
		b.Run(fmt.Sprint("net/streams=", streams), func(b *testing.B) {
			t := &http.Transport{Protocols: new(http.Protocols)}
			t.Protocols.SetUnencryptedHTTP2(true)
			b.Cleanup(t.CloseIdleConnections)
			url := "http://" + rawUpstream(b) + "/"
			inParallel(b, streams, func() func() error {
				return func() error {
					r, _ := http.NewRequest("GET", url, nil)
					r.Header["User-Agent"] = []string{"bench"}
					r.Header["Accept-Encoding"] = []string{"identity"}
					resp, err := t.RoundTrip(r)
					if err == nil {
						_, err = io.Copy(io.Discard, resp.Body)
						_ = resp.Body.Close()
					}
					return err
				}
			})
		})
	}
}

// inParallel does b.N exchanges on so many goroutines.
func inParallel(b *testing.B, streams int, each func() func() error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	over := make(chan bool, streams)
	b.ReportAllocs()
	b.ResetTimer()
	for range streams {
		do := each()
		go func() {
			for left.Add(-1) >= 0 {
				if err := do(); err != nil {
					b.Error(err)
					break
				}
			}
			over <- true
		}()
	}
	for range streams {
		<-over
	}
}

// rawUpstream answers each request by the same twelve bytes.
func rawUpstream(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answerRaw(c)
		}
	}()
	return l.Addr().String()
}

func answerRaw(c net.Conn) {
	defer c.Close()
	in, out := bufio.NewReaderSize(c, 64<<10), bufio.NewWriterSize(c, 64<<10)
	// SETTINGS with SETTINGS_MAX_CONCURRENT_STREAMS 1000, and its acknowledgement
	_, _ = out.WriteString("\x00\x00\x06\x04\x00\x00\x00\x00\x00" + "\x00\x03\x00\x00\x03\xe8" + "\x00\x00\x00\x04\x01\x00\x00\x00\x00")
	_, _ = in.Discard(len(xhttp2.ClientPreface))
	answer := []byte("\x00\x00\x01\x01\x04\x00\x00\x00\x00\x88" + "\x00\x00\x0c\x00\x01\x00\x00\x00\x00hello, world")
	var h [9]byte
	for {
		if in.Buffered() == 0 {
			_ = out.Flush()
		}
		if _, err := io.ReadFull(in, h[:]); err != nil {
			return
		}
		if _, err := in.Discard(int(h[0])<<16 | int(h[1])<<8 | int(h[2])); err != nil {
			return
		}
		if xhttp2.FrameType(h[3]) == xhttp2.FrameHeaders {
			id := binary.BigEndian.Uint32(h[5:])
			binary.BigEndian.PutUint32(answer[5:], id)
			binary.BigEndian.PutUint32(answer[15:], id)
			_, _ = out.Write(answer)
		}
	}
}
