package accesslog

import "github.com/weirproxy/weir/sdk/weir"

// declare has the host add the fields by itself, and says whether it does. A
// sample is left to callbacks.
func (f *filter) declare() bool {
	if f.sample < 1 {
		return false
	}
	edits := weir.Edits{}
	for i := range f.fields {
		x := &f.fields[i]
		e := weir.Edit{Phase: weir.OnLog, Action: weir.SetProperty, Name: x.property,
			Value: []weir.EditPart{{Source: weir.Text, Text: x.value}}}
		if x.fills {
			var ok bool
			if e.Value, ok = x.fill.EditParts(); !ok {
				return false
			}
		}
		edits.Add(e)
	}
	return edits.Declare() == nil
}

// declared is a plugin that leaves all work to the host.
type declared struct{}
