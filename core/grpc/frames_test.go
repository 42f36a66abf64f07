package grpc_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/grpc"
)

// messages are those that come out of a body in pieces of n bytes.
func messages(body string, n, max int) (all []string, left int, err error) {
	f := grpc.Frames{Max: max}
	for len(body) > 0 {
		k := min(n, len(body))
		f.Feed([]byte(body[:k]))
		body = body[k:]
		for {
			m, ok, err := f.Next()
			if err != nil {
				return all, f.Left(), err
			}
			if !ok {
				break
			}
			all = append(all, string(m))
		}
	}
	return all, f.Left(), nil
}

func TestFrames(t *testing.T) {
	body := string(grpc.AppendFrame(grpc.AppendFrame(grpc.AppendFrame(nil, "one"), ""), strings.Repeat("x", 300)))
	for n := 1; n < len(body)+2; n++ {
		got, left, err := messages(body, n, 300)
		if err != nil || left != 0 || len(got) != 3 || got[0] != "one" || got[1] != "" || len(got[2]) != 300 {
			t.Fatalf("in pieces of %d: %d messages, %d bytes left, %v", n, len(got), left, err)
		}
	}
	if _, left, err := messages(body[:len(body)-1], 7, 300); left != 304 || err != nil {
		t.Errorf("a message that is cut: %d bytes left, %v", left, err)
	}
	if _, _, err := messages(body, 9, 299); !errors.Is(err, grpc.ErrTooLong) {
		t.Errorf("a message that is too long: %v", err)
	}
	if _, _, err := messages("\x01\x00\x00\x00\x00", 9, 299); !errors.Is(err, grpc.ErrCompressed) {
		t.Errorf("a compressed message: %v", err)
	}
}

// FuzzFrames: pieces make no difference, and what comes out can be put together again.
func FuzzFrames(f *testing.F) {
	f.Add(string(grpc.AppendFrame(nil, "abc")), 2)
	f.Add("\x00\xff\xff\xff\xff", 1)
	f.Fuzz(func(t *testing.T, body string, n int) {
		const most = 1 << 10
		all, left, err := messages(body, len(body), most)
		pieces, _, other := messages(body, 1+n&15, most)
		if len(all) != len(pieces) || (err == nil) != (other == nil) {
			t.Fatalf("%d messages (%v) at once, %d (%v) in pieces", len(all), err, len(pieces), other)
		}
		var again []byte
		for i, m := range all {
			if m != pieces[i] {
				t.Fatalf("message %d is another in pieces", i)
			}
			again = grpc.AppendFrame(again, m)
		}
		if err == nil && string(again) != body[:len(body)-left] {
			t.Fatal("the messages are not what the body holds")
		}
	})
}
