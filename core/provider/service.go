package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"google.golang.org/grpc/status"

	"github.com/weirproxy/weir/core/discovery"
	"github.com/weirproxy/weir/core/provider/contract"
)

// service is what is known of one, and who wants to know.
type service struct {
	provider *Provider
	name     string
	ctx      context.Context
	cancel   context.CancelFunc

	mu       sync.Mutex
	watchers map[*watcher]struct{}
	known    bool
	last     []discovery.Endpoint // last known good
	version  uint64               // of last, in the life that said it
	said     *life
	changed  time.Time // when last was said
	stale    time.Time // since when nobody vouches for last; zero: somebody does
	err      error     // why
}

// spacing is the least time from one snapshot of a service to the next. A
// provider that has more to say is read more slowly.
const spacing = 100 * time.Millisecond

func newService(p *Provider, name string) *service {
	s := &service{provider: p, name: name, watchers: map[*watcher]struct{}{}, stale: time.Now(), err: errors.New("the provider has not said anything yet")}
	s.ctx, s.cancel = context.WithCancel(p.ctx)
	return s
}

// follow asks process after process for the service.
func (s *service) follow() {
	wait := backoff{most: serviceWait}
	for {
		l := s.provider.there(s.ctx)
		if l == nil {
			return
		}
		began := time.Now()
		err := s.ask(l)
		if s.ctx.Err() != nil {
			return
		}
		s.doubt(err)
		wait.since(began)
		if !wait.wait(s.ctx) {
			return
		}
		if l.over.Err() == nil { // or it is the process that failed, which is told
			s.provider.log.Warn("the provider does not tell a service: what it said last stays in use, and it is asked again", "service", s.name, "err", err)
		}
	}
}

// ask takes what a process says of the service until it says no more.
func (s *service) ask(l *life) error {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	defer context.AfterFunc(l.over, cancel)()
	stream, err := contract.NewDiscoveryClient(l.conn).Watch(ctx, &contract.WatchRequest{Service: s.name})
	if err != nil {
		return said(err)
	}
	t := time.NewTimer(0)
	defer t.Stop()
	for {
		snapshot, err := stream.Recv()
		if err != nil {
			return said(err)
		}
		list, err := endpointsOf(snapshot)
		if err == nil {
			err = s.learn(l, snapshot.Version, list)
		}
		if err != nil {
			return fmt.Errorf("its snapshot is refused: %w", err)
		}
		t.Reset(spacing)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}

// learn takes a list, if it is not older than what is known.
func (s *service) learn(l *life, version uint64, list []discovery.Endpoint) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	again := s.said == l && version == s.version
	switch {
	case version == 0:
		return errors.New("it has no version")
	case s.said == l && version < s.version:
		return fmt.Errorf("version %d comes after version %d", version, s.version)
	case again && s.stale.IsZero():
		return fmt.Errorf("version %d comes twice", version)
	}
	s.stale, s.err = time.Time{}, nil
	if again {
		return nil
	}
	s.known, s.said, s.version, s.last, s.changed = true, l, version, list, time.Now()
	for w := range s.watchers {
		w.wake()
	}
	return nil
}

// doubt says that nobody vouches any more for what is known.
func (s *service) doubt(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stale.IsZero() {
		s.stale = time.Now()
	}
	s.err = err
}

func (s *service) add(w *watcher) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers[w] = struct{}{}
	if s.known {
		w.wake()
	}
}

func (s *service) remove(w *watcher) (left int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.watchers, w)
	return len(s.watchers)
}

// said is a call's error as a log has it.
func said(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("it ended the answer")
	}
	st, ok := status.FromError(err)
	if !ok {
		return err
	}
	return fmt.Errorf("%s (%v)", cleaned(st.Message()), st.Code())
}
