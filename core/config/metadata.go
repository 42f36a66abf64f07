package config

import (
	"math"
	"strings"
	"time"
)

// Node is who this process is among others.
type Node struct {
	// Its name in logs and properties. Default: the host's name.
	ID string `toml:"id" check:"is=printable"`
	// Name of the group of proxies that it belongs to. Default "".
	Cluster string `toml:"cluster" check:"is=printable"`
	// Where it runs.
	Locality Locality `toml:"locality"`
	// What filters may know of it besides. Default none.
	Metadata Metadata `toml:"metadata"`
}

// Locality is where a proxy runs.
type Locality struct {
	// Region. Default "".
	Region string `toml:"region" check:"is=printable"`
	// Zone of the region. Default "".
	Zone string `toml:"zone" check:"is=printable"`
	// Part of the zone, such as a rack. Default "".
	SubZone string `toml:"sub_zone" check:"is=printable"`
}

// Metadata is a table that filters can read as properties. In it are strings,
// float64s, bools, []any and map[string]any.
type Metadata map[string]any

// Bounds of one table of metadata.
const (
	maxMetadataDepth = 16        // tables and arrays within each other
	maxMetadata      = 64 << 10  // bytes of names and texts, 8 for another value
	maxWhole         = 1<<53 - 1 // what a double holds exactly
)

// DecodeTOML reads a table.
func (m *Metadata) DecodeTOML(r *Reader, raw any) {
	t, ok := raw.(map[string]any)
	if !ok {
		r.RejectKind(raw, "a table of names and values")
		return
	}
	read := metadataReader{left: maxMetadata}
	*m = Metadata(read.table(r, t, 1))
	if read.left < 0 {
		r.Reject("holds more than %v; filters get what they need, data sets belong elsewhere", Size(maxMetadata))
	}
}

// metadataReader copies what metadata may hold.
type metadataReader struct{ left int }

func (m *metadataReader) table(r *Reader, raw map[string]any, depth int) map[string]any {
	out := make(map[string]any, len(raw))
	r.Entries(raw, func(r *Reader, name string, raw any) {
		m.left -= len(name)
		if strings.ContainsRune(name, 0) {
			r.Reject("has a NUL in its name, which parts the names of properties; choose another")
			return
		}
		out[name] = m.value(r, raw, depth)
	})
	return out
}

func (m *metadataReader) value(r *Reader, raw any, depth int) any {
	m.left -= 8
	switch v := raw.(type) {
	case string:
		m.left -= len(v)
		return v
	case bool:
		return v
	case int64:
		if v > maxWhole || v < -maxWhole {
			r.Reject("%d is out of range; numbers in metadata are doubles, which hold %d at most; write it as a string", v, int64(maxWhole))
		}
		return float64(v)
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			r.Reject("is %v, which is no number for filters; leave it out", v)
		}
		return v
	case time.Time:
		r.Reject("is a date or time, which metadata do not have; write it as a string: %q", timeText(v))
		return nil
	}
	if depth == maxMetadataDepth {
		r.Reject("lies deeper than %d tables and arrays within each other; make it flatter", maxMetadataDepth)
		return nil
	}
	if t, ok := raw.(map[string]any); ok {
		return m.table(r, t, depth+1)
	}
	out := []any{}
	r.Each(raw, func(r *Reader, raw any) { out = append(out, m.value(r, raw, depth+1)) })
	return out
}
