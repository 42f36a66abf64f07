package split

import (
	"strings"
	"time"

	"github.com/weirproxy/weir/sdk/jsonconf"
)

// The bounds of a configuration.
const (
	maxTargets = 64
	maxMatches = 64
	maxWeight  = 1_000_000
	maxAge     = 400 * 24 * time.Hour // browsers keep none for longer
)

// read turns the configuration into a filter.
func (f *filter) read(text []byte, filter string) error {
	r := jsonconf.New(text)
	var stands []stand
	r.Object(func(key []byte) {
		switch string(key) {
		case "targets":
			r.List(func(int) { f.readTarget(r) })
		case "match":
			r.List(func(i int) {
				if i == maxMatches {
					r.Fail("is one match too many: 64 are allowed")
				}
				stands = append(stands, readMatch(r))
			})
		case "by":
			f.by = readBy(r)
		case "sticky":
			f.sticky = readSticky(r)
		default:
			r.Unknown("targets", "match", "by", "sticky")
		}
	})
	f.check(r)
	for i := range stands {
		f.matches = append(f.matches, f.resolve(r, i, &stands[i]))
	}
	if err := r.Err(); err != nil || f.sticky == nil {
		return err
	}
	return f.sticky.ready(f.targets, filter)
}

func (f *filter) readTarget(r *jsonconf.Reader) {
	t := target{weight: -1}
	r.Object(func(key []byte) {
		switch string(key) {
		case "cluster":
			t.cluster = readCluster(r)
		case "weight":
			t.weight = float64(r.Int(0, maxWeight))
		default:
			r.Unknown("cluster", "weight")
		}
	})
	switch {
	case r.Failed():
	case t.cluster == "":
		r.Fail(`lacks "cluster"`)
	case t.weight < 0:
		r.Fail(`lacks "weight": its share among all weights; 0 for a target of matches alone`)
	case f.find(t.cluster) >= 0:
		r.Fail("is a second target ", jsonconf.Quote(t.cluster), "; add their weights")
	}
	f.targets = append(f.targets, t)
}

func readCluster(r *jsonconf.Reader) string {
	v := r.String()
	if !r.Failed() && (!jsonconf.Token(v) || len(v) > 128) {
		r.Fail("must be a cluster's name, not ", jsonconf.Quote(v))
	}
	return v
}

func (f *filter) find(cluster string) int {
	for i := range f.targets {
		if f.targets[i].cluster == cluster {
			return i
		}
	}
	return -1
}

func (f *filter) check(r *jsonconf.Reader) {
	sum := 0.0
	for i := range f.targets {
		sum += f.targets[i].weight
	}
	switch {
	case len(f.targets) == 0:
		r.FailAt("targets", "needs at least one cluster with a weight")
	case len(f.targets) > maxTargets:
		r.FailAt("targets", "are too many: 64 are allowed")
	case sum <= 0:
		r.FailAt("targets", "have no weight: requests that nothing matches could go nowhere")
	case f.sticky != nil && f.sticky.reveal && f.sticky.secret != "":
		r.FailAt("sticky", `has a secret for names that it reveals; remove "secret" or "reveal"`)
	}
}

// stand is a match as it was read: the clusters of its values by name.
type stand struct {
	key    key
	values [][2]string
}

func readMatch(r *jsonconf.Reader) (m stand) {
	given := 0
	r.Object(func(k []byte) {
		switch string(k) {
		case "header":
			given++
			m.key = key{inHeader, r.HeaderName()}
		case "cookie":
			given++
			m.key = key{inCookie, cookieName(r)}
		case "values":
			r.Object(func(v []byte) {
				if len(v) == 0 {
					r.Fail("stands for no value; leave it out")
				}
				m.values = append(m.values, [2]string{string(v), r.String()})
			})
		default:
			r.Unknown("header", "cookie", "values")
		}
	})
	switch {
	case r.Failed():
	case given != 1:
		r.Fail(`needs either "header" or "cookie"`)
	case len(m.values) == 0:
		r.Fail(`needs "values": a table of the values and the clusters that they stand for`)
	}
	return m
}

// resolve finds the targets of a match's values.
func (f *filter) resolve(r *jsonconf.Reader, i int, m *stand) match {
	out := match{key: m.key}
	for _, v := range m.values {
		at := f.find(v[1])
		if at < 0 {
			r.FailAt("match", "sends to ", jsonconf.Quote(v[1]), `, which is none of "targets"; add it there, with weight 0 if only matches go to it`)
		}
		out.values = append(out.values, value{v[0], at})
	}
	return out
}

// readBy reads what tells clients apart.
func readBy(r *jsonconf.Reader) key {
	v := r.String()
	name, isHeader := strings.CutPrefix(v, "header:")
	crumb, isCookie := strings.CutPrefix(v, "cookie:")
	switch {
	case r.Failed() || v == "random":
		return key{}
	case v == "identity":
		return key{from: inIdentity}
	case v == "client_ip":
		return key{from: inAddress}
	case isHeader && jsonconf.Token(name):
		return key{inHeader, strings.ToLower(name)}
	case isCookie && jsonconf.Token(crumb):
		return key{inCookie, crumb}
	}
	r.Fail(jsonconf.Quote(v), ` is not known; use "random", "client_ip", "identity", "header:NAME" or "cookie:NAME"`)
	return key{}
}

func cookieName(r *jsonconf.Reader) string {
	v := r.String()
	if !r.Failed() && !jsonconf.Token(v) {
		r.Fail("must be a cookie's name of letters, digits, - and _, not ", jsonconf.Quote(v))
	}
	return v
}
