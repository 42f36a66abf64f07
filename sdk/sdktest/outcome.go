package sdktest

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/abi"
)

// Local says whether the filter answered in the upstream's place.
func (s *Stream) Local() bool { return s.local }

// Details are those of the local reply.
func (s *Stream) Details() string { return s.details }

// Cut says whether the stream was reset.
func (s *Stream) Cut() bool { return s.cut }

// Paused says whether the filter holds something back.
func (s *Stream) Paused() bool {
	return !s.cut && (!s.local && s.half[abi.Request].pause != flowing || s.half[abi.Response].pause != flowing)
}

// Upstream is what has gone to the upstream.
func (s *Stream) Upstream() *Message { return &s.half[abi.Request].out }

// Downstream is what has gone to the client.
func (s *Stream) Downstream() *Message { return &s.half[abi.Response].out }

// Property is what the filter has set for later filters and the access log.
func (s *Stream) Property(path string) (value string, ok bool) {
	for i := range s.props {
		if s.props[i].path == path {
			return string(s.props[i].value), true
		}
	}
	return "", false
}

// Properties goes over all that the filter has set, in the order of setting.
func (s *Stream) Properties() []sdk.Field {
	var list []sdk.Field
	for _, p := range s.props {
		list = append(list, sdk.Field{Name: p.path, Value: string(p.value)})
	}
	return list
}
