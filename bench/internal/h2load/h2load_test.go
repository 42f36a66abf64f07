package h2load

import (
	"strings"
	"testing"
)

const output = `finished in 1.05s, 19119.01 req/s, 19.31MB/s
requests: 200 total, 200 started, 200 done, 200 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 200 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 20.20MB (21180224) total, 332.04KB (340004) headers (space savings 66.00%), 200.00KB (204800) data
`

func TestParse(t *testing.T) {
	r, err := parse([]byte(output), 1024)
	if err != nil || r.Requests != 200 || r.Bytes != 204800 {
		t.Fatalf("%+v, %v", r, err)
	}
	for bad, want := range map[string]string{
		"": "no sums",
		strings.Replace(output, " 0 failed", " 2 failed", 1):       "2 failed",
		strings.Replace(output, " 0 timeout", " 1 timeout", 1):     "1 failed",
		strings.Replace(output, "200 succeeded", "0 succeeded", 1): "no request",
		strings.Replace(output, "(204800)", "(204799)", 1):         "at least 1024",
	} {
		if _, err := parse([]byte(bad), 1024); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", bad, err, want)
		}
	}
}

func TestLatencies(t *testing.T) {
	p50, p99, most, err := latencies(strings.NewReader("1 200 30\n2 200 10\n3 200 20\n"))
	if err != nil || p50 != 20 || p99 != 30 || most != 30 {
		t.Errorf("%d %d %d, %v", p50, p99, most, err)
	}
	for _, bad := range []string{"", "1 200\n", "1 200 x\n"} {
		if _, _, _, err := latencies(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
