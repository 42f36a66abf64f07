package differential_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// weir is a running Weir with a route for each case.
type weir struct {
	t *testing.T
	*coretest.Running
}

func startWeir(t *testing.T, s *side, config string) *weir {
	t.Helper()
	return &weir{t, coretest.ProxyWith(quiet{t}, config, coretest.Options{Log: &weirLog{side: s}})}
}

// quiet is a test whose failures are no reason to show the proxy's whole log:
// what it says of a case is in the difference.
type quiet struct{ testing.TB }

func (quiet) Failed() bool { return false }

// weirConfig is what envoyConfig is for Envoy.
func weirConfig(cases []differentialCase, module string, s *side, refusing string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `version = 1
[node]
id = %q
cluster = "edge"
locality = { region = "north", zone = "north-1", sub_zone = "a" }
metadata = %s
[gateway]
listen = ["127.0.0.1:0"]
tls_listen = ["127.0.0.1:0"]
%s[admin]
listen = "127.0.0.1:0"
[log]
format = "json"
[trust]
request_id = true
[errors]
negotiate = false
[timeouts]
drain_delay = "0s"
drain = "2s"
[wasm]
cache = "off"
lanes = 1
budget = "5s"
host_calls = 1000000
log_lines = 1000000
min_tick = "1ms"
[clusters.origin]
endpoints = [%q]
metadata = %s
[clusters.callee]
endpoints = [%q]
[clusters.refusing]
endpoints = [%q]
[clusters.service]
endpoints = [%q]
protocol = "http2"
`, nodeID, inline(nodeMetadata), s.papers.weirTable(), s.origins.addr, inline(clusterMetadata), s.callees.addr, refusing, s.services.addr)
	for i := range cases {
		weirCase(&b, &cases[i], module)
	}
	// Where a filter takes the case's field away.
	b.WriteString("[[routes]]\nname = \"rest\"\ncluster = \"origin\"\n")
	return b.String()
}

func weirCase(b *strings.Builder, c *differentialCase, module string) {
	var names []string
	for i := range c.filters {
		f := &c.filters[i]
		name := filterName(c, i)
		names = append(names, quote(name))
		fmt.Fprintf(b, "[filters.%s]\nmodule = %s\nroot_id = %s\nvm = %s\nconfig = %s\ncalls = [\"callee\", \"refusing\", \"service\"]\n",
			name, quote(module), quote(f.rootID(c, i)), quote(f.vmName()), quote(f.pluginConfig()))
		if f.inVM {
			fmt.Fprintf(b, "vm_config = %s\n", quote(f.program.String()))
		}
		if f.pause {
			b.WriteString("on_pause = \"stop_iteration\"\n")
		}
		if f.open {
			b.WriteString("on_error = \"open\"\n")
		}
	}
	fmt.Fprintf(b, "[[routes]]\nname = %s\nmatch.headers = { \"x-case\" = %s }\nfilters = [%s]\ncluster = \"origin\"\nretries.max = 0\nmetadata = %s\n",
		quote(c.name), quote(c.name), strings.Join(names, ", "), inline(routeMetadata))
}

// inline is a value as TOML in one line.
func inline(v any) string {
	var parts []string
	switch v := v.(type) {
	case object:
		for name, e := range v {
			parts = append(parts, quote(name)+" = "+inline(e))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case list:
		for _, e := range v {
			parts = append(parts, inline(e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		return quote(v)
	}
	return fmt.Sprint(v)
}

// quote is a TOML string: JSON's are.
func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (w *weir) addr(c *differentialCase) string {
	if c.secured != nil {
		return w.Addrs()["gateway"][1]
	}
	return w.Addr("gateway")
}

// settle waits until no stream is left.
func (w *weir) settle(c *differentialCase) {
	coretest.Eventually(w.t, "the streams of "+c.name+" have ended", func() bool {
		var rows []struct{ Streams int }
		reply := w.Admin("GET", "/listeners")
		if err := json.Unmarshal([]byte(reply.Body), &rows); err != nil || len(rows) == 0 {
			w.t.Fatalf("asking for listeners: %v: %.200q", err, reply.Body)
		}
		for _, r := range rows {
			if r.Streams > 0 {
				return false
			}
		}
		return true
	})
}

// weirLog reads Weir's log: JSON, a line each.
type weirLog struct {
	side *side
	rest []byte
}

// Write implements io.Writer. The logger calls it one at a time.
func (l *weirLog) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		line, rest, ok := bytes.Cut(l.rest, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		l.rest = rest
		var entry struct {
			Message  string `json:"msg"`
			Filter   string `json:"filter"`
			VM       string `json:"vm"` // of a guest that speaks for no filter
			Instance *int   `json:"instance"`
			Error    string `json:"error"`
		}
		if json.Unmarshal(line, &entry) != nil || entry.Instance == nil || entry.Error != "" ||
			strings.HasPrefix(entry.Message, "calling cluster ") { // the host's word, not the guest's
			continue
		}
		if entry.Filter == "" {
			entry.Filter = "f1-" + entry.VM // cases alone in a VM give it their name
		}
		l.side.logged(entry.Filter, entry.Message)
	}
}
