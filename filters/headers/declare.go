package headers

import "github.com/weirproxy/weir/sdk/weir"

// declare has the host make all changes by itself, and says whether it does.
// Responses by a path are left to callbacks: later filters may change the path
// until the response comes.
func (f *filter) declare() bool {
	if f.remembers {
		return false
	}
	edits := weir.Edits{Refused: &f.refused}
	for i := range f.rules {
		r := &f.rules[i]
		status := r.class + r.code // one of them is 0
		if !declare(&edits, r.request, weir.Edit{Phase: weir.OnRequestHead, Within: r.prefix}) ||
			!declare(&edits, r.response, weir.Edit{Phase: weir.OnResponseHead, Status: status}) {
			return false
		}
	}
	return edits.Declare() == nil
}

// order says what values look at that other filters find out.
func (f *filter) order() {
	var order weir.Order
	for i := range f.rules {
		for j := range f.rules[i].request {
			f.rules[i].request[j].fill.Properties(order.Reads)
		}
		for j := range f.rules[i].response {
			f.rules[i].response[j].fill.Properties(order.Logs)
		}
	}
	order.Declare()
}

var actions = [...]weir.EditAction{remove: weir.RemoveField, set: weir.SetField, add: weir.AddField, addIfAbsent: weir.AddIfAbsent}

func declare(edits *weir.Edits, list []operation, e weir.Edit) bool {
	for i := range list {
		o := &list[i]
		e.Action, e.Name, e.Value = actions[o.kind], o.name, []weir.EditPart{{Source: weir.Text, Text: o.value}}
		if o.fills {
			var ok bool
			if e.Value, ok = o.fill.EditParts(); !ok {
				return false
			}
		}
		edits.Add(e)
	}
	return true
}

// declared is a plugin that leaves all work to the host.
type declared struct{}
