package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/hashicorp/consul/api"

	"github.com/weirproxy/weir/core/provider/kit"
)

// settings are the table [providers.NAME.config].
type settings struct {
	Address    string `json:"address"`    // of an agent, "http://host:port", "https://…" or "unix:///path"
	Token      string `json:"token"`      // ACL token
	Datacenter string `json:"datacenter"` // default: the agent's
	Tag        string `json:"tag"`        // only instances that have it
	Stale      bool   `json:"stale"`      // let any server answer, not the leader alone
	Wait       string `json:"wait"`       // longest blocking query, default "1m"
	Roots      string `json:"roots"`      // PEM file that the agent is trusted by
	Cert       string `json:"cert"`       // shown to the agent
	Key        string `json:"key"`
}

const (
	defaultWait = time.Minute
	defaultLate = 10 * time.Second
)

func configure(_ context.Context, config []byte) (kit.Discovery, error) {
	s := settings{Address: "http://127.0.0.1:8500"}
	if err := kit.Decode(config, &s); err != nil {
		return nil, err
	}
	return connect(s)
}

// connect makes a client. It asks nothing yet.
func connect(s settings) (*catalog, error) {
	c := &catalog{tag: s.Tag, late: defaultLate, query: api.QueryOptions{Datacenter: s.Datacenter, AllowStale: s.Stale, WaitTime: defaultWait}}
	if s.Wait != "" {
		wait, err := time.ParseDuration(s.Wait)
		if err != nil || wait < time.Second || wait > 10*time.Minute {
			return nil, fmt.Errorf("wait is %q, want \"1s\" to \"10m\"", s.Wait)
		}
		c.query.WaitTime = wait
	}
	u, err := url.Parse(s.Address)
	switch {
	case err != nil:
		return nil, fmt.Errorf("address: %w", err)
	case u.User != nil:
		return nil, errors.New("address has a user; use token")
	case u.Scheme == "unix" && u.Path != "":
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.Path == "":
	default:
		return nil, fmt.Errorf("address is %q, want \"http://host:port\", \"https://host:port\" or \"unix:///path\"", s.Address)
	}
	o := api.DefaultConfig()
	o.Address, o.Token = s.Address, s.Token
	o.TLSConfig = api.TLSConfig{CAFile: s.Roots, CertFile: s.Cert, KeyFile: s.Key}
	for _, file := range []string{s.Roots, s.Cert, s.Key} {
		if file == "" {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			return nil, err
		}
	}
	client, err := api.NewClient(o)
	if err != nil {
		return nil, err
	}
	c.health, c.anonymous = client.Health(), o.Token == "" && o.TokenFile == ""
	return c, nil
}
