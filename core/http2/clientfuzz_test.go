package http2_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// answers is a script that begins with SETTINGS and goes on once it was asked.
type answers struct {
	script
	begun bool
	asked chan struct{}
	once  sync.Once
	over  chan struct{}
}

const settingsFrame = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"

func (w *answers) ReadFirst(pool sock.BufferPool) (*[]byte, int, error) {
	if !w.begun {
		w.begun = true
		b := pool.Get()
		return b, copy(*b, settingsFrame), nil
	}
	<-w.asked
	return w.script.ReadFirst(pool)
}

func (w *answers) Close() error {
	w.once.Do(func() { close(w.over) })
	return nil
}

// FuzzClient lets an upstream say whatever it likes. Every stream ends, and so
// does the connection; what is taken as a head, HTTP/1 takes too, as the same.
func FuzzClient(f *testing.F) {
	frame := func(kind, flags byte, id byte, payload string) string {
		return string([]byte{0, 0, byte(len(payload)), kind, flags, 0, 0, 0, id}) + payload
	}
	for _, s := range []string{
		frame(1, 5, 1, "\x88"),
		frame(1, 4, 1, "\x88") + frame(0, 1, 1, "hello") + frame(1, 5, 3, "\x89"),
		frame(1, 4, 1, "\x08\x03103") + frame(1, 4, 1, "\x88\x0f\x0d\x015") + frame(0, 1, 1, "hello"),
		frame(1, 4, 1, "\x88") + frame(0, 0, 1, "he") + frame(1, 5, 1, "\x00\x05x-sum\x0242"),
		frame(1, 0, 1, "\x88") + frame(9, 4, 1, "\x00\x01a\x01b") + frame(3, 0, 1, "\x00\x00\x00\x08"),
		frame(7, 0, 0, "\x00\x00\x00\x01\x00\x00\x00\x00") + frame(3, 0, 1, "\x00\x00\x00\x07"),
		frame(6, 0, 0, "12345678") + frame(8, 0, 0, "\x00\x01\x00\x00") + frame(4, 0, 0, "\x00\x03\x00\x00\x00\x00"),
		frame(5, 4, 1, "\x00\x00\x00\x02\x82"),
	} {
		f.Add([]byte(s))
	}
	o := clientOptions()
	f.Fuzz(func(t *testing.T, in []byte) {
		w := &answers{script: script{in: in}, asked: make(chan struct{}), over: make(chan struct{})}
		c := http2.NewClient(w, &o)
		if err := c.Start(enough, func() {}); err != nil {
			t.Fatal(err)
		}
		streams := []*http2.ClientStream{c.Open(), c.Open()}
		for _, s := range streams {
			if err := s.Send(headOf("GET", "/"), &noBody, nil, true, nil, enough); err != nil {
				t.Fatal(err)
			}
		}
		close(w.asked)
		for _, s := range streams {
			drainFuzzed(t, s)
			s.Close()
		}
		<-w.over
		if c.Limit() != 0 || c.Open() != nil {
			t.Fatal("the connection takes streams")
		}
	})
}

// drainFuzzed reads a response to whatever end it has.
func drainFuzzed(t *testing.T, s *http2.ClientStream) {
	var head stream.ResponseHead
	for head.Status < 200 {
		head.Reset()
		if s.ReadHead(&head, []byte("GET"), enough) != nil {
			return
		}
		sameInHTTP1(t, &head)
	}
	n := int64(0)
	for {
		chunk, end, err := s.ReadBody(enough)
		if err != nil {
			return
		}
		n += int64(len(chunk))
		if end {
			break
		}
	}
	if l := s.Frame().Length; l >= 0 && l != n {
		t.Fatalf("a body of %d bytes was taken for one of %d", n, l)
	}
}

func sameInHTTP1(t *testing.T, head *stream.ResponseHead) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d OK\r\n", head.Status)
	for _, f := range head.Headers.Fields() {
		fmt.Fprintf(&b, "%s: %s\r\n", f.Name, f.Value)
	}
	b.WriteString("\r\n")
	text := strings.Clone(b.String())
	var again stream.ResponseHead
	var framing http1.Framing
	if err := http1.ParseResponse(b.Bytes(), &again, &framing, []byte("GET"), 1000); err != nil {
		t.Fatalf("taken, but not as HTTP/1: %v\n%q", err, text)
	}
	if again.Status != head.Status || !reflect.DeepEqual(listOf(&again.Headers), listOf(&head.Headers)) {
		t.Fatalf("as HTTP/1 %d %v\nas HTTP/2 %d %v", again.Status, listOf(&again.Headers), head.Status, listOf(&head.Headers))
	}
}
