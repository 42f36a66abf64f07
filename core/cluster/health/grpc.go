package health

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/weirproxy/weir/core/stream"
)

// grpcProbe asks by grpc.health.v1.Health/Check.
type grpcProbe struct{ *transport }

// serving is the one status that means health (HealthCheckResponse.ServingStatus).
const serving = 1

func (p *grpcProbe) check(by time.Time) error {
	p.ask()
	return p.exchange(healthRequest(p.Service), by, p.judge)
}

func (p *grpcProbe) judge(trailers *stream.Headers) error {
	if status := p.response.Status; status != 200 {
		return fmt.Errorf("checking health: the call was answered HTTP status %d", status)
	}
	if err := callStatus(&p.response.Headers, trailers); err != nil {
		return err
	}
	status, err := healthStatus(p.body)
	if err != nil {
		return fmt.Errorf("checking health: reading the answer: %w", err)
	}
	if status != serving {
		return fmt.Errorf("checking health: service %q is not serving: status %d", p.Service, status)
	}
	return nil
}

// ask makes the head that of a call.
func (p *grpcProbe) ask() {
	h := &p.request
	if string(h.Method) == "POST" {
		return
	}
	h.Method, h.Path = []byte("POST"), []byte("/grpc.health.v1.Health/Check")
	h.Headers.AddString("content-type", "application/grpc")
	h.Headers.AddString("te", "trailers")
}

// callStatus is the error of a call that failed. Its status is in the trailers,
// or in the head of an answer that has nothing else.
func callStatus(head, trailers *stream.Headers) error {
	status, ok := head.Get("grpc-status")
	from := head
	if !ok && trailers != nil {
		status, ok = trailers.Get("grpc-status")
		from = trailers
	}
	switch {
	case !ok:
		return errors.New("checking health: the answer has no grpc-status")
	case string(status) != "0":
		return fmt.Errorf("checking health: the call ended with grpc-status %.20q, %.200q", status, from.Peek("grpc-message"))
	}
	return nil
}

// healthRequest is a HealthCheckRequest, framed.
func healthRequest(service string) []byte {
	b := make([]byte, 5, 16+len(service))
	if service != "" {
		b = protowire.AppendTag(b, 1, protowire.BytesType)
		b = protowire.AppendString(b, service)
	}
	binary.BigEndian.PutUint32(b[1:5], uint32(len(b)-5))
	return b
}

// healthStatus reads a framed HealthCheckResponse.
func healthStatus(b []byte) (status uint64, err error) {
	if len(b) < 5 {
		return 0, errors.New("it has no message")
	}
	n := binary.BigEndian.Uint32(b[1:5])
	switch {
	case b[0] != 0:
		return 0, errors.New("the message is compressed, which nobody asked for")
	case uint64(n) != uint64(len(b)-5):
		return 0, fmt.Errorf("a message of %d bytes in a body of %d", n, len(b))
	}
	for b = b[5:]; len(b) > 0; {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return 0, protowire.ParseError(n)
		}
		b = b[n:]
		if field == 1 && kind == protowire.VarintType {
			status, n = protowire.ConsumeVarint(b)
		} else {
			n = protowire.ConsumeFieldValue(field, kind, b)
		}
		if n < 0 {
			return 0, protowire.ParseError(n)
		}
		b = b[n:]
	}
	return status, nil
}
