package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/consul/api"

	"github.com/weirproxy/weir/core/provider/kit"
)

// catalog is Consul's list of services.
type catalog struct {
	health    *api.Health
	anonymous bool // without a token
	tag       string
	query     api.QueryOptions
	late      time.Duration // that an answer may be
}

// Watch implements kit.Discovery by blocking queries: each is answered when the
// service has changed, or after a while. It ends with the first that fails.
func (c *catalog) Watch(ctx context.Context, service string, publish func([]kit.Endpoint)) error {
	var index uint64 // of what was published last; 0 asks for what there is
	for {
		list, now, err := c.ask(ctx, service, index)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("asking Consul: %w", err)
		}
		if now != index {
			publish(endpointsOf(list))
		}
		if now < index {
			now = 0 // as Consul's manual says of an index that went back
		}
		index = now
		if !pause(ctx) {
			return nil
		}
	}
}

// ask is one query, which is answered once there is something newer than index.
func (c *catalog) ask(ctx context.Context, service string, index uint64) ([]*api.ServiceEntry, uint64, error) {
	query := c.query
	query.WaitIndex = index
	// Consul adds up to a sixteenth to the wait. An agent that says nothing after
	// that is not there, whatever its socket looks like.
	ctx, cancel := context.WithTimeout(ctx, query.WaitTime+query.WaitTime/16+c.late)
	defer cancel()
	list, meta, err := c.health.Service(service, c.tag, true, query.WithContext(ctx))
	switch {
	case err != nil:
		return nil, 0, err
	case meta.ResultsFilteredByACLs:
		// Consul leaves out what a token may not see, as if it were not there.
		return nil, 0, errors.New("the token may not read all of the service and its nodes")
	case len(list) == 0 && c.anonymous && meta.DefaultACLPolicy == "deny":
		// To nobody in particular it does not even say that it leaves something out.
		return nil, 0, errors.New("it tells of no instance, and may hide them: it denies by default, and no token is given")
	case meta.LastIndex == 0:
		return nil, 0, errors.New("the answer has no index, so changes cannot be waited for")
	}
	return list, meta.LastIndex, nil
}

// spacing bounds how often Consul is asked while a service changes all the time.
const spacing = 100 * time.Millisecond

func pause(ctx context.Context) bool {
	t := time.NewTimer(spacing)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// endpointsOf are the instances of a service, which are all healthy.
func endpointsOf(list []*api.ServiceEntry) []kit.Endpoint {
	endpoints := make([]kit.Endpoint, 0, len(list))
	for _, e := range list {
		if e.Service == nil {
			continue
		}
		host := e.Service.Address
		if host == "" && e.Node != nil {
			host = e.Node.Address
		}
		if host == "" || e.Service.Port == 0 {
			kit.Log.Warn("an instance has no address or no port, and is left out", "service", e.Service.Service, "id", e.Service.ID)
			continue
		}
		endpoints = append(endpoints, kit.Endpoint{
			Addr:     net.JoinHostPort(host, strconv.Itoa(e.Service.Port)),
			Weight:   weight(e.Service.Weights.Passing),
			Metadata: metadata(e),
		})
	}
	return endpoints
}

// weight is an instance's, within what Weir takes.
func weight(w int) uint32 { return uint32(min(max(w, 1), 1000000)) }

// metadata is what Consul knows of an instance: its own, and under names of ours
// its id, tags, node and datacenter.
func metadata(e *api.ServiceEntry) map[string]string {
	m := map[string]string{}
	for k, v := range e.Service.Meta {
		if len(m) < mostMeta {
			m[k] = v
		}
	}
	set := func(k, v string) {
		if v != "" {
			m["consul."+k] = v
		}
	}
	set("id", e.Service.ID)
	set("tags", strings.Join(e.Service.Tags, ","))
	if e.Node != nil {
		set("node", e.Node.Node)
		set("datacenter", e.Node.Datacenter)
	}
	return m
}

// mostMeta is how many pairs of an instance's own metadata are taken on: Weir
// takes 64 in all. Consul itself bounds them to 64.
const mostMeta = 60
