package route

import (
	"bytes"
	"sync"

	"github.com/weirproxy/weir/core/config"
)

// strict takes no path of which servers make another by themselves.
var strict = &Normalizer{config.PathReject, config.PathReject, config.PathReject, config.PathReject}

// plain says that a path, without its query, can be read in one way only. It errs to
// the safe side, and takes a few nanoseconds.
func plain(path []byte) bool {
	return surelyNormal(path) && bytes.IndexByte(path, ';') < 0 &&
		path[len(path)-1] != '.' && !bytes.Contains(path, dotSlash)
}

var dotSlash = []byte("./")

// otherReading is how an upstream may read a path.
type otherReading struct{ cut, scratch []byte }

var otherReadings = sync.Pool{New: func() any { return new(otherReading) }}

// of is a path as those read it who cut parameters (";v=1") off its segments. unsure
// says that it may be read as any path at all: by who then finds dot segments in it,
// decodes it once more, or drops what file systems do not let names end with.
func (r *otherReading) of(path []byte) (cut []byte, unsure bool) {
	r.cut = cutParameters(r.cut[:0], path)
	return r.cut, r.odd(path) || r.odd(r.cut)
}

// cutParameters appends path without parameters, be their mark escaped or not.
func cutParameters(dst, path []byte) []byte {
	inside := false
	for i, c := range path {
		switch {
		case c == '/':
			inside = false
		case c == ';', isEscape(path[i:], ';'):
			inside = true
		}
		if !inside {
			dst = append(dst, c)
		}
	}
	return dst
}

// isEscape says whether p begins with the escape of c.
func isEscape(p []byte, c byte) bool {
	if p[0] != '%' {
		return false
	}
	got, err := unescape(p)
	return err == nil && got == c
}

// odd says whether servers make another path of this one beside cutting parameters.
func (r *otherReading) odd(path []byte) bool {
	normal, err := strict.Normalize(path, &r.scratch)
	if err != nil || !bytes.Equal(normal, path) {
		return true
	}
	for i, c := range path {
		ends := i+1 == len(path) || path[i+1] == '/'
		switch {
		case c == '.' && ends,
			isEscape(path[i:], ' ') && (i+3 == len(path) || path[i+3] == '/'),
			isEscape(path[i:], '%') && len(path) > i+4 && hexDigit[path[i+3]]|hexDigit[path[i+4]] <= 15:
			return true
		}
	}
	return false
}
