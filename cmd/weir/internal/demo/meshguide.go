package demo

import (
	"fmt"
	"strings"
)

// meshGuide is what to try in the mesh.
func meshGuide(a meshAddrs) string {
	var b strings.Builder
	for _, part := range [][2]string{
		{"gateway", a.gateway}, {"shop", a.shop + ", its sidecar"}, {"stock", a.stock + ", its sidecar"},
		{"traces", a.traces}, {"admin", a.admin + ", of the shop's sidecar"},
	} {
		fmt.Fprintf(&b, "%-9s %s\n", part[0], part[1])
	}
	b.WriteString("\nTry:\n")
	for _, t := range inMesh(a) {
		fmt.Fprintf(&b, "  # %s\n  %s\n", t.shows, t.command)
	}
	b.WriteString("\nStop with Ctrl-C.\n\n")
	return b.String()
}

func inMesh(a meshAddrs) []trial {
	shop := "http://" + a.gateway + "/shop"
	return []trial{
		{"mutual TLS: the shop is told who asks, by the gateway's certificate", "curl -s " + shop + "/hello", ""},
		{"who shows none is refused by its sidecar", "curl -si http://" + a.shop + "/shop/hello", ""},
		{"allowed: the shop may ask the stock, and does", "curl -s " + shop + "/stock", ""},
		{"denied: the gateway may not", "curl -si http://" + a.gateway + "/stock/apples", ""},
		{"a retry: every other call to the shop fails, no client sees it", "curl -si " + shop + "/flaky", ""},
		{"a split: one in four goes to the next version", "for i in $(seq 50); do curl -s " + shop + "/version; done | sort | uniq -c", ""},
		{"and all that ask for it", "curl -s -H 'x-canary: yes' " + shop + "/version", ""},
		{"a trace through the gateway and both sidecars", "curl -s http://" + a.traces + "/$(curl -s " + shop + "/trace)", ""},
		{"a rate limit: ten requests a minute, then 429", "for i in $(seq 15); do curl -s -o /dev/null -w '%{http_code} ' " + shop + "/limited; done; echo", ""},
		{"handshakes of the shop's sidecar, and until when its identity lives", "curl -s http://" + a.admin + "/metrics | grep -E '^weir_(tls|identity)'", ""},
	}
}
