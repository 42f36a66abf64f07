package dns

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"golang.org/x/sync/errgroup"

	"github.com/weirproxy/weir/core/discovery"
)

// Bounds of what one answer makes us ask.
const (
	maxTargets = 1000 // of a service
	atOnce     = 8
)

// records asks for SRV records, and for the addresses of their targets.
type records struct {
	hosts *hosts
	name  string
}

func (r *records) ask(ctx context.Context) ([]discovery.Endpoint, error) {
	name := r.name
	if r.hosts.rooted {
		name += "."
	}
	_, heard, err := r.hosts.resolver.LookupSRV(ctx, "", "", name)
	switch {
	case none(err):
		return nil, nil
	case len(heard) == 0 && err != nil: // beside records it says that others had names that are none
		return nil, fmt.Errorf("asking DNS: %w", err)
	}
	heard = foremost(heard)
	if len(heard) > maxTargets {
		return nil, fmt.Errorf("asking DNS: %s has %d SRV records, more than %d", r.name, len(heard), maxTargets)
	}
	return r.resolve(ctx, heard)
}

// foremost are the records of the least priority, which RFC 2782 has tried first.
// The target "." says that there is no such service.
func foremost(heard []*net.SRV) (out []*net.SRV) {
	for _, s := range heard {
		switch {
		case s.Target == "." || s.Port == 0:
			continue
		case len(out) > 0 && s.Priority < out[0].Priority:
			out = out[:0]
		case len(out) > 0 && s.Priority > out[0].Priority:
			continue
		}
		out = append(out, s)
	}
	return out
}

// resolve is the endpoints of records. Where a target is not known, and cannot be
// asked for, the whole answer is not: a list without it would take it away.
func (r *records) resolve(ctx context.Context, heard []*net.SRV) (list []discovery.Endpoint, trouble error) {
	answers := map[string]*answer{}
	var g errgroup.Group
	g.SetLimit(atOnce)
	for _, s := range heard {
		if answers[s.Target] == nil {
			a := new(answer)
			answers[s.Target] = a
			g.Go(func() error {
				a.addrs, a.trouble = r.hosts.ask(ctx, s.Target)
				return nil
			})
		}
	}
	_ = g.Wait()
	r.hosts.keep(func(name string) bool { return answers[name] != nil })
	for _, s := range heard {
		a := answers[s.Target]
		if trouble == nil {
			trouble = a.trouble
		}
		if a.trouble != nil && len(a.addrs) == 0 {
			return nil, trouble
		}
		list = append(list, endpoints(a.addrs, s.Port, uint32(s.Weight))...)
	}
	return list, trouble
}

type answer struct {
	addrs   []netip.Addr
	trouble error
}
