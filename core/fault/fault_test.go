package fault_test

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"testing"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/stream"
)

// last is the last kind of the table.
const last = fault.PauseTimeout

// mute are the kinds of which nobody is left to be told.
var mute = map[fault.Kind]bool{fault.WriteTimeout: true, fault.ClientGone: true, fault.IdleTimeout: true}

// TestEveryKindHasARow looks at each rule of the table.
func TestEveryKindHasARow(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	details := regexp.MustCompile(`^[a-z0-9_.{}]+$`)
	seen := map[string]fault.Kind{}
	for k := fault.Unknown; k <= last; k++ {
		if !name.MatchString(k.String()) {
			t.Errorf("kind %d is called %q", k, k)
		}
		if other, twice := seen[k.String()]; twice {
			t.Errorf("kinds %d and %d are both called %q", other, k, k)
		}
		seen[k.String()] = k
		if !details.MatchString(k.Details()) {
			t.Errorf("%s: details %q", k, k.Details())
		}
		status := k.Status()
		switch {
		case mute[k]:
			if status != 0 {
				t.Errorf("%s: status %d, but nobody is left to be told", k, status)
			}
		case k.Side() == fault.Downstream && (status < 400 || status > 499) && k != fault.VersionUnsupported:
			t.Errorf("%s is the client's fault and answers %d", k, status)
		case k.Side() != fault.Downstream && (status < 500 || status > 504) && k != fault.GuestBodyLimit:
			t.Errorf("%s is not the client's fault and answers %d", k, status)
		}
		if k.Side().String() == "" {
			t.Errorf("%s has no side", k)
		}
		if k.Retry() != fault.RetryNever && k.Side() != fault.Upstream {
			t.Errorf("%s may be retried, and is not the upstream's", k)
		}
	}
}

// What cannot have reached the upstream may always be sent again; what may
// have been processed only if that does no harm.
func TestRetries(t *testing.T) {
	for k := fault.Unknown; k <= last; k++ {
		want := fault.RetryNever
		switch k {
		case fault.Connect, fault.ConnectTimeout, fault.UpstreamTLS:
			want = fault.RetryAlways
		case fault.UpstreamUntrusted:
			want = fault.RetryElsewhere
		case fault.StaleConn, fault.UpstreamReset, fault.PerTryTimeout:
			want = fault.RetryIdempotent
		}
		if k.Retry() != want {
			t.Errorf("%s: retry %d, want %d", k, k.Retry(), want)
		}
	}
}

func TestKindOf(t *testing.T) {
	e := fault.New(fault.Connect, "connecting", io.EOF)
	for _, c := range []struct {
		err  error
		want fault.Kind
	}{
		{nil, fault.Unknown},
		{io.EOF, fault.Unknown},
		{e, fault.Connect},
		{fmt.Errorf("trying: %w", e), fault.Connect},
		{errors.Join(io.EOF, e), fault.Connect},
		{fault.New(fault.PerTryTimeout, "waiting", e), fault.PerTryTimeout},
		{fmt.Errorf("a: %w", fmt.Errorf("b: %w", e)), fault.Connect},
		{fmt.Errorf("a: %v", e), fault.Unknown},
	} {
		if got := fault.KindOf(c.err); got != c.want {
			t.Errorf("%v: %s, want %s", c.err, got, c.want)
		}
	}
	if !errors.Is(e, io.EOF) {
		t.Error("the cause is lost")
	}
}

func TestTexts(t *testing.T) {
	for _, c := range []struct {
		err  *fault.Error
		want string
	}{
		{fault.New(fault.Connect, "connecting", io.EOF), "connecting: EOF"},
		{fault.New(fault.PoolFull, "waiting", nil), "waiting: pool_full"},
		{fault.New(fault.PoolFull, "", nil), "pool_full"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// Guests read the flags as Envoy's bits.
func TestFlags(t *testing.T) {
	for k, want := range map[fault.Kind]stream.Flags{
		fault.NoRoute: 0x100, fault.Connect: 0x20, fault.UpstreamTimeout: 0x4, fault.UpstreamReset: 0x40,
		fault.PoolFull: 0x80, fault.NoEndpoint: 0x2, fault.ClientGone: 0x4000, fault.UpstreamProtocol: 0x2000000,
		fault.GuestTrap: stream.FlagFilterFailed,
	} {
		if k.Flags() != want {
			t.Errorf("%s: flags %#x, want %#x", k, k.Flags(), want)
		}
	}
}
