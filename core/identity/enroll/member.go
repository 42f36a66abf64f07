package enroll

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/identity"
)

// Options say whom to ask, for what.
type Options struct {
	URL            string // of the authority
	Pin            string // SHA-256 of its root's public key, hex; "": its bundle is there
	Token          string // for the first identity, ""
	ID             string // that we shall have
	identity.Files        // where the identity is kept
	Bundle         string
	Log            *slog.Logger
}

// Member keeps a workload's identity alive.
type Member struct {
	opt      Options
	name     string // of the authority, as its certificate must have it
	workload *identity.Workload
	http     *http.Client
	token    atomic.Pointer[string]

	renewed, failed atomic.Uint64
}

// New makes the member that keeps w alive. Files will be written, so their folders
// are made, and must be ours alone.
func New(o Options, w *identity.Workload) (*Member, error) {
	at, err := url.Parse(o.URL)
	if err != nil || at.Hostname() == "" {
		return nil, fmt.Errorf("the authority's %q is not \"https://host:port\"", o.URL)
	}
	m := &Member{opt: o, name: at.Hostname(), workload: w}
	if err := m.openFolders(); err != nil {
		return nil, err
	}
	m.http = m.client()
	m.Use(o.Token)
	return m, nil
}

// Use takes another join token for the next time one is needed.
func (m *Member) Use(token string) { m.token.Store(&token) }

// Counts are how often an identity was got, and how often a try failed.
func (m *Member) Counts() (renewed, failed uint64) { return m.renewed.Load(), m.failed.Load() }

// Run asks for the identity when it is due, until ctx is over. While the authority is
// away the last identity stays in use.
func (m *Member) Run(ctx context.Context) {
	t := time.NewTimer(0)
	defer t.Stop()
	chance := rand.Float64()
	for failed := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if left := time.Until(m.due(chance)); left > 0 {
			t.Reset(min(left, lookAgain))
			continue
		}
		err := m.renew(ctx)
		switch {
		case err == nil:
			failed, chance = 0, rand.Float64()
			m.renewed.Add(1)
			t.Reset(firstWait)
			continue
		case errors.Is(err, context.Canceled):
			return
		}
		failed++
		m.failed.Add(1)
		pause := wait(failed, m.life(), rand.Float64())
		m.complain(err, pause)
		t.Reset(pause)
	}
}

// lookAgain is the longest time without a look at the clock: it may be set, the
// machine may sleep, and the files may be replaced by somebody else.
const lookAgain = 30 * time.Second

// due is when the identity shall be renewed: now, where there is none.
func (m *Member) due(chance float64) time.Time {
	if own := m.workload.Current(); own != nil {
		return due(own.Leaf, chance)
	}
	return time.Time{}
}

// valid says whether we have an identity that others believe.
func (m *Member) valid() bool {
	own := m.workload.Current()
	return own != nil && time.Now().Before(own.Ends())
}

func (m *Member) life() time.Duration {
	if own := m.workload.Current(); own != nil {
		return own.Leaf.NotAfter.Sub(own.Leaf.NotBefore)
	}
	return 0
}

func (m *Member) complain(err error, again time.Duration) {
	args := []any{"authority", m.opt.URL, "id", m.opt.ID, "err", err, "again_in", again.Round(time.Millisecond)}
	if own := m.workload.Current(); own != nil {
		m.opt.Log.Warn("no new identity from the authority: the last stays in use until it ends", append(args, "ends", own.Ends())...)
		return
	}
	m.opt.Log.Error("no identity from the authority", args...)
}
