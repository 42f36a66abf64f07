package apikey

import (
	"bytes"
	"slices"

	"github.com/weirproxy/weir/sdk"
)

// maxKey bounds a key, in bytes.
const maxKey = 512

// entry is one key. Entries hold no pointers, so that the collector need not
// look at them however many there are.
type entry struct {
	digest [32]byte
	from   uint32 // of the name, in keys.names
	to     uint32
	access uint32 // index of what it may do
}

// keys are the known keys, sorted by digest.
type keys struct {
	list  []entry
	names []byte
}

func (k *keys) add(digest [32]byte, name string, access int) {
	from := uint32(len(k.names))
	k.names = append(k.names, name...)
	k.list = append(k.list, entry{digest, from, uint32(len(k.names)), uint32(access)})
}

func (k *keys) name(e *entry) string { return sdk.View(k.names[e.from:e.to]) }

// sort makes the keys ready to be searched, and answers two of one digest.
func (k *keys) sort() (a, b *entry) {
	slices.SortStableFunc(k.list, func(x, y entry) int { return bytes.Compare(x.digest[:], y.digest[:]) })
	for i := 1; i < len(k.list); i++ {
		if k.list[i].digest == k.list[i-1].digest {
			return &k.list[i-1], &k.list[i]
		}
	}
	return nil, nil
}

// find searches by the first eight bytes of a digest, which nobody can choose
// for a key they do not know, and compares the rest in constant time.
func (k *keys) find(digest []byte) *entry {
	low, high := 0, len(k.list)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if bytes.Compare(k.list[mid].digest[:8], digest[:8]) < 0 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	for ; low < len(k.list) && bytes.Equal(k.list[low].digest[:8], digest[:8]); low++ {
		if same(&k.list[low].digest, digest) {
			return &k.list[low]
		}
	}
	return nil
}

// same compares in a time that does not tell where two digests differ.
func same(a *[32]byte, b []byte) bool {
	differ := byte(0)
	for i := range a {
		differ |= a[i] ^ b[i]
	}
	return differ == 0
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

// allowsPath compares whole segments: "/a" allows "/a" and "/a/b", not "/ab".
func (a *access) allowsPath(s *sdk.Stream) bool {
	if len(a.paths) == 0 {
		return true
	}
	path := s.Path()
	if i := bytes.IndexByte(path, '?'); i >= 0 {
		path = path[:i]
	}
	for _, p := range a.paths {
		n := len(p)
		if len(path) >= n && string(path[:n]) == p && (len(path) == n || p[n-1] == '/' || path[n] == '/') {
			return true
		}
	}
	return false
}
