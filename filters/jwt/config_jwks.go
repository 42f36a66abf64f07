package jwt

import (
	"strings"
	"time"

	"github.com/weirproxy/weir/sdk/jsonconf"
)

// jwks is where an issuer's keys are fetched from.
type jwks struct {
	url, cluster      string
	refresh, interval time.Duration
}

func (j *jwks) any() bool { return *j != jwks{} }

// read reads one of its keys. It answers false for another.
func (j *jwks) read(r *jsonconf.Reader, key []byte) bool {
	switch string(key) {
	case "jwks_url":
		j.url = r.String()
	case "cluster":
		j.cluster = r.String()
	case "refresh":
		j.refresh = r.Duration(shortestLife, longestLife)
	case "refetch":
		j.interval = r.Duration(time.Second, time.Hour)
	default:
		return false
	}
	return true
}

// remote takes the URL apart.
func (j *jwks) remote(r *jsonconf.Reader) *remote {
	scheme, rest, _ := strings.Cut(j.url, "://")
	at := strings.IndexByte(rest, '/')
	switch {
	case scheme != "http" && scheme != "https" || at <= 0 || !quotable(j.url) || strings.ContainsAny(j.url, " #@"):
		r.FailAt("jwks_url", `must be like "https://issuer.example/keys", not `, jsonconf.Quote(j.url))
		return nil
	case j.cluster == "":
		r.FailAt("cluster", "is missing: the cluster through which the keys are fetched, one of the filter's calls")
		return nil
	case len(j.url)+len(j.cluster) > 230:
		r.FailAt("jwks_url", "is too long: it may have 230 bytes, with the cluster's name")
		return nil
	}
	refresh, interval := j.refresh, j.interval
	if refresh == 0 {
		refresh = 10 * time.Minute
	}
	if interval == 0 {
		interval = 10 * time.Second
	}
	return newRemote(j.cluster, rest[:at], rest[at:], scheme, refresh, interval)
}
