package coding_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/weirproxy/weir/core/coding"
)

var codings = []coding.Coding{coding.Gzip, coding.Brotli, coding.Zstd}

// decoder reads what a client would.
func decoder(tb testing.TB, c coding.Coding, r io.Reader) io.Reader {
	tb.Helper()
	switch c {
	case coding.Gzip:
		z, err := gzip.NewReader(r)
		if err != nil {
			tb.Fatal(err)
		}
		return z
	case coding.Zstd:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(256<<10))
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(z.Close)
		return z
	}
	return brotli.NewReader(r)
}

func decode(tb testing.TB, c coding.Coding, b []byte) []byte {
	tb.Helper()
	plain, err := io.ReadAll(decoder(tb, c, bytes.NewReader(b)))
	if err != nil {
		tb.Fatalf("%s: %v", c, err)
	}
	return plain
}

func get(tb testing.TB, s *coding.Encoders, c coding.Coding, level int) *coding.Encoder {
	tb.Helper()
	e, err := s.Get(c, level)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// each runs do for every coding and every level that differs from the last in one
// of them.
func each(t *testing.T, do func(t *testing.T, c coding.Coding, level int)) {
	for _, c := range codings {
		for _, level := range []int{1, 2, 4, 6, 7, 8, 9} {
			t.Run(fmt.Sprint(c, "/", level), func(t *testing.T) { do(t, c, level) })
		}
	}
}

// text is like what servers send: words that come again, near and far.
func text(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("the proxy sends {\"id\": \"name\": \"orders\", 200 404 </div> <p class=\"item\"> null true , : [ ] 17")
	var b bytes.Buffer
	for b.Len() < n {
		if r.IntN(20) == 0 {
			fmt.Fprintf(&b, "%x ", r.Uint64())
		}
		b.WriteString(words[r.IntN(len(words))])
		b.WriteByte(' ')
	}
	return b.Bytes()[:n]
}

func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(b)
	return b
}

// TestPiecesOfAnySizeComeBack: whatever the pieces are and wherever a flush falls,
// the client reads the body.
func TestPiecesOfAnySizeComeBack(t *testing.T) {
	bodies := map[string][]byte{
		"nothing": nil, "one byte": {7}, "words": text(1000), "text": text(300_000), "noise": noise(100_000),
		"zeroes": make([]byte, 300_000), "mixed": append(append(text(70_000), noise(70_000)...), text(200_000)...),
	}
	all := coding.New(1 << 30)
	each(t, func(t *testing.T, c coding.Coding, level int) {
		random := rand.New(rand.NewPCG(uint64(c), uint64(level)))
		for name, body := range bodies {
			for _, largest := range []int{1 << 20, 16 << 10, 700} {
				if largest == 700 && len(body) > 100_000 {
					continue
				}
				e := get(t, all, c, level) // the one that the last body used
				var out []byte
				for rest := body; ; {
					n := min(1+random.IntN(largest), len(rest))
					out = append(out, e.Encode(rest[:n], n == len(rest))...)
					if rest = rest[n:]; len(rest) == 0 {
						break
					}
					if random.IntN(3) == 0 {
						out = append(out, e.Flush()...)
						if random.IntN(9) == 0 {
							out = append(out, e.Flush()...)
						}
					}
				}
				if got := decode(t, c, out); !bytes.Equal(got, body) {
					t.Errorf("%s in pieces of up to %d: %d bytes came back of %d", name, largest, len(got), len(body))
				}
				if e.Cost() <= 0 {
					t.Errorf("%s costs %d", name, e.Cost())
				}
				e.Close()
			}
		}
	})
	if all.Used() != 0 {
		t.Errorf("%d bytes are still in use", all.Used())
	}
}

// TestFlushHoldsNothingBack: after a flush a client has all that went in.
func TestFlushHoldsNothingBack(t *testing.T) {
	all := coding.New(1 << 30)
	each(t, func(t *testing.T, c coding.Coding, level int) {
		e := get(t, all, c, level)
		defer e.Close()
		in, out := io.Pipe()
		pieces, read := make(chan []byte), make(chan struct{})
		go func() {
			defer close(read)
			r := decoder(t, c, in)
			for want := range pieces {
				got := make([]byte, len(want))
				if _, err := io.ReadFull(r, got); err != nil || !bytes.Equal(got, want) {
					t.Errorf("a piece of %d bytes came as %q, %v", len(want), got, err)
					_ = in.CloseWithError(io.ErrClosedPipe)
				}
				read <- struct{}{}
			}
		}()
		for _, size := range []int{1, 30, 5000, 2, 70_000, 17} {
			piece := text(size)
			encoded := append(bytes.Clone(e.Encode(piece, false)), e.Flush()...)
			go func() { pieces <- piece }()
			if _, err := out.Write(encoded); err != nil {
				break
			}
			<-read
		}
		close(pieces)
		<-read
		_ = out.Close()
	})
}

func TestMemoryIsBounded(t *testing.T) {
	all := coding.New(4 << 20)
	var open []*coding.Encoder
	for {
		e, err := all.Get(coding.Gzip, 1)
		if err != nil {
			if err != coding.ErrFull {
				t.Error(err)
			}
			break
		}
		open = append(open, e)
	}
	if len(open) != 3 {
		t.Errorf("%d encoders of gzip fit into 4 MiB, want 3", len(open))
	}
	for _, e := range open {
		e.Close()
	}
	if all.Used() != 0 {
		t.Errorf("%d bytes are still in use", all.Used())
	}
	for c, level := range map[coding.Coding]int{0: 1, 4: 1, coding.Gzip: 0, coding.Zstd: 10, coding.Brotli: -1} {
		if _, err := all.Get(c, level); err != coding.ErrUnknown {
			t.Errorf("coding %d, level %d: %v", c, level, err)
		}
	}
}
