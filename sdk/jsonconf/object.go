package jsonconf

import (
	"bytes"
	"slices"
)

// Object reads an object: each is called for every key, with the reader at its
// value, which it has to read. key is valid until the reading ends: keep
// string(key).
func (r *Reader) Object(each func(key []byte)) {
	if r.peek() != '{' {
		r.wrong("a table")
		return
	}
	r.pos++
	first := len(r.keys)
	defer func() { r.keys = r.keys[:first] }()
	if r.take('}') {
		return
	}
	for {
		if r.peek() != '"' {
			r.syntax("a key in quotes")
			return
		}
		key := r.quoted()
		if !r.take(':') {
			r.syntax(`":"`)
			return
		}
		r.keys = append(r.keys, key)
		r.value(segment{key: key}, func() { each(key) })
		if r.take('}') {
			r.repeated(r.keys[first:])
			return
		}
		if !r.take(',') {
			r.syntax(`"," or "}"`)
			return
		}
	}
}

// repeated finds a key that the object has twice: another reader might take
// the other one.
func (r *Reader) repeated(keys [][]byte) {
	slices.SortFunc(keys, bytes.Compare)
	for i := 1; i < len(keys); i++ {
		if bytes.Equal(keys[i-1], keys[i]) {
			r.FailAt(string(keys[i]), "is there twice: remove one")
			return
		}
	}
}

// List reads a list: each is called for every element, with the reader at it.
func (r *Reader) List(each func(i int)) {
	if r.peek() != '[' {
		r.wrong("a list")
		return
	}
	r.pos++
	if r.take(']') {
		return
	}
	for i := 0; ; i++ {
		r.value(segment{index: i}, func() { each(i) })
		if r.take(']') {
			return
		}
		if !r.take(',') {
			r.syntax(`"," or "]"`)
			return
		}
	}
}

// value has do read one value, which lies at s below the one being read.
func (r *Reader) value(s segment, do func()) {
	if r.err != nil {
		return
	}
	if r.peek() == 0 {
		r.syntax("a value")
		return
	}
	r.path = append(r.path, s)
	start := r.pos
	do()
	if r.err == nil && r.pos == start {
		r.Fail("is not read by the filter: this is a defect of the filter")
	}
	r.path = r.path[:len(r.path)-1]
}
