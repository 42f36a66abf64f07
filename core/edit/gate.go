package edit

import (
	"encoding/binary"
	"time"

	"github.com/weirproxy/weir/core/circuit"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/state"
)

// maxKey bounds what a gate's key has from sources, in bytes. Longer ones are
// left to the guest.
const maxKey = 120

// rateSize is the size of a gate's name: algorithm u32, scope u32, limit i64,
// period i64, burst i64.
const rateSize = 4 + 4 + 8 + 8 + 8

func (e *edit) readRate() bool {
	if len(e.name) != rateSize {
		return false
	}
	b := []byte(e.name)
	e.rate = state.Rate{
		Algorithm: state.Algorithm(binary.LittleEndian.Uint32(b)),
		Limit:     int64(binary.LittleEndian.Uint64(b[8:])),
		Period:    time.Duration(binary.LittleEndian.Uint64(b[16:])),
		Burst:     int64(binary.LittleEndian.Uint64(b[24:])),
	}
	scope := binary.LittleEndian.Uint32(b[4:])
	e.rate.Fleet = scope == 1
	return scope <= 1
}

func (e *edit) readPolicy() bool {
	var err error
	e.policy, err = circuit.Parse([]byte(e.name))
	return err == nil
}

// open takes one unit of the rate, or a place in the circuit. Whatever else than a
// clear yes comes of it is for the guest's callback to see.
func (e *edit) open(s filter.Stream, room *Room) bool {
	at := len(room.Memory)
	defer func() { room.Memory = room.Memory[:at] }()
	fixed := 0
	for i := range e.value {
		if p := &e.value[i]; p.source == literal {
			fixed += len(p.text)
		}
	}
	key, known := e.make(s, room)
	if !known || len(key)-fixed > maxKey {
		return false
	}
	if e.action == breaker {
		return room.Enter.EnterCircuit(&e.policy, key)
	}
	d, err := room.State.Take(key, 1, e.rate)
	return err == nil && d.Allowed
}
