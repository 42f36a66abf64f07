package sdk

import (
	"math/rand/v2"
	"testing"
)

// TestContexts compares the table with a map, with ids as hosts give them out:
// dense slots with generations, counting up, and far apart.
func TestContexts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, next := range map[string]func(i uint32) uint32{
		"dense":    func(i uint32) uint32 { return i<<12 | i%300 + 1 },
		"counting": func(i uint32) uint32 { return i + 1 },
		"apart":    func(i uint32) uint32 { return (i + 1) * 4096 }, // all in one place
		"random":   func(uint32) uint32 { return random.Uint32() | 1 },
	} {
		t.Run(name, func(t *testing.T) {
			var c contexts
			live := map[uint32]*Stream{}
			var ids []uint32
			for i := range uint32(20_000) {
				if len(ids) > 0 && random.IntN(2) == 0 {
					n := random.IntN(len(ids))
					id := ids[n]
					ids[n] = ids[len(ids)-1]
					ids = ids[:len(ids)-1]
					if got := c.take(id); got != live[id] {
						t.Fatalf("taking %d: got %p, want %p", id, got, live[id])
					}
					delete(live, id)
					if c.stream(id) != nil || c.take(id) != nil {
						t.Fatalf("%d is still there", id)
					}
					continue
				}
				id := next(i)
				if live[id] != nil {
					continue
				}
				s := &Stream{id: id}
				c.put(s)
				live[id] = s
				ids = append(ids, id)
			}
			for id, s := range live {
				if c.stream(id) != s {
					t.Fatalf("stream %d is lost", id)
				}
			}
		})
	}
}

func TestRoots(t *testing.T) {
	var c contexts
	a, b := &Root{id: 1}, &Root{id: 2}
	c.putRoot(a)
	c.putRoot(b)
	if c.root(1) != a || c.root(2) != b || c.root(3) != nil {
		t.Error("roots are not found")
	}
	again := &Root{id: 1}
	c.putRoot(again)
	if c.root(1) != again || len(c.roots) != 2 {
		t.Error("a root was not replaced")
	}
	c.takeRoot(1)
	c.takeRoot(1)
	if c.root(1) != nil || c.root(2) != b {
		t.Error("the wrong root was removed")
	}
}
