package wasm

// Await lets go of the lane while a host function, called from a callback,
// waits for what its guest has asked for. Whoever takes the lane meanwhile may
// look at it and nothing else. What comes after it has the budget of a callback
// of its own: the guest goes on because something came from outside.
func (in *Instance) Await(wait func()) {
	host := in.host
	in.lane.mu.Unlock()
	wait()
	in.lane.mu.Lock()
	in.host = host
	in.fuel.left, in.fuel.pace.running = in.budget, false
	in.hostCalls = in.vm.hostCalls
}
