package enroll

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
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
	workload *identity.Workload
	http     *http.Client
	token    atomic.Pointer[string]

	renewed, failed atomic.Uint64
}

// New makes the member that keeps w alive. Files will be written, so their folders
// are made, and must be ours alone.
func New(o Options, w *identity.Workload) (*Member, error) {
	m := &Member{opt: o, workload: w}
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
	t := time.NewTimer(time.Until(m.due()))
	defer t.Stop()
	for failed := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		err := m.renew(ctx)
		switch {
		case err == nil:
			failed = 0
			m.renewed.Add(1)
			t.Reset(max(time.Until(m.due()), firstWait))
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

// due is when the identity shall be renewed: now, where there is none.
func (m *Member) due() time.Time {
	if own := m.workload.Current(); own != nil {
		return due(own.Leaf, rand.Float64())
	}
	return time.Time{}
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
