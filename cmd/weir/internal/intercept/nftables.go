package intercept

import (
	"fmt"
	"strings"
)

// removal removes our table, also where there is none.
const removal = "table inet weir\ndelete table inet weir\n"

// nftables is the plan as a script of nft, which takes it as a whole or not at all. Our
// table is ours alone: it is made anew.
func (p *plan) nftables() string {
	var b strings.Builder
	b.WriteString(removal + "table inet weir {\n")
	if p.outbound != 0 {
		b.WriteString("\tchain outbound {\n\t\ttype nat hook output priority -100; policy accept;\n")
		if p.mark != 0 {
			fmt.Fprintf(&b, "\t\tmeta mark %d return\n", p.mark)
		}
		returns(&b, "meta skuid", p.uids)
		returns(&b, "meta skgid", p.gids)
		b.WriteString("\t\toifname \"lo\" return\n")
		returns(&b, "tcp dport", p.dialed)
		returns(&b, "ip daddr", p.of(false))
		returns(&b, "ip6 daddr", p.of(true))
		fmt.Fprintf(&b, "\t\tmeta l4proto tcp redirect to :%d\n\t}\n", p.outbound)
	}
	if p.inbound != 0 {
		b.WriteString("\tchain inbound {\n\t\ttype nat hook prerouting priority -100; policy accept;\n")
		b.WriteString("\t\tiifname \"lo\" return\n\t\tfib daddr type != local return\n")
		returns(&b, "tcp dport", p.reached)
		fmt.Fprintf(&b, "\t\tmeta l4proto tcp redirect to :%d\n\t}\n", p.inbound)
	}
	b.WriteString("}\n")
	return b.String()
}

// returns leaves alone what matches one of a list.
func returns[T any](b *strings.Builder, what string, list []T) {
	if len(list) == 0 {
		return
	}
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = fmt.Sprint(v)
	}
	fmt.Fprintf(b, "\t\t%s { %s } return\n", what, strings.Join(words, ", "))
}
