package template

import "github.com/weirproxy/weir/sdk/weir"

// EditParts is the template as the host fills it in by itself, for edits that
// are declared. It answers false where only the guest can: attributes are many.
func (t *Template) EditParts() (parts []weir.EditPart, ok bool) {
	for i := range t.parts {
		p := &t.parts[i]
		if p.source == property && !ofFilters(p.text) {
			return nil, false
		}
		e := editSources[p.source]
		if e.Text == "" {
			e.Text = p.text
		}
		parts = append(parts, e)
	}
	return parts, true
}

var editSources = [...]weir.EditPart{
	literal:        {Source: weir.Text},
	clientIP:       {Source: weir.ClientAddress},
	requestID:      {Source: weir.RequestField, Text: "x-request-id"},
	route:          {Source: weir.RouteName},
	cluster:        {Source: weir.ClusterName},
	method:         {Source: weir.RequestField, Text: ":method"},
	path:           {Source: weir.RequestField, Text: ":path"},
	host:           {Source: weir.RequestField, Text: ":authority"},
	status:         {Source: weir.ResponseField, Text: ":status"},
	statusClass:    {Source: weir.StatusClass},
	identity:       {Source: weir.Property, Text: Identity},
	header:         {Source: weir.RequestField},
	responseHeader: {Source: weir.ResponseField},
	property:       {Source: weir.Property},
	clientNetwork:  {Source: weir.ClientNetwork},
}

// ofFilters says whether a property is one that only filters set, never an attribute.
func ofFilters(path string) bool {
	for _, group := range [...]string{"weir.claim.", "log."} {
		if len(path) > len(group) && path[:len(group)] == group {
			return true
		}
	}
	return false
}
