package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// TestGoodNeighbour: while a client of HTTP/2 abuses its connections, one after the
// other, others get all their answers, on the connections that they had before.
func TestGoodNeighbour(t *testing.T) {
	up := hello(t, "up")
	p := start(t, "run", "-c", write(t, "", "proxy.toml", gateway(up.Addr, atOnce)))
	at := p.ready().Listen["gateway"][0]
	var good, bad sync.WaitGroup
	done := make(chan struct{})
	var cut atomic.Int64
	bad.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			if err := resetRapidly(at); err != nil {
				t.Error(err)
				return
			}
			cut.Add(1)
		}
	})
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		good.Go(func() {
			const requests, atLeast = 500, 5
			if err := asks(at, http2, func(n int) bool { return n < requests || cut.Load() < atLeast && !t.Failed() }); err != nil {
				t.Errorf("over %s: %v", name, err)
			}
		})
	}
	good.Wait()
	close(done)
	bad.Wait()
	t.Logf("%d connections were cut", cut.Load())
}

// asks asks on one connection while there is more to ask, by the number of answers,
// and wants all answers.
func asks(at string, http2 bool, more func(n int) bool) error {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!http2)
	protocols.SetUnencryptedHTTP2(http2)
	dials := 0
	tr := &http.Transport{Protocols: protocols, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		dials++
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
	defer tr.CloseIdleConnections()
	c := http.Client{Transport: tr, Timeout: compiling}
	for i := 0; more(i); i++ {
		r, err := c.Get("http://" + at)
		if err != nil {
			return fmt.Errorf("request %d: %w", i, err)
		}
		body, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil || r.StatusCode != 200 || string(body) != "up" {
			return fmt.Errorf("request %d: %d, %q, %w", i, r.StatusCode, body, err)
		}
	}
	if dials != 1 {
		return fmt.Errorf("%d connections, want one", dials)
	}
	return nil
}

// resetRapidly begins streams and resets them until the connection is cut, which is
// to happen within a bound.
func resetRapidly(at string) error {
	nc, err := net.Dial("tcp", at)
	if err != nil {
		return err
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(compiling))
	var block, out bytes.Buffer
	enc := hpack.NewEncoder(&block)
	f := http2.NewFramer(&out, nil)
	out.WriteString(http2.ClientPreface)
	_ = f.WriteSettings()
	for id := uint32(1); id < 20_000; id += 2 {
		block.Reset()
		for _, field := range [][2]string{{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}} {
			_ = enc.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]})
		}
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: true})
		_ = f.WriteRSTStream(id, http2.ErrCodeCancel)
	}
	sent := make(chan struct{})
	go func() {
		_, _ = nc.Write(out.Bytes()) // it may be cut in the middle
		close(sent)
	}()
	err = ended(http2.NewFramer(nil, nc))
	_ = nc.Close()
	<-sent
	return err
}

// ended reads until the connection is cut, and says what is wrong with its end.
func ended(f *http2.Framer) error {
	for {
		switch frame, err := f.ReadFrame(); frame := frame.(type) {
		case *http2.GoAwayFrame:
			if frame.ErrCode != http2.ErrCodeNo && frame.ErrCode != http2.ErrCodeEnhanceYourCalm {
				return fmt.Errorf("the abuse ended by %v", frame.ErrCode)
			}
		default:
			var late net.Error
			if errors.As(err, &late) && late.Timeout() {
				return errors.New("the abuse went on")
			}
			if err != nil {
				return nil // by an end or a reset of the connection
			}
		}
	}
}
