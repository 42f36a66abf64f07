package provider

import (
	"bytes"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/weirproxy/weir/core/abi/guestlog"
)

// The bounds of what a provider says beside its snapshots.
const (
	maxLine       = 4 << 10 // bytes of a line
	linesASecond  = 20      // more are counted, not logged
	outputASecond = 1 << 20 // bytes that are read of each output; with more the provider waits
)

// pace holds up who goes through more than outputASecond.
type pace struct {
	second time.Time
	passed int
}

func (p *pace) pass(n int) {
	now := time.Now()
	if now.Sub(p.second) >= time.Second {
		p.second, p.passed = now, 0
	}
	if p.passed += n; p.passed > outputASecond {
		time.Sleep(time.Until(p.second.Add(time.Second)))
	}
}

// pacedReader is an output that is read at our pace.
type pacedReader struct {
	io.ReadCloser
	pace pace
}

func (r *pacedReader) Read(b []byte) (int, error) {
	n, err := r.ReadCloser.Read(b)
	r.pace.pass(n)
	return n, err
}

// output writes a provider's lines to the log: clean, cut where they are long,
// and some a second. Outputs of one provider share their limit.
type output struct {
	log   *slog.Logger
	limit *guestlog.Limit

	mu   sync.Mutex
	pace pace
	line []byte // what has no end yet
	cut  bool   // the rest of the line is left out
}

// Write implements io.Writer. It never fails.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := len(b)
	for len(b) > 0 {
		piece, rest, ended := bytes.Cut(b, []byte{'\n'})
		o.add(piece)
		if ended {
			o.flush()
		}
		b = rest
	}
	o.pace.pass(n)
	return n, nil
}

// add takes a piece of a line as far as there is room.
func (o *output) add(piece []byte) {
	room := maxLine - len(o.line)
	o.cut = o.cut || len(piece) > room
	o.line = append(o.line, piece[:min(room, len(piece))]...)
}

func (o *output) flush() {
	line, cut := o.line, o.cut
	o.line, o.cut = o.line[:0], false
	if len(line) == 0 {
		return
	}
	ok, dropped := o.limit.Take(time.Now())
	if !ok {
		return
	}
	text := guestlog.Clean(line)
	if cut {
		text += "…"
	}
	if dropped > 0 {
		o.log.Warn("the provider says more than is logged", "lines_left_out", dropped)
	}
	o.log.Info("the provider says", "line", text)
}
