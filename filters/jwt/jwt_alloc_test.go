//go:build !race

package jwt_test

import (
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func run(tb testing.TB) *sdktest.Stream {
	s := sdktest.New(tb, "jwt", `{"claims":["tenant"],"claim_headers":{"x-user":"sub"},"issuers":[{"secret":"`+secret+`","audiences":["shop"],"require":{"scope":"read"}}]}`).
		Stream(sdktest.Request{Headers: sdktest.H("authorization", "Bearer "+sign([]byte(secret), "", `{"sub":"ann","exp":1767229200,"aud":["x","shop"],"scope":"write read","tenant":"t"}`))})
	s.Respond(sdktest.Response{})
	s.Finish()
	return s
}

func TestAllocatesNothing(t *testing.T) {
	s := run(t)
	if s.Local() {
		t.Fatalf("refused: %s", s.Details())
	}
	filtertest.AllocatesNothing(t, s)
}

func BenchmarkStream(b *testing.B) { filtertest.BenchmarkStream(b, run(b)) }
