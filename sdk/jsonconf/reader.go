// Package jsonconf reads a filter's configuration: strict JSON, walked in one
// pass straight into the filter's own struct, without reflection and without a
// tree in between, so that it costs a guest little code and no memory beyond
// the results.
//
// The first mistake ends the reading; its error says which key, what is wrong
// and how to mend it, because it is what a user sees when a configuration is
// refused.
//
//	r := jsonconf.New(root.Config())
//	r.Object(func(key []byte) {
//		switch string(key) {
//		case "requests":
//			c.requests = r.Int(1, 1<<31)
//		case "per":
//			c.per = r.Duration(time.Millisecond, 24*time.Hour)
//		default:
//			r.Unknown("requests", "per")
//		}
//	})
//	if err := r.Err(); err != nil {
//		return nil, err
//	}
//
// Start at [Reader].
package jsonconf

import "strconv"

// Reader goes through one text. After a mistake its methods answer zero values
// and call nothing back.
type Reader struct {
	text []byte
	pos  int
	path []segment
	keys [][]byte // of the objects being read, for finding repeated ones
	err  *Error
}

// segment is a step from the root to the value being read.
type segment struct {
	key   []byte
	index int // of an element, when key is nil
}

// Error is the first mistake of a text.
type Error struct {
	Path string // "limits[0].per", empty for the whole
	Text string // what is wrong and how to mend it
}

// Error is path and text.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Text
	}
	return e.Path + ": " + e.Text
}

// New reads text, which must not change meanwhile. A text of blanks only is an
// empty object: a filter that was given no configuration.
func New(text []byte) *Reader {
	r := &Reader{text: text}
	if r.space(); r.pos == len(text) {
		r.text, r.pos = []byte("{}"), 0
	}
	return r
}

// Err is the first mistake, or nil. Call it last: it also finds text behind
// the value.
func (r *Reader) Err() error {
	if r.err == nil {
		if r.space(); r.pos < len(r.text) {
			r.syntax("the end of the text")
		}
	}
	if r.err != nil {
		return r.err
	}
	return nil
}

// Failed says whether there was a mistake already.
func (r *Reader) Failed() bool { return r.err != nil }

// Fail notes a mistake at the value being read: what is wrong, put together
// from parts. A filter uses it for rules of its own.
func (r *Reader) Fail(parts ...string) {
	if r.err != nil {
		return
	}
	text := ""
	for _, p := range parts {
		text += p
	}
	r.err = &Error{r.where(), text}
}

// FailAt is Fail for a key of the object being read.
func (r *Reader) FailAt(key string, parts ...string) {
	r.path = append(r.path, segment{key: []byte(key)})
	r.Fail(parts...)
	r.path = r.path[:len(r.path)-1]
}

// Unknown notes that the object being read has a key that it must not have,
// and names the one that was meant, or all that are known.
func (r *Reader) Unknown(known ...string) {
	if r.err != nil || len(r.path) == 0 {
		return
	}
	key := string(r.path[len(r.path)-1].key)
	last := r.path
	r.path = r.path[:len(r.path)-1]
	r.Fail("unknown key ", Quote(key), Suggest(key, known))
	r.path = last
}

// where is the path of the value being read.
func (r *Reader) where() string {
	p := ""
	for _, s := range r.path {
		switch {
		case s.key == nil:
			p += "[" + strconv.Itoa(s.index) + "]"
		case !plainKey(s.key):
			p += "[" + Quote(string(s.key)) + "]"
		case p == "":
			p = string(s.key)
		default:
			p += "." + string(s.key)
		}
	}
	return p
}

// plainKey says whether key can stand in a path without quotes, as in TOML.
func plainKey(key []byte) bool {
	for _, c := range key {
		if c != '_' && c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return len(key) > 0
}
