// Package retrypolicy is the filter "retrypolicy": it says when a request is sent
// again, in the place of its route's retries.
//
// The decision is the same for all streams, so it is declared when the filter is
// configured (weir.retry_policy), and no stream costs a callback. What is left is
// the host's: to wait, to count, to send.
//
// Start at [New].
package retrypolicy

import (
	"time"

	"github.com/weirproxy/weir/filters/internal/failure"
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("retrypolicy", New) }

// filter has nothing left to do.
type filter struct{}

// New declares the policy. It needs a host that retries.
func New(r *sdk.Root) (sdk.Plugin, error) {
	p, err := read(r.Config())
	if err != nil {
		return nil, err
	}
	if err := p.Use(); err != nil {
		return nil, failed("the host has no weir.retry_policy (" + err.Error() + "); retrypolicy runs in Weir only")
	}
	return filter{}, nil
}

type failed string

func (f failed) Error() string { return string(f) }

const (
	maxAttempts = 10
	maxWait     = time.Minute
	maxPerTry   = 24 * time.Hour
)

// defaults try again what is likely to be over soon.
func defaults() weir.RetryPolicy {
	p := weir.RetryPolicy{
		Attempts: 2, BackOff: 25 * time.Millisecond, After: time.Second, Share: 20, PerSecond: 10,
		Faults:  weir.Connect | weir.Timeout | weir.Reset,
		Methods: weir.GET | weir.HEAD | weir.OPTIONS | weir.TRACE | weir.PUT | weir.DELETE,
		Key:     "idempotency-key",
	}
	for _, status := range [...]int{502, 503, 504} {
		p.Statuses.Add(status)
	}
	return p
}

func read(text []byte) (p weir.RetryPolicy, err error) {
	p = defaults()
	r := jsonconf.New(text)
	longest := false
	r.Object(func(name []byte) {
		switch string(name) {
		case "attempts":
			p.Attempts = int(r.Int(0, maxAttempts))
		case "statuses":
			p.Statuses = failure.Statuses(r)
		case "grpc":
			p.GRPC = failure.GRPC(r)
		case "faults":
			p.Faults = readFaults(r)
		case "methods":
			p.Methods = readMethods(r)
		case "idempotency_header":
			p.Key = readField(r)
		case "per_try":
			p.PerTry = r.Duration(time.Millisecond, maxPerTry)
		case "back_off":
			p.BackOff = r.Duration(0, maxWait)
		case "longest_back_off":
			p.Longest, longest = r.Duration(0, maxWait), true
		case "retry_after":
			p.After = r.Duration(0, maxWait)
		case "budget":
			readBudget(r, &p)
		default:
			r.Unknown("attempts", "statuses", "grpc", "faults", "methods", "idempotency_header", "per_try", "back_off", "longest_back_off", "retry_after", "budget")
		}
	})
	switch {
	case !longest:
		p.Longest = max(time.Second, p.BackOff)
	case p.Longest < p.BackOff && !r.Failed():
		r.FailAt("longest_back_off", `must be at least as long as "back_off", which is `, p.BackOff.String())
	}
	return p, r.Err()
}

// readFaults reads those that can be tried again: what is not HTTP stays so.
func readFaults(r *jsonconf.Reader) weir.Faults {
	f := failure.Faults(r)
	if f&weir.Protocol != 0 {
		r.Fail(`"protocol" is never tried again: who does not speak HTTP will not do so next time; remove it`)
	}
	return f
}

func readMethods(r *jsonconf.Reader) (m weir.Methods) {
	names := []string{"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}
	r.List(func(int) {
		v := r.String()
		if v == "POST" || v == "PATCH" {
			r.Fail(jsonconf.Quote(v), ` may do harm when it is repeated; have clients mark those that do not, see "idempotency_header"`)
			return
		}
		for i, name := range names {
			if v == name {
				m |= 1 << i
				return
			}
		}
		r.Fail(jsonconf.Quote(v), " is not known", jsonconf.Suggest(v, names))
	})
	return m
}

// readField reads a field's name, or "" for none.
func readField(r *jsonconf.Reader) string {
	v := r.String()
	switch {
	case r.Failed() || v == "":
	case !jsonconf.Token(v) || len(v) > 64:
		r.Fail("must be the name of a field: 1 to 64 letters, digits, - and _")
	}
	return template.Lower(v)
}

func readBudget(r *jsonconf.Reader, p *weir.RetryPolicy) {
	r.Object(func(name []byte) {
		switch string(name) {
		case "percent":
			p.Share = int(r.Int(0, 1000))
		case "per_second":
			p.PerSecond = int(r.Int(0, 1_000_000))
		default:
			r.Unknown("percent", "per_second")
		}
	})
}
