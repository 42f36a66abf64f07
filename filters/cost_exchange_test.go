package filters_test

import "testing"

// exchanges are filters that wait for others, answer themselves or look at bodies, as
// they are used. fuel is as that of chains, for a request that is like the last one.
var exchanges = []struct {
	name, config, authorization string
	fuel                        uint64
	local                       bool
}{
	{"transform", `{"request":{"set":{"client":"{client_ip}"},"remove":["secret"]},"response":{"pick":["id","items.sku"]}}`, "", 17600, false},
	{"respond", `{"status":410,"body":"gone"}`, "", 600, true},
	{"basicauth", `{"users":"ann:$2a$04$Ti01TOZDARoLMjWBlrDFR.OKzEBqXoC.IRvOtmlp2ZcjxkTFUYipS"}`, "Basic YW5uOmFubidzIHBhc3N3b3Jk", 2400, false},
	{"extauthz", `{"cluster":"auth","url":"http://auth.internal/check","upstream_headers":["x-user"]}`, "Bearer x", 4900, false},
	{"mirror", `{"cluster":"shadow"}`, "", 1000, false},
}

func TestFuelOfExchanges(t *testing.T) {
	w, err := world()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range exchanges {
		t.Run(c.name, func(t *testing.T) {
			run, usage := w.Exchange(t, c.name, c.config, c.authorization)
			for range 100 { // what is made once is made by then
				if s := run(); s.Local != c.local || s.Failed {
					t.Fatalf("local %v, failed %v: %s", s.Local, s.Failed, s.Details)
				}
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
