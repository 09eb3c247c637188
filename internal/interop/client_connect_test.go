package interop

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/internal/testkit/testkitv1"
)

// protocols are those that clients of connect-go speak.
var protocols = map[string][]connect.ClientOption{
	"Connect":  nil,
	"gRPC":     {connect.WithGRPC()},
	"gRPC-Web": {connect.WithGRPCWeb()},
}

// getConnect returns a function that calls a method with connect-go and returns the error.
func getConnect(options ...connect.ClientOption) clientCall {
	return func(ctx context.Context, url string) error {
		client := connect.NewClient[testkitv1.GetRequest, testkitv1.GetResponse](
			http.DefaultClient, url+connectGet, options...)
		_, err := client.CallUnary(ctx, connect.NewRequest(&testkitv1.GetRequest{Id: 1}))
		return err
	}
}

// connectFailing serves the method with connect-go and returns an error.
func connectFailing(failure *connect.Error) http.Handler {
	type (
		request = connect.Request[testkitv1.GetRequest]
		reply   = connect.Response[testkitv1.GetResponse]
	)
	return connect.NewUnaryHandler(connectGet, func(context.Context, *request) (*reply, error) { return nil, failure })
}

// connectError makes an error with details.
func connectError(t *testing.T, code connect.Code, text string, details ...proto.Message) *connect.Error {
	t.Helper()
	failure := connect.NewError(code, errors.New(text))
	for _, message := range details {
		detail, err := connect.NewErrorDetail(message)
		if err != nil {
			t.Fatal(err)
		}
		failure.AddDetail(detail)
	}
	return failure
}

// TestConnectErrors forwards an error of each code of connect-go, which has the codes of gRPC.
func TestConnectErrors(t *testing.T) {
	outcomes := map[connect.Code]received{
		connect.CodeCanceled:           hides(codes.Canceled, 503),
		connect.CodeUnknown:            hides(codes.Unknown, 500),
		connect.CodeInvalidArgument:    says(codes.InvalidArgument, 400, "no such thing"),
		connect.CodeDeadlineExceeded:   hides(codes.DeadlineExceeded, 504),
		connect.CodeNotFound:           says(codes.NotFound, 404, "no such thing"),
		connect.CodeAlreadyExists:      says(codes.AlreadyExists, 409, "no such thing"),
		connect.CodePermissionDenied:   says(codes.PermissionDenied, 403, "no such thing"),
		connect.CodeResourceExhausted:  hides(codes.ResourceExhausted, 503),
		connect.CodeFailedPrecondition: says(codes.FailedPrecondition, 409, "no such thing"),
		connect.CodeAborted:            says(codes.Aborted, 409, "no such thing"),
		connect.CodeOutOfRange:         says(codes.OutOfRange, 400, "no such thing"),
		connect.CodeUnimplemented:      hides(codes.Unimplemented, 501),
		connect.CodeInternal:           hides(codes.Internal, 500),
		connect.CodeUnavailable:        hides(codes.Unavailable, 503),
		connect.CodeDataLoss:           hides(codes.DataLoss, 500),
		connect.CodeUnauthenticated:    says(codes.Unauthenticated, 401, "no such thing"),
	}
	for protocol, options := range protocols {
		var errs []clientError
		for code, want := range outcomes {
			failing := connectFailing(connectError(t, code, "no such thing"))
			errs = append(errs, clientError{
				name: code.String(), err: call(t, getConnect(options...), failing), want: want,
			})
		}
		t.Run(protocol, func(t *testing.T) { checkClientErrors(t, errs) })
	}
}

// TestConnectErrorDetails forwards errors with details.
func TestConnectErrorDetails(t *testing.T) {
	for protocol, options := range protocols {
		t.Run(protocol, func(t *testing.T) { checkClientErrors(t, connectErrors(t, getConnect(options...))) })
	}
}

func connectErrors(t *testing.T, get clientCall) []clientError {
	t.Helper()
	violations := &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
		{Field: "name", Description: "is empty"},
	}}
	delay := &errdetails.RetryInfo{RetryDelay: durationpb.New(7 * time.Second)}
	return []clientError{
		{
			name: "a code", row: "`CodeAlreadyExists`",
			err:  call(t, get, connectFailing(connectError(t, connect.CodeAlreadyExists, "taken"))),
			want: says(codes.AlreadyExists, 409, "taken"),
		},
		{
			name: "violations", row: "`CodeInvalidArgument` with `BadRequest`",
			err:  call(t, get, connectFailing(connectError(t, connect.CodeInvalidArgument, "invalid", violations))),
			want: says(codes.InvalidArgument, 400, "invalid").with("name: is empty"),
		},
		{
			name: "a delay", row: "`CodeUnavailable` with `RetryInfo`",
			err:  call(t, get, connectFailing(connectError(t, connect.CodeUnavailable, "secret", delay))),
			want: hides(codes.Unavailable, 503).after("7"),
		},
	}
}

// TestConnectClientElsewhere calls servers that do not speak Connect. Its specification has a code for their statuses.
func TestConnectClientElsewhere(t *testing.T) {
	get := getConnect()
	html := respondWith(502, "<h1>secret</h1>", "Content-Type", "text/html")
	checkClientErrors(t, []clientError{
		{name: "a proxy's 502", err: call(t, get, html), want: hides(codes.Unavailable, 503)},
		{
			name: "a gateway's 403", err: call(t, get, gatewayFor(t, 403)),
			want: says(codes.PermissionDenied, 403, "403 Forbidden"),
		},
		{name: "a gateway's 404", err: call(t, get, gatewayFor(t, 404)), want: hides(codes.Unimplemented, 501)},
	})
}
