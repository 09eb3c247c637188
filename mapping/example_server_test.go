package mapping_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	"github.com/statusbridge/statusbridge/internal/testkit"
	thingsv1 "github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// A service has accepted a request and works on it.
func ExampleSetHTTPStatus() {
	service := &testkit.Service{}
	service.Behave(func(ctx context.Context) error {
		return mapping.SetHTTPStatus(ctx, 202)
	})

	mux := gateway.New().NewServeMux()
	if err := thingsv1.RegisterThingServiceHandlerServer(context.Background(), mux, service); err != nil {
		panic(err)
	}
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodDelete, "/v1/things/1", nil))
	fmt.Println(recorder.Code, recorder.Body)
	fmt.Println(mapping.SetHTTPStatus(context.Background(), 404))
	// Output:
	// 202 {}
	// mapping: 404 is not the status of a success, which is 200..299
}

// A wrapped status keeps its own message, without the text around it.
func ExampleServerOptions() {
	service := &testkit.Service{}
	service.Behave(func(context.Context) error {
		err := status.Error(codes.NotFound, "no thing 1")
		return fmt.Errorf("shard 10.0.0.3: %w", err)
	})
	for _, options := range [][]grpc.ServerOption{nil, mapping.ServerOptions()} {
		target, stop := serveThings(service, options...)
		err := getThing(target)
		fmt.Println(status.Code(err), "/", status.Convert(err).Message())
		stop()
	}
	// Output:
	// NotFound / shard 10.0.0.3: rpc error: code = NotFound desc = no thing 1
	// NotFound / no thing 1
}

// The log of the service has the cause of every error.
func ExampleLogObserver() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: short}))
	service := &testkit.Service{}
	service.Behave(func(context.Context) error {
		return mapping.Errorf(503, "no store: %w", errors.New("timeout"))
	})
	target, stop := serveThings(service, mapping.ServerOptions(mapping.LogObserver(logger))...)
	defer stop()
	fmt.Println(status.Convert(getThing(target)).Message())
	// Output:
	// level=ERROR method=/statusbridge.testkit.v1.ThingService/Get cause="503 Service Unavailable: no store: timeout"
	// no store
}

// short keeps the attributes that the example shows.
func short(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.LevelKey, "method", "cause":
		return a
	}
	return slog.Attr{}
}

// gRPC callers read the text of a plain error, as grpc-go sends it, or the documented sentence.
func ExampleHideText() {
	service := &testkit.Service{}
	service.Behave(func(context.Context) error { return errors.New("pq: no table things") })
	for _, options := range [][]grpc.ServerOption{mapping.ServerOptions(), mapping.ServerOptions(mapping.HideText)} {
		target, stop := serveThings(service, options...)
		fmt.Println(status.Convert(getThing(target)).Message())
		stop()
	}
	// Output:
	// pq: no table things
	// An unexpected server error occurred.
}

// An Error is found in a chain of errors, and it can wrap another error.
func ExampleError() {
	errFull := errors.New("pool a is full")
	full := &mapping.Error{HTTPStatus: 409, Message: "the quota is used up", Details: "gpu: 8 of 8"}
	err := fmt.Errorf("create: %w", full)

	e, ok := errors.AsType[*mapping.Error](err)
	fmt.Println(ok, e.HTTPStatus, e.Message, "/", e.Details, "/", status.Code(err))
	fmt.Println(errors.Is(mapping.Errorf(503, "no room: %w", errFull), errFull))
	// Output:
	// true 409 the quota is used up / gpu: 8 of 8 / Aborted
	// true
}

func serveThings(service *testkit.Service, options ...grpc.ServerOption) (target string, stop func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer(options...)
	thingsv1.RegisterThingServiceServer(server, service)
	go func() { _ = server.Serve(listener) }()
	return listener.Addr().String(), server.Stop
}

func getThing(target string) error {
	conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		panic(err)
	}
	defer func() { _ = conn.Close() }()
	_, err = thingsv1.NewThingServiceClient(conn).Get(context.Background(), &thingsv1.GetRequest{Id: 1})
	return err
}
