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
	"github.com/weirproxy/weir/core/wasm/wasmtest"
)

// filtered is service with filters that do what their programs say.
func filtered(t *testing.T, endpoint, keys string, programs ...Program) string {
	t.Helper()
	return filteredBy(t, Binary(), endpoint, keys, programs...)
}

// filteredBy is filtered with another guest.
func filteredBy(t *testing.T, guest []byte, endpoint, keys string, programs ...Program) string {
	t.Helper()
	module := filepath.Join(t.TempDir(), "guest.wasm")
	if err := os.WriteFile(module, guest, 0o600); err != nil {
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

// TestFilterFails: a connection whose filter fails ends, by on_error; the next has a
// fresh instance.
func TestFilterFails(t *testing.T) {
	up := coretest.Script(t, echo)
	p := coretest.Proxy(t, filtered(t, up.Addr, "", Program{On("downstream_data", When(Param(1), 4, Trap()))}))
	for _, c := range []struct {
		text string
		dies bool
	}{{"ok", false}, {"dead", true}, {"again", false}} {
		k := coretest.Dial(t, p.Addr("db"))
		k.Send(c.text)
		if !c.dies {
			exact(t, k.R, c.text)
			k.HalfClose() // or it would end with its instance
			_, _ = all(k.R)
		} else if !k.Closed() {
			t.Error("it was answered")
		}
	}
	coretest.Eventually(t, "it is counted", func() bool {
		return p.Metric(`weir_tcp_connections_total{reason="filter_trap",service="db"}`) == 1
	})
}

// TestFilterHoldsTooMuch: what a filter holds back is bounded, in bytes and in time.
func TestFilterHoldsTooMuch(t *testing.T) {
	up := coretest.Script(t, echo)
	hold := Program{On("downstream_data", Ret(1))}
	p := coretest.Proxy(t, filtered(t, up.Addr, "", hold)+"[limits]\nfilter_body = \"4KiB\"\n")
	c := coretest.Dial(t, p.Addr("db"))
	_, _ = c.Write(make([]byte, 64<<10)) // it may be cut before all is written
	if !c.Closed() {
		t.Error("it was answered")
	}
	p = coretest.Proxy(t, strings.Replace(filtered(t, up.Addr, "", Program{On("new_connection", Ret(1))}), "drain = ", "pause = \"100ms\"\ndrain = ", 1))
	if c = coretest.Dial(t, p.Addr("db")); !c.Closed() {
		t.Error("it was answered")
	}
	coretest.Eventually(t, "it is counted", func() bool {
		return p.Metric(`weir_tcp_connections_total{reason="filter_pause_timeout",service="db"}`) == 1
	})
}

// TestFilterOfAnotherKind: a filter of requests cannot be one of connections, and the
// reverse.
func TestFilterOfAnotherKind(t *testing.T) {
	up := coretest.Refusing(t)
	dir := t.TempDir()
	for name, c := range map[string]struct {
		export, sig, on, want string
	}{
		"of requests":    {"proxy_on_request_headers", "iii:i", "tcp", "name it in the filters of a route"},
		"of connections": {"proxy_on_new_connection", "i:i", "route", "name it in the filters of [[tcp]]"},
	} {
		m := wasmtest.New()
		m.Memory(1, 0)
		m.Func("proxy_abi_version_0_2_1", "")
		m.Func("malloc", "i:i", wasmtest.I32(1024))
		m.Func(c.export, c.sig, wasmtest.I32(0))
		file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".wasm")
		if err := os.WriteFile(file, m.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		keys, tables := `filters = ["f1"]`, fmt.Sprintf("[filters.f1]\nmodule = %q", file)
		if c.on == "route" {
			keys, tables = "", tables+"\n[[routes]]\nfilters = [\"f1\"]\ncluster = \"up\""
		}
		_, err := coretest.Start(t, service([]string{up}, keys, tables), coretest.Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("a filter %s: %v, want %q", name, err, c.want)
		}
	}
}
