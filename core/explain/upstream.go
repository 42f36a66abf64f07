package explain

import (
	"fmt"
	"strings"
	"time"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/server"
	"github.com/weirproxy/weir/core/trial/rig"
)

// upstream is where the request goes that has passed the chain of route i. kept
// says that a filter keeps the route whatever it changed.
func (x *inquiry) upstream(rec *recorder, s *rig.Stream, i int, kept bool) {
	changed := x.passed(s.Upstream)
	u := &Upstream{Priority: x.plan.Routes[i].Priority}
	if (changed || s.Cleared) && !kept {
		if i = x.rematch(u, rec); i < 0 {
			if x.q.Response != 0 {
				x.report.Notes = append(x.report.Notes, "no upstream answers, so that what filters do to its response does not happen")
			}
			return
		}
	}
	x.info.Wishes = rec.wishes
	r := &x.plan.Routes[i]
	given, by := x.given()
	x.tell(given, r)
	u.Method, u.Authority, u.Path = string(x.head.Method), string(x.head.Authority), x.masks.path(string(x.head.Path))
	u.Fields = x.masks.fields(listed(&x.head.Headers))
	u.BodyLength, u.BodyChanged = len(s.Upstream.Body()), s.Upstream.Body() != string(x.q.Body)
	x.choose(u, r, s.Cluster, rec)
	x.bounds(u, r, given, by)
	u.Mirror = x.info.Wishes.Mirror.Cluster
	x.report.Upstream = u
}

// passed takes the head as it left the chain, and says whether what routes are
// matched by is another.
func (x *inquiry) passed(seen *rig.Seen) (changed bool) {
	h := &x.head
	was := string(h.Method) + " " + string(h.Authority) + string(h.Path)
	h.Headers.Reset()
	for _, f := range seen.Head {
		switch f.Name {
		case ":method":
			h.Method = []byte(f.Value)
		case ":path":
			h.Path = []byte(f.Value)
		case ":authority":
			h.Authority = []byte(f.Value)
		case ":scheme":
		default:
			h.Headers.AddString(f.Name, f.Value)
		}
	}
	return was != string(h.Method)+" "+string(h.Authority)+string(h.Path)
}

// rematch finds the route once more; -1 where there is none, which is answered.
func (x *inquiry) rematch(u *Upstream, rec *recorder) int {
	path, err := x.plan.Paths.Normalize(x.head.Path, &x.scratch)
	if err != nil {
		x.answered("answered", err)
		return -1
	}
	x.head.Path = append([]byte(nil), path...)
	i, err := x.match(&u.Route)
	if err != nil || i < 0 {
		x.answered("answered", fault.New(fault.NoRoute, "after what the filters changed, no route matches the request", err))
		return -1
	}
	u.Route.Filter, u.Priority = rec.changer(), x.plan.Routes[i].Priority
	return i
}

// changer is the last filter that changed what routes are matched by.
func (r *recorder) changer() (name string) {
	for _, s := range r.seats {
		for _, step := range s.report.Steps {
			for _, c := range step.Changes {
				if c.Of == "request" && c.What != "field" || c.What == "route" {
					name = s.report.Name
				}
			}
		}
	}
	return name
}

// choose says which cluster it is, and why.
func (x *inquiry) choose(u *Upstream, r *config.Route, chosen string, rec *recorder) {
	u.Clusters = []Cluster{}
	add := func(name, share string) {
		if c, ok := x.describe(name); ok {
			c.Share = share
			u.Clusters = append(u.Clusters, c)
		}
	}
	switch {
	case chosen != "":
		u.Why = fmt.Sprintf("filter %q chose it", rec.chooser())
		add(chosen, "")
	case len(r.Clusters) > 0:
		u.Why = fmt.Sprintf("route %q shares its requests out by weight", r.Name)
		sum := 0
		for _, w := range r.Clusters {
			sum += w.Weight
		}
		for _, w := range r.Clusters {
			if w.Weight > 0 {
				add(w.Name, fmt.Sprintf("%.4g%%", 100*float64(w.Weight)/float64(sum)))
			}
		}
	default:
		u.Why = fmt.Sprintf("route %q names it", r.Name)
		add(r.Cluster, "")
	}
}

// chooser is the last filter that chose a cluster.
func (r *recorder) chooser() (name string) {
	for _, s := range r.seats {
		for _, step := range s.report.Steps {
			for _, c := range step.Changes {
				if c.What == "cluster" {
					name = s.report.Name
				}
			}
		}
	}
	return name
}

// bounds are the time-outs and retries, the route's or a filter's.
func (x *inquiry) bounds(u *Upstream, r *config.Route, given time.Duration, by string) {
	w := &x.info.Wishes
	u.Timeouts = Timeouts{Whole: r.Timeout.String(), By: "route", PerTry: setting(r.PerTry), Idle: r.Idle.String()}
	if given > 0 && (r.Timeout <= 0 || given < time.Duration(r.Timeout)) {
		u.Timeouts.Whole, u.Timeouts.By = given.String(), by
	}
	if len(u.Clusters) > 0 {
		t := x.Config.Clusters[u.Clusters[0].Name]
		u.Timeouts.Connect = t.ConnectTimeout.String()
	}
	u.Retries = Retries{By: "route", Attempts: r.Retries.Max, Statuses: list(r.Retries.OnStatus), GRPC: r.Retries.OnGRPC, Wait: r.Retries.BackOff.String()}
	p := w.Retry
	if p == nil {
		return
	}
	u.Retries = Retries{By: "filter", Attempts: p.Attempts, Wait: p.Base.String()}
	var statuses []int
	for code := 100; code < 600; code++ {
		if p.Statuses.Has(code) {
			statuses = append(statuses, code)
		}
	}
	u.Retries.Statuses = list(statuses)
	if p.PerTry > 0 {
		u.Timeouts.PerTry = p.PerTry.String()
	}
}

// cluster is the one of a name that runs, or what the configuration says of it;
// nil for none.
func (x *inquiry) cluster(name string) *cluster.Cluster {
	if c := x.Running[name]; c != nil {
		return c
	}
	t, ok := x.Config.Clusters[name]
	if !ok {
		return nil
	}
	if x.sketched[name] == nil {
		x.sketched[name] = server.SketchCluster(name, &t)
	}
	return x.sketched[name]
}

// setting is a duration that may be absent.
func setting(d config.Duration) string {
	if d <= 0 {
		return ""
	}
	return d.String()
}

func span(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func list(statuses []int) string { return strings.Trim(fmt.Sprint(statuses), "[]") }
