package config

import (
	"encoding"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
)

// masked stands where a secret is.
const masked = "***"

// Masked is the whole configuration as plain tables, for an operator's eyes:
// secrets are "***", and so are strings under keys that look like a secret's,
// passwords in URLs ("xxxxx"), and filter configurations that are one string,
// whose insides we do not know.
// It can be given to encoding/json.
func (c *Config) Masked() map[string]any {
	m := maskedStruct(reflect.ValueOf(c).Elem())
	if c.SidecarLimits != nil {
		m["sidecar_limits"] = maskedStruct(reflect.ValueOf(*c.SidecarLimits))
		m["sidecar_timeouts"] = maskedStruct(reflect.ValueOf(*c.SidecarTimeouts))
	}
	return m
}

func maskedStruct(v reflect.Value) map[string]any {
	m := map[string]any{}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name := f.Tag.Get("toml")
		switch {
		case name == "-" || notGiven(v.Field(i), f.Tag):
		case f.Type == anyType && v.Field(i).Elem().Kind() == reflect.String:
			m[name] = fmt.Sprintf("%s (%d bytes)", masked, v.Field(i).Elem().Len())
		default:
			m[name] = shortened(maskedValue(v.Field(i), false), ruleOf(f.Tag)["short"])
		}
	}
	return m
}

// shortened is an array whose tables are written as one of their keys where
// they have no other.
func shortened(v any, key string) any {
	if array, ok := v.([]any); ok && key != "" {
		for i := range array {
			if t, ok := array[i].(map[string]any); ok && len(t) == 1 {
				array[i] = t[key]
			}
		}
	}
	return v
}

// notGiven says whether a field says nothing.
func notGiven(v reflect.Value, tag reflect.StructTag) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Interface, reflect.Pointer:
		return v.IsNil()
	}
	_, optional := ruleOf(tag)["optional"]
	return optional && v.IsZero()
}

// maskedValue is v without secrets. hide says that a key around it looks like
// a secret's.
func maskedValue(v reflect.Value, hide bool) any {
	if k := v.Kind(); k == reflect.Interface || k == reflect.Pointer {
		v = v.Elem()
	}
	if !v.IsValid() {
		return nil
	}
	if t, ok := v.Interface().(time.Time); ok {
		return timeText(t)
	}
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		if err != nil {
			return masked
		}
		return string(text)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return maskedValue(v.Elem(), hide)
	case reflect.Struct:
		return maskedStruct(v)
	case reflect.Map:
		m := make(map[string]any, v.Len())
		for _, k := range v.MapKeys() {
			m[k.String()] = maskedValue(v.MapIndex(k), hide || looksSecret(k.String()))
		}
		return m
	case reflect.Slice:
		a := make([]any, v.Len())
		for i := range a {
			a[i] = maskedValue(v.Index(i), hide)
		}
		return a
	case reflect.String:
		if hide && v.Len() > 0 {
			return masked
		}
		return withoutPassword(v.String())
	}
	return v.Interface()
}

// secretWords are in keys that name a secret.
var secretWords = []string{"secret", "passw", "passphrase", "token", "credential", "private", "bearer", "hmac", "salt"}

// looksSecret says whether a key is likely a secret's. "keys" and "signing_key"
// are, "key" alone is not: it is what a limit counts by as often as a secret.
func looksSecret(key string) bool {
	key = strings.ToLower(key)
	if strings.HasSuffix(key, "keys") || strings.HasSuffix(key, "key") && key != "key" {
		return true
	}
	return slices.ContainsFunc(secretWords, func(w string) bool { return strings.Contains(key, w) })
}

// withoutPassword is s, without the password if it is a URL that has one.
func withoutPassword(s string) string {
	if u, err := url.Parse(s); err == nil && u.User != nil {
		return u.Redacted()
	}
	return s
}
