package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Ready says whether requests are taken. A proxy that sheds a peak stays
// ready: with its share of the load the next one would shed too, and so on. One
// that has refused every request for long is not short of memory because of
// them, and others do better without it.
func (v views) Ready() error {
	switch {
	case v.lacksIdentity():
		return errors.New("there is no identity yet: the listeners are not open")
	case v.draining.Load():
		return errors.New("it drains")
	case !v.ready.Load():
		return v.starting()
	case v.overload.Lasting():
		return errors.New("memory has been short for long")
	case v.workload == nil:
		return nil
	}
	if own := v.workload.Current(); time.Now().After(own.Ends()) {
		return fmt.Errorf("the identity %s has expired: peers refuse us", own.ID)
	}
	return nil
}

// starting is what is waited for before requests are taken.
func (v views) starting() error {
	names := v.clusters.unknown()
	if len(names) == 0 {
		return errors.New("it starts")
	}
	const most = 3 // of a thousand clusters whose source is away
	more := ""
	if len(names) > most {
		names, more = names[:most], fmt.Sprintf(" and %d more", len(names)-most)
	}
	return fmt.Errorf("the endpoints of %s%s are not known yet; /clusters says why", strings.Join(names, ", "), more)
}

// unknown are the clusters whose source has not answered yet, and is still waited for.
func (cs *clusters) unknown() (names []string) {
	now := time.Now()
	for _, c := range cs.all() {
		if c.found == nil || c.waitsUntil().Before(now) {
			continue
		}
		select {
		case <-c.found.Known():
		default:
			names = append(names, c.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
