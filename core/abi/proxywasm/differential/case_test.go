package differential_test

import (
	"strings"

	"github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"
)

// differentialCase is what both proxies are given.
type differentialCase struct {
	name    string
	filters []filterCase // the chain
	// client sends requests and reads responses; default: one GET.
	client func(c *client)
	// origin answers one request; default: 200 with "hello".
	origin func(o *origin)
	// secured are clients with TLS; default: they speak in clear.
	secured *secured
}

// filterCase is one filter of a chain.
type filterCase struct {
	program guest.Program
	vm      string // default: one that all share; what traps has its own
	root    string // default: its name
	config  string // with inVM
	inVM    bool   // the program stands in the VM's configuration, the plugin's is config
	pause   bool   // a pause at the head shows the body
	open    bool   // a failure lets requests pass
}

// one is a case with one filter.
func one(name string, callbacks ...guest.Callback) differentialCase {
	return differentialCase{name: name, filters: []filterCase{{program: callbacks}}}
}

// chain is a case with several filters.
func chain(name string, programs ...guest.Program) differentialCase {
	c := differentialCase{name: name}
	for _, p := range programs {
		c.filters = append(c.filters, filterCase{program: p})
	}
	return c
}

func (c differentialCase) from(client func(c *client)) differentialCase {
	c.client = client
	return c
}

func (c differentialCase) to(origin func(o *origin)) differentialCase {
	c.origin = origin
	return c
}

// alone gives the filters of a case a VM of their own.
func (c differentialCase) alone() differentialCase {
	for i := range c.filters {
		c.filters[i].vm = c.name
	}
	return c
}

// sending is a client that sends these texts one after the other, as a request
// each, and reads a response to each.
func sending(requests ...string) func(c *client) {
	return func(c *client) {
		for _, r := range requests {
			c.send(r)
			method, _, _ := strings.Cut(r, " ")
			c.read(method)
		}
	}
}

// answering is an origin that reads each request whole and answers with this.
func answering(response string) func(o *origin) {
	return func(o *origin) {
		o.request()
		o.say(response)
	}
}

// get is a request without a body; fields are lines such as "x-a: 1".
func get(path string, fields ...string) string { return head("GET "+path+" HTTP/1.1", fields) }

// head is a message's head. A request's authority is added to it.
func head(start string, fields []string) string {
	if !strings.HasPrefix(start, "HTTP/") {
		fields = append([]string{"Host: differential.test"}, fields...)
	}
	return start + "\r\n" + strings.Join(append(fields, "", ""), "\r\n")
}

// post is a request with a body.
func post(path, body string, fields ...string) string {
	return head("POST "+path+" HTTP/1.1", append(fields, length(body))) + body
}

// postChunked is a request whose body comes in these chunks, without its end
// when the last is "…".
func postChunked(path string, chunks []string, trailers ...string) string {
	return head("POST "+path+" HTTP/1.1", []string{"Transfer-Encoding: chunked"}) + chunked(chunks, trailers...)
}

// answer is a response with a body.
func answer(status, body string, fields ...string) string {
	return head("HTTP/1.1 "+status, append(fields, length(body))) + body
}

// answerChunked is a response whose body comes in these chunks.
func answerChunked(chunks []string, trailers ...string) string {
	return head("HTTP/1.1 200 OK", []string{"Transfer-Encoding: chunked"}) + chunked(chunks, trailers...)
}

// nodeID is what both proxies are called.
const nodeID = "differential-node"

func (f *filterCase) vmName() string {
	if f.vm == "" {
		return "shared"
	}
	return f.vm
}

func (f *filterCase) rootID(c *differentialCase, place int) string {
	if f.root == "" {
		return filterName(c, place)
	}
	return f.root
}

func (f *filterCase) pluginConfig() string {
	if f.inVM {
		return f.config
	}
	return f.program.String()
}
