package server

import (
	"cmp"
	"time"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/cluster/health"
	"github.com/weirproxy/weir/core/config"
)

// healthCheck is what a cluster's endpoints are asked, nil for nothing.
func healthCheck(t *config.Cluster) *health.Check {
	h := t.Health
	if h == nil {
		return nil
	}
	return &health.Check{
		Kind: h.Kind, Interval: time.Duration(h.Interval), Timeout: time.Duration(h.Timeout), Jitter: h.Jitter,
		HealthyAfter: h.HealthyAfter, UnhealthyAfter: h.UnhealthyAfter,
		Path: h.Path, Host: cmp.Or(h.Host, t.Host), Statuses: h.Statuses,
		Send: h.Send, Expect: h.Expect, Service: h.Service,
	}
}

// outlier says when requests take an endpoint out.
func outlier(t *config.Cluster) cluster.Outlier {
	o := t.Outlier
	if o == nil {
		return cluster.Outlier{}
	}
	return cluster.Outlier{Faults: o.Faults, Time: time.Duration(o.Time), MaxTime: time.Duration(o.MaxTime), MaxShare: o.MaxShare}
}

// healthView is how an endpoint is, as the admin's door shows it.
type healthView struct {
	Healthy   bool       `json:"healthy"`
	Since     *time.Time `json:"since,omitempty"` // the last change
	Checks    uint64     `json:"checks"`
	Failures  uint64     `json:"failures"`
	Error     string     `json:"error,omitempty"` // of the last check
	Ejected   bool       `json:"ejected"`
	Ejections uint64     `json:"ejections"`
}

func viewHealth(d cluster.Condition) healthView {
	v := healthView{Healthy: d.Health.Healthy, Checks: d.Health.Checks, Failures: d.Health.Failures, Ejected: d.Ejected, Ejections: d.Ejections}
	if s := d.Health.Since; !s.IsZero() {
		v.Since = &s
	}
	if d.Health.Err != nil {
		v.Error = d.Health.Err.Error()
	}
	return v
}
