package proxywasm

import (
	"bytes"
	"encoding/binary"
	"time"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// functionMirror asks for a copy of the request to go to another cluster. Within
// on_configure it only says whether it could.
const functionMirror = "weir.mirror"

// Bounds of a copy, and what it has where it is not told.
const (
	maxMirrorBody     = 1 << 20
	maxMirrorTimeout  = time.Minute
	standardMirrorMax = 64 << 10
	standardMirrorFor = 5 * time.Second
	mirrorUnits       = 300
)

// wishForMirror takes the bound of the body u32, the time-out i64, the size of
// the host u32, the host, and the cluster.
func (i *instance) wishForMirror(args []byte) status {
	const fixed = 4 + 8 + 4
	i.in.Charge(mirrorUnits)
	if len(args) < fixed {
		return statusBadArgument
	}
	m := stream.Mirror{MaxBody: int(binary.LittleEndian.Uint32(args)), Timeout: time.Duration(binary.LittleEndian.Uint64(args[4:]))}
	size, rest := binary.LittleEndian.Uint32(args[12:]), args[fixed:]
	if uint64(size) > uint64(len(rest)) || m.MaxBody > maxMirrorBody || m.Timeout < 0 || m.Timeout > maxMirrorTimeout {
		return statusBadArgument
	}
	host, name := rest[:size], rest[size:]
	if size > 0 && !validPseudo(nameAuthority, host) {
		return statusBadArgument
	}
	if m.MaxBody == 0 {
		m.MaxBody = standardMirrorMax
	}
	if m.Timeout == 0 {
		m.Timeout = standardMirrorFor
	}
	ri := i.frame.at.root
	if ri == nil {
		return statusBadArgument
	}
	if m.Cluster = ri.root.callable(name); m.Cluster == "" {
		i.writeLog(levelHost, []byte("mirroring to cluster "+quoted(name)+": it is not among the filter's calls"))
		return statusBadArgument
	}
	if i.frame.kind == kindConfigure {
		return statusOK
	}
	s, moment := i.moment()
	switch {
	case moment != momentLive || i.onConnection() || !s.HeadWritable(filter.Request):
		return statusBadArgument
	case s.Request().Headers.Peek(stream.MirroredField) != nil:
		return statusEmpty // a copy of a copy is made by nobody
	}
	m.Host = bytes.Clone(host)
	s.Info().Wishes.Mirror = m
	return statusOK
}
