package http2

import "sync/atomic"

// workers are goroutines that handle streams, one after the other: a stack that
// has grown once serves many. Those that have nothing to do leave by and by.
type workers struct {
	ready   []*ServerStream    // to be started; the reader's alone
	work    chan *ServerStream // unbuffered: what it takes is in a worker's hands
	waiting atomic.Int32
}

// start gives st to a worker that waits, or to a new one.
func (s *Server) start(st *ServerStream) {
	select {
	case s.work <- st:
	default:
		s.handled.Add(1)
		go s.worker(st)
	}
}

// startReady starts the streams whose heads were read since the reader waited
// last. One that its client has reset already, or that broke the protocol, costs
// no more than its head: rapid resets reach no handler, and no upstream.
func (s *Server) startReady() {
	for i, st := range s.ready {
		s.ready[i] = nil
		s.mu.Lock()
		gone := st.err != nil
		if gone {
			st.over()
			s.running--
		}
		s.mu.Unlock()
		if gone {
			st.recycle()
		} else {
			s.start(st)
		}
	}
	s.ready = s.ready[:0]
}

func (s *Server) worker(st *ServerStream) {
	defer s.handled.Done()
	for st != nil {
		s.handle(st)
		st.finish()
		s.waiting.Add(1)
		st = <-s.work
		s.waiting.Add(-1)
	}
}

// tend lets half of the workers go that have nothing to do.
func (s *Server) tend() {
	for n := (s.waiting.Load() + 1) / 2; n > 0; n-- {
		select {
		case s.work <- nil:
		default:
			return
		}
	}
}

// tends says whether there are any.
func (s *Server) tends() bool { return s.waiting.Load() > 0 }
