package rewrite

import "github.com/weirproxy/weir/sdk/weir"

// declare has the host make the changes by itself, and says whether it does.
// Expressions, queries and a route that is chosen again are left to callbacks.
func (f *filter) declare() bool {
	if f.path.kind == replaceMatches || f.query.any() || f.reroute {
		return false
	}
	edits := weir.Edits{Strict: true, Made: &f.changed, Refused: &f.refused}
	if f.path.kind == replacePrefix {
		edits.Add(weir.Edit{Phase: weir.OnRequestHead, Action: weir.ReplacePrefix, Name: f.path.prefix.From,
			Value: []weir.EditPart{{Source: weir.Text, Text: f.path.prefix.To}}})
	}
	if f.hosts {
		value, ok := f.host.EditParts()
		if !ok {
			return false
		}
		edits.Add(weir.Edit{Phase: weir.OnRequestHead, Action: weir.SetField, Name: ":authority", Value: value})
	}
	keep := weir.Edit{Phase: weir.OnRequestHead, Action: weir.SetProperty, Name: keepRoute, Value: []weir.EditPart{{Source: weir.Text, Text: "1"}}}
	if !f.hosts {
		keep.Within = f.path.prefix.From
	}
	var stay weir.Edits // a group of its own: it is no change that is counted
	stay.Add(keep)
	return stay.Declare() == nil && edits.Declare() == nil
}

// declared is a plugin that leaves all work to the host.
type declared struct{}
