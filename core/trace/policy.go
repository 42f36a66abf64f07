package trace

import (
	"errors"
	"strings"

	"github.com/weirproxy/weir/core/edit"
	"github.com/weirproxy/weir/core/stream"
)

// Policy is what a filter declares of tracing, once, by weir.trace: see sdk/ABI.md.
type Policy struct {
	Filters bool // a span for each filter
	Query   bool // the attribute url.query

	Parent Parent
	Always string // field by which a caller that is heeded has its trace recorded; "" for none
	Read   stream.TraceFormats
	Write  stream.TraceFormats

	name    edit.Value
	tags    []tag
	sampler sampler
}

// Parent says whose context is gone on with. That of others is linked to, and the
// trace begins anew.
type Parent uint8

// The choices.
const (
	Trusted Parent = iota // of peers in the mesh, and of those that trust.proxies names
	Everybody
	Nobody
)

// tag is an attribute that the policy adds.
type tag struct {
	key   string
	value edit.Value
}

// The bounds of a declaration.
const (
	maxTags    = 32
	maxKey     = 128     // bytes of a tag's key
	maxEncoded = 8 << 10 // bytes of all
)

// Errors of Read.
var (
	ErrMalformed = errors.New("malformed declaration of tracing")
	ErrTooLarge  = errors.New("declaration of tracing is too large")
)

// Bits of the flags.
const (
	flagFilters = 1 << iota
	flagQuery

	allFlags = 1<<iota - 1
)

// version is that of the encoding.
const version = 1

// Read reads a declaration.
func Read(encoded []byte) (*Policy, error) {
	if len(encoded) > maxEncoded {
		return nil, ErrTooLarge
	}
	d := edit.Decoder{Rest: encoded}
	if d.Number() != version {
		return nil, ErrMalformed
	}
	flags, parent := d.Number(), d.Number()
	p := &Policy{Filters: flags&flagFilters != 0, Query: flags&flagQuery != 0, Parent: Parent(parent)}
	share, rate := d.Long(), d.Number()
	read, write := d.Number(), d.Number()
	p.Read, p.Write = stream.TraceFormats(read), stream.TraceFormats(write)
	p.Always = d.Text()
	p.name = d.Value()
	n := d.Number()
	for i := uint32(0); i < n && i < maxTags && !d.Bad; i++ {
		t := tag{key: d.Text(), value: d.Value()}
		d.Bad = d.Bad || !validTag(t.key)
		p.tags = append(p.tags, t)
	}
	const formats = uint32(stream.AllTraceFormats)
	if d.Bad || len(d.Rest) > 0 || n > maxTags || flags > allFlags || parent > uint32(Nobody) || share > always ||
		(read|write)&^formats != 0 || write == 0 || p.Always != "" && !validField(p.Always) {
		return nil, ErrMalformed
	}
	p.sampler.init(share, rate)
	return p, nil
}

func validTag(key string) bool {
	for i := range len(key) {
		if c := key[i]; c <= ' ' || c > '~' {
			return false
		}
	}
	return key != "" && len(key) <= maxKey
}

// validField says whether name is one of a field, in lower case.
func validField(name string) bool {
	b := []byte(name)
	return stream.LowerName(b) && string(b) == name && !strings.HasPrefix(name, ":")
}
