package filtertest

import (
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

// Native runs filters that the test binary registers, in the emulated host.
// ByCallbacks does so in one that makes no edits (weir.edits), so that filters
// do by themselves what they would declare.
var (
	Native      World = native{name: "native"}
	ByCallbacks World = native{name: "by callbacks", without: []string{"weir.edits"}}
)

type native struct {
	name    string
	without []string // functions that the host lacks
}

func (n native) Name() string { return n.name }

func (n native) Start(t *testing.T, filter, config string, calls []string) (Host, string, bool) {
	h, ok := sdktest.Start(t, filter, sdktest.Options{
		Config: config, Calls: calls, Without: n.without,
		Functions: hostFunctions, HeadWaits: filter == "transform",
	})
	if !ok {
		return nil, strings.Join(h.Logs(), "\n"), false
	}
	return nativeHost{h}, "", true
}

type nativeHost struct{ h *sdktest.Host }

func (n nativeHost) Advance(d time.Duration) { n.h.Advance(d) }
func (n nativeHost) Logs() []string          { return n.h.Logs() }

func (n nativeHost) Metric(name string) int64 {
	return n.h.Metric(name) + int64(len(n.h.Observations(name)))
}

func (n nativeHost) Run(in Stream) Outcome {
	facts := map[string]string{}
	for name, v := range map[string]string{
		"weir.client_ip": in.Client, "weir.peer": in.Peer, "xds.route_name": in.Route, "xds.cluster_name": in.Cluster,
	} {
		if v != "" {
			facts[name] = v
		}
	}
	for name, v := range in.Properties {
		facts[name] = v
	}
	s := n.h.Stream(sdktest.Request{
		Method: in.Request.Method, Path: in.Request.Path, Authority: in.Request.Host,
		Headers: sdkFields(in.Request.HeaderFields()), Body: in.Request.Body, Properties: facts,
	})
	if in.Wait > 0 {
		n.h.Advance(time.Duration(in.Wait))
	}
	s.Respond(sdktest.Response{Status: in.Response.Status, Headers: sdkFields(in.Response.HeaderFields()), Body: in.Response.Body})
	s.Finish()
	out := Outcome{
		Local: s.Local(), Details: s.Details(), Properties: map[string]string{},
		Upstream: head(s.Upstream()), Downstream: head(s.Downstream()),
	}
	for _, p := range s.Properties() {
		out.Properties[p.Name] = p.Value
	}
	out.Cluster = out.Properties["weir.cluster"]
	return out
}

func sdkFields(list []Field) []sdk.Field {
	var out []sdk.Field
	for _, f := range list {
		out = append(out, sdk.Field(f))
	}
	return out
}

func head(m *sdktest.Message) *Head {
	if !m.Passed() {
		return nil
	}
	h := &Head{Body: string(m.Body)}
	for _, f := range m.Headers() {
		h.Fields = append(h.Fields, Field(f))
	}
	return h
}
