package compare

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirproxy/weir/bench/internal/proc"
)

var update = flag.Bool("update", false, "write the golden files")

// slice is one of 1000 requests at the given microseconds each.
func slice(name string, user, system int) Slice {
	return Slice{
		System: name, Requests: 1000, RPS: float64(40000 - 10*user),
		Used: proc.Usage{User: time.Duration(user) * time.Millisecond, System: time.Duration(system) * time.Millisecond},
		P50:  time.Duration(user) * time.Millisecond, P99: time.Duration(10*user) * time.Millisecond,
		Resident: int64(user) << 20,
	}
}

// sample is a run on a machine that was half as fast for a round.
func sample() Results {
	return Results{
		Plan: Plan{Rounds: 3, Seconds: 4, Connections: 64},
		Rounds: [][]Slice{
			{slice("nginx", 5, 15), slice("envoy", 40, 20), slice("weir", 8, 14), slice("weir+5", 20, 15)},
			{slice("nginx", 10, 30), slice("envoy", 80, 40), slice("weir", 16, 28), slice("weir+5", 30, 30)},
			{slice("nginx", 6, 14), slice("envoy", 42, 20), slice("weir", 12, 14), slice("weir+5", 20, 14)},
		},
	}
}

func TestSummary(t *testing.T) {
	got := sample().Summary(3) // weir+5
	want := Summary{
		CPU: 34, User: 20, System: 14, CPUMedian: 35,
		RPS: 39800, P50: 20000, P99: 200000, Resident: 30,
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestVerdicts(t *testing.T) {
	for i, want := range []struct {
		name  string
		ratio float64
		met   bool
	}{
		{"weir/nginx", 1.1, true}, // of 1.1, 1.1, 1.3
		{"weir+5/nginx", 1.7, false},
		{"weir+5/envoy", 34.0 / 62, true},
	} {
		v := sample().Verdicts()[i]
		if v.Name() != want.name || round(v.Ratio, 6) != round(want.ratio, 6) || v.Met() != want.met {
			t.Errorf("got %s %v met %v, want %+v", v.Name(), v.Ratio, v.Met(), want)
		}
	}
	if n := len(sample().Verdicts()); n != 3 {
		t.Errorf("%d verdicts, want 3: one target's systems were not measured", n)
	}
}

func TestMedianOfEvenNumber(t *testing.T) {
	of := []float64{4, 1, 3, 2}
	if got := median(of); got != 2.5 {
		t.Errorf("got %v, want 2.5", got)
	}
	if of[0] != 4 {
		t.Error("median changed what it was given")
	}
}

func TestOutputs(t *testing.T) {
	var table, js bytes.Buffer
	if err := sample().WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	if err := sample().WriteJSON(&js); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(js.Bytes()) {
		t.Errorf("not JSON: %s", js.String())
	}
	for name, got := range map[string][]byte{"table.txt": table.Bytes(), "results.json": js.Bytes()} {
		file := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}
