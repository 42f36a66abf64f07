package differential_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// normalised are the fields that are not compared, each with its reason. The
// order of fields with different names, which has no meaning, is not either.
var normalised = []struct{ who, name, why string }{
	{"both", "x-case", "Weir's routes tell cases apart by it"},
	{"client", "date", "the time, where the upstream did not say it"},
	{"client", "server", "the proxy's name, where the upstream gave none"},
	{"both", "transfer-encoding", "framing is the proxy's own; the body is compared"},
	{"both", "content-length", "likewise, where there is a body that has this length"},
	{"origin", "x-envoy-expected-rq-timeout-ms", "Envoy's own word to another Envoy, on calls"},
	{"origin", "x-envoy-internal", "likewise"},
	{"both", "connection", "belongs to one connection: Weir names TE in it, and reads off a request's body where Envoy closes"},
}

// framed is a message with its length as its sender said it, in the way that both
// proxies say it.
func (m *message) framed() *message {
	n := *m
	if len(m.body) == 0 && m.get("transfer-encoding") != "" {
		n.fields = append(slices.Clone(m.fields), field{"content-length", "0"})
	}
	return &n
}

// normal is a message, at the client or an origin, without what is not
// compared.
func (m *message) normal(who string) *message {
	n := *m.framed().silenced()
	n.fields = slices.DeleteFunc(slices.Clone(n.fields), func(f field) bool {
		for _, e := range normalised {
			if f.name == "content-length" && (len(m.body) == 0 || f.value != strconv.Itoa(len(m.body))) {
				return false
			}
			if f.name == e.name && (e.who == who || e.who == "both") {
				return true
			}
		}
		return false
	})
	return &n
}

// silenced is a response of a proxy's own about a failure, without its text:
// Weir has one for each status, Envoy tells some of its reasons, or nothing.
func (m *message) silenced() *message {
	code, err := strconv.Atoi(m.start)
	if err != nil || code < 500 {
		return m
	}
	if body := string(m.body); body != http.StatusText(code)+"\n" && !strings.HasPrefix(body, "upstream connect error") && body != "" {
		return m
	}
	n := *m
	n.body = nil
	n.fields = slices.DeleteFunc(slices.Clone(m.fields), func(f field) bool {
		return f.name == "content-length" || f.name == "content-type"
	})
	return &n
}
