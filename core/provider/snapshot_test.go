package provider

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/weirproxy/weir/core/provider/contract"
)

// FuzzSnapshot: whatever a provider sends, what is taken of it is within bounds.
func FuzzSnapshot(f *testing.F) {
	for _, s := range []*contract.Snapshot{
		{},
		{Version: 1, Endpoints: []*contract.Endpoint{{}}},
		{Version: 2, Endpoints: []*contract.Endpoint{{Address: "10.0.0.1:80", Weight: 3, Identity: "spiffe://example.org/web", Metadata: map[string]string{"zone": "a"}}, {Address: "[::1]:80"}}},
	} {
		b, err := proto.Marshal(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s := new(contract.Snapshot)
		counted, read := countSnapshot(b), proto.Unmarshal(b, s)
		if counted != nil || read != nil {
			return
		}
		if len(s.Endpoints) > maxEndpoints || most(s) > maxMetadata {
			t.Fatalf("took %d endpoints, %d pairs", len(s.Endpoints), most(s))
		}
		list, err := endpointsOf(s)
		if err != nil {
			return
		}
		for _, e := range list {
			if e.Addr == "" || len(e.Addr) > maxAddress || e.Weight > maxWeight || len(e.Identity) > maxIdentity {
				t.Fatalf("took %+v", e)
			}
		}
	})
}

func most(s *contract.Snapshot) (most int) {
	for _, e := range s.Endpoints {
		most = max(most, len(e.Metadata))
	}
	return most
}
