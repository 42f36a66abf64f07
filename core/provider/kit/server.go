package kit

import (
	"context"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/weirproxy/weir/core/provider/contract"
)

// server is the provider's side of the contracts.
type server struct {
	contract.UnimplementedProviderServer
	contract.UnimplementedDiscoveryServer
	contract.UnimplementedStoreServer

	configure func(context.Context, []byte) (served, error)
	versions  atomic.Uint64 // of snapshots

	mu   sync.Mutex
	made *served
}

// served is what a provider implements, one of both.
type served struct {
	discovery Discovery
	store     Store
}

// contracts are the names of those that it has.
func (s *served) contracts() (names []string) {
	if s.discovery != nil {
		names = append(names, contract.Discovers)
	}
	if s.store != nil {
		names = append(names, contract.Stores)
	}
	return names
}

// Configure implements contract.ProviderServer.
func (s *server) Configure(ctx context.Context, r *contract.ConfigureRequest) (*contract.ConfigureResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made != nil {
		return nil, status.Error(codes.FailedPrecondition, "it is configured already")
	}
	made, err := s.configure(ctx, r.Config)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	s.made = &made
	return &contract.ConfigureResponse{Contracts: made.contracts()}, nil
}

// use is what was configured.
func (s *server) use() (*served, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made == nil {
		return nil, status.Error(codes.FailedPrecondition, "it is not configured yet")
	}
	return s.made, nil
}

// Watch implements contract.DiscoveryServer.
func (s *server) Watch(r *contract.WatchRequest, to contract.Discovery_WatchServer) error {
	made, err := s.use()
	if err != nil {
		return err
	}
	if made.discovery == nil {
		return status.Error(codes.Unimplemented, "it knows no services")
	}
	ctx, cancel := context.WithCancel(to.Context())
	defer cancel()
	news := make(chan []Endpoint, 1)
	failed := make(chan error, 1)
	go func() { failed <- made.discovery.Watch(ctx, r.Service, func(e []Endpoint) { newest(news, e) }) }()
	for {
		select {
		case list := <-news:
			if err := to.Send(s.snapshot(list)); err != nil {
				return err
			}
		case err := <-failed:
			select {
			case list := <-news: // it was known before
				if err := to.Send(s.snapshot(list)); err != nil {
					return err
				}
			default:
			}
			return ended(err)
		}
	}
}

// newest puts a list in the place of the one that was not sent yet: who takes
// them slowly misses what is over.
func newest(news chan []Endpoint, list []Endpoint) {
	for {
		select {
		case news <- list:
			return
		default:
		}
		select {
		case <-news:
		default:
		}
	}
}

// ended is what a watch that ended tells Weir.
func ended(err error) error {
	if err == nil {
		return status.Error(codes.Unavailable, "the provider ended the watch")
	}
	return status.Error(codes.Unavailable, err.Error())
}

// snapshot is a list as it is sent. An address that is there twice is sent once.
func (s *server) snapshot(list []Endpoint) *contract.Snapshot {
	out := &contract.Snapshot{Version: s.versions.Add(1)}
	seen := make(map[string]bool, len(list))
	for _, e := range list {
		if !seen[e.Addr] {
			seen[e.Addr] = true
			out.Endpoints = append(out.Endpoints, &contract.Endpoint{Address: e.Addr, Weight: e.Weight, Identity: e.Identity, Metadata: e.Metadata})
		}
	}
	return out
}
