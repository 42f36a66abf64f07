package requestid

import "github.com/weirproxy/weir/sdk/weir"

// declare has the host do all of it, and says whether it does.
func (f *filter) declare() bool {
	id := []weir.EditPart{{Source: weir.UUIDv7}}
	if !f.time {
		id[0].Source = weir.UUIDv4
	}
	action := weir.SetField
	if f.keep {
		action = weir.SetUnlessPlain
	}
	given := []weir.EditPart{{Source: weir.RequestField, Text: f.header}}
	edits := weir.Edits{}
	edits.Add(weir.Edit{Phase: weir.OnRequestHead, Action: action, Name: f.header, Value: id})
	if f.log {
		edits.Add(weir.Edit{Phase: weir.OnRequestHead, Action: weir.SetProperty, Name: logProperty, Value: given})
	}
	if f.response {
		edits.Add(weir.Edit{Phase: weir.OnResponseHead, Action: weir.SetField, Name: f.header, Value: given})
	}
	return edits.Declare() == nil
}

// declared is a plugin that leaves all work to the host.
type declared struct{}
