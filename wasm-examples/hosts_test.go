package examples_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// proxy is one that runs an example, as a test sees it.
type proxy struct {
	addr   string
	metric func(name string) float64 // of the filter "example"
	log    func() string
	stop   func(t *testing.T) // it ends in order, and no filter has failed meanwhile
}

// connectionsName is that of the [[tcp]] service of examples that are about connections.
const connectionsName = "all"

// starter runs a proxy by a proxy.toml until the test ends. The error of one that
// does not come up holds what it logged.
type starter func(t *testing.T, toml string) (*proxy, error)

func weir(t *testing.T, toml string) (*proxy, error) {
	t.Helper()
	r, err := coretest.Start(t, toml, coretest.Options{})
	if err != nil {
		return nil, err
	}
	entry := "gateway"
	if len(r.Addrs()[connectionsName]) > 0 {
		entry = connectionsName
	}
	return &proxy{
		addr:   r.Addr(entry),
		metric: func(name string) float64 { return r.Metric(fmt.Sprintf("weir_filter_%s{filter=%q}", name, "example")) },
		log:    r.Log.String,
		stop: func(t *testing.T) {
			if err := r.Stop(); err != nil || r.Log.Has("a filter failed") {
				t.Errorf("the end: %v; the log:\n%s", err, r.Log)
			}
		},
	}, nil
}

// logs waits for a line.
func (p *proxy) logs(t *testing.T, text string) {
	t.Helper()
	coretest.Eventually(t, "the log has "+text, func() bool { return strings.Contains(p.log(), text) })
}

// counts waits for a metric's value.
func (p *proxy) counts(t *testing.T, name string, want float64) {
	t.Helper()
	coretest.Eventually(t, fmt.Sprintf("the metric %s is %v", name, want), func() bool { return p.metric(name) == want })
}
