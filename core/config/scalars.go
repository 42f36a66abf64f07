package config

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"time"
)

// text fills a value that is read from a string, such as a duration.
func (d *decoder) text(raw any, u encoding.TextUnmarshaler, key string) {
	switch raw.(type) {
	case string, int64, float64:
		if err := u.UnmarshalText([]byte(fmt.Sprint(raw))); err != nil {
			d.reject(key, "%v", err)
		}
	default:
		d.reject(key, "is %s, want a string", kindOf(raw))
	}
}

// scalar fills a string, boolean or number.
func (d *decoder) scalar(raw any, v reflect.Value, key string) {
	switch v.Kind() {
	case reflect.String:
		if s, ok := raw.(string); ok {
			v.SetString(s)
			return
		}
		switch raw.(type) {
		case int64, float64, bool:
			d.reject(key, "is %s, want a string: \"%v\"", kindOf(raw), raw)
		default:
			d.reject(key, "is %s, want a string", kindOf(raw))
		}
	case reflect.Bool:
		if b, ok := raw.(bool); ok {
			v.SetBool(b)
			return
		}
		d.reject(key, "is %s, want true or false without quotes", kindOf(raw))
	case reflect.Int:
		if n, ok := raw.(int64); ok && n >= math.MinInt32 && n <= math.MaxInt32 {
			v.SetInt(n)
		} else if ok {
			d.reject(key, "%d is out of range", n)
		} else {
			d.reject(key, "is %s, want an integer without quotes", kindOf(raw))
		}
	case reflect.Float64:
		switch n := raw.(type) {
		case float64:
			v.SetFloat(n)
		case int64:
			v.SetFloat(float64(n))
		default:
			d.reject(key, "is %s, want a number without quotes", kindOf(raw))
		}
	}
}

// kindOf names the type of a parsed value, with its article.
func kindOf(raw any) string {
	switch raw.(type) {
	case string:
		return "a string"
	case int64:
		return "an integer"
	case float64:
		return "a float"
	case bool:
		return "a boolean"
	case time.Time:
		return "a date or time"
	case map[string]any:
		return "a table"
	case nil:
		return "null"
	}
	return "an array"
}
