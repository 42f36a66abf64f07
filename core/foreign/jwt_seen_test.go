package foreign

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
)

// asking is a question as guests encode it.
func asking(claim, keys, token string) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 1)
	b = binary.LittleEndian.AppendUint32(b, 1)
	for _, s := range []string{claim, keys} {
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(s))), s...)
	}
	return append(b, token...)
}

// TestSeenKeepsKeysOnce: a thousand tokens by keys of 8 KiB take no megabytes.
func TestSeenKeepsKeysOnce(t *testing.T) {
	s := newSeen()
	keys := string(bytes.Repeat([]byte("k"), 8<<10))
	for n := range 1000 {
		s.add(asking("sub", keys, fmt.Sprint("token ", n)), fmt.Appendf(nil, "answer %d", n))
	}
	if used := s.rest.used + s.valid.used; used > 1000*600+16<<10 || len(s.rest.items) != 1 {
		t.Errorf("%d bytes, %d sets of keys", used, len(s.rest.items))
	}
	for n := range 1000 {
		if v, ok := s.find(asking("sub", keys, fmt.Sprint("token ", n))); !ok || string(v) != fmt.Sprint("answer ", n) {
			t.Fatalf("token %d: %q, %v", n, v, ok)
		}
	}
	// Nothing that was asked may be left out of account, nor moved from one part to another.
	for _, other := range [][]byte{
		asking("iss", keys, "token 1"), asking("sub", keys+"k", "token 1"), asking("sub", keys, "token 1 "),
		asking("sub", keys[1:], "ktoken 1"), asking("sub"+keys, "", "token 1"), asking("", "", ""), {1}, nil,
	} {
		if v, ok := s.find(other); ok {
			t.Errorf("%q is the answer to another question", v)
		}
	}
}

// TestSeenForgetsKeys: keys that were pushed out take their tokens along.
func TestSeenForgetsKeys(t *testing.T) {
	s := newSeen()
	first := asking("sub", "first", "token")
	s.add(first, []byte("answer"))
	s.add(asking("sub", string(make([]byte, restCache)), "token"), []byte("other"))
	if v, ok := s.find(first); ok {
		t.Errorf("found %q", v)
	}
	s.add(first, []byte("again"))
	if v, ok := s.find(first); !ok || string(v) != "again" {
		t.Errorf("found %q, %v", v, ok)
	}
}

func TestSeenFindsWithoutAllocating(t *testing.T) {
	s := newSeen()
	q := asking("sub", "keys", "token")
	s.add(q, []byte("answer"))
	if n := testing.AllocsPerRun(100, func() { s.find(q) }); n != 0 {
		t.Errorf("it allocates %v times", n)
	}
}
