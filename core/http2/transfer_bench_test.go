package http2_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/stream"
)

// BenchmarkTransfer is a body of 1 MiB to the client and one from it, with the
// standard library's client, for both servers.
func BenchmarkTransfer(b *testing.B) {
	const size = 1 << 20
	piece := make([]byte, 32<<10)
	ours := serve(b, options(), reading(func(s *http2.ServerStream) {
		for s.Frame().HasBody() {
			if _, end, err := s.ReadBody(); err != nil || end {
				break
			}
		}
		_ = s.WriteHead(&stream.ResponseHead{Status: 200}, http1.Unknown, nil, false, nil)
		for range size / len(piece) {
			_ = s.WriteBody(piece, false, nil)
		}
		_ = s.WriteBody(nil, true, nil)
	})).addr
	theirs := standardWith(b, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for range size / len(piece) {
			_, _ = w.Write(piece)
		}
	})
	for name, addr := range map[string]string{"weir": ours, "net": theirs} {
		b.Run(name, func(b *testing.B) {
			client := foreign(b)
			b.SetBytes(2 * size)
			b.ReportAllocs()
			for b.Loop() {
				res, err := client.Post("http://"+addr+"/", "", io.LimitReader(zeros{}, size))
				if err != nil {
					b.Fatal(err)
				}
				if n, err := io.Copy(io.Discard, res.Body); err != nil || n != size {
					b.Fatal(n, err)
				}
				_ = res.Body.Close()
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
