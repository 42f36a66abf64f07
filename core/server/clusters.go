package server

import (
	"reflect"
	"sync"
	"time"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/discovery"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/identity"
)

// clusters are those that snapshots use. One whose table did not change is
// the same in the next snapshot, with its connections.
type clusters struct {
	mu   sync.Mutex
	live map[string][]*sharedCluster // by name: an old and a new one may live at once
}

type sharedCluster struct {
	*cluster.Cluster
	table    config.Cluster
	client   http1.ClientOptions // HTTP/2's follow from it and the table
	tls      *identity.Client
	provider *sharedProvider         // that is asked for the endpoints, or nil
	found    *discovery.Subscription // that tells the endpoints; nil where the table does
	asked    time.Time               // when it was subscribed
	users    int                     // snapshots; guarded by clusters.mu
}

// take gives the cluster of a table to one more snapshot.
func (s *Server) take(name string, t config.Cluster, client http1.ClientOptions, tls *identity.Client, p *sharedProvider) (*sharedCluster, error) {
	cs := &s.clusters
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, c := range cs.live[name] {
		if c.client == client && c.tls.Same(tls) && c.provider == p && reflect.DeepEqual(c.table, t) {
			c.users++
			return c, nil
		}
	}
	c := &sharedCluster{table: t, client: client, tls: tls, provider: p, users: 1}
	metrics := s.metrics.Cluster(name)
	c.Cluster = cluster.New(cluster.Options{
		Name: name, Discovered: t.Discover != nil, Balance: t.Balance, Hash: hashOf(&t), Host: t.Host, RetryBudget: t.RetryBudget,
		Metadata: metadataOf(t.Metadata),
		Metrics:  metrics,
		Health:   healthCheck(&t), Outlier: outlier(&t), PanicThreshold: t.PanicThreshold, Log: s.log,
		Pool: pool.Options{
			Connections: t.Connections, Pending: t.Pending, PendingWait: time.Duration(t.PendingWait),
			ConnectTimeout: time.Duration(t.ConnectTimeout), IdleTimeout: time.Duration(t.IdleTimeout),
			MaxAge: orNone(t.MaxAge), Client: client, HTTP2: s.http2(t, client), Protocol: protocols[t.Protocol], Reaper: s.reaper, Connected: metrics.Connected,
			TLS: tls, Untrusted: s.untrusted(name),
		},
	})
	if t.Discover == nil {
		c.Update(listed(&t))
	} else if err := s.discover(c); err != nil {
		c.Close()
		return nil, err
	}
	if cs.live == nil {
		cs.live = map[string][]*sharedCluster{}
	}
	cs.live[name] = append(cs.live[name], c)
	return c, nil
}

var protocols = map[string]pool.Protocol{"http1": pool.HTTP1, "http2": pool.HTTP2, "auto": pool.Auto}

const (
	pingWait   = 5 * time.Second // for an endpoint to say that it is there
	http2Grace = 10 * time.Second
)

// http2 are the bounds of HTTP/2 connections, by those of HTTP/1. A connection's
// window has room for all its streams: one whose client reads slowly must not
// hold up the others.
func (s *Server) http2(t config.Cluster, c http1.ClientOptions) http2.ClientOptions {
	window := max(c.Window, minWindow)
	return http2.ClientOptions{
		Options: http2.Options{
			Limits:  http1.Limits{Bytes: c.Head, Count: c.HeadCount, Line: c.Head},
			Streams: t.Streams, Window: window, ConnWindow: min(t.Streams*window, maxConnWindow),
			Head: http2Grace, BodyIdle: c.BodyIdle, WriteIdle: c.WriteIdle, Now: s.reaper.Now,
		},
		Ping: orNone(t.Ping), PingWait: pingWait,
	}
}

const (
	minWindow     = 64 << 10 // of a stream's body, bytes
	maxConnWindow = 16 << 20 // of all bodies of a connection
)

// give takes it back from one.
func (cs *clusters) give(c *sharedCluster) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c.users--; c.users > 0 {
		return
	}
	list := cs.live[c.Name]
	for i := range list {
		if list[i] == c {
			cs.live[c.Name] = append(list[:i], list[i+1:]...)
			break
		}
	}
	if c.found != nil {
		c.found.Close()
	}
	c.Close()
}

// all are those of all snapshots.
func (cs *clusters) all() (all []*sharedCluster) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, list := range cs.live {
		all = append(all, list...)
	}
	return all
}

// watch begins the health checks of all: those of a configuration that was only
// looked at, or refused, never do.
func (cs *clusters) watch() {
	for _, c := range cs.all() {
		c.Watch()
	}
}

// sweep looks after the idle connections of all.
func (cs *clusters) sweep() {
	now := time.Now()
	for _, c := range cs.all() {
		c.Sweep()
		if c.tls != nil {
			c.tls.Refresh(now)
		}
	}
}

// orNone is a duration that may be off, as 0.
func orNone(d config.Duration) time.Duration { return max(time.Duration(d), 0) }
