package filtertest

import (
	"testing"
	"time"
)

// World is a way to run filters.
type World interface {
	// Name is the name of its subtests.
	Name() string
	// Start makes a host with the filter of a name and its configuration. A
	// refused one answers false and what the filter said.
	Start(t *testing.T, filter, config string, calls []string) (h Host, reason string, ok bool)
}

// Host is a configured filter.
type Host interface {
	// Run takes one stream from its beginning to its end.
	Run(s Stream) Outcome
	// Advance moves the clock.
	Advance(d time.Duration)
	// Metric is the value of a counter or gauge, the number of observations of
	// a histogram.
	Metric(name string) int64
	// Logs are the lines that the filter wrote.
	Logs() []string
}

// Outcome is what came of a stream.
type Outcome struct {
	Local      bool
	Details    string
	Cluster    string // that a filter chose, "" for none
	Upstream   *Head  // nil if nothing got there
	Downstream *Head  // nil if nothing came back
	Properties map[string]string
}

// Head is a message that left the filter.
type Head struct {
	Fields []Field // pseudo-headers included
	Body   string
}

// Field is one header field.
type Field struct{ Name, Value string }

// Add appends a field.
func (h *Head) Add(name string, value []byte) {
	h.Fields = append(h.Fields, Field{name, string(value)})
}

// all are the values of a name.
func (h *Head) all(name string) []string {
	var list []string
	for _, f := range h.Fields {
		if f.Name == name {
			list = append(list, f.Value)
		}
	}
	return list
}

func (h *Head) get(name string) string {
	if v := h.all(name); len(v) > 0 {
		return v[0]
	}
	return ""
}

// RequestFields lists a request's head as fields.
func (m *Message) RequestFields() []Field {
	return append([]Field{
		{":method", or(m.Method, "GET")}, {":path", or(m.Path, "/")},
		{":authority", or(m.Host, "example.com")}, {":scheme", "http"},
	}, m.HeaderFields()...)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
