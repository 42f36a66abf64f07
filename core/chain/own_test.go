package chain_test

import (
	"testing"

	"github.com/weirproxy/weir/core/filter"
)

// Two filters hold bytes of one body: neither sees the other's.
func TestAFilterSeesItsOwnBytesOnly(t *testing.T) {
	var tr trace
	calls := 0
	first := all("first", &tr, map[filter.Phases]callback{filter.PhaseRequestBody: func(*part, bool) (filter.Action, error) {
		if calls++; calls == 1 {
			return filter.ActionContinue, nil
		}
		return filter.ActionPause, nil
	}})
	second := all("second", &tr, map[filter.Phases]callback{filter.PhaseRequestBody: answers(pause)})
	r := begin(t, nil, first, second)
	r.head(filter.Request, false)
	r.feed(filter.Request, "one", false)
	r.feed(filter.Request, "two", false)
	is(t, "the first's", string(r.Body(first.part, filter.Request).Bytes()), "two")
	is(t, "the second's", string(r.Body(second.part, filter.Request).Bytes()), "one")
	if r.Body(nil, filter.Request) != nil {
		t.Error("nobody's bytes are shown")
	}
	r.finish()
}
