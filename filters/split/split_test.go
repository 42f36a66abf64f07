package split_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	_ "github.com/weirproxy/weir/filters/split"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "split", "testdata") }

func TestOtherHostsAreRefused(t *testing.T) {
	h, ok := sdktest.Start(t, "split", sdktest.Options{Config: config("random", 1, 1), Elsewhere: true})
	if ok || !strings.Contains(h.Logs()[0], "split runs in Weir only") {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
}

// config has targets c0, c1 and so on.
func config(by string, weights ...int) string {
	var targets []string
	for i, w := range weights {
		targets = append(targets, fmt.Sprintf(`{"cluster":"c%d","weight":%d}`, i, w))
	}
	return fmt.Sprintf(`{"by":%q,"targets":[%s]}`, by, strings.Join(targets, ","))
}

const clients = 20_000

// spread is where each of many clients goes.
func spread(t *testing.T, config string) (targets []string, counts map[string]int) {
	h := sdktest.New(t, "split", config)
	counts = map[string]int{}
	for i := range clients {
		s := h.Stream(sdktest.Request{Headers: sdktest.H("x-user", fmt.Sprintf("user-%d", i))})
		cluster, _ := s.Property("weir.cluster")
		targets, counts[cluster] = append(targets, cluster), counts[cluster]+1
		s.Respond(sdktest.Response{})
		s.Finish()
	}
	return targets, counts
}

// TestShares: weights are kept to, within five standard deviations.
func TestShares(t *testing.T) {
	for _, by := range []string{"random", "header:x-user"} {
		_, counts := spread(t, config(by, 90, 9, 1, 0))
		for cluster, share := range map[string]float64{"c0": 0.9, "c1": 0.09, "c2": 0.01} {
			want := clients * share
			if d := float64(counts[cluster]) - want; d*d > 25*want*(1-share) {
				t.Errorf("by %s: %s has %d of %d, want about %.0f", by, cluster, counts[cluster], clients, want)
			}
		}
		if counts["c3"] > 0 {
			t.Errorf("by %s: %d went to a target of weight 0", by, counts["c3"])
		}
	}
}

// TestOnlyTheShareMoves: when a weight grows, clients move to that target alone,
// as many as its share demands.
func TestOnlyTheShareMoves(t *testing.T) {
	before, _ := spread(t, config("header:x-user", 50, 40, 10))
	after, _ := spread(t, config("header:x-user", 50, 40, 30))
	moved := 0
	for i := range before {
		if before[i] == after[i] {
			continue
		}
		if moved++; after[i] != "c2" {
			t.Fatalf("client %d moved from %s to %s", i, before[i], after[i])
		}
	}
	// c2 grows from 10 of 100 to 30 of 120.
	const want = clients * (0.25 - 0.1)
	if d := float64(moved) - want; d*d > 25*want {
		t.Errorf("%d moved, want about %.0f", moved, want)
	}
}

// TestStickyClientsStay: the cookie that was given brings a client back, whatever
// it draws meanwhile; a forged one is drawn anew and replaced.
func TestStickyClientsStay(t *testing.T) {
	const config = `{"targets":[{"cluster":"a","weight":1},{"cluster":"b","weight":1}],"sticky":{"cookie":"rel","max_age":"1h"}}`
	h := sdktest.New(t, "split", config)
	ask := func(cookie string) (cluster, set string) {
		s := h.Stream(sdktest.Request{Headers: sdktest.H("cookie", cookie)})
		cluster, _ = s.Property("weir.cluster")
		s.Respond(sdktest.Response{})
		defer s.Finish()
		for _, f := range s.Downstream().Headers() {
			if f.Name == "set-cookie" {
				set = f.Value
			}
		}
		return cluster, set
	}
	tokens := map[string]string{}
	for range 200 {
		cluster, set := ask("x=1")
		token, attributes, _ := strings.Cut(strings.TrimPrefix(set, "rel="), ";")
		if attributes != " Path=/; HttpOnly; SameSite=Lax; Max-Age=3600" || len(token) != 24 || strings.Contains(token, cluster+cluster) {
			t.Fatalf("set-cookie is %q", set)
		}
		if old := tokens[cluster]; old != "" && old != token {
			t.Fatalf("%s has the values %s and %s", cluster, old, token)
		}
		tokens[cluster] = token
	}
	for cluster, token := range tokens {
		for range 50 {
			if got, set := ask("x=1; rel=" + token + "; y=2"); got != cluster || set != "" {
				t.Fatalf("%s came to %s, set-cookie %q", cluster, got, set)
			}
		}
	}
	for _, forged := range []string{"a", "", tokens["a"] + "0", strings.ToUpper(tokens["a"]) + "x", strings.Repeat("f", 4096)} {
		if _, set := ask("rel=" + forged); set == "" {
			t.Errorf("%.20q was taken", forged)
		}
	}
}
