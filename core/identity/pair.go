package identity

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/weirproxy/weir/core/stream"
)

// Files are a certificate with its chain, and its private key, both PEM.
type Files struct{ Cert, Key string }

// Pair is a certificate that can be shown, as it was read.
type Pair struct {
	Files
	tls.Certificate
	Told *stream.Certificate // the leaf

	seen [2]glance
}

// maxPEM bounds a file of certificates or keys, in bytes.
const maxPEM = 1 << 20

// readPair reads a pair. An error names the file that is to blame.
func readPair(f Files) (*Pair, error) {
	seen := f.glance()
	cert, err := readPEM(f.Cert)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	key, err := readPEM(f.Key)
	if err != nil {
		return nil, fmt.Errorf("reading the private key: %w", err)
	}
	c, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("%q and %q do not make a certificate and its key: %w", f.Cert, f.Key, err)
	}
	return &Pair{Files: f, Certificate: c, Told: &stream.Certificate{X509: c.Leaf}, seen: seen}, nil
}

// readPEM reads a file that is small and is no pipe.
func readPEM(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", path, reason(err))
	}
	if !info.Mode().IsRegular() || info.Size() > maxPEM {
		return nil, fmt.Errorf("%q is not a file of at most %d bytes", path, maxPEM)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", path, reason(err))
	}
	return b, nil
}

// reason is an error of package os without the path.
func reason(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// glance tells a file from another without reading it.
type glance struct {
	size    int64
	changed time.Time
}

func look(path string) glance {
	info, err := os.Stat(path)
	if err != nil {
		return glance{}
	}
	return glance{info.Size(), info.ModTime()}
}

func (f Files) glance() [2]glance { return [2]glance{look(f.Cert), look(f.Key)} }

// exposed says whether users other than the owner's may read or change the
// private key. That a group reads it is how distributions share keys.
func (f Files) exposed() (fs.FileMode, bool) {
	info, err := os.Stat(f.Key)
	if err != nil {
		return 0, false
	}
	return info.Mode().Perm(), info.Mode().Perm()&0o027 != 0
}
