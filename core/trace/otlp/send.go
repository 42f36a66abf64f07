package otlp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/klauspost/compress/gzip"
	"google.golang.org/protobuf/encoding/protowire"
)

// sender makes the requests. It has its memory to itself: one goroutine uses it.
type sender struct {
	e    *Exporter
	raw  []byte
	body bytes.Buffer
	zip  *gzip.Writer
}

func newSender(e *Exporter) *sender {
	zip, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic("otlp: " + err.Error()) // the level is right
	}
	return &sender{e: e, zip: zip}
}

// The waits between tries of one batch, and for how long it is tried.
const (
	firstWait = 500 * time.Millisecond
	maxWait   = 30 * time.Second
	maxTrying = time.Minute
)

// persist sends a batch, again while that may help (OTLP, "Failures"). The end of the
// exporter ends it: what is not sent by then is tried once more.
func (s *sender) persist(b *batch) error {
	began := time.Now()
	for wait := firstWait; ; wait = min(2*wait, maxWait) {
		asked, err := s.during(b)
		if !worthwhile(err) {
			return err
		}
		s.e.trouble(err)
		pause := max(asked, time.Duration(float64(wait)*(0.5+rand.Float64()/2)))
		if time.Since(began)+pause > maxTrying {
			return err
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-s.e.fresh: // perhaps that one is there
			t.Stop()
		case <-s.e.end:
			t.Stop()
			if s.e.last.Err() != nil {
				return err
			}
			_, err := s.send(s.e.last, b)
			return err
		}
	}
}

// during sends a batch while the exporter runs: its end leaves a request under way as
// long as Close is given.
func (s *sender) during(b *batch) (asked time.Duration, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-done:
			return
		case <-s.e.end:
		}
		select {
		case <-done:
		case <-s.e.last.Done():
			cancel()
		}
	}()
	return s.send(ctx, b)
}

// refusal is a receiver's answer that is not 2xx.
type refusal struct{ status int }

func (r refusal) Error() string {
	return fmt.Sprintf("the receiver answered %d %s", r.status, http.StatusText(r.status))
}

// worthwhile says whether the same batch may be taken later.
func worthwhile(err error) bool {
	if err == nil {
		return false
	}
	var r refusal
	if !errors.As(err, &r) {
		return true // it was not reached, or broke off
	}
	switch r.status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// send posts a batch once. asked is how long the receiver asks to be left alone.
func (s *sender) send(ctx context.Context, b *batch) (asked time.Duration, err error) {
	t := s.e.target.Load()
	s.raw = t.appendRequest(s.raw[:0], b)
	s.body.Reset()
	s.zip.Reset(&s.body)
	if _, err := s.zip.Write(s.raw); err != nil {
		return 0, fmt.Errorf("compressing spans: %w", err)
	}
	if err := s.zip.Close(); err != nil {
		return 0, fmt.Errorf("compressing spans: %w", err)
	}
	// A transport may read the body on after Do has returned, and these bytes are
	// used again: it gets its own.
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.o.Endpoint, bytes.NewReader(bytes.Clone(s.body.Bytes())))
	if err != nil {
		return 0, fmt.Errorf("sending spans: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	r.Header.Set("Content-Encoding", "gzip")
	r.Header.Set("User-Agent", "weir/"+t.o.Version)
	for name, v := range t.o.Headers {
		r.Header.Set(name, v)
	}
	answer, err := t.client.Do(r)
	if err != nil {
		return 0, fmt.Errorf("sending spans: %w", withoutURL(err))
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if answer.StatusCode/100 != 2 {
		return retryAfter(answer.Header.Get("Retry-After"), time.Now()), refusal{answer.StatusCode}
	}
	if err != nil {
		text = nil // it has taken them: what it had to say beside is lost
	}
	rejected, why := partial(text)
	rejected = min(rejected, b.spans)
	s.e.counts.sent.Add(b.spans - rejected)
	s.e.counts.rejected.Add(rejected)
	if rejected > 0 {
		s.e.log.Debug("the receiver refused spans", "spans", rejected, "of", b.spans, "why", why)
	}
	return 0, nil
}

// withoutURL leaves out the URL, in which a password may stand.
func withoutURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// retryAfter reads a Retry-After: seconds or a date (RFC 9110, section 10.2.3).
func retryAfter(v string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// partial reads what of an ExportTraceServiceResponse tells of spans that were not
// taken: field 1, with their number in 1 and the reason in 2.
func partial(message []byte) (rejected uint64, why string) {
	inner, _ := field(message, 1, protowire.BytesType)
	n, _ := field(inner, 1, protowire.VarintType)
	if rejected, size := protowire.ConsumeVarint(n); size > 0 && int64(rejected) > 0 {
		text, _ := field(inner, 2, protowire.BytesType)
		return rejected, string(text)
	}
	return 0, ""
}

// field is the last one of a number and type: its content, or of a number its bytes.
func field(message []byte, number protowire.Number, typ protowire.Type) (value []byte, ok bool) {
	for len(message) > 0 {
		n, t, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			return nil, false
		}
		size := protowire.ConsumeFieldValue(n, t, message[tag:])
		if size < 0 {
			return nil, false
		}
		if n == number && t == typ {
			if value, ok = message[tag:tag+size], true; t == protowire.BytesType {
				value, _ = protowire.ConsumeBytes(value)
			}
		}
		message = message[tag+size:]
	}
	return value, ok
}
