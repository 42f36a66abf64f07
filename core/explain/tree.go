package explain

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// tree writes a report as a tree for people.
type tree struct {
	b      strings.Builder
	colour bool
}

// Write writes the report as a tree, with a terminal's colours or without.
func (r *Report) Write(w io.Writer, colour bool) error {
	t := &tree{colour: colour}
	t.request(r)
	if r.Route != nil {
		t.route("", r.Route)
	}
	if len(r.Filters) > 0 {
		t.line(0, "filters")
	}
	for i := range r.Filters {
		t.filter(&r.Filters[i])
	}
	if r.Upstream != nil {
		t.upstream(r.Upstream)
	}
	t.outcome(&r.Outcome)
	for _, n := range r.Notes {
		t.line(0, "%s %s", t.dim("note:"), n)
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

// line writes one line at a depth. What it tells came from others: it cannot steer
// a terminal.
func (t *tree) line(depth int, format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = printableText(s)
		}
		if s, ok := a.(painted); ok {
			args[i] = string(s)
		}
	}
	t.b.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(&t.b, format, args...)
	t.b.WriteByte('\n')
}

// painted is text that may hold escapes, all of them ours.
type painted string

func (t *tree) paint(code, s string) painted {
	s = printableText(s)
	if t.colour {
		s = "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	return painted(s)
}

func (t *tree) dim(s string) painted  { return t.paint("2", s) }
func (t *tree) bold(s string) painted { return t.paint("1", s) }

// verdict is green where the request goes on, red where it ends.
func (t *tree) verdict(s string) painted {
	switch s {
	case "continue", "resume", "forwarded":
		return t.paint("32", s)
	case "pause", "held", "drop body":
		return t.paint("33", s)
	}
	return t.paint("31", s)
}

// printableText replaces control characters.
func printableText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '·'
		}
		return r
	}, s)
}

func (t *tree) request(r *Report) {
	q := &r.Request
	t.line(0, "%s %s://%s%s", t.bold(q.Method), q.Scheme, q.Authority, q.Sent)
	from := "from " + q.Client + " at the side " + r.Side
	if q.Peer != "" {
		from += ", as " + q.Peer
	}
	t.line(1, "%s", from)
	switch {
	case q.Path != "" && q.Path != q.Sent:
		t.line(1, "path in normal form: %s", q.Path)
	case q.Path == "":
		t.line(1, "the path has no normal form")
	}
	for _, f := range q.Fields {
		t.line(1, "%s: %s", f.Name, f.Value)
	}
	t.changes(1, q.Changes)
}

func (t *tree) route(why string, r *Route) {
	if r.Name == "" {
		t.line(0, "route: %s", t.verdict("none"))
	} else {
		t.line(0, "route %s%s", t.bold(r.Name), why)
	}
	for _, c := range r.Why {
		t.check(1, c)
	}
	for _, p := range r.Parts {
		t.line(1, "{%s} is %s", p.Name, p.Value)
	}
	for _, o := range r.Missed {
		t.line(1, "missed %s: %s", o.Name, unmet(o.Checks))
	}
	for _, o := range r.Behind {
		t.line(1, "behind it %s, which is met too, and less specific or later", o.Name)
	}
	if r.More > 0 {
		t.line(1, "%d more: others altogether, or behind these", r.More)
	}
}

// unmet is what a route asks that the request is not.
func unmet(checks []Check) string {
	var all []string
	for _, c := range checks {
		if !c.Met {
			all = append(all, checkText(c))
		}
	}
	return "the request has not " + strings.Join(all, ", nor ")
}

func checkText(c Check) string {
	switch {
	case c.Of == "path":
		return c.Asks
	case c.Name != "":
		return c.Of + " " + c.Name + " " + c.Asks
	}
	return c.Of + " " + c.Asks
}

func (t *tree) check(depth int, c Check) {
	mark := t.paint("32", "met")
	if !c.Met {
		mark = t.paint("31", "not met")
	}
	t.line(depth, "%s: %s", mark, checkText(c))
}

// cpu is a filter's time, for people.
func cpu(ns uint64) string { return time.Duration(ns).Round(100 * time.Nanosecond).String() }
