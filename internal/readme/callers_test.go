package readme

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// callers shows how gRPC callers receive the errors of a service, with and without mapping.ServerOptions.
func callers(t *testing.T) string {
	t.Helper()
	service := &testkit.Service{}
	plain, ours := connectTo(t, service), connectTo(t, service, mapping.ServerOptions()...)
	notFound := status.Error(codes.NotFound, "no thing 1")
	var b strings.Builder
	b.WriteString("| the handler returns | grpc-go sends | with `mapping.ServerOptions` |\n|---|---|---|\n")
	for _, row := range []struct {
		what string
		err  error
	}{
		{"a status", notFound},
		{"a wrapped status: `fmt.Errorf(\"shard 3: %w\", err)`", fmt.Errorf("shard 3: %w", notFound)},
		{"a context error", context.DeadlineExceeded},
		{"a wrapped context error", fmt.Errorf("shard 3: %w", context.DeadlineExceeded)},
		{"any other error", errors.New("pq: no table things")},
		{
			"`mapping.Errorf(404, \"no thing 1: %w\", err)`",
			mapping.Errorf(http.StatusNotFound, "no thing 1: %w", errors.New("pq: no rows")),
		},
	} {
		service.Behave(fail(row.err))
		fmt.Fprintf(&b, "| %s | %s | %s |\n", row.what, received(t, plain), received(t, ours))
	}
	return b.String()
}

// connectTo starts a server of the service, and returns a client.
func connectTo(t *testing.T, service *testkit.Service, options ...grpc.ServerOption) testkitv1.ThingServiceClient {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(options...)
	testkitv1.RegisterThingServiceServer(server, service)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return testkitv1.NewThingServiceClient(conn)
}

func received(t *testing.T, client testkitv1.ThingServiceClient) string {
	t.Helper()
	_, err := client.Get(t.Context(), &testkitv1.GetRequest{Id: 1})
	return fmt.Sprintf("%v `%s`", status.Code(err), status.Convert(err).Message())
}
