package main

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/weirproxy/weir/sdk"
)

func init() { sdk.Register("facts", newFacts) }

// facts shows properties as fields x-fact of the request, and of the response
// when "response" is "yes": texts of "texts", numbers of "numbers", by blanks.
// Requests say what it shall set: x-set (NAME=VALUE), x-path, x-foreign.
type facts struct {
	texts, numbers []string
	response       bool
}

func newFacts(r *sdk.Root) (sdk.Plugin, error) {
	c, err := settings(r)
	return &facts{strings.Fields(c["texts"]), strings.Fields(c["numbers"]), c["response"] == "yes"}, err
}

func (p *facts) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	h := s.Request()
	var sets []string
	for name, value := range h.All() {
		if string(name) == "x-set" {
			sets = append(sets, string(value))
		}
	}
	for _, set := range sets {
		name, value, _ := strings.Cut(set, "=")
		if err := sdk.SetProperty(name, value); err != nil {
			h.Add("x-refused", name+": "+err.Error())
		}
	}
	if path, ok := h.GetString("x-path"); ok {
		h.Set(":path", path)
	}
	if name, ok := h.GetString("x-foreign"); ok {
		if _, err := sdk.Foreign(name, nil); err != nil {
			h.Add("x-refused", name+": "+err.Error())
		}
	}
	p.show(h)
	return sdk.Continue
}

func (p *facts) OnResponseHeaders(s *sdk.Stream, end bool) sdk.Action {
	if p.response {
		p.show(s.Response())
	}
	return sdk.Continue
}

func (p *facts) show(h sdk.Headers) {
	for _, name := range p.texts {
		value := "none"
		if v, ok := sdk.Property(segments(name)...); ok {
			value = string(v)
		}
		if err := h.Add("x-fact", name+"="+value); err != nil {
			h.Add("x-fact", name+" in hex="+hex.EncodeToString([]byte(value)))
		}
	}
	for _, name := range p.numbers {
		value := "none"
		if v, ok := sdk.PropertyInt(segments(name)...); ok {
			value = strconv.FormatInt(v, 10)
		}
		h.Add("x-fact", name+"="+value)
	}
}

// segments are a path's; names of fields and ours are one.
func segments(name string) []string {
	if strings.HasPrefix(name, "weir.") || strings.HasPrefix(name, "log.") {
		return []string{name}
	}
	if strings.HasPrefix(name, "xds.") {
		return strings.Split(name, ".")
	}
	return strings.SplitN(name, ".", 3)
}
