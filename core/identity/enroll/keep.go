package enroll

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/weirproxy/weir/core/private"
)

// openFolders makes the folders of the files, which must be ours alone, and ends what
// a process that died had begun to write.
func (m *Member) openFolders() error {
	for _, path := range []string{m.opt.Cert, m.opt.Key, m.opt.Bundle} {
		dir, err := private.Folder(filepath.Dir(path), "the identity is kept there")
		if err != nil {
			return err
		}
		if err := private.Tidy(dir); err != nil {
			return err
		}
	}
	return m.mend()
}

// next is where a key waits for its certificate.
func (m *Member) next() string { return m.opt.Key + ".next" }

// keep writes an identity. The bundle comes first, by which the old one is believed
// too. The certificate makes the key that waits the one that is meant: after a crash
// in between, mend puts it in its place.
func (m *Member) keep(chain, key, bundle []byte) error {
	for _, f := range []struct {
		path    string
		content []byte
	}{{m.opt.Bundle, bundle}, {m.next(), key}, {m.opt.Cert, chain}} {
		if err := private.Write(f.path, f.content); err != nil {
			return fmt.Errorf("keeping the identity in %q: %w", f.path, err)
		}
	}
	if err := os.Rename(m.next(), m.opt.Key); err != nil {
		return fmt.Errorf("keeping the identity: %w", err)
	}
	return nil
}

// mend puts a key in its place whose certificate was written and which was not, and
// takes up what the files then hold.
func (m *Member) mend() error {
	if _, err := os.Stat(m.next()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := tls.LoadX509KeyPair(m.opt.Cert, m.next()); err == nil {
		if err := os.Rename(m.next(), m.opt.Key); err != nil {
			return err
		}
		return m.workload.Load()
	}
	return os.Remove(m.next())
}
