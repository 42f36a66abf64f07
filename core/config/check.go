package config

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// The check tag of a field says what its value may be:
//
//	min=, max=   bounds of a number, size or duration; min=1 of a string: not empty
//	off          a duration may be "off"
//	optional     zero stands for "not given"
//	oneof=a|b    the strings allowed
//	is=format    the syntax of a string, see formats.go; "" stands for "not given"
//	keys=format  the syntax of a table's keys
//	short=key    a string in a table's place is the value of that key; of an
//	             array, in the place of each of its tables
//
// For an array or table of such values it speaks of each.
type rule map[string]string

var valueType = reflect.TypeFor[Value]()

func ruleOf(tag reflect.StructTag) rule {
	r := rule{}
	for part := range strings.SplitSeq(tag.Get("check"), ",") {
		k, v, _ := strings.Cut(part, "=")
		r[k] = v
	}
	return r
}

// checkStruct checks each field of v by its tag.
func (r *report) checkStruct(v reflect.Value, key string) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if name := f.Tag.Get("toml"); name != "-" {
			r.checkValue(v.Field(i), ruleOf(f.Tag), within(key, name))
		}
	}
}

func (r *report) checkValue(v reflect.Value, rule rule, key string) {
	if reflect.PointerTo(v.Type()).Implements(valueType) {
		return // it has checked itself
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			r.checkValue(v.Elem(), rule, key)
		}
	case reflect.Struct:
		r.checkStruct(v, key)
	case reflect.Slice:
		for i := range v.Len() {
			if e := v.Index(i); e.Kind() == reflect.String && e.Len() == 0 {
				r.add(element(key, i), "is empty; leave it out")
			} else {
				r.checkValue(e, rule, element(key, i))
			}
		}
	case reflect.Map:
		r.checkTable(v, rule, key)
	case reflect.String:
		r.checkString(v.String(), rule, key)
	case reflect.Int, reflect.Int64, reflect.Float64:
		r.checkNumber(v, rule, key)
	}
}

// checkTable checks the keys of a map and its values.
func (r *report) checkTable(v reflect.Value, rule rule, key string) {
	for _, k := range v.MapKeys() {
		at := within(key, k.String())
		if format, ok := rule["keys"]; ok {
			if wrong := formats[format](k.String()); wrong != "" {
				r.add(at, "the name %s", wrong)
			}
		}
		r.checkValue(v.MapIndex(k), rule, at)
	}
}

func (r *report) checkString(s string, rule rule, key string) {
	if s == "" {
		if rule["min"] != "" {
			r.add(key, "is empty; leave it out for the default")
		} else if choices, ok := rule["oneof"]; ok {
			r.add(key, "is empty; there is %s", list(strings.Split(choices, "|")))
		}
		return
	}
	if choices, ok := rule["oneof"]; ok {
		if known := strings.Split(choices, "|"); !slices.Contains(known, s) {
			r.add(key, "unknown value %q%s", s, DidYouMean(s, known))
		}
	}
	if format, ok := rule["is"]; ok {
		if wrong := formats[format](s); wrong != "" {
			r.add(key, "%s", wrong)
		}
	}
}

// checkNumber checks a number, size or duration against its bounds.
func (r *report) checkNumber(v reflect.Value, rule rule, key string) {
	if _, optional := rule["optional"]; optional && v.IsZero() {
		return
	}
	if v.Interface() == Off {
		if _, ok := rule["off"]; !ok {
			r.add(key, "cannot be \"off\"; it is %s", rule.span())
		}
		return
	}
	n, least, most := numberOf(v), rule["min"], rule["max"]
	if least != "" && !(n >= boundOf(v.Interface(), least)) || most != "" && !(n <= boundOf(v.Interface(), most)) { // so that NaN is refused
		r.add(key, "%v is out of range; it is %s", v.Interface(), rule.span())
	}
}

// span is a rule's bounds in words.
func (r rule) span() string {
	switch least, most := r["min"], r["max"]; {
	case least == most:
		return least
	case most == "":
		return "at least " + least
	default:
		return least + " to " + most
	}
}

func numberOf(v reflect.Value) float64 {
	if v.Kind() == reflect.Float64 {
		return v.Float()
	}
	return float64(v.Int())
}

// boundOf reads a bound as the kind of number that like is. The tags are
// ours: one that cannot be read is a mistake the tests find.
func boundOf(like any, bound string) float64 {
	var err error
	var n float64
	switch like.(type) {
	case Size:
		var s Size
		err = s.UnmarshalText([]byte(bound))
		n = float64(s)
	case Duration:
		var d Duration
		err = d.UnmarshalText([]byte(bound))
		n = float64(d)
	default:
		n, err = strconv.ParseFloat(bound, 64)
	}
	if err != nil {
		panic("config: reading a check tag: " + err.Error())
	}
	return n
}
