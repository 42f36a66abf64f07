package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// FilterConfigJSON is a filter's config as its guest gets it: nothing for nil,
// a string or [Secret] as it is, a table as JSON with sorted keys and without
// blanks. Integers are written in full, floats with a point or exponent so
// that they stay floats, dates and times as RFC 3339 without what they do not
// have. Infinities and NaN, which JSON lacks, are an error.
func FilterConfigJSON(config any) ([]byte, error) {
	switch c := config.(type) {
	case nil:
		return nil, nil
	case string:
		return []byte(c), nil
	case Secret:
		return []byte(c.text), nil
	}
	return appendJSON(nil, config, "config")
}

func appendJSON(b []byte, v any, key string) (_ []byte, err error) {
	switch v := v.(type) {
	case map[string]any:
		b = append(b, '{')
		for i, k := range sortedKeys(v) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendJSONString(b, k), ':')
			if b, err = appendJSON(b, v[k], within(key, k)); err != nil {
				return nil, err
			}
		}
		return append(b, '}'), nil
	case []any:
		b = append(b, '[')
		for i := range v {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendJSON(b, v[i], element(key, i)); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return nil, unfit(key, "is %v, which JSON does not have", v)
		}
		s := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(s, ".e") {
			s += ".0"
		}
		return append(b, s...), nil
	case string:
		return appendJSONString(b, v), nil
	case Secret:
		return appendJSONString(b, v.text), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case time.Time:
		return appendJSONString(b, timeText(v)), nil
	}
	return nil, unfit(key, "is of type %T, which no configuration has", v)
}

// unfit is the error for a value, behind the path of its key if there is one.
func unfit(key, format string, v any) error {
	if key != "" {
		key += " "
	}
	return fmt.Errorf(key+format, v)
}

// appendJSONString quotes as little as JSON allows.
func appendJSONString(b []byte, s string) []byte {
	buf := bytes.NewBuffer(b)
	e := json.NewEncoder(buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic("config: quoting a string: " + err.Error()) // neither strings nor memory fail
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// timeText is a time as the file has it. The TOML library marks those without
// an offset by the name of their zone.
func timeText(t time.Time) string {
	switch t.Location().String() {
	case "datetime-local":
		return t.Format("2006-01-02T15:04:05.999999999")
	case "date-local":
		return t.Format(time.DateOnly)
	case "time-local":
		return t.Format("15:04:05.999999999")
	}
	return t.Format(time.RFC3339Nano)
}
