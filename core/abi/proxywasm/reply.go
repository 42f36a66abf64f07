package proxywasm

import (
	"bytes"
	"strings"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// maxDetails bounds the details of a local reply, in bytes.
const maxDetails = 256

// sendReply is proxy_send_local_response(code, details, size, body, size,
// headers, size, grpc status). The first of a callback stays.
func (i *instance) sendReply(a []uint64) status {
	details, ok1 := i.view(a[1], a[2])
	body, ok2 := i.view(a[3], a[4])
	headers, ok3 := i.view(a[5], a[6])
	if !ok1 || !ok2 || !ok3 {
		return statusInvalidMemory
	}
	code := int(int32(a[0]))
	p := i.frame.at.part
	if !finalStatus(code) || p == nil {
		return statusBadArgument
	}
	if p.ofConnection() {
		return statusOK // there is nobody to be answered in HTTP
	}
	if s := i.replyHeaders(headers); s != statusOK {
		return s
	}
	i.reply = filter.Reply{
		Status:  code,
		Details: string(details[:min(len(details), maxDetails)]),
		Headers: &i.fields,
		Body:    body,
		GRPC:    int32(a[7]),
		Filter:  p.filter.root.spec.Name,
	}
	w := wish{kind: wishReply, reply: &i.reply}
	if !i.holds(p.stream) {
		i.ask(w)
		return statusOK
	}
	if _, m := i.moment(); m != momentLive {
		return statusBadArgument
	}
	err := p.stream.Reply(i.reply)
	i.reply = filter.Reply{}
	if err != nil {
		return statusBadArgument
	}
	return statusOK
}

// replyHeaders reads a local reply's headers into i.fields, as views. What is
// no map at all is left out, as Envoy does: a filter that refuses a request
// must not let it pass for that.
func (i *instance) replyHeaders(b []byte) status {
	i.fields.Reset()
	if !i.decode(b) {
		return statusOK
	}
	for k := range i.pairs {
		p := &i.pairs[k]
		if stream.EqualFold(p.key, nameStatus) {
			continue // the code says it
		}
		if !stream.ValidName(p.key) || !stream.ValidValue(p.value) {
			return statusBadArgument
		}
		i.fields.Add(p.key, p.value)
	}
	return statusOK
}

// kept is the wish in memory of its own.
func (w wish) kept() wish {
	if w.reply == nil {
		return w
	}
	r := *w.reply
	r.Details = strings.Clone(r.Details)
	r.Body = bytes.Clone(r.Body)
	h := new(stream.Headers)
	h.CopyFrom(r.Headers)
	r.Headers = h
	w.reply = &r
	return w
}
