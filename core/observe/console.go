package observe

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// console writes log lines for people: the time, the level, the message, and
// then the attributes as slog's text handler writes them.
//
//	15:04:05.123 INFO  listening address=:8080
type console struct {
	attrs  slog.Handler // writes "key=value …\n" into shared.line
	shared *consoleOut
}

type consoleOut struct {
	mu   sync.Mutex
	line bytes.Buffer // guarded by mu
	w    io.Writer    // guarded by mu
}

func newConsole(w io.Writer, level slog.Leveler) *console {
	shared := &consoleOut{w: w}
	return &console{
		shared: shared,
		attrs:  slog.NewTextHandler(&shared.line, &slog.HandlerOptions{Level: level, ReplaceAttr: withoutHead}),
	}
}

// withoutHead drops what console writes itself: the message, and the level,
// which is told from an attribute of that name by its type.
func withoutHead(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	if _, level := a.Value.Any().(slog.Level); level || a.Key == slog.MessageKey {
		return slog.Attr{}
	}
	return a
}

// Enabled implements slog.Handler.
func (c *console) Enabled(ctx context.Context, l slog.Level) bool { return c.attrs.Enabled(ctx, l) }

// Handle implements slog.Handler.
func (c *console) Handle(ctx context.Context, r slog.Record) error {
	s := c.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line.Reset()
	var b [32]byte
	if !r.Time.IsZero() {
		s.line.Write(r.Time.AppendFormat(b[:0], "15:04:05.000 "))
	}
	r.Time = time.Time{} // or the text handler would write it again
	level := r.Level.String()
	s.line.WriteString(level)
	for range 6 - min(5, len(level)) {
		s.line.WriteByte(' ')
	}
	writePrintable(&s.line, r.Message)
	s.line.WriteByte(' ')
	if err := c.attrs.Handle(ctx, r); err != nil {
		return err
	}
	text := bytes.TrimRight(s.line.Bytes(), " \n")
	_, err := s.w.Write(append(text, '\n'))
	return err
}

// writePrintable replaces what a terminal might obey.
func writePrintable(out *bytes.Buffer, text string) {
	for _, r := range text {
		if !unicode.IsPrint(r) {
			r = utf8.RuneError
		}
		out.WriteRune(r)
	}
}

// WithAttrs implements slog.Handler.
func (c *console) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &console{c.attrs.WithAttrs(attrs), c.shared}
}

// WithGroup implements slog.Handler.
func (c *console) WithGroup(name string) slog.Handler {
	return &console{c.attrs.WithGroup(name), c.shared}
}
