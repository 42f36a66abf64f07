package proxywasm

import (
	"bytes"
	"errors"
	"time"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// call is an HTTP call on its way. The lane of its instance guards it.
type call struct {
	i       *instance
	id      uint32
	root    *rootInstance
	context uint32 // the stream's that made it, 0 for the root
	cancel  func()
	tries   int // to deliver the answer
}

// Bounds of calls.
const (
	maxAnswer    = 4 << 20 // bytes of an answer's body
	maxRootCalls = 64      // in flight for a root, in one instance, beside its streams'
)

// codeReset is what proxy_get_status says after a call that broke.
const codeReset = 11

// httpCall is proxy_http_call(cluster, size, headers, size, body, size,
// trailers, size, milliseconds, &id).
func (i *instance) httpCall(a []uint64) status {
	cluster, ok1 := i.view(a[0], a[1])
	headers, ok2 := i.view(a[2], a[3])
	body, ok3 := i.view(a[4], a[5])
	trailers, ok4 := i.view(a[6], a[7])
	id := i.nextCall + 1
	if !ok1 || !ok2 || !ok3 || !ok4 || !i.putUint32(a[9], id) {
		return statusInvalidMemory
	}
	ri := i.frame.at.root
	timeout := int32(a[8])
	if ri == nil || timeout < 0 {
		return statusBadArgument
	}
	if ri.root.callable(cluster) == "" {
		i.writeLog(levelHost, []byte("calling cluster "+quoted(cluster)+": it is not among the filter's calls"))
		return statusBadArgument
	}
	r := filter.CallRequest{
		Cluster: string(cluster),
		Body:    bytes.Clone(body),
		Timeout: time.Duration(timeout) * time.Millisecond,
		MaxBody: maxAnswer,
	}
	var s status
	if r.Head, s = i.callHead(headers); s != statusOK {
		return s
	}
	if r.Trailers, s = i.callTrailers(trailers); s != statusOK {
		return s
	}
	return i.begin(&call{i: i, id: id, root: ri}, r)
}

// callable is the name of a cluster that the filter's configuration lists, ""
// for any other.
func (r *root) callable(cluster []byte) string {
	for _, c := range r.spec.Calls {
		if c == string(cluster) {
			return c
		}
	}
	return ""
}

// callHead reads the head of a call's request.
func (i *instance) callHead(b []byte) (*stream.RequestHead, status) {
	if !i.decode(b) {
		return nil, statusBadArgument
	}
	h := &stream.RequestHead{Version: stream.HTTP11, Scheme: []byte("http")}
	m := fieldMap{list: &h.Headers, request: h}
	seen := 0
	for k := range i.pairs {
		p := &i.pairs[k]
		name := i.lower(p.key)
		seen |= pseudoBit(m, name)
		if !m.accepts(name, p.value) {
			return nil, statusInternalFailure
		}
		if field := m.pseudo(name); field != nil {
			*field = bytes.Clone(p.value)
			continue
		}
		h.Headers.Add(p.key, p.value)
	}
	const needed = 1 | 2 | 8 // method, path, authority
	if seen&needed != needed {
		return nil, statusBadArgument
	}
	return h, statusOK
}

func (i *instance) callTrailers(b []byte) (*stream.Headers, status) {
	if !i.decode(b) {
		return nil, statusBadArgument
	}
	if len(i.pairs) == 0 {
		return nil, statusOK
	}
	h := new(stream.Headers)
	for k := range i.pairs {
		p := &i.pairs[k]
		if !stream.ValidName(p.key) || !stream.ValidValue(p.value) {
			return nil, statusInternalFailure
		}
		h.Add(p.key, p.value)
	}
	return h, statusOK
}

// begin starts a call, within what the stream, the root and the host may have
// in flight.
func (i *instance) begin(c *call, r filter.CallRequest) status {
	h := i.vm.host
	ri := c.root
	p := i.frame.at.part
	if p != nil {
		c.context = p.id
	}
	full := ri.calls >= maxRootCalls
	if p != nil {
		full = p.group.calls >= ri.root.spec.MaxCalls
	}
	if h.Caller == nil || full || h.calls.Load() >= maxCallsInFlight {
		return statusInternalFailure
	}
	if i.calls == nil {
		i.calls = make(map[uint32]*call)
	}
	r.Trace = i.trace()
	// The answer may come before Call returns: it waits for the lane.
	i.calls[c.id] = c
	cancel, err := h.Caller.Call(r, func(r *filter.CallResponse) { c.deliver(r, firstRetry) })
	if err != nil {
		delete(i.calls, c.id)
		if errors.Is(err, filter.ErrNoCluster) {
			return statusBadArgument
		}
		return statusInternalFailure
	}
	c.cancel = cancel
	i.nextCall = c.id
	ri.root.counts.calls.Add(1)
	h.calls.Add(1)
	if p != nil {
		p.group.calls++
		p.waits++
	} else {
		ri.calls++
	}
	return statusOK
}

// settle takes a call off the books. It answers false when that was done.
func (c *call) settle() bool {
	i := c.i
	if i.calls[c.id] != c {
		return false
	}
	delete(i.calls, c.id)
	i.vm.host.calls.Add(-1)
	if c.context == 0 {
		c.root.calls--
	} else if e := i.contexts.find(c.context); e != nil && e.part != nil {
		e.part.group.calls--
		e.part.waits--
	}
	return true
}

// abandon ends a call whose instance died.
func (c *call) abandon() {
	c.i.vm.host.calls.Add(-1)
	if c.cancel != nil {
		go c.cancel() // it may wait for who is about to deliver
	}
}

// maxTries is how often the delivery of an answer waits for its stream's
// owner, some second in all. A tunnel never lets go of its stream.
const maxTries = 200

// deliver makes on_http_call_response, on the instance that made the call. It
// waits until the stream that the answer is for can be held, because the guest
// will want to touch it.
func (c *call) deliver(r *filter.CallResponse, wait time.Duration) {
	i := c.i
	lane := i.in.Lane()
	lane.Lock()
	defer lane.Unlock()
	if i.dead || i.calls[c.id] != c {
		return
	}
	if p := i.partOf(c.context); p != nil && !i.hold(p) && c.tries < maxTries {
		c.tries++
		time.AfterFunc(wait, func() { c.deliver(r, min(2*wait, lastRetry)) })
		return
	}
	defer i.leave()
	c.settle()
	i.callCode, i.callText = 0, ""
	if r.Reset || r.Head == nil {
		i.callCode, r = codeReset, &filter.CallResponse{}
	}
	f := i.fn.callResponse
	if f == nil || c.root.gone {
		return
	}
	i.enter(kindCall, target{root: c.root})
	i.frame.call = r
	headers, trailers := 0, 0
	if r.Head != nil {
		headers = countResponse(r.Head)
	}
	if r.Trailers != nil {
		trailers = r.Trailers.Len()
	}
	i.in.Call(f, uint64(c.root.id), uint64(c.id), uint64(headers), uint64(len(r.Body)), uint64(trailers)) // its failure ends the instance, which says so itself
	i.after(c.root)
}
