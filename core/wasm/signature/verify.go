package signature

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Named is a public key and what it is called.
type Named struct {
	Name string
	Key  PublicKey
}

// ErrUnsigned is what a module without a signature fails with.
var ErrUnsigned = errors.New("it has no signature in it")

// Verify checks that one of the keys has signed the whole of a module, and
// answers which. The signature is the one in the module, or detached if that
// is not nil.
func Verify(code, detached []byte, keys []Named) (Named, error) {
	p, err := split(code)
	if err != nil {
		return Named{}, err
	}
	if detached != nil {
		p = parts{detached, code[len(preamble):]}
	}
	if p.signature == nil {
		return Named{}, ErrUnsigned
	}
	d, err := parse(p.signature)
	if err != nil {
		return Named{}, err
	}
	return d.check(sha256.Sum256(p.content), keys)
}

// check finds a key that has signed a content.
func (d *data) check(content [sha256.Size]byte, keys []Named) (Named, error) {
	var other string // a key that has signed, but something else
	for i := range d.sets {
		s := &d.sets[i]
		message := s.message()
		for _, g := range s.signatures {
			for _, k := range keys {
				switch {
				case !g.by(k.Key, message):
				case s.whole(content):
					return k, nil
				default:
					other = k.Name
				}
			}
		}
	}
	if other != "" {
		return Named{}, fmt.Errorf("key %q has signed another content: it was changed after it was signed, or the signature is another module's", other)
	}
	return Named{}, fmt.Errorf("none of the keys %s has signed it; its signatures are of %s", names(keys), strings.Join(d.signers(), ", "))
}

// whole says whether the set's hashes reach the content's end.
func (s *set) whole(content [sha256.Size]byte) bool {
	return len(s.hashes) > 0 && s.hashes[len(s.hashes)-1] == content
}

// Signer is who has signed a module, by what the signature says of itself.
type Signer struct {
	ID    string // of the key, in hexadecimal, or "" where the signature has none
	Whole bool   // the signature is of the whole module as it is
}

// Signers are those of the signature in a module. Nothing was checked but that
// it can be read. It is [ErrUnsigned] without one.
func Signers(code []byte) ([]Signer, error) {
	p, err := split(code)
	if err != nil {
		return nil, err
	}
	if p.signature == nil {
		return nil, ErrUnsigned
	}
	d, err := parse(p.signature)
	if err != nil {
		return nil, err
	}
	content := sha256.Sum256(p.content)
	var all []Signer
	for i := range d.sets {
		for _, g := range d.sets[i].signatures {
			all = append(all, Signer{hex.EncodeToString(g.id), d.sets[i].whole(content)})
		}
	}
	return all, nil
}

// mostNamed is how many signers an error names.
const mostNamed = 5

// signers are the ids of keys that are said to have signed.
func (d *data) signers() (all []string) {
	for i := range d.sets {
		for _, g := range d.sets[i].signatures {
			switch {
			case len(all) == mostNamed:
				return append(all, "…")
			case len(g.id) == 0:
				all = append(all, "a key without an id")
			default:
				all = append(all, "key id "+hex.EncodeToString(g.id[:min(len(g.id), 32)]))
			}
		}
	}
	if all == nil {
		return []string{"nobody"}
	}
	return all
}

func names(keys []Named) string {
	all := make([]string, len(keys))
	for i, k := range keys {
		all[i] = fmt.Sprintf("%q (id %s)", k.Name, k.Key.ID())
	}
	return strings.Join(all, ", ")
}
