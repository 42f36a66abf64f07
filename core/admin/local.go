package admin

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// local refuses requests that were not meant for this machine's own address. A
// web site can give its name our address, and the browser then takes our
// answers for the site's own; but it still tells us the name.
func local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !loopback(r.Host) {
			say(w, http.StatusMisdirectedRequest, "ask by a loopback address, or as localhost")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// loopback says whether an authority is this machine's own.
func loopback(authority string) bool {
	host := authority
	if h, _, err := net.SplitHostPort(authority); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() || strings.EqualFold(host, "localhost")
}
