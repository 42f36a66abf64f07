package intercept

import (
	"fmt"
	"strings"
)

// The chains that are ours, and the rules that lead to them.
const (
	outboundChain = "WEIR_OUTBOUND"
	inboundChain  = "WEIR_INBOUND"
	outboundJump  = "OUTPUT -p tcp -j " + outboundChain
	inboundJump   = "PREROUTING -p tcp -j " + inboundChain
)

// iptables is the plan as input of iptables-restore --noflush, or of ip6tables-restore.
// before is the table as iptables-save tells it: what is ours in it goes.
func (p *plan) iptables(v6 bool, before string) string {
	var b strings.Builder
	b.WriteString("*nat\n")
	// Whoever declares a chain that exists empties it.
	fmt.Fprintf(&b, ":%s - [0:0]\n:%s - [0:0]\n%s", outboundChain, inboundChain, leave(before))
	if p.outbound != 0 {
		rule := func(format string, args ...any) {
			fmt.Fprintf(&b, "-A %s %s\n", outboundChain, fmt.Sprintf(format, args...))
		}
		if p.mark != 0 {
			rule("-m mark --mark %d -j RETURN", p.mark)
		}
		for _, id := range p.uids {
			rule("-m owner --uid-owner %d -j RETURN", id)
		}
		for _, id := range p.gids {
			rule("-m owner --gid-owner %d -j RETURN", id)
		}
		rule("-o lo -j RETURN")
		for _, port := range p.dialed {
			rule("-p tcp --dport %d -j RETURN", port)
		}
		for _, n := range p.of(v6) {
			rule("-d %s -j RETURN", n)
		}
		rule("-p tcp -j REDIRECT --to-ports %d", p.outbound)
		fmt.Fprintf(&b, "-A %s\n", outboundJump)
	}
	if p.inbound != 0 {
		rule := func(format string, args ...any) {
			fmt.Fprintf(&b, "-A %s %s\n", inboundChain, fmt.Sprintf(format, args...))
		}
		rule("-i lo -j RETURN")
		rule("-m addrtype ! --dst-type LOCAL -j RETURN")
		for _, port := range p.reached {
			rule("-p tcp --dport %d -j RETURN", port)
		}
		rule("-p tcp -j REDIRECT --to-ports %d", p.inbound)
		fmt.Fprintf(&b, "-A %s\n", inboundJump)
	}
	b.WriteString("COMMIT\n")
	return b.String()
}

// leave removes the rules that lead to our chains, as often as they are there.
func leave(table string) string {
	var b strings.Builder
	for line := range strings.Lines(table) {
		switch rule, _ := strings.CutPrefix(strings.TrimSpace(line), "-A "); rule {
		case outboundJump, inboundJump:
			fmt.Fprintf(&b, "-D %s\n", rule)
		}
	}
	return b.String()
}

// withdrawal removes all that is ours from a table as iptables-save tells it, "" where
// nothing is.
func withdrawal(table string) string {
	var chains strings.Builder
	for _, chain := range []string{outboundChain, inboundChain} {
		if strings.Contains(table, "\n:"+chain+" ") {
			fmt.Fprintf(&chains, "-F %s\n-X %s\n", chain, chain)
		}
	}
	if chains.Len() == 0 {
		return ""
	}
	return "*nat\n" + leave(table) + chains.String() + "COMMIT\n"
}
