package realhost

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/trial/rig"
	"github.com/weirproxy/weir/core/wasm"
)

// tokenField is the field of Cycle in which a token stands that is verified by keys
// that are fetched.
const tokenField = "x-token"

// calls are the clusters that filters may call.
var calls = []string{"idp", "auth", "shadow"}

// Answer answers all calls: with a set of keys where that is asked for, else with a plain yes.
func Answer(c *rig.Call) *rig.Reply {
	r := &rig.Reply{Status: 200}
	if c.Cluster == "idp" {
		r.Body = [][]byte{[]byte(keySet)}
	}
	return r
}

// Exchange makes a function that takes a request with a body, and its response, through a
// filter whose calls are answered and which may answer itself, and says what came of it. usage is
// as that of Cycle.
func (w *World) Exchange(tb testing.TB, name, config, authorization string) (run func() *rig.Stream, usage func() wasm.LaneStats) {
	made, err := w.answered(Answer, 1, table(name, config, calls))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(made.Close)
	if err := made.Advance(time.Second); err != nil {
		tb.Fatal(err)
	}
	document := [][]byte{[]byte(`{"id":7,"tenant":"acme","secret":"x","items":[` + strings.Repeat(`{"sku":"A-1","price":12.50},`, 30) + `{"sku":"A-2"}]}`)}
	message := rig.Message{Fields: []rig.Field{{Name: "content-type", Value: "application/json"}}, Body: document}
	request, response := message, message
	if authorization != "" {
		request.Fields = append(request.Fields[:1:1], rig.Field{Name: "authorization", Value: authorization})
	}
	in := rig.Request{Method: "GET", Path: "/orders/7", Authority: "shop.example", Scheme: "http", Message: request}
	facts := rig.Facts{Route: "orders", Client: netip.MustParseAddr("192.0.2.1")}
	return func() *rig.Stream {
		s := made.Begin(in, rig.Response{Status: 200, Message: response}, facts)
		if err := made.Settle(); err != nil {
			tb.Fatal(err)
		}
		if got := s.State(); got != rig.Done {
			tb.Fatalf("the stream is %s", got)
		}
		return s
	}, func() wasm.LaneStats { return made.Stats()[0].Lanes[0] }
}
