package apikey

import (
	"bytes"
	"slices"
	"unsafe"

	"github.com/weirproxy/weir/filters/internal/oddpath"
	"github.com/weirproxy/weir/sdk"
)

// maxKey bounds a key, in bytes.
const maxKey = 512

// digest is a SHA-256 in words, as they lie in memory: a guest compares four of
// them many times faster than 32 bytes.
type digest [4]uint64

// digestOf reads 32 bytes. The guest's compiler would do it byte by byte.
func digestOf(b []byte) digest { return *(*digest)(unsafe.Pointer(&b[:32][0])) }

// entry is one key. Entries hold no pointers, so that the collector need not
// look at them however many there are.
type entry struct {
	digest digest
	from   uint32 // of the name, in keys.names
	to     uint32
	access uint32 // index of what it may do
}

// keys are the known keys, sorted by digest.
type keys struct {
	list  []entry
	names []byte
}

func (k *keys) add(sum [32]byte, name string, access int) {
	from := uint32(len(k.names))
	k.names = append(k.names, name...)
	k.list = append(k.list, entry{digestOf(sum[:]), from, uint32(len(k.names)), uint32(access)})
}

func (k *keys) name(e *entry) string { return sdk.View(k.names[e.from:e.to]) }

// sort makes the keys ready to be searched, and answers two of one digest.
func (k *keys) sort() (a, b *entry) {
	slices.SortStableFunc(k.list, func(x, y entry) int { return slices.Compare(x.digest[:], y.digest[:]) })
	for i := 1; i < len(k.list); i++ {
		if k.list[i].digest == k.list[i-1].digest {
			return &k.list[i-1], &k.list[i]
		}
	}
	return nil, nil
}

// find searches by the first word of a digest, which nobody can choose for a
// key they do not know, and compares the rest in constant time.
func (k *keys) find(d digest) *entry {
	low, high := 0, len(k.list)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if k.list[mid].digest[0] < d[0] {
			low = mid + 1
		} else {
			high = mid
		}
	}
	for ; low < len(k.list) && k.list[low].digest[0] == d[0]; low++ {
		if e := &k.list[low]; e.digest.same(d) {
			return e
		}
	}
	return nil
}

// same compares in a time that does not tell where two digests differ.
func (d *digest) same(o digest) bool {
	return (d[0]^o[0])|(d[1]^o[1])|(d[2]^o[2])|(d[3]^o[3]) == 0
}

// access is what a key may do. Empty lists allow all.
type access struct {
	paths   []string
	methods []string
}

func (a *access) allows(s *sdk.Stream) bool {
	return a.allowsMethod(s) && a.allowsPath(s)
}

func (a *access) allowsMethod(s *sdk.Stream) bool {
	if len(a.methods) == 0 {
		return true
	}
	m := s.Method()
	for _, want := range a.methods {
		if string(m) == want {
			return true
		}
	}
	return false
}

// allowsPath compares whole segments: "/a" allows "/a" and "/a/b", not "/ab". What
// an upstream could read as another path is below none.
func (a *access) allowsPath(s *sdk.Stream) bool {
	if len(a.paths) == 0 {
		return true
	}
	path := s.Path()
	if i := bytes.IndexByte(path, '?'); i >= 0 {
		path = path[:i]
	}
	if oddpath.Odd(path, true) {
		return false
	}
	for _, p := range a.paths {
		n := len(p)
		if len(path) >= n && string(path[:n]) == p && (len(path) == n || p[n-1] == '/' || path[n] == '/') {
			return true
		}
	}
	return false
}
