package differential_test

import (
	"os"
	"strings"
	"testing"
)

// knownDifferences are the cases in which Weir departs from Envoy on purpose:
// each with words of its line in DIFFERENCES.md.
var knownDifferences = map[string]string{
	"pseudo-unknown":                                    "other names that begin with `:` are taken and dropped",
	"status-on-a-request":                               "other names that begin with `:` are taken and dropped",
	"request-pause-and-reply-without-the-context":       "`send_local_response` on a root",
	"response-pause-and-reply-without-the-context":      "`send_local_response` on a root",
	"call-and-answer-without-the-context":               "`send_local_response` on a root",
	"config-and-a-reply":                                "`send_local_response` on a root",
	"reply-at-the-begin":                                "`send_local_response` in `on_context_create`",
	"metric-without-a-name":                             "a metric may have an empty name",
	"rpc-stream-refused":                                "the text of a failed call",
	"property-response-grpc":                            "`response.grpc_status` is 2 on plain responses",
	"request-map-read-later":                            "request headers and request properties can be read in their own phase only",
	"request-trailers-heads":                            "request headers and request properties can be read in their own phase only",
	"property-request-path-later":                       "request headers and request properties can be read in their own phase only",
	"request-stop-iteration-let-go-by-the-first-piece":  "a head that went on can be read and written",
	"response-stop-iteration-let-go-by-the-first-piece": "a head that went on can be read and written",
	"metadata-at-top-level":                             "`route_name`, `cluster_name`, `node`",
	"property-at-top-level":                             "`route_name`, `cluster_name`, `node`",
	"property-set-of-two-segments":                      "a property of several segments that a filter set",
	"call-broken":                                       "the maps of a call that broke",
	"call-trailer-of-an-answer-without":                 "the maps of a call that broke",
	"request-trailers-body":                             "a body that was not collected",
	"response-trailers-body":                            "a body that was not collected",
	"scheme-remove":                                     "a removed `:scheme` is gone",
	"authority-remove":                                  "without an authority a request goes upstream without Host",
	"request-duplicates":                                "fields that Envoy keeps as one are joined when they come in",
	"inline-duplicates":                                 "fields that Envoy keeps as one are joined when they come in",
	"response-hop-by-hop":                               "what belongs to the connection stays in responses",
	"request-body-hold-by-action-2":                     "data action 2 holds a piece",
	"response-body-hold-by-action-2":                    "data action 2 holds a piece",
	"request-body-drop-behind-held":                     "data action 2 holds a piece",
	"response-body-drop-behind-held":                    "data action 2 holds a piece",
	"request-body-with-a-length":                        "the end of a body over HTTP/1",
	"response-body-with-a-length":                       "the end of a body over HTTP/1",
	"response-trailers-added-before-another":            "the end of a body over HTTP/1",
	"request-pause-of-the-second-of-two":                "filters before one that holds a head see the body",
	"response-pause-of-the-first-of-two":                "filters before one that holds a head see the body",
	"reply-of-the-first-of-two":                         "a local reply without a body",
	"reply-of-the-second-of-two":                        "a local reply without a body",
	"reply-of-the-second-of-three":                      "a local reply without a body",
	"call-refused":                                      "the text of a failed call",
	"call-reset":                                        "the text of a failed call",
	"life-of-an-upstream-that-resets":                   "an upstream that resets before its head",
	"trap-once-and-the-next-request":                    "a trap ends the VM",
	"trap-after-a-reply":                                "a trap behind `send_local_response`",
	"trap-of-the-second-of-two":                         "the 503 for a trap has no body",
	"trap-fail-open":                                    "FAIL_OPEN still answers 503",
	"trap-fail-open-and-the-next-request":               "FAIL_OPEN still answers 503",
	"trap-fail-open-at-the-response":                    "FAIL_OPEN still answers 503",
}

// TestKnownDifferences needs no Envoy: the list names cases and lines that
// there are.
func TestKnownDifferences(t *testing.T) {
	document, err := os.ReadFile("../DIFFERENCES.md")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, c := range allCases() {
		if names[c.name] {
			t.Errorf("two cases are called %q", c.name)
		}
		names[c.name] = true
	}
	for name, words := range knownDifferences {
		if !names[name] {
			t.Errorf("knownDifferences has %q, which is no case", name)
		}
		found := false
		for line := range strings.Lines(string(document)) {
			found = found || strings.HasPrefix(line, "|") && strings.Contains(line, words)
		}
		if !found {
			t.Errorf("knownDifferences has %q for %q, which no line of DIFFERENCES.md says", words, name)
		}
	}
}
