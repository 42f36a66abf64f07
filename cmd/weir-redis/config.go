package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirproxy/weir/core/provider/kit"
)

// settings are the table [providers.NAME.config].
type settings struct {
	Address   string   `json:"address"`   // "host:port" or "unix:/path"
	Addresses []string `json:"addresses"` // of some nodes of a cluster, or of sentinels
	Cluster   bool     `json:"cluster"`   // it is a cluster
	Master    string   `json:"master"`    // its name, where addresses are of sentinels
	Username  string   `json:"username"`
	Password  string   `json:"password"`
	Database  int      `json:"database"`
	Prefix    string   `json:"prefix"` // of all keys, default "weir"
	TLS       bool     `json:"tls"`
	Roots     string   `json:"roots"` // PEM file that Redis is trusted by
	Cert      string   `json:"cert"`  // shown to Redis
	Key       string   `json:"key"`
	Name      string   `json:"server_name"` // that its certificate must have
}

// late is how long one answer may take. Weir waits a second.
const late = 900 * time.Millisecond

const longestPrefix = 64

func configure(_ context.Context, config []byte) (kit.Store, error) {
	s := settings{Prefix: "weir"}
	if err := kit.Decode(config, &s); err != nil {
		return nil, err
	}
	return connect(s)
}

// connect makes a client. It asks nothing yet: Redis may come later.
func connect(s settings) (*ledger, error) {
	if len(s.Addresses) == 0 {
		if s.Address == "" {
			s.Address = "127.0.0.1:6379"
		}
		s.Addresses = []string{s.Address}
	} else if s.Address != "" {
		return nil, errors.New("address stands beside addresses; remove one of the two")
	}
	for i, a := range s.Addresses {
		path, unix := strings.CutPrefix(a, "unix:")
		if unix && strings.HasPrefix(path, "/") && len(s.Addresses) == 1 {
			s.Addresses[i] = path
		} else if unix {
			return nil, fmt.Errorf("address is %q, want \"unix:/path\", and alone", a)
		} else if host, port, err := net.SplitHostPort(a); err != nil || host == "" || port == "" {
			return nil, fmt.Errorf("address is %q, want \"host:port\" or \"unix:/path\"", a)
		}
	}
	switch {
	case s.Prefix == "" || len(s.Prefix) > longestPrefix || strings.ContainsAny(s.Prefix, "{} \r\n\x00"):
		return nil, fmt.Errorf("prefix is %q, want 1 to %d bytes without braces and spaces", s.Prefix, longestPrefix)
	case s.Cluster && s.Database != 0:
		return nil, errors.New("a cluster has database 0 alone")
	case s.Database < 0:
		return nil, errors.New("database is below 0")
	case s.Cluster && s.Master != "":
		return nil, errors.New("cluster stands beside master; remove one of the two")
	case len(s.Addresses) > 1 && !s.Cluster && s.Master == "":
		return nil, errors.New("several addresses are of a cluster or of sentinels: give cluster = true or master")
	}
	encryption, err := s.encryption()
	if err != nil {
		return nil, err
	}
	return newLedger(redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: s.Addresses, IsClusterMode: s.Cluster, MasterName: s.Master,
		Username: s.Username, Password: s.Password, DB: s.Database, TLSConfig: encryption,
		DialTimeout: late, ReadTimeout: late, WriteTimeout: late, ContextTimeoutEnabled: true,
		Dialer: guard(&redis.Options{DialTimeout: late, TLSConfig: encryption}),
		// What was tried may have been done: it is Weir that knows what to do then.
		MaxRetries: -1,
	}), s.Prefix), nil
}

// encryption is how TLS is spoken, nil for not.
func (s *settings) encryption() (*tls.Config, error) {
	if !s.TLS {
		if s.Roots != "" || s.Cert != "" || s.Key != "" || s.Name != "" {
			return nil, errors.New("roots, cert, key and server_name are of TLS: give tls = true")
		}
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: s.Name}
	if s.Roots != "" {
		pem, err := os.ReadFile(s.Roots)
		if err != nil {
			return nil, err
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s has no certificate", s.Roots)
		}
	}
	if s.Cert != "" || s.Key != "" {
		pair, err := tls.LoadX509KeyPair(s.Cert, s.Key)
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
