package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// decoder lays a parsed file over values that hold the defaults.
type decoder struct {
	report
	side    Side // whose defaults new routes and clusters start from
	secrets secretReader
}

// preset is implemented by elements of arrays and tables, and by tables that may
// be left out, that have defaults.
type preset interface{ preset(s Side) }

var anyType = reflect.TypeFor[any]()

// value puts raw into v. What does not fit is reported and leaves v as it is.
func (d *decoder) value(raw any, v reflect.Value, key string) {
	if v.Type() == anyType {
		if x := d.secrets.resolve(&d.report, raw, key); x != nil {
			v.Set(reflect.ValueOf(x))
		}
		return
	}
	if x, ok := v.Addr().Interface().(Value); ok {
		x.DecodeTOML(&Reader{d, key}, raw)
		return
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.text(raw, u, key)
		return
	}
	switch v.Kind() {
	case reflect.Pointer: // a table that may be left out
		e := reflect.New(v.Type().Elem())
		if p, ok := e.Interface().(preset); ok {
			p.preset(d.side)
		}
		v.Set(e)
		d.value(raw, e.Elem(), key)
	case reflect.Struct:
		if t, ok := d.table(raw, key); ok {
			d.structure(t, v, key)
		}
	case reflect.Map:
		if t, ok := d.table(raw, key); ok {
			d.entries(t, v, key)
		}
	case reflect.Slice:
		d.array(raw, v, key)
	default:
		d.scalar(raw, v, key)
	}
}

// table is raw as a table.
func (d *decoder) table(raw any, key string) (map[string]any, bool) {
	t, ok := raw.(map[string]any)
	if !ok {
		d.reject(key, "is %s, want a table: [%s]", kindOf(raw), key)
	}
	return t, ok
}

// structure fills the fields that t has. Its other keys are unknown.
func (d *decoder) structure(t map[string]any, v reflect.Value, key string) {
	known := fieldsOf(v.Type())
	for _, name := range sortedKeys(t) {
		i := slices.Index(known, name)
		if i < 0 || name == "-" {
			d.unknown(name, known, key)
			continue
		}
		raw, at := t[name], within(key, name)
		if short := ruleOf(v.Type().Field(i).Tag)["short"]; short != "" {
			if v.Field(i).Kind() == reflect.Slice {
				raw = d.eachInFull(raw, short, at)
			} else {
				raw = d.inFull(raw, short, at)
			}
		}
		if raw != nil {
			d.value(raw, v.Field(i), at)
		}
	}
}

// inFull is a table that may be written as the string of one of its keys.
func (d *decoder) inFull(raw any, short, key string) any {
	switch s := raw.(type) {
	case string:
		return map[string]any{short: s}
	case map[string]any:
		return s
	}
	d.reject(key, "is %s, want a string or a table: [%s]", kindOf(raw), key)
	return nil
}

// eachInFull is inFull for the elements of an array. One that is neither is
// reported.
func (d *decoder) eachInFull(raw any, short, key string) any {
	rv := reflect.ValueOf(raw)
	if rv.Kind() != reflect.Slice {
		if s, isString := raw.(string); isString {
			d.reject(key, "is a string, want an array: [%q]", s)
		} else {
			d.reject(key, "is %s, want an array", kindOf(raw))
		}
		return nil
	}
	all := make([]any, 0, rv.Len())
	for i := range rv.Len() {
		e := rv.Index(i).Interface()
		full := d.inFull(e, short, element(key, i))
		if full == nil {
			full = map[string]any{} // keeps the places of those behind it
		}
		all = append(all, full)
	}
	return all
}

// unknown reports a key that nothing is called. What it was likely meant for
// is covered: it is not missing too.
func (d *decoder) unknown(name string, known []string, key string) {
	if strings.HasSuffix(key, ".when") || strings.HasSuffix(key, ".unless") {
		d.cover(key) // something was asked
	}
	known = slices.DeleteFunc(slices.Clone(known), func(k string) bool { return k == "-" })
	if near := nearest(name, known); near != "" {
		d.cover(within(key, near))
	} else if parent(key) == "filters" {
		d.add(within(key, name), "unknown key; what the filter itself is given stands in its config: %s = ...", within("config", name))
		return
	} else if homes := homesOf(name); len(homes) > 0 {
		d.add(within(key, name), "unknown key; did you mean %s?", strings.Join(homes, " or "))
		return
	}
	d.add(within(key, name), "unknown key%s", DidYouMean(name, known))
}

// entries fills a map.
func (d *decoder) entries(t map[string]any, v reflect.Value, key string) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	for _, name := range sortedKeys(t) {
		e := reflect.New(v.Type().Elem())
		if p, ok := e.Interface().(preset); ok {
			p.preset(d.side)
		}
		d.value(t[name], e.Elem(), within(key, name))
		v.SetMapIndex(reflect.ValueOf(name), e.Elem())
	}
}

// array fills a slice.
func (d *decoder) array(raw any, v reflect.Value, key string) {
	rv := reflect.ValueOf(raw)
	if rv.Kind() != reflect.Slice {
		switch s, isString := raw.(string); {
		case v.Type().Elem().Kind() == reflect.Struct:
			d.reject(key, "is %s, want an array of tables: [[%s]]", kindOf(raw), key)
		case isString:
			d.reject(key, "is a string, want an array: [%q]", s)
		default:
			d.reject(key, "is %s, want an array", kindOf(raw))
		}
		return
	}
	out := reflect.MakeSlice(v.Type(), rv.Len(), rv.Len())
	for i := range rv.Len() {
		e := out.Index(i)
		if p, ok := e.Addr().Interface().(preset); ok {
			p.preset(d.side)
		}
		d.value(rv.Index(i).Interface(), e, element(key, i))
	}
	v.Set(out)
}

// fieldsOf are the keys of a table's struct, by field; "-" for no key.
func fieldsOf(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Tag.Get("toml")
	}
	return names
}

// homesOf are the keys of other tables that name may have been meant for:
// those of that very name, or else similar ones.
func homesOf(name string) []string {
	var same, similar []string
	for f := range reflect.TypeFor[Config]().Fields() {
		if f.Type.Kind() != reflect.Struct {
			continue
		}
		near := nearest(name, fieldsOf(f.Type))
		home := fmt.Sprintf("%q of [%s]", near, f.Tag.Get("toml"))
		switch near {
		case "":
		case name:
			same = append(same, home)
		default:
			similar = append(similar, home)
		}
	}
	if len(same) > 0 {
		return same
	}
	return similar
}
