package mapping_test

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
	"github.com/statusbridge/statusbridge/mapping"
)

// client returns a function that calls a real gRPC server. The service behaves as its argument says.
func client(t testing.TB, options ...grpc.DialOption) (call func(testkit.Behaviour) error) {
	t.Helper()
	service := &testkit.Service{}
	options = append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))
	conn, err := grpc.NewClient(testkit.ServeGRPC(t, service), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return func(behaviour testkit.Behaviour) error {
		service.Behave(behaviour)
		_, err := testkitv1.NewThingServiceClient(conn).Get(t.Context(), &testkitv1.GetRequest{})
		return err
	}
}

// failWith returns a behaviour that returns the error.
func failWith(err error) testkit.Behaviour {
	return func(context.Context) error { return err }
}

// TestError_across_a_hop reads an Error unchanged from a real server, for every status from 400 to 599.
func TestError_across_a_hop(t *testing.T) {
	call := client(t)
	for httpStatus := 400; httpStatus < 600; httpStatus++ {
		for _, want := range []mapping.Error{
			{HTTPStatus: httpStatus, Message: "what the client reads"},
			{HTTPStatus: httpStatus, Message: "what \"the\"\nclient % reads…", Details: "name: is empty"},
		} {
			sent := want
			got := mapping.FromError(call(failWith(&sent)))
			if got.HTTPStatus != want.HTTPStatus || got.Message != want.Message || got.Details != want.Details {
				t.Errorf("sent %d %q %q, read %d %q %q", want.HTTPStatus, want.Message, want.Details,
					got.HTTPStatus, got.Message, got.Details)
			}
		}
	}
}

// TestError_status_of_no_error sends 500 for a status outside 400..599.
func TestError_status_of_no_error(t *testing.T) {
	call := client(t)
	for _, httpStatus := range []int{0, -1, 100, 101, 200, 202, 204, 299, 302, 304, 399, 600, 70000, math.MinInt,
		math.MaxInt} {
		for _, sent := range []*mapping.Error{
			mapping.Errorf(httpStatus, "text"), {HTTPStatus: httpStatus, Message: "text"},
		} {
			err := call(failWith(sent))
			if status.Code(err) == codes.OK {
				t.Errorf("%d is a success", httpStatus)
			}
			if got := mapping.FromError(err); got.HTTPStatus != 500 || got.Message != "text" {
				t.Errorf("%d reads as %d %q, want 500", httpStatus, got.HTTPStatus, got.Message)
			}
		}
	}
}

// TestError_detail attaches a statusbridge.v1.Error only if code and message would lose something.
func TestError_detail(t *testing.T) {
	// A gateway that does not allow the status uses the code, and must not send the message of the status.
	reworded := func(code codes.Code, claimed int32) *mapping.Error {
		e := mapping.FromError(with(status.New(code,
			"secret").WithDetails(&statusbridgev1.Error{Code: claimed, Message: "before"})))
		e.Message = "m"
		return e
	}
	tests := []struct {
		err  *mapping.Error
		code codes.Code
		want *statusbridgev1.Error
	}{
		{&mapping.Error{HTTPStatus: 404, Message: "m"}, codes.NotFound, nil},
		{&mapping.Error{HTTPStatus: 404}, codes.NotFound, nil},
		{&mapping.Error{HTTPStatus: 503}, codes.Unavailable, nil},
		{&mapping.Error{HTTPStatus: 503, Message: sentence(503)}, codes.Unavailable, nil},
		{&mapping.Error{HTTPStatus: 404, Message: "m", Details: "d"}, codes.NotFound,
			&statusbridgev1.Error{Code: 404, Details: "d"}},
		{&mapping.Error{HTTPStatus: 503, Message: "m"}, codes.Unavailable,
			&statusbridgev1.Error{Code: 503, Message: "m"}},
		{&mapping.Error{HTTPStatus: 502}, codes.Unavailable, &statusbridgev1.Error{Code: 502}},
		{&mapping.Error{HTTPStatus: 405, Message: "m"}, codes.Unimplemented,
			&statusbridgev1.Error{Code: 405, Message: "m"}},
		{&mapping.Error{HTTPStatus: 429, Message: "m"}, codes.ResourceExhausted,
			&statusbridgev1.Error{Code: 429, Message: "m"}},
		{&mapping.Error{HTTPStatus: 410, Message: "m"}, codes.NotFound, &statusbridgev1.Error{Code: 410}},
		{reworded(codes.Internal, 410), codes.Internal, &statusbridgev1.Error{Code: 410, Message: "m"}},
		{reworded(codes.NotFound, 500), codes.NotFound, &statusbridgev1.Error{Code: 500, Message: "m"}},
		{reworded(codes.NotFound, 499), codes.NotFound, &statusbridgev1.Error{Code: 499}},
	}
	for _, test := range tests {
		st := test.err.GRPCStatus()
		if st.Code() != test.code {
			t.Errorf("%v is sent as %v, want %v", test.err, st.Code(), test.code)
		}
		var got *statusbridgev1.Error
		for _, detail := range st.Details() {
			got, _ = detail.(*statusbridgev1.Error)
		}
		if !proto.Equal(got, test.want) {
			t.Errorf("%v attaches %v, want %v", test.err, got, test.want)
		}
	}
}

// TestError_text expects the text for a log.
func TestError_text(t *testing.T) {
	var none *mapping.Error
	for _, test := range []struct {
		err  error
		want string
	}{
		{none, "<nil>"},
		{&mapping.Error{}, "0"},
		{&mapping.Error{HTTPStatus: 404}, "404 Not Found"},
		{&mapping.Error{HTTPStatus: 404, Message: "m", Details: "d"}, "404 Not Found: m (d)"},
		{mapping.Errorf(503, "store: %w", context.Canceled), "503 Service Unavailable: store: context canceled"},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
	if none.GRPCStatus() != nil || none.Unwrap() != nil {
		t.Error("a nil Error has a status or a cause")
	}
}

func TestError_LogValue(t *testing.T) {
	var none *mapping.Error
	for _, test := range []struct {
		err  *mapping.Error
		want string
	}{
		{none, "<nil>"},
		{mapping.Errorf(404, "m"), "[status=404 message=m]"},
		{&mapping.Error{HTTPStatus: 404, Message: "m", Details: "d"}, "[status=404 message=m details=d]"},
		{mapping.Errorf(503, "m: %w", errors.New("c")), "[status=503 message=m cause=c]"},
	} {
		if got := slog.AnyValue(test.err).Resolve().String(); got != test.want {
			t.Errorf("logged as %s, want %s", got, test.want)
		}
	}
}
