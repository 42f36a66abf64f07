package proxywasm

import "testing"

// No id is given out twice while it lives, every live one is found, and ids
// that ended are not.
func TestContextIDs(t *testing.T) {
	for name, dense := range map[string]bool{"of any guest": false, "of our SDK": true} {
		t.Run(name, func(t *testing.T) {
			c := contexts{dense: dense}
			live := map[uint32]*part{}
			var order []uint32
			for n := range 40_000 {
				p := &part{}
				id := c.add(nil, p)
				if id == 0 || live[id] != nil {
					t.Fatalf("id %d was given out again", id)
				}
				live[id] = p
				order = append(order, id)
				// Keep some for long, and at times more than there are slots.
				if keep := 10 + n%6000; len(order) > keep {
					for _, gone := range order[keep/2 : keep] {
						c.remove(gone)
						delete(live, gone)
						if c.find(gone) != nil {
							t.Fatalf("id %d is found after its end", gone)
						}
					}
					order = append(order[:keep/2:keep/2], order[keep:]...)
				}
			}
			for id, p := range live {
				if e := c.find(id); e == nil || e.part != p {
					t.Fatalf("id %d is not found", id)
				}
			}
			n := 0
			c.eachPart(func(*part) { n++ })
			if n != len(live) {
				t.Errorf("%d contexts, want %d", n, len(live))
			}
			if c.find(0) != nil {
				t.Error("0 is a context")
			}
		})
	}
	t.Run("dense ids", func(t *testing.T) {
		c := contexts{dense: true}
		slots := map[uint32]bool{}
		for range slotMask + 1 {
			id := c.add(nil, &part{})
			if id >= firstSparse || slots[id&slotMask] {
				t.Fatalf("id %x has the slot of a live one", id)
			}
			slots[id&slotMask] = true
		}
		if id := c.add(nil, &part{}); id < firstSparse {
			t.Errorf("id %x, want one without a slot", id)
		}
	})
	t.Run("ids wrap around", func(t *testing.T) {
		c := contexts{last: ^uint32(0) - 1}
		a, b := c.add(nil, &part{}), c.add(nil, &part{})
		if a != ^uint32(0) || b != 1 {
			t.Errorf("ids %d and %d, want the last and the first", a, b)
		}
	})
}
