package provider

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/discovery"
	"github.com/weirproxy/weir/core/provider/contract"
)

// The fields of the messages in discovery.proto that there may be many of.
const (
	fieldEndpoints = 2 // of Snapshot
	fieldMetadata  = 4 // of Endpoint
)

// countSnapshot finds a snapshot with more in it than is taken, in its encoding.
func countSnapshot(b []byte) error {
	endpoints := 0
	return eachField(b, fieldEndpoints, func(endpoint []byte) error {
		if endpoints++; endpoints > maxEndpoints {
			return fmt.Errorf("the snapshot has more than %d endpoints", maxEndpoints)
		}
		pairs := 0
		return eachField(endpoint, fieldMetadata, func([]byte) error {
			if pairs++; pairs > maxMetadata {
				return fmt.Errorf("an endpoint has more than %d pairs of metadata", maxMetadata)
			}
			return nil
		})
	})
}

// eachField calls do with each value of a field of an encoded message.
func eachField(b []byte, field protowire.Number, do func([]byte) error) error {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if n = protowire.ConsumeFieldValue(number, kind, b); n < 0 {
			return protowire.ParseError(n)
		}
		if number == field && kind == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(b)
			if err := do(value); err != nil {
				return err
			}
		}
		b = b[n:]
	}
	return nil
}

// endpointsOf are those of a snapshot, if all of it can be true: a list that is
// wrong in one place is not trusted in the others.
func endpointsOf(s *contract.Snapshot) ([]discovery.Endpoint, error) {
	list := make([]discovery.Endpoint, len(s.Endpoints))
	seen := make(map[string]bool, len(s.Endpoints))
	for i, e := range s.Endpoints {
		if err := checkEndpoint(e); err != nil {
			return nil, fmt.Errorf("endpoint %d of %d %w", i+1, len(s.Endpoints), err)
		}
		if seen[e.Address] {
			return nil, fmt.Errorf("endpoint %d of %d: %q is there twice", i+1, len(s.Endpoints), e.Address)
		}
		seen[e.Address] = true
		list[i] = discovery.Endpoint{Addr: e.Address, Weight: e.Weight, Identity: e.Identity, Metadata: e.Metadata}
	}
	return list, nil
}

func checkEndpoint(e *contract.Endpoint) error {
	if len(e.Address) > maxAddress {
		return fmt.Errorf("has an address of %d bytes, more than %d", len(e.Address), maxAddress)
	}
	if err := config.CheckEndpoint(e.Address); err != nil {
		return fmt.Errorf("has a bad address: %w", err)
	}
	if e.Weight > maxWeight {
		return fmt.Errorf("%q has weight %d, more than %d", e.Address, e.Weight, maxWeight)
	}
	if id := e.Identity; id != "" && (!strings.HasPrefix(id, "spiffe://") || len(id) > maxIdentity || strings.ContainsFunc(id, unprintable)) {
		return fmt.Errorf("%q has identity %.80q, which is not a SPIFFE ID", e.Address, id)
	}
	bytes := 0
	for k, v := range e.Metadata {
		bytes += len(k) + len(v)
	}
	if bytes > maxMetaBytes {
		return fmt.Errorf("%q has %d bytes of metadata, more than %d", e.Address, bytes, maxMetaBytes)
	}
	return nil
}

func unprintable(r rune) bool { return r <= ' ' || r >= 0x7f }
