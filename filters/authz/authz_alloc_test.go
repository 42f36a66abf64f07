//go:build !race

package authz_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

// fifty rules, of which the last allows.
func fifty() string {
	var b strings.Builder
	b.WriteString(`{"deny":[{"name":"admin","paths":["/admin/**"]}],"allow":[`)
	for i := range 48 {
		fmt.Fprintf(&b, `{"name":"r%d","peers":["spiffe://example.org/ns/a/sa/svc-%02d"],"methods":["GET"],"paths":["/orders/{id}"]},`, i, i)
	}
	b.WriteString(`{"name":"last","peers":["spiffe://example.org/ns/*/sa/web"],"methods":["GET"],"paths":["/orders/{id}"]}]}`)
	return b.String()
}

func run(tb testing.TB) *sdktest.Stream {
	s := sdktest.New(tb, "authz", fifty()).Stream(sdktest.Request{
		Path: "/orders/7", Properties: map[string]string{"weir.peer": "spiffe://example.org/ns/a/sa/web"},
	})
	s.Respond(sdktest.Response{})
	s.Finish()
	return s
}

func TestAllocatesNothing(t *testing.T) {
	s := run(t)
	if s.Local() {
		t.Fatalf("denied: %s", s.Details())
	}
	filtertest.AllocatesNothing(t, s)
}

func BenchmarkStream(b *testing.B) { filtertest.BenchmarkStream(b, run(b)) }
