package explain

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/trial/rig"
)

// filters are the places of the chain.
func (x *inquiry) filters(rec *recorder, passed bool) {
	reached := len(rec.seats)
	for ; !passed && reached > 0 && rec.seats[reached-1].report.Seen != "yes"; reached-- {
	}
	for i, s := range rec.seats {
		if s.report.Seen == "not reached" && i < reached {
			s.report.Seen = "yes" // it takes part later
		}
		t := x.Config.Filters[s.link.Name]
		s.report.Of, s.report.Security = cmp.Or(t.Use, t.Module), t.Security
		s.report.OnError = cmp.Or(string(t.OnError), "closed")
		x.report.Filters = append(x.report.Filters, s.report)
	}
}

// outcome is what came of the request.
func (x *inquiry) outcome(rec *recorder, s *rig.Stream, state rig.State) {
	o := &x.report.Outcome
	if s.Client != nil {
		for _, f := range s.Client.Head {
			if f.Name == ":status" {
				o.Status, _ = strconv.Atoi(f.Value)
				continue
			}
			o.Fields = append(o.Fields, Field(f))
		}
		o.Fields = x.masks.fields(o.Fields)
	}
	switch {
	case state == rig.Reset:
		o.Is, o.By, o.Why = "reset", rec.last("reset"), "a filter ended the stream: the client sees it break"
	case state == rig.PausedRequest || state == rig.PausedResponse:
		o.Is, o.By, o.Status = "held", rec.pausing(), fault.PauseTimeout.Status()
		o.Why = fmt.Sprintf("nothing ends the pause; after timeouts.pause, %s, the client is answered %d", x.Config.TimeoutsFor(x.a.side).Pause, o.Status)
	case s.Local:
		o.Is, o.Details, o.By = "answered", x.masks.text(s.Details), cmp.Or(rec.last("reply"), rec.last("failed"))
		if s.Failed {
			o.Why = "a filter failed, and its on_error is \"closed\""
		}
	default:
		o.Is = "forwarded"
		if x.q.Response != 0 {
			o.Why = fmt.Sprintf("the upstream answers %d, as supposed", x.q.Response)
		}
	}
}

// last is the filter whose last step of a verdict comes first in the chain.
func (r *recorder) last(verdict string) string {
	for _, s := range r.seats {
		for _, step := range s.report.Steps {
			if step.Verdict == verdict {
				return s.report.Name
			}
		}
	}
	return ""
}

// pausing is the first filter whose last word was a pause.
func (r *recorder) pausing() string {
	for _, s := range r.seats {
		if n := len(s.report.Steps); n > 0 && s.report.Steps[n-1].Verdict == "pause" {
			return s.report.Name
		}
	}
	return ""
}

// notes say what differs from a real request.
func (x *inquiry) notes(rec *recorder, filters bool) {
	note := func(format string, args ...any) {
		x.report.Notes = append(x.report.Notes, fmt.Sprintf(format, args...))
	}
	if filters {
		note("the filters run in instances of their own, with nothing counted or remembered yet: limits are unused, circuits closed, caches empty")
	}
	for _, c := range rec.early {
		note("at its start a filter calls cluster %q (%s %s); the answer is %s", c.Cluster, c.Method, c.Path, c.Answer)
	}
	if rec.limit {
		note("a filter took more than %d steps; further ones are left out", maxSteps)
	}
	if x.Running == nil {
		note("nobody runs: whether endpoints are well, and what discovery finds, is not known")
	}
}
