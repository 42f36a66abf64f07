package trial

import (
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/trial/rig"
)

// file is a whole file of cases.
type file struct {
	Module   string                 `toml:"module"`
	Filter   filterTable            `toml:"filter"`
	Filters  map[string]filterTable `toml:"filters" check:"keys=name"`
	Chain    []string               `toml:"chain"`
	Clusters *[]string              `toml:"clusters"`
	Start    instant                `toml:"start"`
	Replies  []replyTable           `toml:"replies"`
	Cases    []caseTable            `toml:"cases"`
}

// caseTable is one case. One without steps is its only step itself.
type caseTable struct {
	Name     string                 `toml:"name"`
	Filter   filterTable            `toml:"filter"`
	Filters  map[string]filterTable `toml:"filters" check:"keys=name"`
	Chain    []string               `toml:"chain"`
	Clusters *[]string              `toml:"clusters"`
	Start    instant                `toml:"start"`
	Replies  []replyTable           `toml:"replies"`
	Facts    *factsTable            `toml:"facts"`
	Steps    []stepTable            `toml:"steps"`

	Advance  config.Duration `toml:"advance" check:"max=87600h"`
	Request  *requestTable   `toml:"request"`
	Response *responseTable  `toml:"response"`
	Repeat   int             `toml:"repeat" check:"optional,min=1,max=100000"`
	Abort    bool            `toml:"abort"`
	Expect   expectTable     `toml:"expect"`
}

// stepTable is one step of a case.
type stepTable struct {
	Advance  config.Duration `toml:"advance" check:"max=87600h"`
	Stream   string          `toml:"stream" check:"is=name"`
	Request  *requestTable   `toml:"request"`
	Response *responseTable  `toml:"response"`
	Facts    *factsTable     `toml:"facts"`
	Repeat   int             `toml:"repeat" check:"optional,min=1,max=100000"`
	Abort    bool            `toml:"abort"`
	Expect   expectTable     `toml:"expect"`

	key string `toml:"-"`
}

// requestTable is what a client sends.
type requestTable struct {
	Method    string          `toml:"method" check:"is=method"`
	Path      string          `toml:"path"`
	Authority string          `toml:"authority"`
	Scheme    string          `toml:"scheme"`
	Headers   fields          `toml:"headers"`
	Body      pieces          `toml:"body"`
	Trailers  fields          `toml:"trailers"`
	Gap       config.Duration `toml:"gap" check:"max=87600h"`
}

func (t *requestTable) request() (rig.Request, error) {
	body, err := t.Body.bytes()
	return rig.Request{
		Method: or(t.Method, "GET"), Path: or(t.Path, "/"), Authority: or(t.Authority, "example.com"), Scheme: or(t.Scheme, "http"),
		Message: rig.Message{Fields: t.Headers, Body: body, Trailers: t.Trailers, Gap: t.Gap.Std()},
	}, err
}

// responseTable is what an upstream answers.
type responseTable struct {
	Status   int             `toml:"status" check:"optional,min=100,max=999"`
	Headers  fields          `toml:"headers"`
	Body     pieces          `toml:"body"`
	Trailers fields          `toml:"trailers"`
	Delay    config.Duration `toml:"delay" check:"max=87600h"`
	Gap      config.Duration `toml:"gap" check:"max=87600h"`
	Early    bool            `toml:"early"`
	Fail     string          `toml:"fail"`
}

func (t *responseTable) response() (rig.Response, error) {
	body, err := t.Body.bytes()
	return rig.Response{
		Status: or(t.Status, 200), Early: t.Early, Fail: rig.Failure(t.Fail),
		Message: rig.Message{Fields: t.Headers, Body: body, Trailers: t.Trailers, Delay: t.Delay.Std(), Gap: t.Gap.Std()},
	}, err
}

// replyTable is what answers HTTP and gRPC calls of filters.
type replyTable struct {
	Cluster     string          `toml:"cluster"`
	Match       wantMessage     `toml:"match"`
	Status      int             `toml:"status" check:"optional,min=100,max=999"`
	Headers     fields          `toml:"headers"`
	Body        pieces          `toml:"body"`
	Trailers    fields          `toml:"trailers"`
	Delay       config.Duration `toml:"delay" check:"max=87600h"`
	Fail        string          `toml:"fail"`
	GRPCStatus  int             `toml:"grpc_status" check:"min=0,max=16"`
	GRPCMessage string          `toml:"grpc_message"`
	Times       int             `toml:"times" check:"optional,min=1,max=1000000"`
}

func (t *replyTable) reply() (*rig.Reply, error) {
	body, err := t.Body.bytes()
	return &rig.Reply{
		Status: or(t.Status, 200), Fail: rig.Failure(t.Fail), GRPCStatus: t.GRPCStatus, GRPCMessage: t.GRPCMessage,
		Message: rig.Message{Fields: t.Headers, Body: body, Trailers: t.Trailers, Delay: t.Delay.Std()},
	}, err
}

// factsTable is what the host knows of a stream.
type factsTable struct {
	Source          addrPort                   `toml:"source"`
	Destination     addrPort                   `toml:"destination"`
	Upstream        addrPort                   `toml:"upstream"`
	Client          addr                       `toml:"client"`
	Listener        string                     `toml:"listener"`
	Route           string                     `toml:"route"`
	Cluster         string                     `toml:"cluster"`
	SNI             string                     `toml:"sni"`
	TLSVersion      string                     `toml:"tls_version"`
	Peer            string                     `toml:"peer"`
	Properties      texts                      `toml:"properties"`
	RouteMetadata   map[string]config.Metadata `toml:"route_metadata"`
	ClusterMetadata map[string]config.Metadata `toml:"cluster_metadata"`
}

// or is v, or a default in its place.
func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
