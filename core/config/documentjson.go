package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// ParseJSON is [ParseDocument] for an object of JSON. Its problems have no lines.
func ParseJSON(path string, data []byte, into any) (*Document, error) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	d.UseNumber()
	var file map[string]any
	if err := d.Decode(&file); err != nil {
		return nil, Problems{{File: path, Message: fmt.Sprintf("reading the JSON object at byte %d: %v", d.InputOffset(), err)}}
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, Problems{{File: path, Message: fmt.Sprintf("reading the JSON object: something follows it at byte %d", d.InputOffset())}}
	}
	doc := &Document{source: source{file: path}}
	doc.fill(asTOML(file).(map[string]any), into)
	return doc, nil
}

// asTOML is a value of JSON with the numbers that TOML has.
func asTOML(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64() // infinite where it is out of range, which bounds refuse
		return f
	case map[string]any:
		for k := range v {
			v[k] = asTOML(v[k])
		}
	case []any:
		for i := range v {
			v[i] = asTOML(v[i])
		}
	}
	return v
}
