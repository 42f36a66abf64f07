package wrk

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	out := "Running 1s test @ http://127.0.0.1:1/\n  2 threads and 64 connections\nTransfer/sec:      1.00MB\n" +
		`{"requests":1000,"duration_us":500000,"bytes":1100000,"p50_us":120,"p99_us":900,"max_us":1500,` +
		`"connect":0,"read":0,"write":0,"status":0,"timeout":0}` + "\n"
	r, err := parse([]byte(out))
	if err != nil {
		t.Fatal(err)
	}
	if r.Requests != 1000 || r.P50US != 120 || r.P99US != 900 || r.RPS() != 2000 {
		t.Errorf("got %+v, %v requests a second", r, r.RPS())
	}
	for _, bad := range []string{"", "unable to connect", "Running\n{\"requests\":"} {
		if r, err := parse([]byte(bad)); err == nil {
			t.Errorf("parsing %q gave %+v, want an error", bad, r)
		}
	}
}

func TestCheckRefusesRunsWithErrors(t *testing.T) {
	good := Result{Requests: 10, Bytes: 11000}
	for _, c := range []struct {
		name string
		edit func(*Result)
		want string // of the error; "" for none
	}{
		{"good", func(*Result) {}, ""},
		{"nothing", func(r *Result) { r.Requests = 0 }, "no request was answered"},
		{"error pages", func(r *Result) { r.Status = 2 }, "status 2"},
		{"late", func(r *Result) { r.Timeout = 1 }, "timeout 1"},
		{"cut off", func(r *Result) { r.Read = 3 }, "read 3"},
		{"short", func(r *Result) { r.Bytes = 9000 }, "want at least 1024 each"},
	} {
		r := good
		c.edit(&r)
		err := r.check(1024)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}
