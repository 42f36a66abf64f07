package interop_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/interop"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
)

// asClient in the environment has the test binary be the client of one case:
// gRPC's cases end their process where they fail.
const asClient = "WEIR_TEST_CASE"

func TestMain(m *testing.M) {
	if name := os.Getenv(asClient); name != "" {
		if err := runCase(name, os.Args[1], os.Args[2:]...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// dial connects in clear or, with the file of a certificate, by TLS.
func dial(addr string, certificate ...string) (*grpc.ClientConn, error) {
	creds := insecure.NewCredentials()
	if len(certificate) > 0 {
		var err error
		if creds, err = credentials.NewClientTLSFromFile(certificate[0], "localhost"); err != nil {
			return nil, err
		}
	}
	return grpc.NewClient("passthrough:///"+addr, grpc.WithTransportCredentials(creds))
}

// client runs a case in a process of its own.
func client(t *testing.T, name, addr string, certificate ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{addr}, certificate...)...)
	cmd.Env = append(os.Environ(), asClient+"="+name)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, strings.TrimSpace(string(text)))
	}
}

func runCase(name, addr string, certificate ...string) error {
	conn, err := dial(addr, certificate...)
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cases[name](ctx, conn)
	return nil
}

// server is gRPC's test server.
func server(t *testing.T) (addr string) {
	t.Helper()
	return serve(t, interop.NewTestServer())
}

func serve(t *testing.T, service testgrpc.TestServiceServer) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	testgrpc.RegisterTestServiceServer(s, service)
	go s.Serve(l)
	t.Cleanup(s.Stop)
	return l.Addr().String()
}
