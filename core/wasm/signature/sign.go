package signature

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"slices"
)

// Sign is the detached signature of a module by a key. before is the one that
// there is already, or nil: of that, what others have signed of this very
// content is kept.
func Sign(code []byte, key PrivateKey, before []byte) ([]byte, error) {
	if _, err := split(code); err != nil {
		return nil, err
	}
	return key.sign(code[len(preamble):], before)
}

// Embed is a module with its signature in it. What others have signed of this
// very content is kept.
func Embed(code []byte, key PrivateKey) ([]byte, error) {
	p, err := split(code)
	if err != nil {
		return nil, err
	}
	signature, err := key.sign(p.content, p.signature)
	if err != nil {
		return nil, err
	}
	return with(signature, p.content), nil
}

// sign is the data of a signature of content, beside those of others.
func (k PrivateKey) sign(content, before []byte) ([]byte, error) {
	hash := sha256.Sum256(content)
	d := &data{}
	if before != nil {
		var err error
		if d, err = parse(before); err != nil {
			return nil, err
		}
	}
	public := k.Public()
	d.sets = slices.DeleteFunc(d.sets, func(s set) bool { return !s.whole(hash) })
	count := 0
	for i := range d.sets {
		s := &d.sets[i]
		message := s.message()
		s.signatures = slices.DeleteFunc(s.signatures, func(g signed) bool {
			return bytes.Equal(g.id, public.id()) || g.by(public, message)
		})
		count += len(s.signatures)
	}
	d.sets = slices.DeleteFunc(d.sets, func(s set) bool { return len(s.signatures) == 0 })
	if count == mostSignatures {
		return nil, errors.New("signing: the module has as many signatures as can be")
	}
	at := slices.IndexFunc(d.sets, func(s set) bool { return len(s.hashes) == 1 })
	if at < 0 {
		d.sets, at = append(d.sets, set{hashes: [][sha256.Size]byte{hash}}), len(d.sets)
	}
	s := &d.sets[at]
	s.signatures = append(s.signatures, signed{public.id(), algEd25519, ed25519.Sign(k.key, s.message())})
	return d.bytes(), nil
}
