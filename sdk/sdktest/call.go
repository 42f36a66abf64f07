package sdktest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/abi"
)

// Call is an HTTP request that the filter has made and that waits for its
// answer.
type Call struct {
	Cluster string
	Headers []sdk.Field
	Body    string
	Timeout time.Duration

	host           *Host
	id             uint32
	head, trailers fields
	body           []byte
	failed         bool
}

// Calls are those that wait for an answer, in the order of their making.
func (h *Host) Calls() []*Call { return slices.Clone(h.calls) }

// Call notes a request to a cluster that the filter may reach.
func (h *Host) Call(cluster string, headers []byte, body string, trailers []byte, milliseconds uint32) (uint32, abi.Status) {
	list, ok := parsePairs(headers)
	if _, fine := parsePairs(trailers); !ok || !fine || int32(milliseconds) < 0 || !slices.Contains(h.o.Calls, cluster) {
		return 0, abi.BadArgument
	}
	for _, name := range []string{":method", ":path", ":authority"} {
		if !slices.ContainsFunc(list, func(f sdk.Field) bool { return f.Name == name }) {
			return 0, abi.BadArgument
		}
	}
	h.lastCall++
	h.calls = append(h.calls, &Call{
		Cluster: strings.Clone(cluster), Headers: list, Body: strings.Clone(body),
		Timeout: time.Duration(milliseconds) * time.Millisecond, host: h, id: h.lastCall,
	})
	return h.lastCall, abi.OK
}

// CallStatus is how the last call ended: an HTTP call that failed shows by its
// missing head too.
func (h *Host) CallStatus() (uint32, []byte, abi.Status) {
	if h.rpc != nil {
		return h.rpc.status, h.keepString(h.rpc.text), abi.OK
	}
	if h.call != nil && h.call.failed {
		return 11, h.keepString("reset"), abi.OK
	}
	return 0, []byte{}, abi.OK
}

// Get is the first value of a header of the call, or "".
func (c *Call) Get(name string) string {
	for _, f := range c.Headers {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// Answer brings the call's answer to the filter.
func (c *Call) Answer(r Response) {
	status := r.Status
	if status == 0 {
		status = 200
	}
	c.head.add(":status", strconv.Itoa(status))
	for _, f := range r.Headers {
		c.head.add(f.Name, f.Value)
	}
	for _, f := range r.Trailers {
		c.trailers.add(f.Name, f.Value)
	}
	c.body = []byte(r.Body)
	c.deliver()
}

// Fail breaks the call off after its head, so that there is no answer.
func (c *Call) Fail() {
	c.failed = true
	c.deliver()
}

func (c *Call) deliver() {
	h := c.host
	at := slices.Index(h.calls, c)
	if at < 0 {
		h.t.Errorf("the call to %q was answered twice", c.Cluster)
		return
	}
	h.calls = slices.Delete(h.calls, at, at+1)
	h.call = c
	h.callback(nil, callAnswer, func() {
		h.guest.OnHTTPCall(root, c.id, uint32(len(c.head)), uint32(len(c.body)), uint32(len(c.trailers)))
	})
	h.call = nil
	h.settle()
	h.bringErrands()
}
