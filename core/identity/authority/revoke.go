package authority

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"

	"github.com/weirproxy/weir/core/private"
)

// revokedFolder has a file for each ID that was revoked, by the ID's SHA-256.
const revokedFolder = "revoked"

// mostReason bounds why an ID was revoked, in bytes.
const mostReason = 500

// Revocation is an ID none of whose identities that were issued until then is renewed.
// By ID, since whoever has stolen a key may have renewed with it under another serial
// number. Those that are in use go on until they end: members ask nobody.
type Revocation struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
}

// Revoke refuses, from now on, the renewal of what was issued to id, and forgets the
// join tokens that were made for it. One that is made afterwards lets the member back.
func (a *Authority) Revoke(id, reason string, now time.Time) (tokens int, err error) {
	r, err := a.current()
	if err != nil {
		return 0, err
	}
	name, err := r.member(id)
	if err != nil {
		return 0, err
	}
	if len(reason) > mostReason || strings.ContainsFunc(reason, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return 0, fmt.Errorf("a reason is one line of at most %d bytes", mostReason)
	}
	text, err := json.Marshal(Revocation{name.String(), now.UTC(), reason})
	if err != nil {
		return 0, err
	}
	path := a.revokedFile(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return 0, fmt.Errorf("keeping a revocation: %w", err)
	}
	if err := writePrivate(path, append(text, '\n')); err != nil {
		return 0, err
	}
	return a.forget(func(g *grant) bool { return g.ID == name.String() })
}

func (a *Authority) revokedFile(id spiffeid.ID) string {
	sum := sha256.Sum256([]byte(id.String()))
	return filepath.Join(a.dir, revokedFolder, hex.EncodeToString(sum[:])+".json")
}

// revoked says whether an identity of id is not to be renewed. A record that cannot be
// read is an error: nobody knows what it says.
func (a *Authority) revoked(id spiffeid.ID, shown *x509.Certificate) (bool, error) {
	v, err := readRevocation(a.revokedFile(id))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	return !issued(shown).After(v.At), nil
}

// Revoked are the revocations, the latest first.
func (a *Authority) Revoked() (all []Revocation, err error) {
	files, err := filepath.Glob(filepath.Join(a.dir, revokedFolder, "*.json"))
	if err != nil {
		return nil, err
	}
	for _, path := range files {
		v, err := readRevocation(path)
		if err != nil {
			return nil, err
		}
		all = append(all, *v)
	}
	slices.SortFunc(all, func(x, y Revocation) int { return y.At.Compare(x.At) })
	return all, nil
}

func readRevocation(path string) (*Revocation, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	v := new(Revocation)
	if err := json.Unmarshal(b, v); err != nil || v.ID == "" || v.At.IsZero() {
		return nil, fmt.Errorf("%q is not the record of a revocation (revoke again whom it was for, and remove it)", path)
	}
	return v, nil
}

// outlived removes revocations of what has ended all the same.
func (a *Authority) outlived(now time.Time) {
	all, _ := a.Revoked()
	for _, v := range all {
		if id, err := spiffeid.FromString(v.ID); err == nil && now.Sub(v.At) > mostSVIDLife+24*time.Hour {
			_ = private.Remove(a.revokedFile(id))
		}
	}
}
