package chain

import "strings"

// properties are few, so a list is faster than a map and keeps its memory.
type properties struct {
	list []property
	size int
}

type property struct {
	path  string
	value []byte
}

// maxProperties bounds what the filters of one stream may store, in bytes.
const maxProperties = 64 << 10

func (p *properties) get(path string) []byte {
	for i := range p.list {
		if e := &p.list[i]; e.path == path {
			if e.value == nil {
				return []byte{} // present, though empty
			}
			return e.value
		}
	}
	return nil
}

func (p *properties) set(path string, value []byte) {
	for i := range p.list {
		if e := &p.list[i]; e.path == path {
			if grown := p.size + len(value) - len(e.value); grown <= maxProperties {
				p.size = grown
				e.value = append(e.value[:0], value...)
			}
			return
		}
	}
	if p.size+len(path)+len(value) > maxProperties {
		return
	}
	p.size += len(path) + len(value)
	if n := len(p.list); n < cap(p.list) {
		p.list = p.list[:n+1]
		if p.list[n].path != path { // streams of one chain set the same ones in the same order
			p.list[n].path = strings.Clone(path)
		}
		p.list[n].value = append(p.list[n].value[:0], value...)
		return
	}
	p.list = append(p.list, property{strings.Clone(path), append([]byte(nil), value...)})
}

func (p *properties) each(prefix string, do func(path string, value []byte)) {
	for i := range p.list {
		if strings.HasPrefix(p.list[i].path, prefix) {
			do(p.list[i].path, p.list[i].value)
		}
	}
}

func (p *properties) reset() {
	if len(p.list) == 0 {
		return
	}
	if cap(p.list) > 64 {
		p.list = nil
	}
	p.list = p.list[:0]
	p.size = 0
}
