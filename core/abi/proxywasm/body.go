package proxywasm

import (
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// maxBody bounds what a filter makes of the piece of a body that it is shown,
// in bytes.
const maxBody = 32 << 20

// getBuffer is proxy_get_buffer_bytes(buffer, start, max, &data, &size).
func (i *instance) getBuffer(a []uint64) status {
	b, s := i.buffer(uint32(a[0]))
	if s != statusOK {
		return s
	}
	return i.answer(clip(b, uint32(a[1]), uint32(a[2])), a[3], a[4])
}

// clip is at most n bytes of b from start. A start or an end past b's is no
// error: guests ask for 2^31 or 2^32-1 bytes when they want all.
func clip(b []byte, start, n uint32) []byte {
	if uint64(start) >= uint64(len(b)) {
		return nil
	}
	b = b[start:]
	return b[:min(uint64(n), uint64(len(b)))]
}

// getBufferStatus is proxy_get_buffer_status(buffer, &size, &flags). There are
// no flags.
func (i *instance) getBufferStatus(a []uint64) status {
	b, s := i.buffer(uint32(a[0]))
	if s != statusOK {
		return s
	}
	if !i.putUint32(a[1], uint32(len(b))) || !i.putUint32(a[2], 0) {
		return statusInvalidMemory
	}
	return statusOK
}

// buffer finds a buffer for reading. That of a body is empty outside its
// phase, as in Envoy.
func (i *instance) buffer(id uint32) ([]byte, status) {
	switch id {
	case bufferRequestBody, bufferResponseBody, bufferDownstream, bufferUpstream:
		if b := i.passing(id); b != nil {
			return b.Bytes(), statusOK
		}
		return nil, statusOK
	case bufferGRPC:
		return i.frame.rpc.message, statusOK
	case bufferCallBody:
		if c := i.frame.call; c != nil && c.Head != nil {
			return c.Body, statusOK
		}
		return nil, statusNotFound
	case bufferVMConfig:
		return i.vm.config, statusOK
	case bufferPluginConfig:
		if r := i.frame.at.root; r != nil && i.frame.kind == kindConfigure {
			return r.root.config, statusOK
		}
		return nil, statusNotFound
	case bufferForeignArgs:
		if i.frame.kind == kindForeign {
			return i.frame.args, statusOK
		}
		return nil, statusNotFound
	}
	return nil, statusBadArgument
}

// setBuffer is proxy_set_buffer_bytes(buffer, start, size, data, size): it
// puts data in the place of size bytes from start, which must be the buffer's
// beginning or its end.
func (i *instance) setBuffer(a []uint64) status {
	data, ok := i.view(a[3], a[4])
	if !ok {
		return statusInvalidMemory
	}
	id := uint32(a[0])
	switch id {
	case bufferRequestBody, bufferResponseBody, bufferDownstream, bufferUpstream:
	case bufferCallBody:
		if i.frame.call != nil {
			return statusBadArgument
		}
		return statusNotFound
	case bufferPluginConfig:
		if i.frame.kind != kindConfigure {
			return statusNotFound
		}
		return statusBadArgument
	default:
		return statusBadArgument
	}
	b := i.passing(id)
	if b == nil {
		return statusBadArgument
	}
	start, size := uint64(uint32(a[1])), uint64(uint32(a[2]))
	n := uint64(b.Len())
	if start > 0 && start < n {
		return statusBadArgument
	}
	if b.Len()+len(data) > maxBody {
		return statusInternalFailure
	}
	if start < n {
		i.in.Charge(int64(n) / bytesPerUnit) // what is there is moved
	}
	b.Splice(int(min(start, n)), int(min(size, n)), data)
	return statusOK
}

// passing is what passes by of a body, or of a connection, in the direction that a
// buffer's number means; nil where there is nothing to see.
func (i *instance) passing(id uint32) *stream.Buffer {
	s, m := i.moment()
	if m != momentLive {
		return nil
	}
	p := i.frame.at.part
	if p.ofConnection() {
		if id < bufferDownstream {
			return nil
		}
		id -= bufferDownstream
	}
	if id > bufferResponseBody {
		return nil
	}
	return s.Body(p, filter.Direction(id))
}
