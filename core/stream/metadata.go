package stream

import (
	"slices"
	"strings"
)

// Table is what an operator lets filters know of a node, a route or a cluster:
// names and values, sorted by name. A value is a string, a float64, a bool, a
// [List] or a Table: what Envoy's metadata hold.
type Table []Entry

// Entry is one name of a [Table] and its value.
type Entry struct {
	Name  string
	Value any
}

// List is an array of values.
type List []any

// NewTable makes a Table of a map of the same kinds of values, with []any for a
// list and map[string]any for a table. Others it leaves out.
func NewTable(m map[string]any) Table {
	t := make(Table, 0, len(m))
	for name, v := range m {
		if v = valueOf(v); v != nil {
			t = append(t, Entry{name, v})
		}
	}
	slices.SortFunc(t, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return t
}

func valueOf(v any) any {
	switch v := v.(type) {
	case string, float64, bool:
		return v
	case map[string]any:
		return NewTable(v)
	case []any:
		l := make(List, 0, len(v))
		for _, e := range v {
			if e = valueOf(e); e != nil {
				l = append(l, e)
			}
		}
		return l
	}
	return nil
}

// Get is the value of a name.
func (t Table) Get(name string) (any, bool) {
	i, ok := slices.BinarySearchFunc(t, name, func(e Entry, name string) int { return strings.Compare(e.Name, name) })
	if !ok {
		return nil, false
	}
	return t[i].Value, true
}
