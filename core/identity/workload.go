package identity

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
)

// WorkloadOptions say where the process's own identity is.
type WorkloadOptions struct {
	Files            // of the SVID
	Bundle string    // PEM file of its trust domain's roots
	ID     string    // that the SVID must have; "": any
	Others []Foreign // other trust domains whose members are believed
	Later  bool      // the files may come later, or be of no use any more: somebody gets others
	Log    *slog.Logger
}

// Foreign is another trust domain.
type Foreign struct {
	Domain string
	Bundle string // PEM file of its roots
}

// Workload is who this process is in the mesh, as its files say now. Connections
// begin with what is current and keep it.
type Workload struct {
	opt     WorkloadOptions
	current atomic.Pointer[SVID]
	first   chan struct{} // closed once there is one

	mu       sync.Mutex // guards what follows
	seen     []glance   // the files as they were read
	settling []glance   // as the last look saw what changed
	faulty   []glance   // as what cannot be used was seen
	warned   time.Time
}

// NewWorkload reads the files. The error's key is the file's that is to blame.
func NewWorkload(o WorkloadOptions) (*Workload, []Problem) {
	w := &Workload{opt: o, first: make(chan struct{})}
	err := w.Load()
	switch {
	case err == nil:
	case o.Later && w.missing():
	case o.Later:
		o.Log.Warn("the identity that was kept cannot be used: a new one is asked for", "err", err)
	default:
		return nil, []Problem{{"cert", err}}
	}
	return w, nil
}

// missing says whether a file of the SVID or its bundle is not there yet.
func (w *Workload) missing() bool {
	return slices.Contains(w.look()[:3], glance{})
}

// Load takes up what the files hold.
func (w *Workload) Load() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.load()
}

func (w *Workload) load() error {
	seen := w.look()
	own, err := w.read()
	if err != nil {
		return err
	}
	w.seen, w.settling, w.faulty, w.warned = seen, nil, nil, time.Time{}
	before := w.current.Swap(own)
	if mode, exposed := w.opt.exposed(); exposed {
		w.opt.Log.Warn("a private key can be read or changed by other users: chmod 600 it", "key", w.opt.Key, "mode", mode)
	}
	if before == nil {
		close(w.first)
	}
	switch {
	case before == nil || !bytes.Equal(before.Leaf.Raw, own.Leaf.Raw):
		w.opt.Log.Info("identity", "id", own.ID.String(), "ends", own.Ends(), "renewed", before != nil)
	case !before.trusts(own):
		w.opt.Log.Info("other roots were taken up", "id", own.ID.String())
	}
	return nil
}

// read makes an SVID of the files.
func (w *Workload) read() (*SVID, error) {
	var content [3][]byte
	for i, path := range []string{w.opt.Cert, w.opt.Key, w.opt.Bundle} {
		b, err := readPEM(path)
		if err != nil {
			return nil, fmt.Errorf("reading the identity: %w", err)
		}
		content[i] = b
	}
	own, err := ParseSVID(content[0], content[1], content[2], time.Now())
	if err != nil {
		return nil, fmt.Errorf("reading the identity of %q, %q and %q: %w", w.opt.Cert, w.opt.Key, w.opt.Bundle, err)
	}
	if w.opt.ID != "" && own.ID.String() != w.opt.ID {
		return nil, fmt.Errorf("%q is of %s, and the configuration wants to be %s", w.opt.Cert, own.ID, w.opt.ID)
	}
	for _, o := range w.opt.Others {
		b, err := readPEM(o.Bundle)
		if err != nil {
			return nil, fmt.Errorf("reading the roots of %s: %w", o.Domain, err)
		}
		domain, err := spiffeid.TrustDomainFromString(o.Domain)
		if err != nil {
			return nil, err
		}
		roots, err := x509bundle.Parse(domain, b)
		if err == nil && roots.Empty() {
			err = errors.New("it has no certificate")
		}
		if err != nil {
			return nil, fmt.Errorf("reading the roots of %s in %q: %w", o.Domain, o.Bundle, err)
		}
		if domain == own.ID.TrustDomain() {
			return nil, fmt.Errorf("%s is our own trust domain, whose roots are in %q", domain, w.opt.Bundle)
		}
		own.bundles.Add(roots)
	}
	return own, nil
}

// look glances at all files: the SVID's certificate and key, its bundle, others'.
func (w *Workload) look() []glance {
	all := []glance{look(w.opt.Cert), look(w.opt.Key), look(w.opt.Bundle)}
	for _, o := range w.opt.Others {
		all = append(all, look(o.Bundle))
	}
	return all
}

// Refresh takes up files that changed, once two looks show the same: they are
// written one after the other. What cannot be used is told once, and leaves the
// last in its place. It is called every second or so.
func (w *Workload) Refresh(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.warnOfEnd(now)
	switch seen := w.look(); {
	case slices.Equal(seen, w.seen):
		w.settling, w.faulty = nil, nil
	case !slices.Equal(seen, w.settling):
		w.settling = seen
	case slices.Equal(seen, w.faulty):
	default:
		if err := w.load(); err != nil {
			w.faulty = seen
			w.opt.Log.Error("the identity's files changed and cannot be used: the last identity stays in use", "err", err)
		}
	}
}

// warnOfEnd tells of an identity that nobody has renewed: two thirds of its life
// is when that should have been done.
func (w *Workload) warnOfEnd(now time.Time) {
	own := w.current.Load()
	if own == nil || now.Sub(w.warned) < time.Minute {
		return
	}
	left, life := own.Ends().Sub(now), own.Ends().Sub(own.Leaf.NotBefore)
	switch {
	case left <= 0:
		w.opt.Log.Error("the identity has expired: peers refuse us until there is a new one", "id", own.ID.String(), "ended", own.Ends())
	case left < life/5:
		w.opt.Log.Warn("the identity ends soon and was not renewed", "id", own.ID.String(), "ends", own.Ends())
	default:
		return
	}
	w.warned = now
}

// Current is the identity of connections that begin now, nil before the first.
func (w *Workload) Current() *SVID { return w.current.Load() }

// File is that of the certificate.
func (w *Workload) File() string { return w.opt.Cert }

// First is closed once there is an identity.
func (w *Workload) First() <-chan struct{} { return w.first }

var errNoIdentity = errors.New("this process has no identity yet")

// certificate is what is shown of us.
func (w *Workload) certificate() (*tls.Certificate, error) {
	own := w.current.Load()
	if own == nil {
		return nil, errNoIdentity
	}
	return &own.Certificate, nil
}

// verify holds the peer of a connection to what SPIFFE asks of it, and to what
// allowed does beyond that.
func (w *Workload) verify(state *tls.ConnectionState, allowed func(spiffeid.ID) error) error {
	own := w.current.Load()
	if own == nil {
		return errNoIdentity
	}
	id, err := own.peer(state)
	if err == nil && allowed != nil {
		err = allowed(id)
	}
	if err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
	}
	return nil
}
