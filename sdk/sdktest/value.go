package sdktest

import (
	"github.com/weirproxy/weir/sdk/internal/abi"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// entry is a value of the key-value store.
type entry struct {
	value   string
	cas     uint32
	expires int64 // 0: never
}

// value finds a key that has not expired.
func (h *Host) value(key []byte) (entry, bool) {
	e, ok := h.store.kv[string(key)]
	return e, ok && (e.expires == 0 || e.expires > h.now)
}

func (h *Host) expiry(ttl int64) int64 {
	if ttl == 0 {
		return 0
	}
	return h.now + ttl
}

func valueGet(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	e, ok := h.value(a.rest())
	if !ok {
		return nil, abi.NotFound
	}
	return append(le.AppendUint32(dst, e.cas), e.value...), abi.OK
}

func valueVersion(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	e, ok := h.value(a.rest())
	if !ok {
		return nil, abi.NotFound
	}
	return le.AppendUint32(dst, e.cas), abi.OK
}

func valueSet(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	ttl, cas := a.i64(), a.u32()
	key := a.take(int(a.u32()))
	v := a.rest()
	if a.bad || ttl < 0 || len(key) > 256 || len(v) > 64<<10 {
		return nil, abi.BadArgument
	}
	old, ok := h.value(key)
	if ok && cas != 0 && cas != old.cas {
		return nil, abi.CASMismatch
	}
	next := old.cas + 1
	h.store.kv[string(key)] = entry{value: string(v), cas: next, expires: h.expiry(ttl)}
	return le.AppendUint32(dst, next), abi.OK
}

func valueDelete(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	cas := a.u32()
	key := a.rest()
	e, ok := h.value(key)
	switch {
	case a.bad:
		return nil, abi.BadArgument
	case !ok:
		return nil, abi.NotFound
	case cas != 0 && cas != e.cas:
		return nil, abi.CASMismatch
	}
	delete(h.store.kv, string(key))
	return dst, abi.OK
}

func valueIncrement(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	delta, ttl := a.i64(), a.i64()
	key := a.rest()
	if a.bad || ttl < 0 || len(key) > 256 {
		return nil, abi.BadArgument
	}
	e, ok := h.value(key)
	if !ok {
		e = entry{value: "\x00\x00\x00\x00\x00\x00\x00\x00", expires: h.expiry(ttl)}
	}
	if len(e.value) != 8 {
		return nil, abi.BadArgument
	}
	sum := int64(le.Uint64([]byte(e.value))) + delta
	e.value, e.cas = string(le.AppendUint64(nil, uint64(sum))), e.cas+1
	h.store.kv[string(key)] = e
	return le.AppendUint64(dst, uint64(sum)), abi.OK
}
