package sdktest

import (
	"strings"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// Store is what the instances of a VM share: data, queues, metrics, and the
// state behind Weir's own functions.
type Store struct {
	data    map[string]*datum
	queues  []*queue
	metrics []*metric
	kv      map[string]entry
	limits  map[string]*limit
	breaks  map[string]*breaker
	tokens  map[string]string // what was asked of valid ones, and the answer

	passwords map[knownPassword]bool
}

type datum struct {
	value string
	cas   uint32
}

type queue struct {
	name  string
	owner *Host
	items []string
	ready int // items its owner has not been told of
}

// NewStore makes an empty store.
func NewStore() *Store {
	return &Store{data: map[string]*datum{}, kv: map[string]entry{}, limits: map[string]*limit{}, breaks: map[string]*breaker{}, tokens: map[string]string{}, passwords: map[knownPassword]bool{}}
}

// SharedGet is the value of key and its compare-and-swap number.
func (h *Host) SharedGet(key string) ([]byte, uint32, abi.Status) {
	d := h.store.data[key]
	if d == nil {
		return nil, 0, abi.NotFound
	}
	return h.keepString(d.value), d.cas, abi.OK
}

// SharedSet gives key a value. A cas for a missing key is ignored.
func (h *Host) SharedSet(key, value string, cas uint32) abi.Status {
	d := h.store.data[key]
	if d == nil {
		d = &datum{}
		h.store.data[strings.Clone(key)] = d
	} else if cas != 0 && cas != d.cas {
		return abi.CASMismatch
	}
	d.value = strings.Clone(value)
	if d.cas++; d.cas == 0 {
		d.cas = 1
	}
	return abi.OK
}

// QueueRegister makes a queue, or takes over the one of that name.
func (h *Host) QueueRegister(name string) (uint32, abi.Status) {
	for i, q := range h.store.queues {
		if q.name == name {
			q.owner = h
			return uint32(i + 1), abi.OK
		}
	}
	h.store.queues = append(h.store.queues, &queue{name: strings.Clone(name), owner: h})
	return uint32(len(h.store.queues)), abi.OK
}

// QueueResolve finds a queue. All hosts of a test are one VM.
func (h *Host) QueueResolve(vm, name string) (uint32, abi.Status) {
	for i, q := range h.store.queues {
		if q.name == name {
			return uint32(i + 1), abi.OK
		}
	}
	return 0, abi.NotFound
}

func (h *Host) queue(id uint32) *queue {
	if id == 0 || id > uint32(len(h.store.queues)) {
		return nil
	}
	return h.store.queues[id-1]
}

// QueuePush appends an item; its owner is told once this callback is over.
func (h *Host) QueuePush(id uint32, value string) abi.Status {
	q := h.queue(id)
	if q == nil {
		return abi.NotFound
	}
	q.items = append(q.items, strings.Clone(value))
	q.ready++
	return abi.OK
}

// QueuePop takes the first item.
func (h *Host) QueuePop(id uint32) ([]byte, abi.Status) {
	q := h.queue(id)
	if q == nil {
		return nil, abi.NotFound
	}
	if len(q.items) == 0 {
		return nil, abi.Empty
	}
	v := q.items[0]
	q.items = q.items[1:]
	return h.keepString(v), abi.OK
}

// deliver tells owners of what waits in their queues.
func (st *Store) deliver() {
	for i := 0; i < len(st.queues); i++ {
		for q := st.queues[i]; q.ready > 0; {
			q.ready--
			q.owner.callback(nil, idle, func() { q.owner.guest.OnQueueReady(root, uint32(i+1)) })
		}
	}
}

// Deliver tells the owners of queues, on all hosts of the store, of the items
// that were pushed since.
func (h *Host) Deliver() { h.settle() }
