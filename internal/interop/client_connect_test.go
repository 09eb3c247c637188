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
	return connect.NewUnaryHandler(connectGet,
		func(context.Context, *connect.Request[testkitv1.GetRequest]) (*connect.Response[testkitv1.GetResponse], error) {
			return nil, failure
		})
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
	statuses := map[connect.Code]int{
		connect.CodeCanceled: 503, connect.CodeUnknown: 500, connect.CodeInvalidArgument: 400,
		connect.CodeDeadlineExceeded: 504, connect.CodeNotFound: 404, connect.CodeAlreadyExists: 409,
		connect.CodePermissionDenied: 403, connect.CodeResourceExhausted: 503, connect.CodeFailedPrecondition: 409,
		connect.CodeAborted: 409, connect.CodeOutOfRange: 400, connect.CodeUnimplemented: 501,
		connect.CodeInternal: 500, connect.CodeUnavailable: 503, connect.CodeDataLoss: 500,
		connect.CodeUnauthenticated: 401,
	}
	for protocol, options := range protocols {
		var errs []clientError
		for code, httpStatus := range statuses {
			want := received{exact: httpStatus, code: codes.Code(code), httpStatus: httpStatus, message: "no such thing"}
			if httpStatus >= http.StatusInternalServerError {
				want.message = sentences[httpStatus]
			}
			errs = append(errs, clientError{
				name: code.String(), want: want,
				err: call(t, getConnect(options...), connectFailing(connectError(t, code, "no such thing"))),
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
			want: received{exact: 409, code: codes.AlreadyExists, httpStatus: 409, message: "taken"},
		},
		{
			name: "violations", row: "`CodeInvalidArgument` with `BadRequest`",
			err: call(t, get, connectFailing(connectError(t, connect.CodeInvalidArgument, "invalid", violations))),
			want: received{
				exact: 400, code: codes.InvalidArgument, httpStatus: 400, message: "invalid", details: "name: is empty",
			},
		},
		{
			name: "a delay", row: "`CodeUnavailable` with `RetryInfo`",
			err: call(t, get, connectFailing(connectError(t, connect.CodeUnavailable, "secret", delay))),
			want: received{
				exact: 503, code: codes.Unavailable, httpStatus: 503, message: sentences[503], retryAfter: "7",
			},
		},
	}
}

// TestConnectClientElsewhere calls servers that do not speak Connect. Its specification has a code for their statuses.
func TestConnectClientElsewhere(t *testing.T) {
	get := getConnect()
	checkClientErrors(t, []clientError{
		{name: "a proxy's 502", err: call(t, get, respondWith(502, "secret", "Content-Type", "text/html")), want: received{
			exact: 503, code: codes.Unavailable, httpStatus: 503, message: sentences[503],
		}},
		{name: "a gateway's 403", err: call(t, get, gatewayFor(t, 403)), want: received{
			exact: 403, code: codes.PermissionDenied, httpStatus: 403, message: "403 Forbidden",
		}},
		{name: "a gateway's 404", err: call(t, get, gatewayFor(t, 404)), want: received{
			exact: 501, code: codes.Unimplemented, httpStatus: 501, message: sentences[501],
		}},
	})
}
