package mapping_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/mapping"
)

// HTTPStatusError has the name and the fields of grpc-gateway's type, in another package.
type HTTPStatusError struct {
	HTTPStatus int
	Err        error
}

func (e *HTTPStatusError) Error() string { return "another HTTPStatusError" }

// TestFromError_of_grpc_gateway reads runtime.HTTPStatusError, which chooses the status of services in the gateway's
// process. Over the network, the error has the same status.
func TestFromError_of_grpc_gateway(t *testing.T) {
	notFound := status.Error(codes.NotFound, "no such project")
	chosen := func(httpStatus int, err error) error {
		return &runtime.HTTPStatusError{HTTPStatus: httpStatus, Err: err}
	}
	for _, test := range []struct {
		name    string
		err     error
		status  int
		code    codes.Code
		message string
	}{
		{"over a status", chosen(405, notFound), 405, codes.Unimplemented, "no such project"},
		{"over nothing", chosen(405, nil), 405, codes.Unimplemented, sentence(405)},
		{"over a text", chosen(404, errors.New("secret")), 404, codes.NotFound, sentence(404)},
		{"a 5xx over a status", chosen(502, status.Error(codes.Unavailable, "secret")), 502, codes.Unavailable,
			sentence(502)},
		{"over an Error", chosen(502, mapping.Errorf(503, "away")), 502, codes.Unavailable, "away"},
		{"wrapped", fmt.Errorf("a: %w", fmt.Errorf("b: %w", chosen(405, nil))), 405, codes.Unimplemented,
			sentence(405)},
		{"joined first", errors.Join(chosen(405, nil), errors.New("secret")), 405, codes.Unimplemented, sentence(405)},
		{"joined last", errors.Join(errors.New("secret"), fmt.Errorf("a: %w", chosen(405, nil))), 405,
			codes.Unimplemented, sentence(405)},
		{"joined and wrapped", fmt.Errorf("a: %w", errors.Join(errors.New("secret"), chosen(405, nil))), 405,
			codes.Unimplemented, sentence(405)},
		{"a success over a status", chosen(200, notFound), 404, codes.NotFound, "no such project"},
		{"a success over nothing", chosen(200, nil), 500, codes.Unknown, sentence(500)},
		{"a success over a deadline", chosen(200, context.DeadlineExceeded), 504, codes.DeadlineExceeded,
			sentence(504)},
		{"a status beside it counts", errors.Join(chosen(405, nil), notFound), 404, codes.NotFound, "no such project"},
		{"nil", (*runtime.HTTPStatusError)(nil), 500, codes.Unknown, sentence(500)},
		{"none among joined errors", errors.Join(errors.New("a"), errors.New("b")), 500, codes.Unknown, sentence(500)},
		{"another type of that name", &HTTPStatusError{HTTPStatus: 405, Err: notFound}, 500, codes.Unknown,
			sentence(500)},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := mapping.FromError(test.err)
			if got.HTTPStatus != test.status || got.Message != test.message {
				t.Errorf("%d %q, want %d %q", got.HTTPStatus, got.Message, test.status, test.message)
			}
			st := got.GRPCStatus()
			if st.Code() != test.code {
				t.Errorf("sends %v, want %v", st.Code(), test.code)
			}
			if back := mapping.FromError(st.Err()); back.HTTPStatus != test.status || back.Message != test.message {
				t.Errorf("over the network it is %d %q", back.HTTPStatus, back.Message)
			}
		})
	}
}

// TestFromError_of_grpc_gateway_keeps_details keeps the details of the error inside a runtime.HTTPStatusError.
func TestFromError_of_grpc_gateway_keeps_details(t *testing.T) {
	busy := with(status.New(codes.Aborted, "busy").WithDetails(&errdetails.ErrorInfo{Reason: "LOCKED"}))
	st := mapping.FromError(&runtime.HTTPStatusError{HTTPStatus: 405, Err: busy}).GRPCStatus()
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.GetReason() == "LOCKED" {
			return
		}
	}
	t.Errorf("sends %v, without the details", st.Proto())
}
