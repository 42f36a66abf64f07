package coretest

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

// Side is what a test has of a proxy beside its listeners, wherever that runs.
type Side struct {
	File string // of its configuration
	Log  *Log

	t     testing.TB
	admin func() string // the address of its admin's door
}

// Write changes the configuration's file in one step, as a deployment does.
func (s *Side) Write(toml string) {
	s.t.Helper()
	next := s.File + ".next"
	if err := os.WriteFile(next, []byte(toml), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(next, s.File); err != nil {
		s.t.Fatal(err)
	}
}

// AdminReply is an answer of the admin's door.
type AdminReply struct {
	Status int
	Body   string
}

// Admin asks the admin's door.
func (s *Side) Admin(method, path string) AdminReply {
	s.t.Helper()
	req, err := http.NewRequest(method, "http://"+s.admin()+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return AdminReply{Body: err.Error()}
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return AdminReply{resp.StatusCode, string(body)}
}

// Metric is the value of a sample on the metrics page, by its name and labels
// as they stand there; 0 when it is not there.
func (s *Side) Metric(sample string) float64 {
	s.t.Helper()
	for line := range strings.Lines(s.Admin("GET", "/metrics").Body) {
		if rest, ok := strings.CutPrefix(line, sample+" "); ok {
			v := 0.0
			if _, err := fmt.Sscan(rest, &v); err != nil {
				s.t.Fatalf("metric %s: %v", sample, err)
			}
			return v
		}
	}
	return 0
}
