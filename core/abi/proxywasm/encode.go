package proxywasm

import (
	"github.com/weirproxy/weir/core/coding"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/foreign"
)

// coder is the encoder of a part's response. Its stream closes it, before the
// part.
type coder struct {
	*coding.Encoder
	root *root
}

// Close counts the work as the filter's, which no callback has burned.
func (c *coder) Close() {
	c.root.counts.fuel.Add(uint64(c.Cost()))
	c.Encoder.Close()
	*c = coder{}
}

// Encode has the body of the response pass through an encoder once the callback
// that runs, which is that of the response's head, has let it go.
func (i *instance) Encode(c coding.Coding, level int) foreign.Status {
	p := i.frame.own.part
	if p == nil || p != i.frame.at.part || i.frame.kind != kindPhase ||
		p.stream.Phase() != filter.PhaseResponseHeaders || p.coder.Encoder != nil {
		return foreign.BadArgument
	}
	head := p.stream.Response()
	if !coding.Encodable(head) {
		return foreign.BadArgument
	}
	e, err := i.vm.host.Encoders.Get(c, level)
	if err != nil {
		return foreign.InternalFailure
	}
	p.coder = coder{e, p.filter.root}
	if !p.stream.Recode(p, &p.coder) {
		e.Close()
		p.coder = coder{}
		return foreign.BadArgument
	}
	c.Describe(&head.Headers)
	return foreign.OK
}
