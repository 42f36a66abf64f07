package foreign

import (
	"fmt"
	"testing"
)

func TestCacheForgetsTheOldest(t *testing.T) {
	c := newCache[int](1000)
	for i := range 100 {
		key := fmt.Appendf(nil, "%04d", i)
		c.add(key, i, 96)
		c.add(key, -1, 96) // the first stays
		if c.used > 1000 || len(c.items) > 10 || len(c.order) != len(c.items) {
			t.Fatalf("%d bytes, %d items", c.used, len(c.items))
		}
	}
	for i := range 100 {
		v, ok := c.find(fmt.Appendf(nil, "%04d", i))
		if ok != (i >= 90) || ok && v != i {
			t.Errorf("entry %d: %d, %v", i, v, ok)
		}
	}
	c.add([]byte("whole"), 1, 5000)
	if _, ok := c.find([]byte("whole")); !ok || len(c.items) != 1 {
		t.Error("an entry larger than the room is not kept alone")
	}
	c.add([]byte("next"), 1, 10)
	if len(c.items) != 1 {
		t.Error("it stays after the next came")
	}
}
