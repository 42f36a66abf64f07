package proxywasm

import (
	"strings"

	"github.com/weirproxy/weir/core/stream"
)

// A property's path is its segments, parted by NUL; one NUL at the end is
// ignored. Weir's own are single segments that begin with "weir.": they can
// also be asked for as the segment "weir" and the rest.

// maxPropertyPath and maxProperty bound what a filter sets, in bytes.
const (
	maxPropertyPath = 256
	maxProperty     = 16 << 10
)

// getProperty is proxy_get_property(path, size, &data, &size).
func (i *instance) getProperty(a []uint64) status {
	b, ok := i.view(a[0], a[1])
	if !ok {
		return statusInvalidMemory
	}
	i.in.Charge(propertyUnits)
	path := propertyPath(b)
	v, s := i.property(path)
	if s == statusNotFound && !owned(path) {
		if v, ok = i.custom(path); ok {
			s = statusOK
		}
	}
	if s != statusOK {
		return s
	}
	return i.answer(v, a[2], a[3])
}

// propertyUnits is what finding a property costs.
const propertyUnits = 30

func propertyPath(b []byte) string {
	if n := len(b); n > 0 && b[n-1] == 0 {
		b = b[:n-1]
	}
	return text(b)
}

// property is a fact of the host's. Its bytes are the stream's, or in
// i.scratch.
func (i *instance) property(path string) ([]byte, status) {
	group, rest, nested := strings.Cut(path, "\x00")
	switch group {
	case "":
		if nested {
			return nil, statusNotFound
		}
		return nil, statusSerialization
	case "request":
		return i.requestProperty(rest, nested)
	case "response":
		return i.responseProperty(rest, nested)
	case "source", "destination", "connection", "upstream":
		return i.connectionProperty(group, rest, nested)
	case "node":
		return i.nodeProperty(rest, nested)
	case "xds":
		return i.xdsProperty(rest, nested)
	case "metadata": // that of the stream, which nobody can fill here
		return i.metadataProperty(nil, i.stream() != nil, rest, nested)
	case "route_metadata", "cluster_metadata", "listener_metadata", "upstream_host_metadata":
		return i.xdsProperty(path, true)
	case "upstream_filter_state":
		if s := i.stream(); !nested && s != nil {
			return i.ofUpstream(s.Info())
		}
		return nil, statusNotFound
	case "filter_state":
		if !nested && i.stream() != nil {
			return nil, statusSerialization
		}
		return nil, statusNotFound // what filters set is found by whoever asked
	case "weir":
		if nested {
			return i.weirProperty(rest)
		}
		return nil, statusSerialization
	}
	if nested {
		return nil, statusNotFound
	}
	if name, ok := strings.CutPrefix(group, "weir."); ok {
		return i.weirProperty(name)
	}
	return i.topProperty(group)
}

// custom is what a filter of the stream set.
func (i *instance) custom(path string) ([]byte, bool) {
	s := i.stream()
	if s == nil {
		return nil, false
	}
	v := s.Property(path)
	if v == nil && strings.HasPrefix(path, "weir\x00") {
		v = s.Property(i.dotted(path))
	}
	return v, v != nil
}

// dotted is a path of ours as one segment.
func (i *instance) dotted(path string) string {
	i.scratch = append(append(i.scratch[:0], "weir."...), path[len("weir."):]...)
	return text(i.scratch)
}

// setProperty is proxy_set_property(path, size, value, size). Later filters
// of the stream and the access log can read what was set.
func (i *instance) setProperty(a []uint64) status {
	b, ok1 := i.view(a[0], a[1])
	value, ok2 := i.view(a[2], a[3])
	if !ok1 || !ok2 {
		return statusInvalidMemory
	}
	i.in.Charge(propertyUnits)
	s := i.stream()
	if s == nil {
		return statusNotFound
	}
	path := propertyPath(b)
	if path == "" || len(path) > maxPropertyPath || len(value) > maxProperty {
		return statusBadArgument
	}
	if strings.HasPrefix(path, "weir\x00") {
		path = i.dotted(path)
	}
	if readOnly(path) {
		return statusBadArgument
	}
	if path == propertyCluster {
		if _, m := i.moment(); m != momentLive || !s.SetCluster(string(value)) {
			return statusBadArgument
		}
		return statusOK
	}
	if path == propertyHashKey {
		s.Info().Wishes.HashKey = 0
		if len(value) > 0 {
			s.Info().Wishes.HashKey = stream.HashKey(value)
		}
	}
	switch path {
	case propertyTimeout:
		return i.setTimeout(s, value)
	case propertyTimeoutField:
		return i.setTimeoutField(s, value)
	}
	s.SetProperty(path, value)
	return statusOK
}

// propertyCluster overrides the route's cluster when it is set.
const propertyCluster = "weir.cluster"

// propertyHashKey chooses the endpoint where the cluster's policy hashes: what has
// the same goes to the same one. Empty is none.
const propertyHashKey = "weir.hash_key"
