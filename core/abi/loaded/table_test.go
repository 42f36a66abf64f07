package loaded_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/abi/loaded"
)

func TestTable(t *testing.T) {
	var table loaded.Table[string]
	if _, ok := table.Share("a"); ok || table.Drop("a") || len(table.All()) != 0 {
		t.Error("an empty table has something")
	}
	table.Add("a", "first")
	table.Add("b", "second")
	if v, ok := table.Share("a"); v != "first" || !ok {
		t.Errorf("shared %q, %t", v, ok)
	}
	all := table.All()
	slices.Sort(all)
	if !slices.Equal(all, []string{"first", "second"}) {
		t.Errorf("all are %q", all)
	}
	for i, last := range []bool{false, true, false} {
		if got := table.Drop("a"); got != last {
			t.Errorf("drop %d answers %t", i+1, got)
		}
	}
	if _, ok := table.Share("a"); ok {
		t.Error("what its last user dropped is shared")
	}
	if got := table.Clear(); !slices.Equal(got, []string{"second"}) || table.Drop("b") || len(table.All()) != 0 {
		t.Errorf("cleared %q", got)
	}
}

// TestTableHasOneLastUser: of users that drop at once, one is the last.
func TestTableHasOneLastUser(t *testing.T) {
	var table loaded.Table[int]
	table.Add("a", 1)
	const users = 64
	for range users - 1 {
		table.Share("a")
	}
	var last atomic.Int32
	var wg sync.WaitGroup
	for range users {
		wg.Go(func() {
			if table.Drop("a") {
				last.Add(1)
			}
		})
	}
	wg.Wait()
	if last.Load() != 1 {
		t.Errorf("%d last users", last.Load())
	}
}
