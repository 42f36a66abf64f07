package order_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/weirproxy/weir/core/order"
)

// said makes a link of a filter that has said these lines.
func said(t *testing.T, name, lines string) order.Link {
	t.Helper()
	o := new(order.Order)
	if err := o.Add([]byte(lines)); err != nil {
		t.Fatal(err)
	}
	return order.Link{Name: name, Order: o}
}

// silent is a filter that has said nothing, and might set anything.
var silent = order.Link{Name: "silent", Order: new(order.Order)}

func TestChains(t *testing.T) {
	setter, reader, logger := said(t, "setter", "sets p"), said(t, "reader", "reads p"), said(t, "logger", "logs p")
	encoder, parser, nothing := said(t, "encoder", "encodes"), said(t, "parser", "parses"), said(t, "nothing", "")
	unknown := order.Link{Name: "unknown"} // its module was not looked at
	for _, tt := range []struct {
		name  string
		chain order.Chain
		want  []string
	}{
		{"in order", order.Chain{setter, reader, logger}, nil},
		{"reads too early", order.Chain{reader, setter}, []string{"reader reads p before setter"}},
		{"reads too early, with others between", order.Chain{nothing, reader, nothing, setter}, []string{"reader reads p before setter"}},
		{"whoever logs stands anywhere", order.Chain{logger, setter}, nil},
		{"the first of two setters counts", order.Chain{setter, reader, setter}, nil},
		{"one who has said nothing may set it", order.Chain{silent, reader, setter}, nil},
		{"one who is not known may set it", order.Chain{unknown, reader, setter}, nil},
		{"behind, such a one does not help", order.Chain{reader, silent, setter}, []string{"reader reads p before setter"}},
		{"nobody sets it", order.Chain{reader}, []string{"reader misses p"}},
		{"nobody sets what is logged", order.Chain{logger, nothing}, []string{"logger misses p"}},
		{"nobody who is known sets it", order.Chain{logger, unknown}, nil},
		{"encodes first", order.Chain{parser, encoder}, []string{"parser gets what encoder has encoded"}},
		{"encodes last", order.Chain{encoder, parser}, nil},
	} {
		var got []string
		tt.chain.Late(func(l order.Late) {
			got = append(got, fmt.Sprintf("%s reads %s before %s", l.Reader, l.Property, l.Setter))
		})
		tt.chain.Encoded(func(e order.Encoded) {
			got = append(got, fmt.Sprintf("%s gets what %s has encoded", e.Reader, e.Encoder))
		})
		for _, link := range tt.chain {
			order.Missing([]order.Chain{tt.chain}, link.Name, func(p string) { got = append(got, link.Name+" misses "+p) })
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestMissing: a filter of many routes lacks only what no route has.
func TestMissing(t *testing.T) {
	setter, reader := said(t, "setter", "sets p"), said(t, "reader", "reads p\nlogs q")
	var got []string
	order.Missing([]order.Chain{{reader}, {setter, reader}, {said(t, "elsewhere", "sets q")}}, "reader", func(p string) { got = append(got, p) })
	if !slices.Equal(got, []string{"q"}) {
		t.Errorf("misses %q, want q alone", got)
	}
}
