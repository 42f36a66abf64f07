package source

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

// The waits between tries.
const (
	firstWait = 250 * time.Millisecond
	maxWait   = 10 * time.Second
)

// refusal is an error that another try meets again.
type refusal struct {
	error
	// unusable: the source is there, and what it has is no module. Then nothing
	// stands in for it: whoever published it has to know.
	unusable bool
}

func (r *refusal) Unwrap() error { return r.error }

// busy is a response that asks to come again.
type busy struct {
	status int
	after  time.Duration // as it wishes, 0 for no wish
}

func (b *busy) Error() string {
	return fmt.Sprintf("it answers %d %s", b.status, http.StatusText(b.status))
}

func busyOf(r *http.Response) *busy {
	switch {
	case r.StatusCode >= 500, r.StatusCode == http.StatusTooManyRequests, r.StatusCode == http.StatusRequestTimeout:
		seconds, err := strconv.Atoi(r.Header.Get("Retry-After"))
		if err != nil || seconds < 0 || seconds > int(time.Hour/time.Second) {
			seconds = 0 // a date is not worth a clock's trust
		}
		return &busy{r.StatusCode, time.Duration(seconds) * time.Second}
	}
	return nil
}

// cut is an error in the middle of a response.
type cut struct{ error }

func (c *cut) Unwrap() error { return c.error }

// passing says whether an error may be gone at another try: the network's are.
func passing(err error) bool {
	var refused *refusal
	var untrusted *tls.CertificateVerificationError
	var b *busy
	var c *cut
	var network net.Error // of which the HTTP client makes one of all it meets
	switch {
	case errors.As(err, &refused), errors.As(err, &untrusted), errors.Is(err, http.ErrSchemeMismatch), errors.Is(err, context.Canceled):
		return false
	}
	return errors.As(err, &b) || errors.As(err, &c) || errors.As(err, &network)
}

// retried does what may fail, and again while its error may pass. Waits double,
// or are as long as the server wishes.
func retried(ctx context.Context, o *Options, what fmt.Stringer, do func() error) error {
	var err error
	for wait := firstWait; ; wait = min(2*wait, maxWait) {
		before := err
		err = do()
		if err != nil && before != nil && over(ctx) {
			return before // a try that was cut short says less than the one before it
		}
		if err == nil || !passing(err) || ctx.Err() != nil {
			return err
		}
		pause := wait/2 + rand.N(wait/2) // so that many processes do not come together
		var b *busy
		if errors.As(err, &b) {
			pause = max(pause, b.after)
		}
		if by, ok := ctx.Deadline(); ok && time.Until(by) < pause {
			return err // it would be told no more than it knows
		}
		o.Log.Warn("fetching a module: another try follows", "module", what, "err", explain(err), "in", pause.Round(time.Millisecond))
		if o.Wait(ctx, pause) != nil {
			return err
		}
	}
}

// over says whether the time is: what fails by that may tell so before ctx does.
func over(ctx context.Context) bool {
	by, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && !time.Now().Before(by)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
