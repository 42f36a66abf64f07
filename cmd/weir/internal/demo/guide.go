package demo

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/weirproxy/weir/core/server"
)

// apiKey is the one that the example's filter "apikey" knows.
const apiKey = "demo-key-of-the-example"

// sides are in the order they are shown.
var sides = []string{"gateway", "inbound", "outbound"}

// trial is something to try: what it shows, a command for the shell, and the
// route of the repository's example that it is about, if it is of one.
type trial struct{ shows, command, route string }

// guide is what to try, by the addresses that were bound and the routes there
// are.
func guide(s *server.Server, service string, routes []string) string {
	var b strings.Builder
	addrs := s.Addrs()
	for _, side := range sides {
		for _, addr := range addrs[side] {
			fmt.Fprintf(&b, "%-9s %s\n", side, url(s, addr))
		}
	}
	fmt.Fprintf(&b, "%-9s http://%s\n", "service", service)
	var trials []trial
	switch {
	case len(addrs["gateway"]) > 0:
		trials = throughGateway(urls(s, addrs["gateway"]))
	case len(addrs["outbound"]) > 0:
		trials = throughSidecar(url(s, addrs["outbound"][0]))
	}
	if admin := s.AdminAddr(); admin != "" {
		fmt.Fprintf(&b, "%-9s %s\n", "admin", adminURL(admin))
		trials = append(trials, atAdmin(admin)...)
	}
	if len(trials) > 0 { // a sidecar may listen for the mesh alone
		b.WriteString("\nTry:\n")
	}
	for _, t := range trials {
		if t.route != "" && !slices.Contains(routes, t.route) {
			continue
		}
		fmt.Fprintf(&b, "  # %s\n  %s\n", t.shows, t.command)
	}
	b.WriteString("\nStop with Ctrl-C.\n\n")
	return b.String()
}

// throughGateway has most trials in clear, where that is spoken.
func throughGateway(clear, secure string) (trials []trial) {
	if clear == "" {
		return overTLS(secure)
	}
	trials = inClear(clear)
	if secure != "" {
		trials = append(trials, overTLS(secure)...)
	}
	return trials
}

// overTLS does without trust in a certificate that may be made for the trial.
func overTLS(at string) []trial {
	return []trial{{"HTTP/2 with TLS, whoever's certificate that is", "curl -i -k " + at + "/hello", ""}}
}

func inClear(at string) []trial {
	return []trial{
		{"what the service sees, and what the filters added", "curl -i " + at + "/hello", ""},
		{"the same over HTTP/2", "curl -i --http2-prior-knowledge " + at + "/hello", ""},
		{"no API key: a filter answers 401", "curl -i " + at + "/private", "private"},
		{"with one, the service learns whose it is", "curl -i -H 'x-api-key: " + apiKey + "' " + at + "/private", "private"},
		{"ten requests a minute, then 429", "for i in $(seq 15); do curl -s -o /dev/null -w '%{http_code} ' " + at + "/limited; done; echo", "limited"},
		{"a stream of events, not held back", "curl -N " + at + "/events", ""},
		{"an upload of 100 MB", "head -c 100000000 /dev/zero | curl -T - " + at + "/upload", ""},
		{"what the service answers stays as it is", "curl -i " + at + "/status/503", ""},
	}
}

// throughSidecar asks as the app beside us would: by the service's name.
func throughSidecar(at string) []trial {
	return []trial{
		{"what the service sees, and what the filters added", "curl -i -H 'host: demo' " + at + "/hello", ""},
		{"a service that the mesh does not have", "curl -i -H 'host: unheard-of' " + at + "/hello", ""},
	}
}

func atAdmin(addr string) []trial {
	curl := "curl -s "
	if isSocket(addr) {
		curl += "--unix-socket '" + addr + "' http://weir"
	} else {
		curl += adminURL(addr)
	}
	return []trial{
		{"what each filter has used", curl + "/filters", ""},
		{"metrics", curl + "/metrics", ""},
	}
}

func adminURL(addr string) string {
	if isSocket(addr) {
		return "unix:" + addr
	}
	return "http://" + addr
}

// url is where a client on this machine asks a listener.
func url(s *server.Server, addr string) string {
	if s.Secure(addr) {
		return "https://" + reachable(addr)
	}
	return "http://" + reachable(addr)
}

// urls are those of the first listener in clear and the first with TLS, "" for none.
func urls(s *server.Server, addrs []string) (clear, secure string) {
	for _, addr := range addrs {
		switch secured := s.Secure(addr); {
		case secured && secure == "":
			secure = url(s, addr)
		case !secured && clear == "":
			clear = url(s, addr)
		}
	}
	return clear, secure
}

// isSocket says whether an address is the path of a Unix socket.
func isSocket(addr string) bool { return strings.HasPrefix(addr, "/") }

// reachable is an address that a client on this machine can ask: one that was
// bound for all interfaces is none.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
