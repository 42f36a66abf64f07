package system

import "github.com/weirproxy/weir/bench/internal/proc"

// CPU is the time that all processes of the system have used.
func (r *Running) CPU() (proc.Usage, error) {
	sum, err := r.Process.CPU()
	if err != nil || r.behind == nil {
		return sum, err
	}
	second, err := r.behind.CPU()
	sum.User += second.User
	sum.System += second.System
	return sum, err
}

// Resident is the memory of all processes of the system, in bytes.
func (r *Running) Resident() (int64, error) {
	sum, err := r.Process.Resident()
	if err != nil || r.behind == nil {
		return sum, err
	}
	second, err := r.behind.Resident()
	return sum + second, err
}

// Down is the error of a process of the system that has ended, nil while all run.
func (r *Running) Down() error {
	select {
	case <-r.Done():
		return r.Ended()
	default:
	}
	if r.behind != nil {
		return r.behind.Down()
	}
	return nil
}
