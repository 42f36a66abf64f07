package explain

import (
	"fmt"
	"strconv"
	"strings"
)

func replyText(r *Reply) string {
	return strings.TrimSpace(strconv.Itoa(r.Status) + " " + r.Details)
}

func (t *tree) upstream(u *Upstream) {
	if u.Route != nil {
		t.route(", matched again after filter "+u.Route.Filter, u.Route)
	}
	t.line(0, "upstream %s %s%s", t.bold(u.Method), u.Authority, u.Path)
	switch {
	case u.BodyChanged:
		t.line(1, "body of %d bytes, which filters have changed", u.BodyLength)
	case u.BodyLength > 0:
		t.line(1, "body of %d bytes", u.BodyLength)
	}
	for i := range u.Clusters {
		t.cluster(&u.Clusters[i], u.Why)
	}
	t.line(1, "%s", t.timeouts(&u.Timeouts))
	t.line(1, "%s", retries(&u.Retries))
	if u.Mirror != "" {
		t.line(1, "a copy goes to cluster %s", u.Mirror)
	}
	if u.Priority != "" && u.Priority != "normal" {
		t.line(1, "priority %s", u.Priority)
	}
}

func (t *tree) cluster(c *Cluster, why string) {
	share := ""
	if c.Share != "" {
		share = " for " + c.Share
	}
	t.line(1, "cluster %s%s: %s", t.bold(c.Name), share, why)
	pick := fmt.Sprintf("%s among %d", c.Balance, c.Among)
	if c.Key != "" {
		pick += " by " + c.Key
	}
	switch {
	case c.None != "":
		t.line(2, "endpoint: %s, %s", t.paint("31", "none"), c.None)
	case c.Picked != "":
		t.line(2, "endpoint %s  %s", t.bold(c.Picked), t.dim(pick))
	default:
		t.line(2, "endpoint: one of those below  %s", t.dim(pick))
	}
	for _, e := range c.Endpoints {
		active := ""
		if e.Active > 0 {
			active = fmt.Sprintf(", %d requests under way", e.Active)
		}
		state := ", " + e.State
		if e.State == "unknown" {
			state = ""
		}
		t.line(3, "%s weight %d%s%s", e.Address, e.Weight, state, active)
	}
	t.line(2, "%s, %s", c.Protocol, tlsText(&c.TLS))
}

func tlsText(s *TLS) string {
	switch s.Mode {
	case "mesh":
		text := "mTLS"
		if s.Identity != "" {
			text += " as " + s.Identity
		}
		if len(s.Peers) > 0 {
			text += "; the endpoint must be " + strings.Join(s.Peers, " or ")
		}
		return text
	case "tls":
		if s.Insecure {
			return "TLS, any certificate is taken"
		}
		return "TLS; the certificate must be for " + s.ServerName
	}
	return "in clear"
}

func (t *tree) timeouts(s *Timeouts) string {
	text := fmt.Sprintf("time-out %s by the %s", s.Whole, s.By)
	if s.PerTry != "" {
		text += ", " + s.PerTry + " a try"
	}
	return text + ", idle " + s.Idle + ", connect " + s.Connect
}

func retries(r *Retries) string {
	if r.Attempts == 0 {
		return "no retries, says the " + r.By
	}
	text := fmt.Sprintf("up to %d more tries by the %s, the first after %s", r.Attempts, r.By, r.Wait)
	if r.Statuses != "" {
		text += "; also on " + r.Statuses
	}
	if len(r.GRPC) > 0 {
		text += "; gRPC: " + strings.Join(r.GRPC, ", ")
	}
	return text
}

func (t *tree) outcome(o *Outcome) {
	text := ""
	if o.Status != 0 {
		text = " " + strconv.Itoa(o.Status)
	}
	if o.Details != "" {
		text += " " + o.Details
	}
	if o.By != "" {
		text += " by " + o.By
	}
	if o.Why != "" {
		text += ": " + o.Why
	}
	t.line(0, "%s%s", t.verdict(o.Is), text)
	for _, f := range o.Fields {
		t.line(1, "%s: %s", f.Name, f.Value)
	}
}
