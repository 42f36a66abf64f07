package proxywasm

import (
	"errors"

	"github.com/weirproxy/weir/core/order"
)

// functionOrder declares, within on_configure, what the filter sets for others and what
// it counts on, for who looks at chains. It changes nothing of how streams are served.
const functionOrder = "weir.order"

func (i *instance) declareOrder(args []byte) status {
	ri := i.frame.own.root
	if i.frame.kind != kindConfigure || ri == nil {
		return statusBadArgument
	}
	switch err := ri.order.Add(args); {
	case errors.Is(err, order.ErrTooMany):
		return statusInternalFailure
	case err != nil:
		return statusBadArgument
	}
	return statusOK
}

// Order is what the filter declared of its place in a chain.
func (f *Filter) Order() *order.Order { return &f.root.order }
