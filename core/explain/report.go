package explain

// Report is what becomes of a request. Times are in nanoseconds where their name
// ends in _ns, else text with units; "" is none.
type Report struct {
	Version int    `json:"version"` // of this format: 1
	Source  string `json:"source"`  // "file": by the configuration alone; "running": by a process's
	Role    string `json:"role"`
	Side    string `json:"side"`

	Request  Request   `json:"request"`
	Route    *Route    `json:"route"` // null: no route, or the request was refused before
	Filters  []Filter  `json:"filters"`
	Outcome  Outcome   `json:"outcome"`
	Upstream *Upstream `json:"upstream"` // null: the request gets to none
	Notes    []string  `json:"notes"`    // what differs from a real request
}

// Request is the request before any filter.
type Request struct {
	Method     string   `json:"method"`
	Scheme     string   `json:"scheme"`
	Authority  string   `json:"authority"`
	Sent       string   `json:"sent_path"`
	Path       string   `json:"path"` // in normal form; "" where it has none
	Client     string   `json:"client"`
	Peer       string   `json:"peer,omitempty"`
	Fields     []Field  `json:"fields"`  // as sent
	Changes    []Change `json:"changes"` // that are made before any filter
	BodyLength int      `json:"body_length"`
}

// Route is how the route was found.
type Route struct {
	Name   string  `json:"name"`
	Host   string  `json:"host"` // pattern; "*" for any
	Why    []Check `json:"why"`  // empty: it asks nothing
	Parts  []Field `json:"parts,omitempty"`
	Missed []Other `json:"missed"` // that would have won, the best first, and why they did not
	Behind []Other `json:"behind"` // that are met too, but win less
	More   int     `json:"more"`   // routes that are left out of the two lists
	// Filter is who had the route matched again; "" for the first match.
	Filter string `json:"filter,omitempty"`
}

// Other is another route.
type Other struct {
	Name   string  `json:"name"`
	Host   string  `json:"host"`
	Checks []Check `json:"checks"`
}

// Check is one thing that a match asks.
type Check struct {
	Of   string `json:"of"` // host, path, method, header, query
	Name string `json:"name,omitempty"`
	Asks string `json:"asks"`
	Met  bool   `json:"met"`
}

// Filter is a place of the chain.
type Filter struct {
	Name     string  `json:"name"`
	Of       string  `json:"of"` // the built-in filter, or the module
	OnError  string  `json:"on_error"`
	Security bool    `json:"security"`
	When     []Check `json:"when,omitempty"`
	Unless   []Check `json:"unless,omitempty"`
	Seen     string  `json:"seen"` // "yes", "no" by its conditions, "not reached", "no phase" of its own
	Steps    []Step  `json:"steps"`
	CPU      uint64  `json:"cpu_ns"` // of its callbacks, by the meter
}

// Step is one callback, or what the host did by the filter's declaration.
type Step struct {
	Phase   string   `json:"phase"`
	By      string   `json:"by"`      // "callback", "edits" (weir.edits), "edits and callback"
	Verdict string   `json:"verdict"` // continue, pause, drop body, resume, reply, reset, failed
	Error   string   `json:"error,omitempty"`
	Reply   *Reply   `json:"reply,omitempty"`
	Changes []Change `json:"changes"`
	Calls   []Call   `json:"calls,omitempty"`
}

// Change is one thing that a step changed.
type Change struct {
	Of   string `json:"of"` // request, response, stream
	What string `json:"what"`
	Name string `json:"name,omitempty"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	Did  string `json:"did"` // set, add, remove
}

// Reply is a filter's answer in the upstream's place.
type Reply struct {
	Status  int     `json:"status"`
	Details string  `json:"details,omitempty"`
	Fields  []Field `json:"fields"`
	Body    string  `json:"body,omitempty"`
}

// Call is a request of a filter's to a cluster. It is not sent.
type Call struct {
	Cluster string `json:"cluster"`
	Method  string `json:"method"`
	Path    string `json:"path"`
	Answer  string `json:"answer"` // that was supposed
}

// Outcome is what came of the request.
type Outcome struct {
	// Is "forwarded", "answered" by a filter or by Weir, "refused" before any
	// filter, "held" by a filter, "reset".
	Is      string  `json:"is"`
	Status  int     `json:"status,omitempty"` // that the client gets
	Details string  `json:"details,omitempty"`
	By      string  `json:"by,omitempty"` // the filter
	Why     string  `json:"why,omitempty"`
	Fields  []Field `json:"fields,omitempty"` // that the client gets
}

// Upstream is where the request goes.
type Upstream struct {
	Method    string  `json:"method"`
	Authority string  `json:"authority"`
	Path      string  `json:"path"`
	Fields    []Field `json:"fields"`
	// BodyLength is that of what gets there of a body, in bytes.
	BodyLength  int       `json:"body_length"`
	BodyChanged bool      `json:"body_changed"`
	Route       *Route    `json:"route,omitempty"` // found again, after what filters changed
	Why         string    `json:"why"`             // the cluster: route, split, filter
	Clusters    []Cluster `json:"clusters"`
	Timeouts    Timeouts  `json:"timeouts"`
	Retries     Retries   `json:"retries"`
	Mirror      string    `json:"mirror,omitempty"` // cluster that gets a copy
	Priority    string    `json:"priority"`
}

// Cluster is one that the request may go to.
type Cluster struct {
	Name      string     `json:"name"`
	Share     string     `json:"share,omitempty"` // of the requests
	Balance   string     `json:"balance"`
	Protocol  string     `json:"protocol"`
	Key       string     `json:"key,omitempty"`    // what the endpoint goes by
	Picked    string     `json:"picked,omitempty"` // "": chance or turn says
	Among     int        `json:"among"`            // endpoints that are used
	Endpoints []Endpoint `json:"endpoints"`
	None      string     `json:"none,omitempty"` // why there is no endpoint
	TLS       TLS        `json:"tls"`
}

// Endpoint is one address.
type Endpoint struct {
	Address string `json:"address"`
	Weight  uint32 `json:"weight"`
	State   string `json:"state"` // "used", "unhealthy", "ejected", "unknown" of a file
	Active  int64  `json:"active"`
}

// TLS is how the endpoint is spoken to.
type TLS struct {
	Mode       string   `json:"mode"` // "clear", "tls", "mesh"
	ServerName string   `json:"server_name,omitempty"`
	Peers      []string `json:"peers,omitempty"`    // one of which the endpoint must be
	Identity   string   `json:"identity,omitempty"` // that is shown
	Insecure   bool     `json:"insecure,omitempty"`
}

// Timeouts bound the exchange.
type Timeouts struct {
	Whole   string `json:"whole"`
	By      string `json:"by"` // "route", "filter", "client" of a gRPC call
	PerTry  string `json:"per_try"`
	Idle    string `json:"idle"`
	Connect string `json:"connect"`
}

// Retries say when the request is sent again.
type Retries struct {
	By       string   `json:"by"`
	Attempts int      `json:"attempts"` // beside the first
	Statuses string   `json:"statuses,omitempty"`
	GRPC     []string `json:"grpc,omitempty"`
	Wait     string   `json:"wait"` // before the second
}
