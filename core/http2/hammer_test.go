package http2_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/stream"
)

// foreign is the standard library's client.
func foreign(t testing.TB) *http.Client {
	p := new(http.Protocols)
	p.SetUnencryptedHTTP2(true)
	tr := &http.Transport{Protocols: p, DisableCompression: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// TestHammer: many clients at once send bodies of all sizes, with and without a
// length, with trailers, and go away in the middle; what is answered is right.
func TestHammer(t *testing.T) {
	o := options()
	o.Streams = 50
	r := serve(t, o, echo)
	client := foreign(t)
	body := bytes.Repeat([]byte("0123456789abcdef"), 20<<10) // 320 KiB
	var all sync.WaitGroup
	for worker := range uint64(20) {
		all.Go(func() {
			rng := rand.New(rand.NewPCG(worker, 1))
			for range 40 {
				n := rng.IntN(len(body))
				if rng.IntN(3) == 0 {
					n = rng.IntN(100)
				}
				ctx, cancel := context.WithCancel(t.Context())
				var in io.Reader = bytes.NewReader(body[:n])
				if rng.IntN(2) == 0 {
					in = io.MultiReader(in) // hides the length
				}
				req, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.addr+"/", in)
				req.Trailer = http.Header{"X-Sum": {fmt.Sprint(n)}}
				goes := rng.IntN(8) == 0
				if goes {
					go cancel()
				}
				res, err := client.Do(req)
				if err == nil {
					var got []byte
					got, err = io.ReadAll(res.Body)
					_ = res.Body.Close()
					if err == nil && n > 0 && (!bytes.Equal(got, body[:n]) || res.Trailer.Get("X-Sum") != fmt.Sprint(n)) {
						t.Errorf("%d bytes came back as %d, trailers %v", n, len(got), res.Trailer)
					}
				}
				if err != nil && !goes {
					t.Error(err)
				}
				cancel()
			}
		})
	}
	all.Wait()
}

// TestMemory: a thousand streams that are stalled hold what the connection's
// window allows, and next to nothing each.
func TestMemory(t *testing.T) {
	const streams, most = 1000, 24 << 20
	o := options()
	o.Streams = streams
	hold, started := make(chan bool), make(chan bool, streams)
	r := serve(t, o, func(s *http2.ServerStream) {
		var head stream.RequestHead
		_, _ = s.ReadRequest(&head)
		started <- true
		<-hold
		_ = s.WriteHead(&stream.ResponseHead{Status: 200}, 0, nil, true, nil)
	})
	defer close(hold)
	c := dial(t, r.addr)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	piece := bytes.Repeat([]byte("x"), 1000)
	for i := range uint32(streams) {
		c.headersStart(2*i+1, post())
		_ = c.framer.WriteData(2*i+1, false, piece)
	}
	c.flush()
	for range streams {
		<-started
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	held := int64(after.HeapInuse+after.StackInuse) - int64(before.HeapInuse+before.StackInuse)
	t.Logf("%d streams hold %d KiB", streams, held>>10)
	if held > most {
		t.Errorf("%d stalled streams hold %d KiB", streams, held>>10)
	}
}
