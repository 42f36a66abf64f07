package observe_test

import (
	"testing"

	"github.com/weirproxy/weir/core/observe"
)

func TestMemory(t *testing.T) {
	m := observe.NewMetrics("")
	var now observe.Memory
	show := func() observe.Memory { return now }
	if err := m.Memory(show); err != nil {
		t.Fatal(err)
	}
	page := scrape(t, m)
	expect(t, page, "weir_overload_level 0")
	refuse(t, page, "weir_memory_used_bytes")
	refuse(t, page, "weir_memory_limit_bytes")
	now = observe.Memory{Used: 970, Limit: 1000, Level: 3}
	expect(t, scrape(t, m), "weir_memory_used_bytes 970", "weir_memory_limit_bytes 1000", "weir_overload_level 3")
	if err := m.Memory(show); err == nil {
		t.Error("registered twice")
	}
}
