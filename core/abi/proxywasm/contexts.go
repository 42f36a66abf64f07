package proxywasm

// contexts are those of one instance, found by id. Guarded by its lane.
//
// Guests of our SDK get ids of a dense slot in the low twelve bits, used again
// with another generation above them: their tables then need no map. All
// others, and ours when the slots are taken, get ids that count up.
type contexts struct {
	dense  bool
	slots  []entry
	free   []uint16
	sparse []entry // by the low bits of the id; its length is a power of two
	count  int     // live ones in sparse
	last   uint32  // the last id given out in sparse
}

// entry is a context: a root or a stream's part. id 0 is a free place.
type entry struct {
	id   uint32
	gen  uint32 // of a slot
	root *rootInstance
	part *part
}

const (
	slotBits      = 12
	slotMask      = 1<<slotBits - 1
	maxGen        = 1<<(31-slotBits) - 1
	firstSparse   = 1 << 31 // of dense guests: ids with this bit are not slots
	sparseAtLeast = 64
)

// add makes a context and gives it an id.
func (c *contexts) add(r *rootInstance, p *part) uint32 {
	if c.dense {
		if id := c.addDense(r, p); id != 0 {
			return id
		}
	}
	return c.addSparse(r, p)
}

func (c *contexts) addDense(r *rootInstance, p *part) uint32 {
	var slot int
	if n := len(c.free); n > 0 {
		slot = int(c.free[n-1])
		c.free = c.free[:n-1]
	} else if len(c.slots) <= slotMask {
		slot = len(c.slots)
		c.slots = append(c.slots, entry{})
	} else {
		return 0
	}
	e := &c.slots[slot]
	e.gen = e.gen%maxGen + 1
	e.id, e.root, e.part = e.gen<<slotBits|uint32(slot), r, p
	return e.id
}

// addSparse takes the next id whose place is free. Places are at least twice
// as many as contexts, so that one is near.
func (c *contexts) addSparse(r *rootInstance, p *part) uint32 {
	if 2*c.count >= len(c.sparse) {
		c.grow()
	}
	for {
		c.last++
		if c.dense {
			c.last |= firstSparse
		}
		if e := &c.sparse[c.last&uint32(len(c.sparse)-1)]; e.id == 0 && c.last != 0 {
			*e = entry{id: c.last, root: r, part: p}
			c.count++
			return c.last
		}
	}
}

func (c *contexts) grow() {
	old := c.sparse
	c.sparse = make([]entry, max(2*len(old), sparseAtLeast))
	for _, e := range old {
		if e.id != 0 {
			c.sparse[e.id&uint32(len(c.sparse)-1)] = e
		}
	}
}

// find is the context of id, or nil.
func (c *contexts) find(id uint32) *entry {
	e := c.place(id)
	if e == nil || e.id != id || id == 0 {
		return nil
	}
	return e
}

func (c *contexts) place(id uint32) *entry {
	if c.dense && id < firstSparse {
		if slot := id & slotMask; int(slot) < len(c.slots) {
			return &c.slots[slot]
		}
		return nil
	}
	if len(c.sparse) == 0 {
		return nil
	}
	return &c.sparse[id&uint32(len(c.sparse)-1)]
}

// remove frees the context of id.
func (c *contexts) remove(id uint32) {
	e := c.find(id)
	if e == nil {
		return
	}
	e.id, e.root, e.part = 0, nil, nil
	if c.dense && id < firstSparse {
		c.free = append(c.free, uint16(id&slotMask))
		return
	}
	c.count--
}

// eachPart calls do for every stream's part.
func (c *contexts) eachPart(do func(p *part)) {
	for _, list := range [...][]entry{c.slots, c.sparse} {
		for i := range list {
			if p := list[i].part; p != nil {
				do(p)
			}
		}
	}
}
