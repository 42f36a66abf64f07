package apikey

import (
	"math"
	"strings"

	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk/weir"
)

// recall asks the host to remember what becomes of a key, where that stands in one
// header alone: it depends on what a key may do besides, if keys differ in that.
func (f *filter) recall() bool {
	if f.place.Header == "" || f.place.Query != "" || f.place.Cookie != "" {
		return false
	}
	facts := []weir.Fact{{Source: weir.FactSecret, Text: f.place.Header}}
	if len(f.access) > 1 {
		facts = append(facts, weir.Fact{Source: weir.FactMethod}, weir.Fact{Source: weir.FactPath, Text: f.words()})
	}
	return weir.Recall(facts...) == nil // or every request makes a callback
}

// words are the segments that the paths of keys have.
func (f *filter) words() string {
	seen := map[string]bool{"": true}
	var list []string
	for i := range f.access {
		for _, p := range f.access[i].paths {
			for word := range strings.SplitSeq(p, "/") {
				if !seen[word] {
					seen[word] = true
					list = append(list, word)
				}
			}
		}
	}
	return strings.Join(list, "/")
}

// remember has the host do by itself what OnRequestHeaders does with a key that allows
// what is asked for. Where it refuses, the next one is asked about.
func (f *filter) remember(name string) {
	edits := weir.Edits{Made: &f.allowed}
	if f.strip {
		edits.Add(weir.Edit{Action: weir.RemoveField, Name: f.place.Header})
	}
	value := []weir.EditPart{{Source: weir.Text, Text: name}}
	if f.identityHeader != "" {
		edits.Add(weir.Edit{Action: weir.SetField, Name: f.identityHeader, Value: value})
	}
	edits.Add(weir.Edit{Action: weir.SetProperty, Name: template.Identity, Value: value})
	_ = edits.Remember(math.MaxInt64)
}
