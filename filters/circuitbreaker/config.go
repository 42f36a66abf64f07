package circuitbreaker

import (
	"time"

	"github.com/weirproxy/weir/filters/internal/failure"
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

// The bounds of a configuration.
const (
	maxCount  = 1_000_000
	maxProbes = 1000
	maxTime   = 24 * time.Hour
	minWindow = 100 * time.Millisecond
	minOpen   = 10 * time.Millisecond
)

func defaults() weir.Circuit {
	c := weir.Circuit{
		Minimum: 20, Window: 10 * time.Second, Open: 5 * time.Second, Growth: 200, Probes: 1,
		Faults: weir.Connect | weir.Timeout | weir.Reset | weir.Protocol,
		GRPC:   1<<2 | 1<<13 | 1<<14 | 1<<15, // unknown, internal, unavailable, data-loss
	}
	for _, status := range [...]int{500, 502, 503, 504} {
		c.Statuses.Add(status)
	}
	return c
}

// read turns the configuration into a policy.
func (f *filter) read(text []byte) error {
	r := jsonconf.New(text)
	c := &f.circuit
	*c, f.status = defaults(), 503
	key, rated := "cluster", ""
	r.Object(func(name []byte) {
		switch string(name) {
		case "key":
			key = r.String()
			f.by = readKey(r, key)
		case "consecutive":
			c.Consecutive = int(r.Int(1, maxCount))
		case "percent":
			c.Percent = int(r.Int(1, 100))
		case "window":
			c.Window, rated = r.Duration(minWindow, maxTime), "window"
		case "minimum":
			c.Minimum, rated = int(r.Int(1, maxCount)), "minimum"
		case "open":
			c.Open = r.Duration(minOpen, maxTime)
		case "longest":
			c.Longest = r.Duration(minOpen, maxTime)
		case "growth":
			c.Growth = int(r.Float(1, 10)*100 + 0.5)
		case "probes":
			c.Probes = int(r.Int(1, maxProbes))
		case "statuses":
			c.Statuses = failure.Statuses(r)
		case "grpc":
			c.GRPC = failure.GRPC(r)
		case "faults":
			c.Faults = failure.Faults(r)
		case "status":
			f.status = int(r.Int(400, 599))
		default:
			r.Unknown("key", "consecutive", "percent", "window", "minimum", "open", "longest", "growth", "probes", "statuses", "grpc", "faults", "status")
		}
	})
	if key == "cluster" {
		f.by, _ = template.Parse("{cluster}")
	}
	if c.Longest == 0 {
		c.Longest = max(c.Open, 5*time.Minute)
	}
	check(r, c, rated)
	return r.Err()
}

// check sees to it that the keys go together. rated is one of those that only
// matter with a percentage.
func check(r *jsonconf.Reader, c *weir.Circuit, rated string) {
	switch {
	case r.Failed():
	case rated != "" && c.Percent == 0:
		r.FailAt(rated, `has no effect without "percent"`)
	case c.Longest < c.Open:
		r.FailAt("longest", `must be at least as long as "open", which is `, c.Open.String())
	case c.Statuses == weir.Statuses{} && c.GRPC == 0 && c.Faults == 0:
		r.Fail(`counts nothing as an error; give "statuses", "grpc" or "faults" something`)
	}
	if c.Consecutive == 0 && c.Percent == 0 {
		c.Consecutive = 5
	}
}

// readKey makes a template of what tells circuits apart: a placeholder's name, or
// a text with placeholders.
func readKey(r *jsonconf.Reader, v string) template.Template {
	switch {
	case r.Failed() || v == "all":
		return template.Template{}
	case v == "":
		r.Fail(`is empty; for one circuit over all requests use "all"`)
		return template.Template{}
	}
	t, err := template.Named(v)
	switch {
	case err != nil:
		r.Fail(err.Error())
	case t.NeedsResponse():
		r.Fail("the response is not known yet when requests are let through")
	}
	if _, fixed := t.Literal(); fixed {
		r.Fail(`is the same for all; for one circuit over all requests use "all"`)
	}
	return t
}
