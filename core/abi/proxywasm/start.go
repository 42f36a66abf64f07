package proxywasm

import "github.com/weirproxy/weir/core/wasm"

func newInstance(in *wasm.Instance, v *vm) *instance {
	i := &instance{in: in, vm: v, lane: in.Lane().Index()}
	i.contexts.dense = v.ours
	i.fn.find(in)
	return i
}

// initialise runs the module's own start: _initialize and then main, or else
// _start. Host functions but the log are out of bounds until it has returned.
func (i *instance) initialise() error {
	i.enter(kindStart, target{})
	defer i.leave()
	if f := i.in.Func("_initialize"); f != nil {
		if _, err := i.in.Call(f); err != nil {
			return err
		}
		for _, name := range [...]string{"main", "__main_void"} {
			if f := i.in.Func(name); f != nil {
				if _, err := i.in.Call(f); err != nil {
					return err
				}
				break
			}
		}
	} else if f := i.in.Func("_start"); f != nil {
		if _, err := i.in.Call(f); err != nil {
			return err
		}
	}
	if f := i.in.Func(exportSDK); f != nil && isI32(f.Params(), 0) && isI32(f.Results(), 1) {
		at, err := i.in.Call(f)
		if err != nil {
			return err
		}
		i.arena.read(i.in, uint32(at))
	}
	return nil
}

// die is the end of the instance: whoever waits for it is told, and nothing of
// it is left but for the streams that will find it dead.
func (i *instance) die(cause error) {
	i.dead = true
	running := i.frame.own
	if running.root != nil {
		r := running.root.root
		r.counts.traps.Add(1)
		r.breaker.failed(i.vm.host.Log, r.spec.Name)
	}
	i.logLost(running, cause)
	owned := i.frame.kind != kindForeign // its owner made the callback, and gets the error from it
	i.contexts.eachPart(func(p *part) { p.lose(cause, owned && p == running.part) })
	i.forsake()
}
