package explain

import "strings"

func (t *tree) filter(f *Filter) {
	of := ""
	if f.Of != f.Name {
		of = " (" + f.Of + ")"
	}
	switch f.Seen {
	case "yes":
		spent := ""
		if f.CPU > 0 {
			spent = "  " + cpu(f.CPU) + " of CPU"
		}
		t.line(1, "%s%s%s", t.bold(f.Name), of, t.dim(spent))
	case "no":
		t.line(1, "%s%s: does not see the request", t.bold(f.Name), of)
	case "no phase":
		t.line(1, "%s%s: takes part in no phase", t.bold(f.Name), of)
	default:
		t.line(1, "%s%s: not reached", t.bold(f.Name), of)
	}
	t.conditions("when", f.When)
	t.conditions("unless", f.Unless)
	if f.Seen == "yes" && len(f.Steps) == 0 {
		t.line(2, "nothing for it to do so far")
	}
	for i := range f.Steps {
		t.step(&f.Steps[i])
	}
}

func (t *tree) conditions(key string, checks []Check) {
	if len(checks) > 0 {
		t.line(2, "%s", key)
	}
	for _, c := range checks {
		t.check(3, c)
	}
}

func (t *tree) step(s *Step) {
	by := ""
	if s.By != "callback" {
		by = " by " + s.By
	}
	why := ""
	switch {
	case s.Error != "":
		why = ": " + s.Error
	case s.Reply != nil:
		why = " " + replyText(s.Reply)
	}
	t.line(2, "%s%s: %s%s", s.Phase, by, t.verdict(s.Verdict), why)
	t.changes(3, s.Changes)
	for _, c := range s.Calls {
		t.line(3, "calls cluster %s: %s %s; the answer: %s", c.Cluster, c.Method, c.Path, c.Answer)
	}
	if s.Reply != nil {
		for _, f := range s.Reply.Fields {
			t.line(3, "%s: %s", f.Name, f.Value)
		}
		if s.Reply.Body != "" {
			t.line(3, "body: %s", strings.TrimRight(s.Reply.Body, "\n"))
		}
	}
}

func (t *tree) changes(depth int, list []Change) {
	for _, c := range list {
		what := c.What
		if c.Name != "" {
			what += " " + c.Name
		}
		of := ""
		if c.Of != "stream" {
			of = c.Of + " "
		}
		switch {
		case c.Did == "remove":
			t.line(depth, "- %s%s: %s", of, what, c.From)
		case c.Did == "add" || c.From == "":
			t.line(depth, "+ %s%s: %s", of, what, c.To)
		default:
			t.line(depth, "~ %s%s: %s -> %s", of, what, c.From, c.To)
		}
	}
}
