package proxywasm

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// The properties by which a filter bounds a stream's time.
const (
	propertyTimeout      = "weir.timeout"
	propertyTimeoutField = "weir.timeout_field"
)

// maxTimeoutField bounds a field's name, in bytes.
const maxTimeoutField = 64

// setTimeout brings the stream's end forward.
func (i *instance) setTimeout(s filter.Stream, value []byte) status {
	if _, m := i.moment(); m != momentLive || len(value) != 8 || !s.HeadWritable(filter.Request) {
		return statusBadArgument
	}
	left := time.Duration(binary.LittleEndian.Uint64(value))
	if left < 0 {
		return statusBadArgument
	}
	info := s.Info()
	gone := max(i.vm.host.Clock.Now().Sub(info.Start), 0)
	within := max(gone+left, 1) // 0 is no bound
	if within < left {          // more than there can be
		return statusOK
	}
	if w := &info.Wishes; w.Within == 0 || within < w.Within {
		w.Within = within
	}
	return statusOK
}

// setTimeoutField has the upstream be told what is left. Filters name the same
// field again and again: the text of the last is used again.
func (i *instance) setTimeoutField(s filter.Stream, value []byte) status {
	if _, m := i.moment(); m != momentLive || len(value) > maxTimeoutField || !s.HeadWritable(filter.Request) {
		return statusBadArgument
	}
	if string(value) != i.timeoutField {
		name := bytes.Clone(value)
		if len(name) > 0 && !stream.LowerName(name) || strings.EqualFold(string(name), "host") {
			return statusBadArgument
		}
		i.timeoutField = string(name)
	}
	s.Info().Wishes.TimeoutField = i.timeoutField
	return statusOK
}
