package filters_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/weirproxy/weir/filters/filtertest/realhost"
)

const annsKey = `{"keys":[{"name":"ann","sha256":"4aebd70d3e9413c91f66417e4fea3d65096e0723b1d5b84093132287a974a2bd"}]}`

// jwtConfig looks at all that is usually looked at, and passes two claims on.
var jwtConfig = `{"claims":["tenant"],"claim_headers":{"x-user":"sub"},"issuers":[{"issuer":"https://idp.example.org/","audiences":["orders"],` +
	`"secret":"` + realhost.Secret + `","require":{"scope":"orders:read"}}]}`

// fetchedConfig is the same with keys that are fetched.
var fetchedConfig = `{"header":"x-token","claims":["tenant"],"claim_headers":{"x-user":"sub"},"issuers":[{"issuer":"https://idp.example.org/","audiences":["orders"],` +
	`"jwks_url":"https://idp.example.org/keys","cluster":"idp","require":{"scope":"orders:read"}}]}`

// five is a chain of five filters as a gateway has it.
var five = []string{
	"requestid", "",
	"headers", `{"request":{"remove":["x-internal"],"set":{"x-client":"{client_ip}"}},"response":{"remove":["server"],"set":{"x-frame-options":"DENY"}}}`,
	"apikey", annsKey,
	"ratelimit", `{"requests":1000000000,"per":"1s"}`,
	"accesslog", `{"fields":{"agent":"{header:user-agent}"}}`,
}

// fiftyRules are those of "authz" of which the last allows what the bench sends, and
// looks at something else, too.
func fiftyRules(also string) string {
	var b strings.Builder
	b.WriteString(`{"deny":[{"name":"admin","paths":["/admin/**"]}],"allow":[`)
	for i := range 48 {
		fmt.Fprintf(&b, `{"name":"r%d","peers":["spiffe://example.org/ns/a/sa/svc-%02d"],"methods":["GET"],"paths":["/orders/{id}"]},`, i, i)
	}
	b.WriteString(`{"name":"last",` + also + `"peers":["spiffe://example.org/ns/*/sa/web"],"methods":["GET"],"paths":["/orders/{id}"]}]}`)
	return b.String()
}

// chains are single filters as they are used, and the five together. fuel is
// what a stream may burn in guest and host calls, about a nanosecond each: the
// guard against a filter that becomes slow, since time cannot be measured where
// others work beside. Of those that declare all they do, or have the host remember it, it is 0: no
// callback. Names with "asked" are of requests that are not remembered.
var chains = []struct {
	name  string
	fuel  uint64
	chain []string
}{
	{"none", 0, nil},
	{"headers-one", 0, []string{"headers", `{"request":{"set":{"x-a":"1"}}}`}},
	{"headers-response", 0, []string{"headers", `{"response":{"set":{"x-a":"1"}}}`}},
	{"headers", 0, five[2:4]},
	{"requestid", 0, five[0:2]},
	{"apikey", 0, five[4:6]},
	{"apikey-asked", 1550, []string{"apikey", strings.Replace(annsKey, "{", `{"header":"x-api-key","query":"key",`, 1)}},
	{"authz", 0, []string{"authz", fiftyRules("")}},
	{"authz-near", 0, []string{"authz", fiftyRules(`"sources":["192.0.2.0/24"],`)}},
	{"authz-field", 0, []string{"authz", fiftyRules(`"headers":{"accept":["*/*"]},`)}},
	{"authz-asked", 2650, []string{"authz", fiftyRules(`"sources":["192.0.2.0/24"],"headers":{"user-agent":["*","\u00fc"]},`)}},
	{"split", 2400, []string{"split", `{"targets":[{"cluster":"a","weight":95},{"cluster":"b","weight":5}],"match":[{"header":"x-canary","values":{"yes":"b"}}],"by":"client_ip"}`}},
	{"ratelimit", 0, five[6:8]},
	{"rewrite", 0, []string{"rewrite", `{"strip_prefix":"/orders"}`}},
	{"accesslog", 0, five[8:10]},
	{"cors", 0, []string{"cors", `{"origins":["https://a.example"],"credentials":true}`}},
	{"ipfilter", 1500, []string{"ipfilter", `{"deny":["198.51.100.0/24","2001:db8::/32"],"default":"allow"}`}},
	{"redirect", 2500, []string{"redirect", `{"scheme":"http","host":"shop.example"}`}},
	{"circuitbreaker", 0, []string{"circuitbreaker", `{"percent":50,"key":"route"}`}},
	{"retrypolicy", 0, []string{"retrypolicy", ""}},
	{"deadline", 750, []string{"deadline", `{"most":"10s"}`}},
	{"fault", 300, []string{"fault", `{"abort":{"status":503,"percent":0}}`}},
	{"compress", 2800, []string{"compress", ""}},
	{"jwt", 0, []string{"jwt", jwtConfig}},
	{"jwt-fetched", 0, []string{"jwt", fetchedConfig}},
	{"trace", 0, []string{"trace", ""}},
	{"metrics", 1200, []string{"metrics", `{"measure":["requests"],"labels":{"route":"{route}","class":"{status_class}"}}`}},
	{"five", 0, five},
}

func TestFuel(t *testing.T) {
	w, err := world()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range chains {
		t.Run(c.name, func(t *testing.T) {
			run, usage := w.Cycle(t, c.chain...)
			for range 100 { // what is made once is made by then
				run()
			}
			const n = 1000
			before := usage().Fuel
			for range n {
				run()
			}
			got := (usage().Fuel - before) / n
			t.Logf("%d a stream", got)
			if got > c.fuel {
				t.Errorf("a stream burns %d, more than %d", got, c.fuel)
			}
		})
	}
}

// TestMemoryStays: a guest's memory only grows, so what it keeps of streams
// would show.
func TestMemoryStays(t *testing.T) {
	w, err := world()
	if err != nil {
		t.Fatal(err)
	}
	run, usage := w.Cycle(t, five...)
	for range 1000 {
		run()
	}
	before := usage().Memory
	for range 20_000 {
		run()
	}
	if after := usage().Memory; before == 0 || after != before {
		t.Errorf("the instance grew from %d to %d bytes in 20000 streams", before, after)
	}
}

// cpu is the processor time of this process, which says more than the clock
// where others work beside it.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkWasm is a stream's whole life in the real host and chain.
func BenchmarkWasm(b *testing.B) {
	w, err := world()
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range chains {
		b.Run(c.name, func(b *testing.B) {
			run, _ := w.Cycle(b, c.chain...)
			run()
			b.ReportAllocs()
			before := cpu()
			for b.Loop() {
				run()
			}
			b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/op")
		})
	}
}
