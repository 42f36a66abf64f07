package wasm

import "time"

// idleEvery is how often free lanes are looked at.
const idleEvery = time.Second

// idleMoments is how often Idle is called after a lane's last callback: a
// collection takes a few steps.
const idleMoments = 4

// idleState says what a lane's guest did since it was last looked at.
type idleState struct {
	calls   uint64 // of the lane, then
	moments int    // given since its last callback
}

// tend calls Idle on free lanes until the VM is closed.
func (vm *VM) tend() {
	t := time.NewTicker(idleEvery)
	defer t.Stop()
	for {
		select {
		case <-vm.done.Done():
			return
		case <-t.C:
		}
		for i := range vm.Lanes() {
			if l := &vm.lanes[i]; l.mu.TryLock() {
				l.rest()
				l.Unlock()
			}
		}
	}
}

// rest gives the lane's guest a moment, if it has had work lately.
func (l *Lane) rest() {
	if l.in == nil {
		return
	}
	if l.calls != l.idle.calls {
		l.idle.moments = 0
	}
	if l.idle.moments < idleMoments {
		l.idle.moments++
		l.vm.config.Idle(l.in)
	}
	l.idle.calls = l.calls
}
