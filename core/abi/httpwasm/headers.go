package httpwasm

import (
	"bytes"
	"slices"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// kind is a list of fields.
type kind uint32

// The kinds.
const (
	requestHeaders kind = iota
	responseHeaders
	requestTrailers
	responseTrailers
)

func kindOf(a uint64) kind {
	k := kind(uint32(a))
	if k > responseTrailers {
		trap("header kind %d: there are 0 to 3", k)
	}
	return k
}

// direction is that of the message whose fields they are.
func (k kind) direction() filter.Direction { return filter.Direction(k & 1) }

// list is the fields of a kind, for reading. Trailers are shown where they have
// come, also without the feature: guests read them so.
func (p *part) list(k kind) *stream.Headers {
	d := k.direction()
	switch {
	case k == requestHeaders:
		return &p.stream.Request().Headers
	case k == responseHeaders:
		if h := p.stream.Response(); h != nil && p.stage != stageRequest {
			return &h.Headers
		}
		return &p.early
	}
	if t := p.stream.Trailers(d); t != nil && (d == filter.Request || p.stage != stageRequest) {
		return t
	}
	return &p.sides[d].pending
}

// changeable is the fields of a kind, for changing.
func (i *instance) changeable(k kind, op string) *stream.Headers {
	p := i.part
	p.mutable(k.direction(), op)
	if k >= requestTrailers && !p.features.has(trailers) {
		trap("%s of a trailer: that needs the feature trailers", op)
	}
	return p.list(k)
}

// authority is where the value of the field host lies, which is not in the list.
func (i *instance) authority(k kind, name []byte) *[]byte {
	if k == requestHeaders && string(name) == "host" {
		return &i.part.stream.Request().Authority
	}
	return nil
}

// getHeaderNames is get_header_names(kind, buf, limit): each name once, sorted
// and ended by a zero byte. It answers how many and their length.
func (i *instance) getHeaderNames(a []uint64) uint64 {
	k := kindOf(a[0])
	names := i.names[:0]
	if host := i.authority(k, hostName); host != nil && len(*host) > 0 {
		names = append(names, hostName)
	}
	for _, f := range i.part.list(k).Fields() {
		names = append(names, f.Name)
	}
	slices.SortFunc(names, bytes.Compare)
	i.names = names
	return i.giveList(a[1], a[2], slices.CompactFunc(names, bytes.Equal))
}

var hostName = []byte("host")

// getHeaderValues is get_header_values(kind, name, size, buf, limit): all values
// of a name, as get_header_names answers names.
func (i *instance) getHeaderValues(a []uint64) uint64 {
	k := kindOf(a[0])
	name := i.name("get_header_values", a[1], a[2])
	values := i.names[:0]
	if host := i.authority(k, name); host != nil {
		if len(*host) > 0 {
			values = append(values, *host)
		}
	} else {
		for _, f := range i.part.list(k).Fields() {
			if bytes.Equal(f.Name, name) {
				values = append(values, f.Value)
			}
		}
	}
	i.names = values
	return i.giveList(a[3], a[4], values)
}

// giveList writes strings, each ended by a zero byte, to the guest's buffer if
// that is not too short.
func (i *instance) giveList(ptr, limit uint64, list [][]byte) uint64 {
	size := 0
	for _, s := range list {
		size += len(s) + 1
	}
	i.charge(size)
	if size > 0 && uint64(size) <= uint64(uint32(limit)) {
		b, ok := i.in.Read(uint32(ptr), uint32(size))
		if !ok {
			trap("a buffer at %#x for %d bytes: not within the guest's memory", uint32(ptr), size)
		}
		for _, s := range list {
			n := copy(b, s)
			b[n] = 0
			b = b[n+1:]
		}
	}
	answer := uint64(len(list))<<32 | uint64(size)
	clear(i.names)
	return answer
}

// name is a guest's field name in lower case, valid until the next call.
func (i *instance) name(op string, ptr, n uint64) []byte {
	b := i.bytes(op, ptr, n)
	if len(b) == 0 {
		trap("%s: the name is empty", op)
	}
	i.scratch = append(i.scratch[:0], b...)
	stream.LowerInPlace(i.scratch)
	return i.scratch
}

// field is a guest's name and value, checked: what could split a message traps.
func (i *instance) field(op string, a []uint64) (name, value []byte) {
	name = i.name(op, a[1], a[2])
	value = stream.TrimOWS(i.bytes(op, a[3], a[4]))
	if !stream.ValidName(name) {
		trap("%s: not a field name", op)
	}
	if !stream.ValidValue(value) {
		trap("%s: control characters in the value", op)
	}
	i.spend(len(name) + len(value))
	return name, value
}

// setHeaderValue is set_header_value(kind, name, size, value, size).
func (i *instance) setHeaderValue(a []uint64) uint64 {
	const op = "set_header_value"
	k := kindOf(a[0])
	list := i.changeable(k, op)
	name, value := i.field(op, a)
	if !i.setHost(op, k, name, value) {
		list.Set(name, value)
	}
	return 0
}

// addHeaderValue is add_header_value(kind, name, size, value, size).
func (i *instance) addHeaderValue(a []uint64) uint64 {
	const op = "add_header_value"
	k := kindOf(a[0])
	list := i.changeable(k, op)
	name, value := i.field(op, a)
	if !i.setHost(op, k, name, value) { // a request has one host
		list.Add(name, value)
	}
	return 0
}

// removeHeader is remove_header(kind, name, size).
func (i *instance) removeHeader(a []uint64) uint64 {
	const op = "remove_header"
	k := kindOf(a[0])
	list := i.changeable(k, op)
	name := i.name(op, a[1], a[2])
	if host := i.authority(k, name); host != nil {
		*host = nil
		return 0
	}
	list.DelFunc(func(f *stream.Field) bool { return bytes.Equal(f.Name, name) })
	return 0
}

// setHost sets the authority if that is what name means.
func (i *instance) setHost(op string, k kind, name, value []byte) bool {
	host := i.authority(k, name)
	if host == nil {
		return false
	}
	if len(value) == 0 || !visible(value) {
		trap("%s: not a host", op)
	}
	*host = append(make([]byte, 0, len(value)), value...)
	return true
}

// maxWritten bounds what a guest writes into one stream's heads, in bytes.
const maxWritten = 256 << 10

func (i *instance) spend(n int) {
	if i.part.written += n; i.part.written > maxWritten {
		trap("more than %d bytes of fields for one request", maxWritten)
	}
}
