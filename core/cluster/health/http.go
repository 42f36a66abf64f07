package health

import (
	"fmt"
	"slices"
	"time"

	"github.com/weirproxy/weir/core/stream"
)

// httpProbe asks by a GET request.
type httpProbe struct{ *transport }

func (p *httpProbe) check(by time.Time) error {
	return p.exchange(nil, by, p.judge)
}

func (p *httpProbe) judge(*stream.Headers) error {
	status := p.response.Status
	if len(p.Statuses) == 0 && status >= 200 && status <= 299 || slices.Contains(p.Statuses, status) {
		return nil
	}
	return fmt.Errorf("checking health: GET %s was answered %d, want %s", p.Path, status, p.wanted())
}

func (p *httpProbe) wanted() string {
	if len(p.Statuses) == 0 {
		return "200 to 299"
	}
	return fmt.Sprint(p.Statuses)
}
