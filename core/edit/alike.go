package edit

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/state"
	"github.com/weirproxy/weir/core/stream"
)

// fact is one of those by which a filter tells requests apart.
type fact struct {
	source factSource
	name   string // of the field or the property
	key    []byte // of shared data
	words  words  // of a path, or of a field's values
	ranges ranges // of addresses
}

type factSource uint32

const (
	byField    factSource = iota // of the request, once
	byMethod                     // of the request
	byPath                       // of the request, by its class
	byPeer                       // the client's verified SPIFFE ID, or none
	byProperty                   // that a filter has set, or none
	byVersion                    // of a value of shared data; 0 for none
	bySecret                     // as byField, kept by a digest
	byNetwork                    // the client's address, by the networks that it is in
	byValue                      // a field of the request, by its class
)

// The bounds of what tells requests apart.
const (
	maxFacts   = 24
	maxFactKey = 8 << 10 // bytes of all together
)

// absent stands where others have their length.
const absent = 1<<32 - 1

func (d *Decoder) fact() (f fact) {
	f.source = factSource(d.Number())
	text := d.Text()
	ok := true
	switch f.source {
	case byField, bySecret:
		ok = fieldName(text)
	case byMethod, byPeer:
		ok = text == ""
	case byPath:
		f.words, ok = readWords(text)
	case byProperty:
		ok = text != "" && len(text) <= maxProperty && text[len(text)-1] != 0 // which is no part of a path
	case byVersion:
		ok = text != "" && len(text) <= state.MaxKey
		f.key = []byte(text)
	case byNetwork:
		f.ranges, ok = readNetworks(text)
	case byValue:
		text, f.words, ok = readValues(text)
	default:
		ok = false
	}
	d.Bad = d.Bad || !ok
	f.name = text
	return f
}

// key appends what tells a request from others, each part with its length. told
// are the versions that count; nil for those of this moment. It answers false where the
// request cannot be told by these facts: which of two fields counts, for instance, is
// for the filter to say.
func (c *memory) key(dst []byte, s filter.Stream, space *state.Namespace, told []uint32) ([]byte, bool) {
	from := len(dst)
	for i := range c.facts {
		f := &c.facts[i]
		at, there, known := len(dst)+4, true, true
		dst = append(dst, 0, 0, 0, 0)
		switch f.source {
		case byField:
			dst, known = appendOnly(dst, &s.Request().Headers, f.name)
		case bySecret:
			dst, known = appendOnly(append(dst, c.salt[:]...), &s.Request().Headers, f.name)
			d := sha256.Sum256(dst[at:])
			dst = append(dst[:at], d[:]...)
		case byMethod:
			dst = append(dst, s.Request().Method...)
		case byPath:
			dst, known = f.words.appendClass(dst, s.Request().Path)
		case byPeer:
			if t := s.Info().TLS; t != nil {
				dst = append(dst, t.PeerSPIFFE...)
			}
		case byProperty:
			v := s.Property(f.name)
			there = v != nil
			dst = append(dst, v...)
		case byVersion:
			var version uint32
			if told == nil {
				version = space.Version(f.key)
			} else {
				version, told = told[0], told[1:]
			}
			dst = binary.LittleEndian.AppendUint32(dst, version)
		case byNetwork:
			var class uint32
			class, known = f.ranges.class(s.Info().Client)
			dst = binary.LittleEndian.AppendUint32(dst, class)
		case byValue:
			dst, there, known = f.words.appendValue(dst, &s.Request().Headers, f.name)
		}
		if !known || len(dst)-from > maxFactKey {
			return dst, false
		}
		size := uint32(len(dst) - at)
		if !there {
			size = absent
		}
		binary.LittleEndian.PutUint32(dst[at-4:], size)
	}
	return dst, true
}

// appendOnly appends the one field of a name. It answers false for none and for several,
// and for one that is too long.
func appendOnly(dst []byte, h *stream.Headers, name string) (b []byte, ok bool) {
	for i := range h.Len() {
		f := h.At(i)
		if string(f.Name) != name {
			continue
		}
		if ok || len(f.Value) > maxFactKey {
			return dst, false
		}
		dst, ok = append(dst, f.Value...), true
	}
	return dst, ok
}
