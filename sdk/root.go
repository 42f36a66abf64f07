package sdk

import (
	"time"

	"github.com/weirproxy/weir/sdk/internal/abi"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// Root is the root context of one configured filter: it outlives the streams.
type Root struct {
	id     uint32
	rootID string
	guest  *guest

	plugin  Plugin
	maker   StreamMaker // nil when the plugin itself handles all streams
	h       handlers    // the plugin's own
	tick    TickHandler
	queue   QueueHandler
	closer  Closer
	streams []*Stream // to be used again
	one     Stream    // stands in for each stream where none has state
}

// RootID is the root id that the filter was configured with.
func (r *Root) RootID() string { return r.rootID }

// Config is the filter's configuration. It is there, and valid, only while
// the Factory runs.
func (r *Root) Config() []byte {
	v, _ := abi.BufferGet(abi.PluginConfig, 0, all)
	return v
}

// VMConfig is the configuration of the VM.
func (r *Root) VMConfig() []byte {
	v, _ := abi.BufferGet(abi.VMConfig, 0, all)
	return v
}

// SetTick has the plugin's OnTick called every period; 0 stops that.
func (r *Root) SetTick(period time.Duration) error {
	return abi.SetTick(uint32(period / time.Millisecond)).Err()
}

// Enter makes the host calls that follow act on a stream that waits in a
// Pause, until the callback ends. It answers false when the stream has ended.
func (r *Root) Enter(stream uint32) (*Stream, bool) {
	s := r.guest.contexts.stream(stream)
	if s == nil && r.maker == nil {
		s = r.standIn(stream) // the host knows whether there is one
	}
	if s == nil || s.root != r || abi.SetEffective(stream) != abi.OK {
		return nil, false
	}
	return s, true
}

// configure makes the plugin and finds out what it takes part in.
func (r *Root) configure() error {
	id, _ := Property("plugin_root_id")
	r.rootID = string(id)
	f, err := factoryFor(r.rootID)
	if err != nil {
		return err
	}
	p, err := f(r)
	if err != nil {
		return err
	}
	if p == nil {
		return textError("the factory made no plugin")
	}
	r.plugin = p
	r.streams = nil
	r.maker, _ = p.(StreamMaker)
	r.tick, _ = p.(TickHandler)
	r.queue, _ = p.(QueueHandler)
	r.closer, _ = p.(Closer)
	r.h.find(p)
	r.one = Stream{root: r, h: &r.h}
	declared := r.h.bits() | stateless
	if r.maker != nil {
		declared = r.keep(r.makeStream()).bits()
	}
	// NOT_FOUND on hosts that do not know it: they make every callback.
	var bits [4]byte
	le.PutUint32(bits[:], declared)
	scratch = append(scratch[:0], bits[:]...)
	abi.Foreign("weir.phases", scratch)
	return nil
}

// standIn is the stream of an id that has no state.
func (r *Root) standIn(id uint32) *Stream {
	r.one.id = id
	return &r.one
}

func (r *Root) makeStream() *Stream {
	s := &Stream{root: r, h: &r.h}
	if r.maker != nil {
		s.handler = r.maker.NewStream()
		s.own.find(s.handler)
		s.h = &s.own
	}
	return s
}

// keep lays a stream by for the next one.
func (r *Root) keep(s *Stream) *handlers {
	r.streams = append(r.streams, s)
	return s.h
}

func (r *Root) takeStream() *Stream {
	n := len(r.streams) - 1
	if n < 0 {
		return r.makeStream()
	}
	s := r.streams[n]
	r.streams = r.streams[:n]
	return s
}

func (r *Root) releaseStream(s *Stream) {
	s.id = 0
	if r.maker != nil {
		if s.own.reset == nil {
			return
		}
		s.own.reset.Reset()
	}
	if s.h == &r.h || r.maker != nil {
		r.keep(s)
	}
}
