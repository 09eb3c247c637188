package mapping_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/anypb"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// budget is how many bytes an error may take in trailers. headerList is what a client must accept for it: it adds the
// other fields of a trailers-only response, and HPACK's 32 bytes for each field.
const (
	budget     = 4 << 10
	headerList = budget + 512
)

// backend starts a service, and returns a client that accepts only headerList bytes of trailers.
func backend(t *testing.T, service *testkit.Service, options ...grpc.ServerOption) testkitv1.ThingServiceClient {
	t.Helper()
	conn, err := grpc.NewClient(testkit.ServeGRPC(t, service, options...),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithMaxHeaderListSize(headerList))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return testkitv1.NewThingServiceClient(conn)
}

// kinds call a method of each kind, and return its error.
var kinds = map[string]func(context.Context, testkitv1.ThingServiceClient) error{
	"unary": func(ctx context.Context, client testkitv1.ThingServiceClient) error {
		_, err := client.Get(ctx, &testkitv1.GetRequest{})
		return err
	},
	"server stream": func(ctx context.Context, client testkitv1.ThingServiceClient) error {
		stream, err := client.Watch(ctx, &testkitv1.WatchRequest{})
		if err != nil {
			return err
		}
		_, err = stream.Recv()
		return err
	},
	"client stream": func(ctx context.Context, client testkitv1.ThingServiceClient) error {
		stream, err := client.Upload(ctx)
		if err != nil {
			return err
		}
		_, err = stream.CloseAndRecv()
		return err
	},
	"both ways": func(ctx context.Context, client testkitv1.ThingServiceClient) error {
		stream, err := client.Chat(ctx)
		if err != nil {
			return err
		}
		_, err = stream.Recv()
		return err
	},
}

// wire returns the status that a client of any language reads.
func wire(code codes.Code, message string, details ...proto.Message) *spb.Status {
	st := &spb.Status{Code: int32(code), Message: message}
	for _, detail := range details {
		packed, err := anypb.New(detail)
		if err != nil {
			panic(err)
		}
		st.Details = append(st.Details, packed)
	}
	return st
}

// TestServerOptions sends a handler's error as FromError reads it. It calls a method of each kind, before and after
// interceptors of the user.
func TestServerOptions(t *testing.T) {
	const internal = "An unexpected server error occurred."
	violations := violationOf("name", "taken")
	rich := wire(codes.FailedPrecondition, "not empty", violations)
	foreign := &spb.Status{Code: 5, Message: "gone",
		Details: []*anypb.Any{{TypeUrl: "no.such/Type", Value: []byte("\xff")}}}
	notFound := status.Error(codes.NotFound, "row 5")
	cases := map[string]struct {
		err  error
		want *spb.Status
	}{
		"success":                  {nil, nil},
		"a status":                 {notFound, wire(codes.NotFound, "row 5")},
		"a status with details":    {status.ErrorProto(rich), rich},
		"a detail of unknown type": {status.ErrorProto(foreign), foreign},
		"an undefined code":        {status.Error(77, "own"), wire(77, "own")},
		"a 5xx made on purpose":    {status.Error(codes.Internal, "for the log"), wire(codes.Internal, "for the log")},
		"an empty message":         {status.Error(codes.Aborted, ""), wire(codes.Aborted, "")},
		"a wrapped status":         {fmt.Errorf("repo.Get: %w", notFound), wire(codes.NotFound, "row 5")},
		"a wrapped rich status":    {fmt.Errorf("a: %w", fmt.Errorf("b: %w", status.ErrorProto(rich))), rich},
		"a wrapped foreign status": {fmt.Errorf("a: %w", status.ErrorProto(foreign)), foreign},
		"a joined status":          {errors.Join(errors.New("x"), notFound), wire(codes.NotFound, "row 5")},
		"a status beside a context error": {errors.Join(context.Canceled, notFound),
			wire(codes.NotFound, "row 5")},
		"an Error": {mapping.Errorf(405, "read-only"),
			wire(codes.Unimplemented, "read-only", &statusbridgev1.Error{Code: 405, Message: "read-only"})},
		"a wrapped Error": {fmt.Errorf("x: %w", mapping.Errorf(409, "taken")), wire(codes.Aborted, "taken")},
		"a deadline":      {context.DeadlineExceeded, wire(codes.DeadlineExceeded, "context deadline exceeded")},
		"a wrapped cancellation": {fmt.Errorf("db: %w", context.Canceled),
			wire(codes.Canceled, "db: context canceled")},
		"a Go error":   {errors.New("pq: tenant 7"), wire(codes.Unknown, "pq: tenant 7")},
		"a carrier":    {carrier{status.New(codes.NotFound, "row 5")}, wire(codes.NotFound, "row 5")},
		"an OK status": {carrier{status.New(codes.OK, "fine")}, wire(codes.Internal, internal)},
		"a nil status": {carrier{nil}, wire(codes.Internal, internal)},
		"a nil Error":  {(*mapping.Error)(nil), wire(codes.Internal, internal)},
	}
	for order, options := range map[string]func(*interceptors) []grpc.ServerOption{
		"alone": func(*interceptors) []grpc.ServerOption { return mapping.ServerOptions() },
		"before": func(i *interceptors) []grpc.ServerOption {
			return append(mapping.ServerOptions(), i.chained()...)
		},
		"after": func(i *interceptors) []grpc.ServerOption {
			return append(i.chained(), mapping.ServerOptions()...)
		},
		"beside a single one": func(i *interceptors) []grpc.ServerOption {
			return append(mapping.ServerOptions(), grpc.UnaryInterceptor(i.unary), grpc.StreamInterceptor(i.stream))
		},
		"twice": func(*interceptors) []grpc.ServerOption {
			return append(mapping.ServerOptions(), mapping.ServerOptions()...)
		},
	} {
		user := &interceptors{}
		service := &testkit.Service{}
		client := backend(t, service, options(user)...)
		for name, c := range cases {
			for kind, invoke := range kinds {
				if c.err == nil && kind == "both ways" {
					continue // the method waits for a message
				}
				t.Run(fmt.Sprint(order, " ", name, " ", kind), func(t *testing.T) {
					service.Behave(func(context.Context) error { return c.err })
					err := invoke(t.Context(), client)
					if diff := cmp.Diff(c.want, status.Convert(err).Proto(), protocmp.Transform()); diff != "" {
						t.Errorf("the client reads another status:\n%s", diff)
					}
					if seen := user.take(); (order == "after" || order == "before") && c.err != nil &&
						!errors.Is(seen, c.err) {
						t.Errorf("the interceptor saw %v, the handler returned %v", seen, c.err)
					}
				})
			}
		}
	}
}

// TestServerOptions_observers reports the method, the error that is sent, and the cause.
func TestServerOptions_observers(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	type seen struct {
		method string
		err    mapping.Error
		cause  error
	}
	var observed []seen
	service := &testkit.Service{}
	client := backend(t, service, mapping.ServerOptions(mapping.LogObserver(logger), mapping.HideText,
		func(_ context.Context, method string, e *mapping.Error, cause error) {
			observed = append(observed, seen{method, *e, cause})
		})...)
	secret := errors.New("pq: tenant 7")
	for _, test := range []struct {
		err  error
		want *spb.Status
		log  string
	}{
		{secret, wire(codes.Unknown, sentence(500)),
			`level=ERROR msg="call failed" method=/statusbridge.testkit.v1.ThingService/Get code=Unknown status=500`},
		{status.Error(codes.NotFound, "row 5"), wire(codes.NotFound, "row 5"), "level=INFO"},
		{status.Error(codes.Internal, "chosen"), wire(codes.Internal, "chosen"), "level=ERROR"},
		{mapping.Errorf(409, "busy: %w", secret),
			wire(codes.Aborted, "busy", &statusbridgev1.Error{Code: 409, Message: "busy"}),
			`cause="409 Conflict: busy: pq: tenant 7"`},
		{&mapping.Error{HTTPStatus: 302, Message: "m"},
			wire(codes.Internal, "m", &statusbridgev1.Error{Code: 500, Message: "m"}), "status=500"},
		{&mapping.Error{HTTPStatus: 200, Message: "m"},
			wire(codes.Internal, "m", &statusbridgev1.Error{Code: 500, Message: "m"}), "status=500"},
	} {
		log.Reset()
		observed = nil
		service.Behave(failWith(test.err))
		err := kinds["unary"](t.Context(), client)
		if diff := cmp.Diff(test.want, status.Convert(err).Proto(), protocmp.Transform()); diff != "" {
			t.Errorf("%v: the client reads another status:\n%s", test.err, diff)
		}
		if len(observed) != 1 || observed[0].err.HTTPStatus < 400 || !strings.HasSuffix(observed[0].method, "/Get") ||
			observed[0].cause != test.err { //nolint:errorlint // the error itself
			t.Errorf("%v: observed %v", test.err, observed)
		}
		if !strings.Contains(log.String(), test.log) {
			t.Errorf("%v: logged %s", test.err, log.String())
		}
		mistake, ok := test.err.(*mapping.Error) //nolint:errorlint // the error itself
		if !ok || mistake.HTTPStatus >= 400 {
			continue
		}
		text := fmt.Sprintf("%d is not the status of an error", mistake.HTTPStatus)
		if cause := observed[0].err.Unwrap(); !strings.Contains(fmt.Sprint(cause), text) {
			t.Errorf("the cause is %v, want %q", cause, text)
		}
	}
	service.Behave(failWith(nil))
	observed = nil
	if err := kinds["unary"](t.Context(), client); err != nil || len(observed) > 0 {
		t.Errorf("a success is %v, observed %v", err, observed)
	}
}

// interceptors record the error that they return.
type interceptors struct{ seen chan error }

func (i *interceptors) chained() []grpc.ServerOption {
	i.seen = make(chan error, 1)
	return []grpc.ServerOption{grpc.ChainUnaryInterceptor(i.unary), grpc.ChainStreamInterceptor(i.stream)}
}

func (i *interceptors) unary(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any,
	error) {
	response, err := handler(ctx, request)
	return response, i.note(err)
}

func (i *interceptors) stream(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo,
	handler grpc.StreamHandler) error {
	return i.note(handler(server, stream))
}

func (i *interceptors) note(err error) error {
	if i.seen != nil {
		i.seen <- err
	}
	return err
}

func (i *interceptors) take() error {
	if i.seen == nil {
		return nil
	}
	return <-i.seen
}
