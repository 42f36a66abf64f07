package observe

import (
	"encoding/hex"

	"github.com/weirproxy/weir/core/stream"
)

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

// failure tells who failed and why: a filter with its name, an upstream with the
// endpoint where one was tried.
func (l *line) failure(e *Entry) {
	if e.FailedBy == "" {
		return
	}
	i := e.Info
	l.b = append(append(l.b, `,"failed_by":"`...), e.FailedBy...)
	switch {
	case e.FailedBy == "filter" && i.Filter != "":
		l.b = append(append(l.b, ' '), i.Filter...) // a name of the configuration
	case e.FailedBy == "upstream" && i.Upstream.IsValid():
		l.b = i.Upstream.AppendTo(append(l.b, ' '))
	}
	l.b = append(l.b, '"')
	l.text(`,"reason":`, e.Reason)
}

// hex appends an id. The key brings the opening quote along.
func (l *line) hex(key string, id []byte) {
	l.b = append(hex.AppendEncode(append(l.b, key...), id), '"')
}
