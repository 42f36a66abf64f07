package source

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/weirproxy/weir/core/source/ref"
	"github.com/weirproxy/weir/core/source/store"
)

// From is how a module was had.
type From uint8

// The ways.
const (
	FromFile From = iota
	Kept          // on disk, and known to be what is asked for
	Fetched
	LastGood // on disk: what a tag named last, since its registry gave nothing
)

// Module is a module that was asked for.
type Module struct {
	Request
	Code []byte
	Sum  store.Sum // of Code
	From From
	// Err is why there is no Code.
	Err error
	// Away is why a LastGood module's source gave nothing.
	Away error
	// Info is what a file was like before it was read, nil where there was none.
	Info os.FileInfo

	ref      ref.Ref
	manifest store.Sum // of an image; zero where it did not matter
}

// ErrNotKept is the error of a module that would have to be fetched.
var ErrNotKept = errors.New("it is not kept here, and nothing is to be fetched")

// Name is the reference as logs show it.
func (m *Module) Name() string { return m.ref.String() }

func load(ctx context.Context, o *Options, c *client, r Request) *Module {
	m := &Module{Request: r}
	if m.ref, m.Err = ref.Parse(r.Module); m.Err != nil {
		return m
	}
	if m.ref.Kind == ref.File {
		if m.Code, m.Info, m.Err = readFile(m.ref.Path); m.Err == nil {
			m.Sum = sha256.Sum256(m.Code)
		}
		return m
	}
	if err := m.get(ctx, o, c); err != nil {
		m.Code, m.Err = nil, fmt.Errorf("fetching module %q: %w", m.ref, err)
	}
	return m
}

// get finds a module of another machine.
func (m *Module) get(ctx context.Context, o *Options, c *client) error {
	if m.recall(o.Store) {
		return nil
	}
	last := m.lastGood(o.Store)
	if o.Offline && last == nil {
		return ErrNotKept
	}
	if o.Offline {
		*m = *last
		return nil
	}
	try := func() error { return m.fetch(ctx, o, c) }
	var err error
	if last != nil {
		err = try() // what is good enough is not waited for
	} else {
		err = retried(ctx, o, m.ref, try)
	}
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("it took longer than modules.timeout, %v: %w", o.Timeout, err)
	}
	var refused *refusal
	switch {
	case err == nil:
		return nil
	case last == nil || errors.As(err, &refused) && refused.unusable:
		return explain(err)
	}
	*m = *last
	m.Away = explain(err)
	return nil
}

// recall looks for a module whose content is known.
func (m *Module) recall(s *store.Store) bool {
	switch {
	case s == nil:
		return false
	case m.SHA256 != "":
		sum, err := store.ParseSum(strings.ToLower(m.SHA256))
		return err == nil && m.use(s, sum)
	case m.ref.Digest != "":
		manifest, err := store.ParseSum(strings.TrimPrefix(m.ref.Digest, "sha256:"))
		return err == nil && m.useImage(s, manifest)
	}
	return false
}

// lastGood is what the module's tag named last, nil if that is not known or
// cannot be what is asked for.
func (m *Module) lastGood(s *store.Store) *Module {
	if s == nil || m.ref.Tag == "" || m.SHA256 != "" {
		return nil
	}
	last := *m
	if manifest, ok := s.Tag(m.ref.Image()); !ok || !last.useImage(s, manifest) {
		return nil
	}
	last.From = LastGood
	return &last
}

func (m *Module) useImage(s *store.Store, manifest store.Sum) bool {
	sum, ok := s.Image(manifest)
	if !ok || !m.use(s, sum) {
		return false
	}
	m.manifest = manifest
	return true
}

func (m *Module) use(s *store.Store, sum store.Sum) bool {
	code, err := s.Module(sum)
	if err != nil {
		return false
	}
	m.Code, m.Sum, m.From = code, sum, Kept
	return true
}

// fetch asks the module's source once.
func (m *Module) fetch(ctx context.Context, o *Options, c *client) (err error) {
	if m.ref.Kind == ref.HTTP {
		m.Code, err = download(ctx, c, m.ref)
	} else {
		err = m.fetchImage(ctx, o, c)
	}
	if err != nil || m.From == Kept {
		return err
	}
	m.Sum, m.From = sha256.Sum256(m.Code), Fetched
	if o.Store == nil || m.SHA256 != "" && !strings.EqualFold(m.SHA256, m.Sum.String()) {
		return nil
	}
	if _, err := o.Store.Keep(m.Code); err != nil {
		o.Log.Warn("a module cannot be kept: it is fetched again at the next start", "module", m.ref, "err", err)
	} else if m.ref.Kind == ref.OCI {
		if err := o.Store.KeepImage(m.manifest, m.Sum); err != nil {
			o.Log.Warn("an image cannot be kept: it is fetched again at the next start", "module", m.ref, "err", err)
		}
	}
	return nil
}

// fetchImage asks a registry what a tag names, and for the module if that is
// not known here.
func (m *Module) fetchImage(ctx context.Context, o *Options, c *client) (err error) {
	if m.ref.Tag == "" {
		m.manifest, err = store.ParseSum(strings.TrimPrefix(m.ref.Digest, "sha256:"))
	} else {
		m.manifest, err = resolve(ctx, c, m)
	}
	if err != nil || o.Store != nil && m.useImage(o.Store, m.manifest) {
		return err
	}
	m.Code, err = pull(ctx, c, m, m.manifest)
	return err
}
