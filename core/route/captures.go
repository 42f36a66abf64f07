package route

// maxParts bounds the parts of a template.
const maxParts = 16

// Captures are the parts that the matched route's path template found in a
// path. They are offsets, so that they stay true when the path is copied. The
// zero value is ready, and one may serve many lookups, one after the other.
type Captures struct {
	names   []string // of the matched template
	spans   [maxParts]struct{ start, end int32 }
	decoded []byte // scratch for query parameters
}

// Len is the number of parts.
func (c *Captures) Len() int { return len(c.names) }

// At is part i of path, the path that was matched.
func (c *Captures) At(i int, path []byte) (name string, value []byte) {
	s := c.spans[i]
	return c.names[i], path[s.start:s.end]
}

// Lookup is the part called name of path, the path that was matched.
func (c *Captures) Lookup(name string, path []byte) (value []byte, ok bool) {
	for i, n := range c.names {
		if n == name {
			_, value = c.At(i, path)
			return value, true
		}
	}
	return nil, false
}

func (c *Captures) set(i, start, end int) {
	if c != nil {
		c.spans[i].start, c.spans[i].end = int32(start), int32(end)
	}
}
