package source

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/weirproxy/weir/core/source/store"
)

// MaxModule bounds a module, in bytes.
const MaxModule = 64 << 20

// parallel bounds the fetches at a time.
const parallel = 4

// Options say how modules are got.
type Options struct {
	// Store keeps what was fetched; nil: it is fetched each time.
	Store *store.Store
	// Roots is the path of a file of PEM certificates, which servers are trusted
	// by instead of the system's. Empty: the system's.
	Roots string
	// Timeout bounds all fetches of one Load together, tries and waits included.
	Timeout time.Duration
	// Offline: nothing is fetched, only what is kept is used.
	Offline bool
	Log     *slog.Logger // nil: slog.Default

	// Wait waits before another try, until the context is done at the latest.
	// Nil: it sleeps.
	Wait func(context.Context, time.Duration) error
}

// Request asks for a module.
type Request struct {
	Module string // as package ref reads it
	// SHA256 is what the module must have, in hexadecimal; "" for any. It is here
	// for finding the module: whoever uses the bytes compares.
	SHA256 string
	// Credentials are for the registry: "user:password", or the text of a docker
	// config.json. Empty: those of the user's own config.json.
	Credentials string
	// Plain: the registry, on this machine, is spoken to without TLS.
	Plain bool
}

// Loaded is what Load got.
type Loaded struct {
	modules map[Request]*Module
	options Options
}

// Load gets modules. What goes wrong with one is in its Module.
func Load(ctx context.Context, o Options, requests []Request) *Loaded {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Wait == nil {
		o.Wait = sleep
	}
	l := &Loaded{modules: map[Request]*Module{}, options: o}
	for _, r := range requests {
		l.modules[r] = nil
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	c := newClient(o.Roots)
	defer c.close()
	found := make(chan *Module, len(l.modules))
	var group errgroup.Group
	group.SetLimit(parallel)
	for r := range l.modules {
		group.Go(func() error {
			found <- load(ctx, &o, c, r)
			return nil
		})
	}
	_ = group.Wait() // each module has its own error
	for range l.modules {
		m := <-found
		l.modules[m.Request] = m
	}
	return l
}

// Module is the one that was asked for so.
func (l *Loaded) Module(r Request) *Module { return l.modules[r] }

// Keep notes that the modules are good: they stand in for their sources where
// those are away.
func (l *Loaded) Keep() {
	for _, m := range l.modules {
		if m.Err != nil || m.ref.Tag == "" || m.manifest == (store.Sum{}) || l.options.Store == nil {
			continue
		}
		if err := l.options.Store.KeepTag(m.ref.Image(), m.manifest); err != nil {
			l.options.Log.Warn("a tag cannot be kept: without its registry the next start will not know it", "module", m.ref, "err", err)
		}
	}
}

// Forget lets go of the modules' bytes.
func (l *Loaded) Forget() {
	for _, m := range l.modules {
		m.Code = nil
	}
}

// Moved says whether a tag names another image than when it was loaded. A
// registry that is away moves nothing.
func (l *Loaded) Moved(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, l.options.Timeout)
	defer cancel()
	c := newClient(l.options.Roots)
	defer c.close()
	for _, m := range l.modules {
		if m.ref.Tag == "" || m.SHA256 != "" {
			continue
		}
		manifest, err := resolve(ctx, c, m)
		switch {
		case err != nil:
			l.options.Log.Warn("a tag cannot be looked at: what runs stays", "module", m.ref, "err", err)
		case manifest != m.manifest:
			return true
		}
	}
	return false
}
