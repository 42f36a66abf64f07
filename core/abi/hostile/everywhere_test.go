package hostile_test

import (
	"fmt"
	"testing"
)

// callbacks are those of testdata/everywhere.wat, in the order of its letters.
var callbacks = []string{
	"context_create", "vm_start", "configure",
	"request_headers", "request_body", "request_trailers", "response_headers", "response_body", "response_trailers",
	"log", "done", "delete",
	"tick", "queue_ready", "http_call_response", "foreign_function",
}

// TestEverywhere has a filter misbehave in each callback that there is.
func TestEverywhere(t *testing.T) {
	w := newWorld(t)
	for deed, letter := range map[string]string{"loop": "l", "trap": "t", "exit": "x"} {
		for k, callback := range callbacks {
			s := &subject{
				name: deed + "-in-" + callback, module: binary(t, "everywhere"), outcome: ended,
				keys: []string{fmt.Sprintf("vm_config = \"%c%s\"", 'a'+k, letter), `calls = ["up"]`},
			}
			if callback == "vm_start" || callback == "configure" {
				s.outcome = refused
			}
			t.Run(s.name, func(t *testing.T) { w.bring(t, s) })
		}
	}
}
