package sdk

// contexts finds a context by its id. Weir gives out ids whose low twelve bits
// are a dense slot, used again with another generation above them; other
// hosts count up. Both land in a table by the low bits, and only a context that
// finds its place taken goes into a map: no map on the way of a request.
type contexts struct {
	pages    [tableSize / pageSize]*[pageSize]entry
	overflow map[uint32]entry
}

const (
	tableSize = 1 << 12
	pageSize  = 1 << 6
)

// entry is a context: a stream or a root.
type entry struct {
	id     uint32 // 0: free
	stream *Stream
	root   *Root
}

func (c *contexts) find(id uint32) entry {
	if p := c.pages[id%tableSize/pageSize]; p != nil {
		if e := &p[id%pageSize]; e.id == id {
			return *e
		}
	}
	return c.overflow[id]
}

func (c *contexts) stream(id uint32) *Stream {
	if p := c.pages[id%tableSize/pageSize]; p != nil {
		if e := &p[id%pageSize]; e.id == id {
			return e.stream
		}
	}
	return c.overflow[id].stream
}

func (c *contexts) put(e entry) {
	at := &c.pages[e.id%tableSize/pageSize]
	if *at == nil {
		*at = new([pageSize]entry)
	}
	if place := &(*at)[e.id%pageSize]; place.id == 0 || place.id == e.id {
		*place = e
		return
	}
	if c.overflow == nil {
		c.overflow = make(map[uint32]entry)
	}
	c.overflow[e.id] = e
}

func (c *contexts) remove(id uint32) {
	if p := c.pages[id%tableSize/pageSize]; p != nil {
		if e := &p[id%pageSize]; e.id == id {
			*e = entry{}
			return
		}
	}
	delete(c.overflow, id)
}
