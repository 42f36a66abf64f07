package signature

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"testing"
)

// of signs hashes, as other tools may.
func of(k PrivateKey, id []byte, hashes ...[sha256.Size]byte) set {
	s := set{hashes: hashes}
	s.signatures = []signed{{id, algEd25519, ed25519.Sign(k.key, s.message())}}
	return s
}

// TestPartial: the last hash must be the whole module's. A beginning of it that
// was signed with more behind is not that.
func TestPartial(t *testing.T) {
	k, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	keys := []Named{{"key", k.Public()}}
	first, second := []byte{0, 3, 1, 'a', 1}, []byte{0, 3, 1, 'b', 2}
	beginning, all := sha256.Sum256(first), sha256.Sum256(append(bytes.Clone(first), second...))
	whole := append(append(bytes.Clone(preamble), first...), second...)
	for _, c := range []struct {
		name string
		code []byte
		data data
		says string
	}{
		{"both", whole, data{[]set{of(k, nil, beginning, all)}}, ""},
		{"with an id of another kind", whole, data{[]set{of(k, []byte("release"), all)}}, ""},
		{"in the second set", whole, data{[]set{of(k, nil, beginning), of(k, nil, all)}}, ""},
		{"the beginning of both", whole[:len(whole)-len(second)], data{[]set{of(k, nil, beginning, all)}}, "another content"},
		{"the beginning alone", whole, data{[]set{of(k, nil, beginning)}}, "another content"},
		{"in another order", whole, data{[]set{of(k, nil, all, beginning)}}, "another content"},
		{"no hashes", whole, data{[]set{of(k, nil)}}, "another content"},
		{"with another's id", whole, data{[]set{of(k, make([]byte, idSize), all)}}, "none of the keys"},
		{"nobody", whole, data{}, "its signatures are of nobody"},
		{"nobody in a set", whole, data{[]set{{hashes: of(k, nil, all).hashes}}}, "its signatures are of nobody"},
	} {
		_, err := Verify(c.code, c.data.bytes(), keys)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
}

// TestBounds: a signature cannot make us work without end.
func TestBounds(t *testing.T) {
	k, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	s := of(k, nil, [sha256.Size]byte{})
	many := data{[]set{s}}
	for len(many.sets[0].signatures) <= mostSignatures {
		many.sets[0].signatures = append(many.sets[0].signatures, s.signatures[0])
	}
	over := data{[]set{s, s}} // together too many
	for i := range over.sets {
		over.sets[i].signatures = many.sets[0].signatures[:mostSignatures/2+1]
	}
	hashes := data{[]set{of(k, nil, make([][sha256.Size]byte, mostHashes+1)...)}}
	sets := data{make([]set, mostSets+1)}
	for name, d := range map[string]data{"signatures": many, "signatures of all": over, "hashes": hashes, "sets": sets} {
		if _, err := parse(d.bytes()); err == nil || !strings.Contains(err.Error(), "are taken") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := parse(make([]byte, mostBytes+1)); err == nil || !strings.Contains(err.Error(), "bytes, at most") {
		t.Error(err)
	}
	huge := append(bytes.Clone(header), binary.AppendUvarint([]byte{1}, 1<<32-1)...)
	if _, err := parse(huge); err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Error(err)
	}
}

// FuzzParse takes any bytes for signature data: what is read is written the
// same, for there is one way to write it.
func FuzzParse(f *testing.F) {
	k, err := NewKey()
	if err != nil {
		f.Fatal(err)
	}
	f.Add((&data{[]set{of(k, k.Public().id(), sha256.Sum256(nil))}}).bytes())
	f.Add((&data{[]set{of(k, nil, [32]byte{1}, [32]byte{2}), {}}}).bytes())
	f.Add([]byte{1, 1, 1, 0x80, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := parse(b)
		if err == nil && !bytes.Equal(d.bytes(), b) {
			t.Errorf("%x is read, and written as %x", b, d.bytes())
		}
	})
}

// FuzzSplit takes any bytes for a module: a signature is found where it was
// put, and never where it was not.
func FuzzSplit(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 2, 1, 'x', 1, 1, 0})
	f.Add(with([]byte("s"), nil)[len(preamble):])
	f.Add([]byte{0, 0x80})
	f.Fuzz(func(t *testing.T, content []byte) {
		code := append(bytes.Clone(preamble), content...)
		p, err := split(code)
		if err != nil {
			return
		}
		if p.signature == nil {
			if !bytes.Equal(p.content, content) {
				t.Fatal("the content is another")
			}
			p, err = split(with([]byte("data"), content))
			if err != nil || string(p.signature) != "data" || !bytes.Equal(p.content, content) {
				t.Fatalf("%q, %v", p.signature, err)
			}
		} else if !bytes.Equal(with(p.signature, p.content), code) {
			t.Fatal("the module is taken apart in another way than it is put together")
		}
	})
}
