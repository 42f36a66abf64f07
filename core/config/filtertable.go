package config

import "reflect"

// Over is the filter's table with the keys that it does not give taken from
// another one's.
func (f Filter) Over(base Filter) Filter {
	v, b := reflect.ValueOf(&f).Elem(), reflect.ValueOf(base)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			v.Field(i).Set(b.Field(i))
		}
	}
	return f
}

// Finish fills in the defaults of a filter's table that is not part of a
// [Config], and finds all that is wrong with it. Its paths are relative to dir.
// The clusters that it may call exist.
func (f *Filter) Finish(dir string) Problems {
	var defaults Filter
	defaults.preset(SideGateway)
	*f = f.Over(defaults)
	f.complete(dir)
	c := &Config{Clusters: map[string]Cluster{}}
	for _, name := range f.Calls {
		c.Clusters[name] = Cluster{}
	}
	r := &report{}
	r.checkStruct(reflect.ValueOf(f).Elem(), "")
	c.checkFilter(r, *f, "")
	return r.found
}
