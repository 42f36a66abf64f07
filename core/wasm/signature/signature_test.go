package signature_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/wasm/signature"
	"github.com/weirproxy/weir/core/wasm/wasmtest"
)

// module is a small module with a custom section at its end.
func module() []byte {
	m := wasmtest.New()
	m.Memory(1, 0)
	m.Func("f", ":i", wasmtest.I32(7))
	m.Custom("notes", []byte("of the author"))
	return m.Bytes()
}

func newKey(t testing.TB) signature.PrivateKey {
	t.Helper()
	k, err := signature.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func named(name string, k signature.PrivateKey) signature.Named {
	return signature.Named{Name: name, Key: k.Public()}
}

func embed(t testing.TB, code []byte, k signature.PrivateKey) []byte {
	t.Helper()
	out, err := signature.Embed(code, k)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func detach(t testing.TB, code []byte, k signature.PrivateKey, before []byte) []byte {
	t.Helper()
	s, err := signature.Sign(code, k, before)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// verified wants the key of that name to have signed.
func verified(t *testing.T, code, detached []byte, want string, keys ...signature.Named) {
	t.Helper()
	if by, err := signature.Verify(code, detached, keys); err != nil || by.Name != want {
		t.Errorf("signed by %q, %v; want %q", by.Name, err, want)
	}
}

// refused wants an error that says so.
func refused(t *testing.T, code, detached []byte, says string, keys ...signature.Named) {
	t.Helper()
	if by, err := signature.Verify(code, detached, keys); err == nil || !strings.Contains(err.Error(), says) || by.Name != "" {
		t.Errorf("signed by %q, %v; want %q", by.Name, err, says)
	}
}

func TestSignAndVerify(t *testing.T) {
	ours, theirs := newKey(t), newKey(t)
	a, b := named("ours", ours), named("theirs", theirs)
	code := module()
	in := embed(t, code, ours)
	verified(t, in, nil, "ours", b, a)
	refused(t, in, nil, `none of the keys "theirs"`, b)
	refused(t, in, nil, "key id "+ours.Public().ID(), b)
	refused(t, in, nil, "none of the keys")
	refused(t, code, nil, signature.ErrUnsigned.Error(), a)

	beside := detach(t, code, ours, nil)
	verified(t, code, beside, "ours", a)
	refused(t, code, beside, "none of the keys", b)
	refused(t, in, beside, "another content", a) // the module is another with a signature in it
	verified(t, in, detach(t, in, theirs, nil), "theirs", b)
	if !bytes.Contains(in, beside) {
		t.Error("what is embedded is not what is detached")
	}
	if again := embed(t, in, ours); !bytes.Equal(again, in) {
		t.Error("signing again changes the module")
	}
}

// TestSeveralSigners: signatures of the same content add up, those of another
// go.
func TestSeveralSigners(t *testing.T) {
	ours, theirs := newKey(t), newKey(t)
	a, b := named("ours", ours), named("theirs", theirs)
	code := module()
	both := embed(t, embed(t, code, ours), theirs)
	verified(t, both, nil, "ours", a)
	verified(t, both, nil, "theirs", b)
	beside := detach(t, code, theirs, detach(t, code, ours, nil))
	verified(t, code, beside, "ours", a)
	verified(t, code, beside, "theirs", b)

	changed := append(bytes.Clone(both), 0, 2, 1, 'x')
	refused(t, changed, nil, "another content", a)
	changed = embed(t, changed, theirs)
	verified(t, changed, nil, "theirs", b)
	refused(t, changed, nil, "none of the keys", a)

	signers, err := signature.Signers(both)
	want := []signature.Signer{{ID: a.Key.ID(), Whole: true}, {ID: b.Key.ID(), Whole: true}}
	if err != nil || len(signers) != 2 || signers[0] != want[0] || signers[1] != want[1] {
		t.Errorf("signed by %v, %v", signers, err)
	}
	if _, err := signature.Signers(code); !errors.Is(err, signature.ErrUnsigned) {
		t.Error(err)
	}
}

// TestTampering changes each bit of a signed module and of a detached
// signature, takes bytes away, and adds some.
func TestTampering(t *testing.T) {
	k := newKey(t)
	key := named("key", k)
	code := module()
	in, beside := embed(t, code, k), detach(t, code, k, nil)
	try := func(what string, code, detached []byte) {
		t.Helper()
		if _, err := signature.Verify(code, detached, []signature.Named{key}); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	flips := func(what string, b []byte, check func(changed []byte)) {
		for i := range b {
			for bit := range 8 {
				changed := bytes.Clone(b)
				changed[i] ^= 1 << bit
				check(changed)
			}
			check(b[:i])
			check(append(bytes.Clone(b[:i]), b[i+1:]...))
			check(append(append(bytes.Clone(b[:i]), 0), b[i:]...))
		}
		check(append(bytes.Clone(b), 0))
		check(append(bytes.Clone(b), b...))
		if t.Failed() {
			t.Log("of " + what)
		}
	}
	flips("a module with its signature", in, func(c []byte) { try("a changed module", c, nil) })
	flips("a detached signature", beside, func(c []byte) { try("a changed signature", code, c) })
	flips("a module with a detached signature", code, func(c []byte) { try("a changed module", c, beside) })
	try("an empty signature", code, []byte{})
}

// TestSectionsInTheWay: there is one place for a signature.
func TestSectionsInTheWay(t *testing.T) {
	k := newKey(t)
	key := named("key", k)
	code := module()
	in := embed(t, code, k)
	own := in[8 : 8+len(in)-len(code)] // the section
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	refused(t, join(code, own), nil, "must be the first", key)
	refused(t, join(in, own), nil, "more than one", key)
	refused(t, join(code[:8], own, own, code[8:]), nil, "more than one", key)
	refused(t, join(code[:8], []byte{0, 2, 1, 'x'}, own, code[8:]), nil, "must be the first", key)
	refused(t, join(code[:8], []byte{0, 0x8a, 0, 9}, []byte("signature"), code[8:]), nil, "not written as short", key)
	refused(t, []byte("\x00asm\x0d\x00\x01\x00"), nil, "no WebAssembly core module", key)
	refused(t, nil, nil, "no WebAssembly core module", key)
	if _, err := signature.Embed(join(code, own), k); err == nil {
		t.Error("a module with a section in the way is signed")
	}
	if _, err := signature.Sign(code[:len(code)-1], k, nil); err == nil {
		t.Error("a truncated module is signed")
	}
	if _, err := signature.Sign(code, k, []byte("no signature")); err == nil {
		t.Error("what is no signature is thrown away")
	}
}

// TestForeignSignatures takes what wasmsign2 has made: of a module, and of one
// with a delimiter behind its last part, whose signature names no key.
func TestForeignSignatures(t *testing.T) {
	text, err := os.ReadFile("testdata/wasmsign2.pub")
	if err != nil {
		t.Fatal(err)
	}
	key, err := signature.ParsePublicKey(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"wasmsign2.hex", "wasmsign2-parts.hex"} {
		digits, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		code, err := hex.DecodeString(strings.ReplaceAll(string(digits), "\n", ""))
		if err != nil {
			t.Fatal(err)
		}
		verified(t, code, nil, "wasmsign2", signature.Named{Name: "wasmsign2", Key: key})
		refused(t, code, nil, "none of the keys", named("ours", newKey(t)))
		if signers, err := signature.Signers(code); err != nil || len(signers) != 1 || signers[0].ID != "" && signers[0].ID != key.ID() {
			t.Errorf("%s: signed by %v, %v", name, signers, err)
		}
	}
}
