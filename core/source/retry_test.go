package source_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/source"
	. "github.com/weirproxy/weir/core/source/sourcetest"
)

// TestLastTryCutShort: where the time ends within a try, what is told is what was wrong
// before, not that the time was over alone.
func TestLastTryCutShort(t *testing.T) {
	s := NewServer(t, serve(wasm))
	first := Times(1, Status(503))
	s.Fails(func(w http.ResponseWriter, r *http.Request) bool {
		if !first(w, r) {
			<-r.Context().Done()
		}
		return true
	})
	r := newRig(t, s.Roots)
	r.Timeout = 2 * time.Second // the first try is over by then
	refused(t, r.load(source.Request{Module: "https://" + s.Host + "/house.wasm", SHA256: sumOf(wasm)}),
		"it took longer than modules.timeout, 2s", "503 Service Unavailable")
}
