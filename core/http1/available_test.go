package http1_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// TestReadAvailableDoesNotWait: "-" is where it says that nothing is there, also
// where what came is framing alone.
func TestReadAvailableDoesNotWait(t *testing.T) {
	const chunked, known, open = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"
	for _, c := range []struct {
		name string
		in   []string
		want []string
	}{
		{"chunks", []string{chunked, "3\r\nabc\r\n", "", "3\r\ndef\r\n", "0\r\n\r\n"}, []string{"abc", "-", "def", "end"}},
		{"a chunk's end comes late", []string{chunked, "3\r\nabc", "\r\n", "", "3", "", "\r\ndef\r\n0\r\n\r\n"}, []string{"abc", "-", "-", "def", "end"}},
		{"with the head", []string{known + "abc", "", "def"}, []string{"abc", "-", "def end"}},
		{"until the connection ends", []string{open, "abc", "", "def"}, []string{"abc", "-", "def", "end"}},
		{"cut", []string{known, "abc"}, []string{"abc", "upstream_reset"}},
		{"bad chunk", []string{chunked, "x\r\n"}, []string{"upstream_protocol"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := http1.NewClient(incoming(c.in...), &clientOptions)
			if err := client.Send(getHead(), &http1.RequestFraming{Length: http1.NoBody}, nil, true, nil, time.Second); err != nil {
				t.Fatal(err)
			}
			var head stream.ResponseHead
			if err := client.ReadHead(&head, []byte("GET"), time.Second); err != nil {
				t.Fatal(err)
			}
			var got []string
			for len(got) < 10 {
				chunk, end, there, err := client.ReadAvailable(time.Second)
				switch {
				case err != nil:
					got = append(got, fault.KindOf(err).String())
				case !there:
					got = append(got, "-")
				case end && len(chunk) > 0:
					got = append(got, string(chunk)+" end")
				case end:
					got = append(got, "end")
				default:
					got = append(got, string(chunk))
				}
				if end || err != nil {
					break
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
