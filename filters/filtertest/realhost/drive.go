package realhost

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trial/rig"
	"github.com/weirproxy/weir/filters/filtertest"
)

// client is the address of the client of Cycle.
var client = netip.MustParseAddr("192.0.2.1")

// host is a configured filter in a rig that it is alone in.
type host struct {
	t   testing.TB
	rig *rig.Rig
}

// Advance moves the clock.
func (h *host) Advance(d time.Duration) {
	if err := h.rig.Advance(d); err != nil {
		h.t.Error(err)
	}
}

// Logs are the lines that the filter wrote.
func (h *host) Logs() []string {
	var list []string
	for _, l := range h.rig.Log.Lines(0) {
		list = append(list, l.Message)
	}
	return list
}

// Metric is a metric's value.
func (h *host) Metric(name string) int64 {
	v, _ := h.rig.Metric(name)
	return v
}

// Run takes a stream through the chain.
func (h *host) Run(in filtertest.Stream) filtertest.Outcome {
	facts := rig.Facts{Route: in.Route, Cluster: in.Cluster}
	if in.Client != "" {
		facts.Client = netip.MustParseAddr(in.Client)
	}
	if in.Peer != "" {
		facts.TLS = &stream.TLSInfo{Version: "TLSv1.3", PeerSPIFFE: in.Peer}
	}
	for name, v := range in.Properties {
		facts.Properties = append(facts.Properties, rig.Field{Name: name, Value: v})
	}
	request := rig.Request{Message: message(&in.Request)}
	for _, f := range in.Request.RequestFields() {
		switch f.Name {
		case ":method":
			request.Method = f.Value
		case ":path":
			request.Path = f.Value
		case ":authority":
			request.Authority = f.Value
		case ":scheme":
			request.Scheme = f.Value
		}
	}
	s := h.rig.Begin(request, rig.Response{Status: max(200, in.Response.Status), Message: message(&in.Response)}, facts)
	if err := h.rig.Settle(); err != nil {
		h.t.Error(err)
	}
	if in.Wait > 0 {
		h.Advance(time.Duration(in.Wait))
	}
	if state := s.State(); state != rig.Done && state != rig.Reset {
		h.t.Errorf("the stream is %s, and nothing will end that", state)
		s.Abort()
	}
	out := filtertest.Outcome{
		Local: s.Local, Details: s.Details, Cluster: s.Cluster, Upstream: head(s.Upstream), Downstream: head(s.Client),
		Properties: map[string]string{},
	}
	for _, p := range s.Properties() {
		out.Properties[p.Name] = p.Value
	}
	return out
}

func message(m *filtertest.Message) (out rig.Message) {
	for _, f := range m.HeaderFields() {
		out.Fields = append(out.Fields, rig.Field(f))
	}
	if m.Body != "" {
		out.Body = [][]byte{[]byte(m.Body)}
	}
	return out
}

// head is a message as scripts see it: what frames it is not the filter's.
func head(m *rig.Seen) *filtertest.Head {
	if m == nil {
		return nil
	}
	h := &filtertest.Head{Body: m.Body()}
	framing := []string{"content-length", "transfer-encoding"}
	for _, f := range m.Head {
		if !slices.Contains(framing, f.Name) {
			h.Fields = append(h.Fields, filtertest.Field(f))
		}
	}
	return h
}
