package loop_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/bench/internal/loop"
	"github.com/weirproxy/weir/bench/internal/origin"
	"github.com/weirproxy/weir/bench/internal/reply"
)

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// TestLoopPassesOn sees the origin's reply, and the header fields that reached
// it, through the loop.
func TestLoopPassesOn(t *testing.T) {
	back, front := listen(t), listen(t)
	go func() { _ = origin.Serve(back) }()
	go func() { _ = loop.Serve(front, back.Addr().String()) }()

	get := func(path string) string {
		req, err := http.NewRequest("GET", "http://"+front.Addr().String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Key", "k")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		b, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("GET %s: status %d, %v", path, resp.StatusCode, err)
		}
		return string(b)
	}
	if got := get("/"); got != string(reply.Body) || len(got) != reply.Size {
		t.Errorf("the reply is %q, want the origin's", got)
	}
	if got := get(reply.HeadersPath); !strings.Contains(got, "X-Key: k\r\n") {
		t.Errorf("the origin saw %q, want X-Key in it", got)
	}
}
