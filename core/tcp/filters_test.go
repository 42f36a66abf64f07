package tcp_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"
	"github.com/weirproxy/weir/core/coretest"
)

// filtered is service with filters that do what their programs say.
func filtered(t *testing.T, endpoint, keys string, programs ...Program) string {
	t.Helper()
	module := filepath.Join(t.TempDir(), "guest.wasm")
	if err := os.WriteFile(module, Binary(), 0o600); err != nil {
		t.Fatal(err)
	}
	var names, tables []string
	for n, p := range programs {
		name := fmt.Sprintf("f%d", n+1)
		names = append(names, fmt.Sprintf("%q", name))
		tables = append(tables, fmt.Sprintf("[filters.%s]\nmodule = %q\nconfig = %q\ncalls = [\"up\"]", name, module, p.String()))
	}
	tables = append(tables, "[wasm]\nlanes = 1\nmin_tick = \"10ms\"\nlog_lines = 10000")
	return service([]string{endpoint}, keys+"\nfilters = ["+strings.Join(names, ", ")+"]", tables...)
}

// said are the lines that the guests wrote of what happened.
func said(p *coretest.Running) (lines []string) {
	for line := range strings.Lines(p.Log.String()) {
		if !strings.Contains(line, "filter=f") && !strings.Contains(line, `"filter":"f`) {
			continue
		}
		_, text, ok := strings.Cut(line, `"msg":"`)
		if !ok {
			continue
		}
		text, _, _ = strings.Cut(text, `","filter":`)
		if !strings.HasPrefix(text, "configure(") && !strings.HasPrefix(text, "vm_start(") && !strings.HasPrefix(text, "context_create(#0") {
			lines = append(lines, text)
		}
	}
	return lines
}

// sees waits for the last line, and compares all.
func sees(t *testing.T, p *coretest.Running, want ...string) {
	t.Helper()
	coretest.Eventually(t, "the guest says "+want[len(want)-1], func() bool { return slices.Contains(said(p), want[len(want)-1]) })
	if got := said(p); !slices.Equal(got, want) {
		t.Errorf("the guest said\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// TestFilterSees: the callbacks of a connection's life, in order.
func TestFilterSees(t *testing.T) {
	up := coretest.Script(t, func(c *coretest.Peer) {
		c.Body(4)
		c.Say("pong")
		c.Ended()
		c.Say("bye")
	})
	p := coretest.Proxy(t, filtered(t, up.Addr, "", Program{
		Trace(),
		On("downstream_data", Ask("get_buffer_bytes", 2, 0, 100, Text)),
		On("upstream_data", Ask("get_buffer_bytes", 3, 0, 100, Text)),
	}))
	c := coretest.Dial(t, p.Addr("db"))
	c.Send("ping")
	exact(t, c.R, "pong")
	c.HalfClose()
	if got, failed := all(c.R); got != "bye" || failed {
		t.Errorf("%q, failed %v", got, failed)
	}
	sees(t, p,
		"context_create(#1)", "new_connection(#1)",
		"downstream_data(#1,4,0)", "get_buffer_bytes=0 ping",
		"upstream_data(#1,4,0)", "get_buffer_bytes=0 pong",
		"downstream_data(#1,0,1)", "get_buffer_bytes=0 ",
		"upstream_data(#1,3,0)", "get_buffer_bytes=0 bye",
		"upstream_data(#1,0,1)", "get_buffer_bytes=0 ", "upstream_connection_close(#1,0)",
		"downstream_connection_close(#1,1)", "done(#1)", "log(#1)", "delete(#1)",
	)
}
