package main_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// sample says whether the admin's door shows a sample.
func sample(t *testing.T, admin, line string) bool {
	t.Helper()
	r, err := http.Get("http://" + admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	return err == nil && strings.Contains(string(text), line+"\n")
}

// TestFault delays and fails real requests.
func TestFault(t *testing.T) {
	up := &told{}
	_, r := chained(t, coretest.Serve(t, up).Addr, `filters = ["fault"]`, "[filters.fault]\nuse = \"fault\"\n"+
		`config = { delay_header = "x-delay", abort_header = "x-fault", longest = "1h", most = 1 }`, "[timeouts]\npause = \"1h\"")
	at := r.Listen["gateway"][0]
	for _, c := range []struct {
		fields []string
		status int
		tries  int
	}{
		{nil, 200, 1},
		{[]string{"X-Delay: 1"}, 200, 2},
		{[]string{"X-Fault: 418"}, 418, 2},
		{[]string{"X-Fault: 503", "X-Delay: 1"}, 503, 2},
		{[]string{"X-Fault: 0"}, 400, 2},
	} {
		got := coretest.Get(t, at, "/", c.fields...)
		if got.Status != c.status || len(up.got()) != c.tries {
			t.Errorf("%q: status %d, want %d; %d went upstream, want %d", c.fields, got.Status, c.status, len(up.got()), c.tries)
		}
	}
	// One that is delayed for long keeps others from that, until its client goes away.
	c := coretest.Dial(t, at)
	c.Send("GET / HTTP/1.1\r\nHost: test\r\nX-Delay: 3600000\r\n\r\n")
	coretest.Eventually(t, "the request is delayed", func() bool { return sample(t, r.Admin, `weir_filter_fault_delayed_total{filter="fault"} 3`) })
	if got := coretest.Get(t, at, "/", "X-Delay: 1"); got.Status != 200 || !sample(t, r.Admin, `weir_filter_fault_overflow_total{filter="fault"} 1`) {
		t.Errorf("status %d, and no overflow was counted", got.Status)
	}
	c.Reset()
	coretest.Eventually(t, "the place is free again", func() bool {
		coretest.Get(t, at, "/", "X-Delay: 1")
		return sample(t, r.Admin, `weir_filter_fault_delayed_total{filter="fault"} 4`)
	})
}
