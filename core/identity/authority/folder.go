package authority

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"

	"github.com/weirproxy/weir/core/private"
)

// Authority issues the identities of one trust domain. Its folder is looked at again
// when it changes, so that a command beside a server is heard.
type Authority struct {
	dir string

	mu   sync.Mutex
	seen fs.FileInfo
	now  *roots
}

// stateFile holds the roots: one file, so that it changes in one step.
const stateFile = "authority.json"

// why is what the folder is for.
const why = "the keys of an authority are kept there"

// Options make an authority.
type Options struct {
	TrustDomain string
	Life        time.Duration // of a root
	SVIDLife    time.Duration // of what members get that ask for it
}

// Bounds of lives.
const (
	leastSVIDLife = 3 * time.Second
	mostSVIDLife  = 90 * 24 * time.Hour
	mostRootLife  = 30 * 365 * 24 * time.Hour
)

// Create makes an authority in a folder that has none.
func Create(dir string, o Options, now time.Time) (*Authority, error) {
	domain, err := spiffeid.TrustDomainFromString(o.TrustDomain)
	switch {
	case err != nil:
		return nil, fmt.Errorf("trust domain %q: %w", o.TrustDomain, err)
	case domain.Name() != o.TrustDomain:
		return nil, fmt.Errorf("trust domain %q: name it alone, as in %q", o.TrustDomain, domain.Name())
	case o.SVIDLife < leastSVIDLife || o.SVIDLife > mostSVIDLife:
		return nil, fmt.Errorf("a life of %v for identities is out of range; it is %v to %v", o.SVIDLife, leastSVIDLife, mostSVIDLife)
	case o.Life < 2*o.SVIDLife || o.Life > mostRootLife:
		return nil, fmt.Errorf("a life of %v for the root is out of range; it is at least twice that of identities, and at most %v", o.Life, mostRootLife)
	}
	if dir, err = private.Folder(dir, why); err != nil {
		return nil, err
	}
	unlock, err := private.Lock(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if _, err := os.Lstat(filepath.Join(dir, stateFile)); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%q has an authority already; name another folder", dir)
	}
	root, err := newRoot(domain, o.Life, now)
	if err != nil {
		return nil, err
	}
	a := &Authority{dir: dir}
	r := &roots{domain: domain, rootLife: o.Life, svidLife: o.SVIDLife, all: []kept{{root, signs, now}}}
	return a, a.save(r)
}

// Open finds the authority of a folder.
func Open(dir string) (*Authority, error) {
	if _, err := os.Stat(filepath.Join(dir, stateFile)); err != nil {
		return nil, fmt.Errorf("there is no authority in %q (\"weir ca init\" makes one): %w", dir, err)
	}
	dir, err := private.Folder(dir, why)
	if err != nil {
		return nil, err
	}
	a := &Authority{dir: dir}
	if err := a.tidy(); err != nil {
		return nil, err
	}
	_, err = a.current()
	return a, err
}

// tidy removes what processes that died had begun to write.
func (a *Authority) tidy() error {
	for _, folder := range []string{"", tokenFolder, revokedFolder} {
		if err := private.Tidy(filepath.Join(a.dir, folder)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// current are the roots as the folder has them.
func (a *Authority) current() (*roots, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	path := filepath.Join(a.dir, stateFile)
	seen, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading the authority: %w", err)
	}
	if a.now != nil && os.SameFile(seen, a.seen) && seen.ModTime().Equal(a.seen.ModTime()) {
		return a.now, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the authority: %w", err)
	}
	r := new(roots)
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("reading the authority of %q: %w", path, err)
	}
	a.now, a.seen = r, seen
	return r, nil
}

// save keeps r in one step, and to stay.
func (a *Authority) save(r *roots) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return writePrivate(filepath.Join(a.dir, stateFile), append(b, '\n'))
}

// writePrivate replaces a file that only we may read, in one step.
func writePrivate(path string, content []byte) error {
	if err := private.Write(path, content); err != nil {
		return fmt.Errorf("writing the authority's %q: %w", path, err)
	}
	return nil
}

// Issued is what a member is given: all PEM.
type Issued struct {
	Chain  []byte // the certificate
	Key    []byte // its key, where we made it
	Bundle []byte // the roots to trust by
}

// Issue makes an identity with a key of its own. life 0 is the authority's.
func (a *Authority) Issue(id string, life time.Duration, now time.Time) (*Issued, error) {
	r, err := a.current()
	if err != nil {
		return nil, err
	}
	name, err := r.member(id)
	if err != nil {
		return nil, err
	}
	if life == 0 {
		life = r.svidLife
	}
	if life < leastSVIDLife || life > mostSVIDLife {
		return nil, fmt.Errorf("a life of %v is out of range; it is %v to %v", life, leastSVIDLife, mostSVIDLife)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	issued, err := r.issue(key.Public(), name, life, now)
	if err != nil {
		return nil, err
	}
	issued.Key, err = keyPEM(key)
	return issued, err
}

// Pins are those of the roots, the one that signs first.
func (a *Authority) Pins() ([]string, error) {
	r, err := a.current()
	if err != nil {
		return nil, err
	}
	pins := []string{r.signer().Pin()}
	for _, k := range r.all {
		if k.stage != signs {
			pins = append(pins, k.Pin())
		}
	}
	return pins, nil
}

// Bundle are the roots to trust by, PEM.
func (a *Authority) Bundle() ([]byte, error) {
	r, err := a.current()
	if err != nil {
		return nil, err
	}
	return r.bundle(), nil
}

// member is the ID of a member of the trust domain.
func (r *roots) member(id string) (spiffeid.ID, error) {
	name, err := spiffeid.FromString(id)
	switch {
	case err != nil:
		return name, fmt.Errorf("%q is not a SPIFFE ID: %w", id, err)
	case name.TrustDomain() != r.domain:
		return name, fmt.Errorf("%q is of the trust domain %q, and this is the authority of %q", id, name.TrustDomain(), r.domain)
	case name.Path() == "":
		return name, fmt.Errorf("%q is a trust domain, which nobody is; add a path", id)
	}
	return name, nil
}

func (r *roots) issue(public any, id spiffeid.ID, life time.Duration, now time.Time) (*Issued, error) {
	cert, err := r.signer().issue(public, id, life, now)
	if err != nil {
		return nil, err
	}
	return &Issued{Chain: certPEM(cert), Bundle: r.bundle()}, nil
}

// bundle are all roots.
func (r *roots) bundle() []byte {
	var b bytes.Buffer
	for _, k := range r.all {
		b.Write(certPEM(k.Cert))
	}
	return b.Bytes()
}

// holder is who shows these certificates, if that can be believed.
func (r *roots) holder(certs []*x509.Certificate, now time.Time) (spiffeid.ID, error) {
	var all []*x509.Certificate
	for _, k := range r.all {
		all = append(all, k.Cert)
	}
	id, _, err := x509svid.Verify(certs, x509bundle.FromX509Authorities(r.domain, all), x509svid.WithTime(now))
	if err != nil {
		return id, err
	}
	return r.member(id.String())
}
