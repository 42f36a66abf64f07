package proxywasm

import (
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// fieldMap is one of the ABI's maps: a list of fields, behind the pseudo
// headers of a head. The zero value is an empty map.
type fieldMap struct {
	list     *stream.Headers
	request  *stream.RequestHead
	response *stream.ResponseHead
	absent   filter.Stream // whose trailers they are, which may be added
}

// moment is where the effective stream stands.
type moment uint8

const (
	momentNone moment = iota // no stream, or one that shows nothing
	momentLive               // a phase, or a pause
	momentLog                // on_log: everything can be read
)

func (i *instance) moment() (filter.Stream, moment) {
	s := i.stream()
	if s == nil {
		return nil, momentNone
	}
	if own := i.frame.own.part; own != nil && (own == i.frame.at.part || own.stream == s) {
		switch i.frame.kind {
		case kindCreate, kindEnd:
			return nil, momentNone
		case kindLog:
			return s, momentLog
		}
	}
	return s, momentLive
}

// readable finds a map for reading. BAD_ARGUMENT is the answer where it is
// not to be seen; an absent one is empty.
func (i *instance) readable(id uint32) (fieldMap, status) {
	if id == mapCallHeaders || id == mapCallTrailers {
		if c := i.frame.call; c != nil {
			return callMap(c, id), statusOK
		}
	}
	switch f := &i.frame.rpc; {
	case id == mapGRPCInitial && f.initial != nil:
		return responseMap(f.initial), statusOK
	case id == mapGRPCTrailing && f.trailing != nil:
		return fieldMap{list: f.trailing}, statusOK
	}
	s, m := i.moment()
	if m == momentNone || id > mapCallTrailers || i.onConnection() {
		return fieldMap{}, statusBadArgument
	}
	switch id {
	case mapGRPCInitial, mapGRPCTrailing, mapCallHeaders, mapCallTrailers:
		if m == momentLog {
			return fieldMap{}, statusOK
		}
		return fieldMap{}, statusBadArgument
	case mapRequestHeaders:
		return requestMap(s), statusOK
	case mapResponseHeaders:
		switch {
		case s.Response() == nil:
			if m == momentLog {
				return fieldMap{}, statusOK
			}
			return fieldMap{}, statusBadArgument
		case m == momentLog || s.Phase() == filter.PhaseResponseHeaders || s.HeadWritable(filter.Response):
			return responseMap(s.Response()), statusOK
		}
		return fieldMap{}, statusBadArgument
	}
	if m == momentLog {
		if id == mapRequestTrailers { // as in Envoy, which has let go of them by then
			return fieldMap{}, statusOK
		}
		return fieldMap{list: s.Trailers(filter.Response)}, statusOK
	}
	t := i.trailers(s, trailersOf(id))
	if t == nil {
		return fieldMap{}, statusBadArgument
	}
	return fieldMap{list: t}, statusOK
}

// writable finds a map for writing, or answers BAD_ARGUMENT.
func (i *instance) writable(id uint32) (fieldMap, status) {
	s, m := i.moment()
	if m != momentLive || i.onConnection() {
		return fieldMap{}, statusBadArgument
	}
	switch id {
	case mapRequestHeaders:
		if s.HeadWritable(filter.Request) {
			return requestMap(s), statusOK
		}
	case mapResponseHeaders:
		if s.HeadWritable(filter.Response) {
			return responseMap(s.Response()), statusOK
		}
	case mapRequestTrailers, mapResponseTrailers:
		if t := i.trailers(s, trailersOf(id)); t != nil {
			return fieldMap{list: t}, statusOK
		}
		if i.frame.end && s == i.frame.own.part.stream {
			return fieldMap{absent: s}, statusOK
		}
	}
	return fieldMap{}, statusBadArgument
}

// make has a list for a map that may be added, now that it will not be empty.
func (m *fieldMap) make(id uint32) status {
	if m.absent == nil {
		return statusOK
	}
	if m.list = m.absent.AddTrailers(trailersOf(id)); m.list == nil {
		return statusBadArgument
	}
	return statusOK
}

func trailersOf(id uint32) filter.Direction {
	if id == mapRequestTrailers {
		return filter.Request
	}
	return filter.Response
}

// trailers are those of d, when the effective stream is at them: in their own
// callback, in the last of the body, or in a pause.
func (i *instance) trailers(s filter.Stream, d filter.Direction) *stream.Headers {
	phases := [...]filter.Phases{
		filter.PhaseRequestBody | filter.PhaseRequestTrailers,
		filter.PhaseResponseBody | filter.PhaseResponseTrailers,
	}[d]
	if p := s.Phase(); p != 0 && p&phases == 0 {
		return nil
	}
	return s.Trailers(d)
}

// callMap is a map of a call's answer.
func callMap(c *filter.CallResponse, id uint32) fieldMap {
	switch {
	case id == mapCallTrailers:
		return fieldMap{list: c.Trailers}
	case c.Head == nil:
		return fieldMap{}
	}
	return responseMap(c.Head)
}

func requestMap(s filter.Stream) fieldMap {
	r := s.Request()
	return fieldMap{list: &r.Headers, request: r}
}

func responseMap(r *stream.ResponseHead) fieldMap {
	return fieldMap{list: &r.Headers, response: r}
}
