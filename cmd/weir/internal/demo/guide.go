package demo

import (
	"fmt"
	"strings"

	"github.com/weirproxy/weir/core/server"
)

// guide is what to try, by the addresses that were bound.
func guide(s *server.Server, service string) string {
	var b strings.Builder
	for side, addrs := range s.Addrs() {
		fmt.Fprintf(&b, "%-9s http://%s\n", side, addrs[0])
	}
	fmt.Fprintf(&b, "%-9s http://%s\n%-9s http://%s\n\nTry:\n", "service", service, "admin", s.AdminAddr())
	at := first(s)
	for _, line := range [][2]string{
		{"what the service sees, and what the filters added", "curl -i http://" + at + "/hello"},
		{"no API key: the filter answers 401", "curl -i http://" + at + "/private"},
		{"with one", "curl -i -H 'x-api-key: demo-key' http://" + at + "/private"},
		{"ten requests a second, then 429", "for i in $(seq 15); do curl -s -o /dev/null -w '%{http_code} ' http://" + at + "/limited; done; echo"},
		{"a stream of events, not held back", "curl -N http://" + at + "/events"},
		{"an upload of 100 MB", "head -c 100000000 /dev/zero | curl -T - http://" + at + "/upload"},
		{"what each filter has used", "curl -s http://" + s.AdminAddr() + "/filters"},
		{"metrics", "curl -s http://" + s.AdminAddr() + "/metrics"},
	} {
		fmt.Fprintf(&b, "  # %s\n  %s\n", line[0], line[1])
	}
	return b.String() + "\nStop with Ctrl-C.\n\n"
}

func first(s *server.Server) string {
	all := s.Addrs()
	for _, side := range []string{"gateway", "outbound", "inbound"} {
		if addrs := all[side]; len(addrs) > 0 {
			return addrs[0]
		}
	}
	return ""
}
