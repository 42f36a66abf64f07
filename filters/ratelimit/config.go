package ratelimit

import (
	"strconv"
	"time"

	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

// The bounds of a limit.
const (
	maxRequests = 1_000_000_000
	maxPeriod   = 366 * 24 * time.Hour
	maxLimits   = 16
)

// read turns the configuration into limits: one that stands at its top, or a
// list.
func (f *filter) read(text []byte, filter string) error {
	r := jsonconf.New(text)
	top, single := newLimit("default"), false
	r.Object(func(key []byte) {
		switch string(key) {
		case "limits":
			r.List(func(i int) {
				if i == maxLimits {
					r.Fail("is one limit too many: 16 are allowed")
				}
				l := readLimit(r, i)
				f.unique(r, l.name)
				f.limits = append(f.limits, l)
			})
		case "headers":
			f.fields = [...]fields{draft10, draft06, noFields}[choice(r, "draft-10", "draft-06", "off")]
		case "always":
			f.always = r.Bool()
		case "on_unavailable":
			f.open = choice(r, "closed", "open") == 1
		case "dry_run":
			f.dry = r.Bool()
		default:
			single = true
			if !top.readKey(r, string(key)) {
				r.Unknown(append([]string{"limits", "headers", "always", "on_unavailable", "dry_run"}, limitKeys[:]...)...)
			}
		}
	})
	switch {
	case single && len(f.limits) > 0:
		r.FailAt("limits", `stands beside keys of a single limit; put those into the list, too`)
	case single:
		f.limits = append(f.limits, top)
		top.check(r)
	case len(f.limits) == 0:
		r.Fail(`limits nothing; give it "requests" and "per", or "limits"`)
	}
	if f.open && weir.Secured() {
		r.FailAt("on_unavailable", `cannot be "open" in a filter with security = true; leave one of them out`)
	}
	if f.always && f.fields == noFields {
		r.FailAt("always", `tells nothing with headers = "off"; remove one of the two`)
	}
	if err := r.Err(); err != nil {
		return err
	}
	for i := range f.limits {
		f.limits[i].ready(filter)
	}
	f.buf = make([]byte, 0, 512)
	return nil
}

// newLimit counts by the client's address unless told otherwise.
func newLimit(name string) limit {
	by, err := template.Parse("{client_ip}")
	if err != nil {
		panic(err.Error()) // the text is ours
	}
	return limit{name: name, by: by, v4: 32, v6: 64}
}

// choice reads one of choices and answers which.
func choice(r *jsonconf.Reader, choices ...string) int {
	v := r.OneOf(choices...)
	for i, c := range choices {
		if c == v {
			return i
		}
	}
	return 0
}

func readLimit(r *jsonconf.Reader, i int) limit {
	l := newLimit("limit-" + strconv.Itoa(i+1))
	r.Object(func(key []byte) {
		if string(key) == "name" {
			l.name = readName(r)
		} else if string(key) == "dry_run" {
			l.dry = r.Bool()
		} else if !l.readKey(r, string(key)) {
			r.Unknown(append([]string{"name", "dry_run"}, limitKeys[:]...)...)
		}
	})
	l.check(r)
	return l
}

func readName(r *jsonconf.Reader) string {
	v := r.String()
	if !r.Failed() && (!jsonconf.Token(v) || len(v) > 64) {
		r.Fail("must be 1 to 64 letters, digits, - and _: clients see it")
	}
	return v
}

// unique sees to it that no limit has the name: they would share counters.
func (f *filter) unique(r *jsonconf.Reader, name string) {
	for i := range f.limits {
		if f.limits[i].name == name {
			r.FailAt("name", "is the name of another limit, too; give each its own")
		}
	}
}

// limitKeys are those that readKey knows.
var limitKeys = [...]string{"requests", "per", "burst", "algorithm", "scope", "key", "ipv4_prefix", "ipv6_prefix", "if_missing"}

// readKey reads one key of a limit, and says whether it is one.
func (l *limit) readKey(r *jsonconf.Reader, key string) bool {
	switch key {
	case "requests":
		l.rate.Limit = r.Int(1, maxRequests)
	case "per":
		l.rate.Period = r.Duration(time.Millisecond, maxPeriod)
	case "burst":
		l.rate.Burst = r.Int(1, maxRequests)
	case "algorithm":
		l.rate.Algorithm = [...]weir.Algorithm{weir.TokenBucket, weir.SlidingWindow}[choice(r, "token_bucket", "sliding_window")]
	case "scope":
		l.rate.Fleet = choice(r, "proxy", "fleet") == 1
	case "ipv4_prefix":
		l.v4 = byte(r.Int(1, 32))
	case "ipv6_prefix":
		l.v6 = byte(r.Int(1, 128))
	case "key":
		l.by = readBy(r)
	case "if_missing":
		l.missing = missing(choice(r, "share", "skip", "deny"))
	default:
		return false
	}
	return true
}

// check sees to it that a limit is whole.
func (l *limit) check(r *jsonconf.Reader) {
	switch {
	case r.Failed():
	case l.rate.Limit == 0:
		r.FailAt("requests", "is missing: how many requests pass in the time of \"per\"")
	case l.rate.Period == 0:
		r.FailAt("per", `is missing: the time in which "requests" pass, such as "1s"`)
	case l.rate.Fleet && l.rate.Period < time.Second:
		r.FailAt("per", `is too short for a fleet, which agrees some times in it; give "1s" or more, or scope = "proxy"`)
	case l.rate.Burst > 0 && l.rate.Algorithm == weir.SlidingWindow:
		r.FailAt("burst", `is the token bucket's; a sliding window has none`)
	}
}

// readBy reads what tells clients apart: a placeholder's name, or a text with
// placeholders.
func readBy(r *jsonconf.Reader) template.Template {
	v := r.String()
	switch {
	case r.Failed():
		return template.Template{}
	case v == "all":
		return template.Template{}
	case v == "":
		r.Fail(`is empty; for one limit over all requests use "all"`)
	}
	t, err := template.Named(v)
	if err != nil {
		r.Fail(err.Error())
	} else if t.NeedsResponse() {
		r.Fail("the response is not known yet when requests are counted")
	} else if _, fixed := t.Literal(); fixed {
		r.Fail(`is the same for all; for one limit over all requests use "all"`)
	}
	return t
}
