package observe

import "github.com/weirproxy/weir/core/stream"

// flagNames are Envoy's short names, which log readers know.
var flagNames = [...]struct {
	flag stream.Flags
	name string
}{
	{stream.FlagNoHealthyUpstream, "UH"},
	{stream.FlagUpstreamTimeout, "UT"},
	{stream.FlagLocalReset, "LR"},
	{stream.FlagUpstreamReset, "UR"},
	{stream.FlagUpstreamConnect, "UF"},
	{stream.FlagUpstreamTermination, "UC"},
	{stream.FlagUpstreamOverflow, "UO"},
	{stream.FlagNoRoute, "NR"},
	{stream.FlagRateLimited, "RL"},
	{stream.FlagDownstreamTermination, "DC"},
	{stream.FlagStreamIdleTimeout, "SI"},
	{stream.FlagDownstreamProtocol, "DPE"},
	{stream.FlagUpstreamProtocol, "UPE"},
	{stream.FlagFilterFailed, "FF"},
}

func (l *line) flags(f stream.Flags) {
	if f == 0 {
		return
	}
	l.b = append(l.b, `,"flags":"`...)
	begin := len(l.b)
	for i := range flagNames {
		if f&flagNames[i].flag != 0 {
			if len(l.b) > begin {
				l.b = append(l.b, ',')
			}
			l.b = append(l.b, flagNames[i].name...)
		}
	}
	l.b = append(l.b, '"')
}
