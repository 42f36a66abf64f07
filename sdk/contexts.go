package sdk

// contexts finds a context by its id. Weir gives out ids whose low twelve bits
// are a dense slot, used again with another generation above them; other
// hosts count up. Both land in a table by the low bits, and only a stream that
// finds its place taken goes into a map: no map on the way of a request.
// Roots are few.
type contexts struct {
	pages    [tableSize / pageSize]*[pageSize]*Stream
	overflow map[uint32]*Stream // nil until it is needed
	roots    []*Root
	near     [nearRoots]*Root // those of them whose ids' low bits found a place
}

const (
	tableSize = 1 << 12
	pageSize  = 1 << 6
	nearRoots = 1 << 5
)

// stream is the stream of an id, nil if there is none.
func (c *contexts) stream(id uint32) *Stream {
	if p := c.pages[id%tableSize/pageSize]; p != nil {
		if s := p[id%pageSize]; s != nil && s.id == id {
			return s
		}
	}
	if c.overflow != nil {
		return c.overflow[id]
	}
	return nil
}

// put adds a stream, whose id is set.
func (c *contexts) put(s *Stream) {
	at := &c.pages[s.id%tableSize/pageSize]
	if *at == nil {
		*at = new([pageSize]*Stream)
	}
	if place := &(*at)[s.id%pageSize]; *place == nil || (*place).id == s.id {
		*place = s
		return
	}
	if c.overflow == nil {
		c.overflow = make(map[uint32]*Stream)
	}
	c.overflow[s.id] = s
}

// take removes the stream of an id and answers it.
func (c *contexts) take(id uint32) *Stream {
	if p := c.pages[id%tableSize/pageSize]; p != nil {
		if place := &p[id%pageSize]; *place != nil && (*place).id == id {
			s := *place
			*place = nil
			return s
		}
	}
	s := c.overflow[id]
	if s != nil {
		delete(c.overflow, id)
	}
	return s
}

// root is the root of an id, nil if there is none.
func (c *contexts) root(id uint32) *Root {
	if r := c.near[id%nearRoots]; r != nil && r.id == id {
		return r
	}
	for _, r := range c.roots {
		if r.id == id {
			return r
		}
	}
	return nil
}

// putRoot adds a root, or puts it in the place of the one of its id.
func (c *contexts) putRoot(r *Root) {
	c.takeRoot(r.id)
	c.roots = append(c.roots, r)
	c.near[r.id%nearRoots] = r
}

// takeRoot removes the root of an id.
func (c *contexts) takeRoot(id uint32) {
	for i, r := range c.roots {
		if r.id == id {
			if near := &c.near[id%nearRoots]; *near == r {
				*near = nil
			}
			last := len(c.roots) - 1
			c.roots[i] = c.roots[last]
			c.roots[last] = nil
			c.roots = c.roots[:last]
			return
		}
	}
}
