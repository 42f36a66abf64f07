package signature

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// Numbers of the format.
const (
	version       = 1
	contentModule = 1
	hashSHA256    = 1
	algEd25519    = 1
)

// Bounds of signature data, so that checking it takes a bounded time.
const (
	mostBytes      = 1 << 20
	mostSets       = 64
	mostHashes     = 64
	mostSignatures = 256 // of all sets
)

// data is what signers have said of a module.
type data struct{ sets []set }

// set are hashes of a module's beginnings and who has signed them.
type set struct {
	hashes     [][sha256.Size]byte
	signatures []signed
}

// signed is one signature. The id says whose, or is empty; nothing vouches for it.
type signed struct {
	id        []byte
	algorithm byte
	signature []byte
}

// header begins the data, and what is signed.
var header = []byte{version, contentModule, hashSHA256}

// message is what the signatures of a set are of.
func (s *set) message() []byte {
	m := append([]byte("wasmsig"), header...)
	for _, h := range s.hashes {
		m = append(m, h[:]...)
	}
	return m
}

// by says whether a signature is one of that key.
func (s *signed) by(k PublicKey, message []byte) bool {
	if s.algorithm != algEd25519 || len(s.signature) != ed25519.SignatureSize {
		return false
	}
	if len(s.id) == idSize && string(s.id) != string(k.id()) {
		return false // it says that it is another's
	}
	return ed25519.Verify(k.key, message, s.signature)
}

// parse reads signature data, all of b.
func parse(b []byte) (*data, error) {
	if len(b) > mostBytes {
		return nil, fmt.Errorf("reading the signature: it has %d bytes, at most %d are taken", len(b), mostBytes)
	}
	r := &reader{b: b}
	for i, what := range [...]string{"version of the format", "kind of content", "hash function"} {
		if got := r.u8(); r.err == nil && got != header[i] {
			return nil, fmt.Errorf("reading the signature: its %s is %d, known is %d", what, got, header[i])
		}
	}
	d := &data{}
	left := mostSignatures
	for range r.count(mostSets, "sets of hashes") {
		d.sets = append(d.sets, parseSet(r.part(), &left))
	}
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("reading the signature: %w", err)
	}
	return d, nil
}

func parseSet(r *reader, left *int) (s set) {
	for range r.count(mostHashes, "hashes") {
		var h [sha256.Size]byte
		copy(h[:], r.bytes(sha256.Size))
		s.hashes = append(s.hashes, h)
	}
	for range r.count(*left, "signatures") {
		*left--
		one := r.part()
		g := signed{id: one.sized(), algorithm: one.u8(), signature: one.sized()}
		r.close(one)
		s.signatures = append(s.signatures, g)
	}
	r.parent.close(r)
	return s
}

// bytes is the data as it is written.
func (d *data) bytes() []byte {
	b := append([]byte(nil), header...)
	b = binary.AppendUvarint(b, uint64(len(d.sets)))
	for i := range d.sets {
		b = appendSized(b, d.sets[i].bytes())
	}
	return b
}

func (s *set) bytes() []byte {
	b := binary.AppendUvarint(nil, uint64(len(s.hashes)))
	for _, h := range s.hashes {
		b = append(b, h[:]...)
	}
	b = binary.AppendUvarint(b, uint64(len(s.signatures)))
	for _, g := range s.signatures {
		one := append(appendSized(nil, g.id), g.algorithm)
		b = appendSized(b, appendSized(one, g.signature))
	}
	return b
}

func appendSized(b, part []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(part))), part...)
}

// reader takes bytes from the front. The first error stays, and is that of all
// readers of the same data.
type reader struct {
	b      []byte
	err    error
	parent *reader
}

var (
	errCut    = errors.New("it is cut short")
	errBehind = errors.New("there is something behind its end")
	errNumber = errors.New("a number is not written as short as can be, or beyond 32 bits")
)

func (r *reader) fail(err error) {
	for ; r != nil; r = r.parent {
		if r.err == nil {
			r.err = err
		}
	}
}

func (r *reader) bytes(n uint64) []byte {
	if r.err != nil {
		return nil
	}
	if n > uint64(len(r.b)) {
		r.fail(errCut)
		return nil
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) u8() byte {
	if b := r.bytes(1); r.err == nil {
		return b[0]
	}
	return 0
}

// number reads LEB128 of 32 bits in its one shortest form.
func (r *reader) number() uint64 {
	v, n := binary.Uvarint(r.b)
	switch {
	case r.err != nil:
		return 0
	case n == 0:
		r.fail(errCut)
		return 0
	case n < 0 || v > 1<<32-1 || n > 1 && r.b[n-1] == 0:
		r.fail(errNumber)
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) count(most int, what string) int {
	n := r.number()
	if n > uint64(most) {
		r.fail(fmt.Errorf("%d %s, at most %d are taken", n, what, most))
	}
	if r.err != nil {
		return 0
	}
	return int(n)
}

func (r *reader) sized() []byte { return r.bytes(r.number()) }

// part reads what has its length before it.
func (r *reader) part() *reader { return &reader{b: r.sized(), err: r.err, parent: r} }

// close wants nothing to be left of a part.
func (r *reader) close(part *reader) {
	if len(part.b) > 0 && part.err == nil {
		part.fail(errBehind)
	}
}

func (r *reader) end() error {
	if r.err == nil && len(r.b) > 0 {
		r.fail(errBehind)
	}
	return r.err
}
