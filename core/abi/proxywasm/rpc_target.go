package proxywasm

import (
	"bytes"
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// rpcTarget is where a gRPC call goes.
type rpcTarget struct {
	cluster, authority string
	metadata           []pair // sent before the call's own
}

// rpcTargetOf reads the upstream of a gRPC call: a message GrpcService of Envoy
// (config/core/v3/grpc_service.proto) with an envoy_grpc, or the bare name of a
// cluster.
func rpcTargetOf(b []byte) (rpcTarget, bool) {
	if t, ok := grpcService(b); ok {
		return t, t.cluster != ""
	}
	return rpcTarget{cluster: string(b), authority: string(b)}, len(b) > 0
}

// grpcService reads a GrpcService. It answers false for what is none, or has no
// target that is a cluster.
func grpcService(b []byte) (t rpcTarget, ok bool) {
	whole := eachField(b, func(field protowire.Number, v []byte) {
		switch field {
		case 1: // envoy_grpc
			ok = eachField(v, func(field protowire.Number, v []byte) {
				switch field {
				case 1:
					t.cluster = string(v)
				case 2:
					t.authority = string(v)
				}
			})
		case 5: // initial_metadata
			var p pair
			eachField(v, func(field protowire.Number, v []byte) {
				switch field {
				case 1:
					p.key = v
				case 2:
					p.value = v
				}
			})
			t.metadata = append(t.metadata, p)
		}
	})
	if t.authority == "" {
		t.authority = t.cluster
	}
	return t, ok && whole
}

// eachField calls do for the fields of a message that have a length. It answers
// false for what is no message.
func eachField(b []byte, do func(field protowire.Number, v []byte)) bool {
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return false
		}
		b = b[n:]
		if n = protowire.ConsumeFieldValue(field, kind, b); n < 0 {
			return false
		}
		if kind == protowire.BytesType {
			v, _ := protowire.ConsumeBytes(b)
			do(field, v)
		}
		b = b[n:]
	}
	return true
}

// grpcTimeout is a time-out as the field grpc-timeout writes it: at most eight
// digits and a unit.
func grpcTimeout(d time.Duration) []byte {
	const most = 99999999
	if ms := d.Milliseconds(); ms <= most {
		return append(strconv.AppendInt(nil, ms, 10), 'm')
	}
	return append(strconv.AppendInt(nil, int64(d/time.Second), 10), 'S')
}

// unescaped is a grpc-message without its percent-encoding. What is malformed
// stays as it is.
func unescaped(b []byte) []byte {
	if bytes.IndexByte(b, '%') < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for k := 0; k < len(b); k++ {
		if b[k] == '%' && k+2 < len(b) {
			if c, err := strconv.ParseUint(string(b[k+1:k+3]), 16, 8); err == nil {
				out = append(out, byte(c))
				k += 2
				continue
			}
		}
		out = append(out, b[k])
	}
	return out
}
