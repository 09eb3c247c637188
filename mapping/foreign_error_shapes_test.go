package mapping_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/mapping"
)

// foreign is an error of another library, and what FromError reads.
type foreign struct {
	name    string
	err     error
	status  int
	code    codes.Code
	message string // empty for the documented sentence
	details string
	retry   int64  // 0 without a RetryInfo
	grpc    string // for gRPC callers; empty if it equals message
}

// unread is an error that FromError reads as any other error.
func unread(name string, err error) foreign {
	return foreign{name: name, err: err, status: 500, code: codes.Unknown}
}

// after returns the header Retry-After.
func after(seconds string) http.Header { return http.Header{"Retry-After": {seconds}} }

// googleErrors are errors of a client of a Google API: https://cloud.google.com/apis/design/errors.
var googleErrors = []foreign{
	{name: "a body with a code", err: &googleError{Code: 409, Message: "m",
		Body: `{"error":{"code":409,"message":"taken","status":"ALREADY_EXISTS"}}`},
		status: 409, code: codes.AlreadyExists, message: "taken"},
	{name: "a body with a delay", err: &googleError{Code: 429, Header: after("9"),
		Body: `{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}`},
		status: 429, code: codes.ResourceExhausted, message: "slow down", retry: 9},
	{name: "a message", err: &googleError{Code: 403, Message: "not yours", Body: "[]"}, status: 403,
		code: codes.PermissionDenied, message: "not yours"},
	{name: "the first error", err: &googleError{Code: 400, Message: "m"}, status: 400, code: codes.InvalidArgument,
		message: "m"},
	{name: "the last error", err: &googleError{Code: 599, Message: "secret"}, status: 599, code: codes.Internal,
		message: sentence(500), grpc: "secret"},
	{name: "HTML", err: &googleError{Code: 502, Body: "<h1>secret</h1>"}, status: 502, code: codes.Unavailable},
	{name: "a 5xx", err: &googleError{Code: 500, Message: "secret"}, status: 500, code: codes.Internal,
		grpc: "secret"},
	{name: "a 500 with a delay", err: &googleError{Code: 500, Message: "secret", Header: after("2")}, status: 500,
		code: codes.Internal, grpc: "secret", retry: 2},
	{name: "a 503 with a delay", err: &googleError{Code: 503, Message: "secret", Header: after("2")}, status: 503,
		code: codes.Unavailable, grpc: "secret", retry: 2},
	{name: "another code than the table's", err: &googleError{Code: 412, Message: "changed"}, status: 412,
		code: codes.FailedPrecondition, message: "changed"},
	{name: "fields of other types", err: &googleWithoutTypes{Code: 404, Message: []string{"secret"},
		Body: []byte(`{"message":"secret"}`), Header: map[string]string{"Retry-After": "2"}},
		status: 404, code: codes.NotFound},
	{name: "a code alone", err: &googleCode{Code: 404}, status: 404, code: codes.NotFound},
	unread("a success", &googleError{Code: 200, Message: "secret"}),
	unread("before the first error", &googleError{Code: 399, Message: "secret"}),
	unread("after the last error", &googleError{Code: 600, Message: "secret"}),
	unread("no status", &googleError{Message: "secret"}),
	unread("no fields", &empty{}),
	unread("a nil pointer", (*googleError)(nil)),
	unread("not a pointer", empty{}),
}

// kubernetesErrors are errors of client-go, whose reasons document the status.
var kubernetesErrors = []foreign{
	{name: "not found", err: kubernetes(404, "NotFound", "no pod", nil), status: 404, code: codes.NotFound,
		message: "no pod"},
	{name: "already exists", err: kubernetes(409, "AlreadyExists", "taken", nil), status: 409,
		code: codes.AlreadyExists, message: "taken"},
	{name: "a conflict", err: kubernetes(409, "Conflict", "changed", nil), status: 409, code: codes.Aborted,
		message: "changed"},
	{name: "a delay", err: kubernetes(429, "TooManyRequests", "m", &kubernetesDetails{RetryAfterSeconds: 5}),
		status: 429, code: codes.ResourceExhausted, message: "m", retry: 5},
	{name: "the shortest delay", err: kubernetes(404, "", "m", &kubernetesDetails{RetryAfterSeconds: 1}),
		status: 404, code: codes.NotFound, message: "m", retry: 1},
	{name: "no delay", err: kubernetes(404, "", "m", &kubernetesDetails{Name: "a"}), status: 404,
		code: codes.NotFound, message: "m"},
	{name: "a negative delay", err: kubernetes(404, "", "m", &kubernetesDetails{RetryAfterSeconds: -1}),
		status: 404, code: codes.NotFound, message: "m"},
	{name: "a 5xx", err: kubernetes(504, "Timeout", "secret", &kubernetesDetails{RetryAfterSeconds: 4}), status: 504,
		code: codes.DeadlineExceeded, retry: 4, grpc: "secret"},
	// grpc-gateway without this library would send the message of AlreadyExists to a client.
	{name: "a 5xx with the code of a 4xx", err: kubernetes(500, "AlreadyExists", "secret", nil), status: 500,
		code: codes.AlreadyExists},
	{name: "fields of other types", err: kubernetesOtherTypes(404), status: 404, code: codes.NotFound},
	unread("a success", kubernetes(200, "", "secret", nil)),
	unread("no status", kubernetes(0, "", "secret", nil)),
	unread("after the last error", kubernetes(600, "", "secret", nil)),
	unread("a nil pointer inside", &kubernetesWithoutStatus{}),
	unread("a pointer inside", &kubernetesWithoutStatus{ErrStatus: &kubernetesStatus{Code: 404}}),
	unread("a nil pointer", (*kubernetesError)(nil)),
}

func kubernetes(code int32, reason kubernetesReason, message string, details *kubernetesDetails) error {
	return &kubernetesError{ErrStatus: kubernetesStatus{
		Message: message, Reason: reason, Details: details, Code: code,
	}}
}

func kubernetesOtherTypes(code int) error {
	e := &kubernetesWithoutTypes{}
	e.ErrStatus.Code, e.ErrStatus.Details.RetryAfterSeconds = code, 7
	return e
}

// connectErrors are errors of connect-go, which has the codes of gRPC.
var connectErrors = []foreign{
	{name: "a code", err: &connectError{code: 6, message: "taken"}, status: 409, code: codes.AlreadyExists,
		message: "taken"},
	{name: "the last code", err: &connectError{code: 16, message: "who?"}, status: 401, code: codes.Unauthenticated,
		message: "who?"},
	{name: "an undefined code", err: &connectError{code: 17, message: "secret"}, status: 500, code: codes.Code(17),
		grpc: "secret"},
	{name: "details", err: &connectError{code: 3, message: "invalid", details: []*connectDetail{
		{violationOf("name", "is empty")},
		{&errdetails.RetryInfo{RetryDelay: durationpb.New(7 * time.Second)}},
	}}, status: 400, code: codes.InvalidArgument, message: "invalid", details: "name: is empty", retry: 7},
	{name: "other details", err: &connectWithoutTypes{details: []any{"a", 1, nil}}, status: 404,
		code: codes.NotFound, message: "no such thing"},
	{name: "details that are not a list", err: &connectWithoutTypes{details: 7}, status: 404, code: codes.NotFound,
		message: "no such thing"},
	{name: "nil details", err: &connectWithoutTypes{}, status: 404, code: codes.NotFound, message: "no such thing"},
	unread("no code", &connectError{message: "secret"}),
	unread("a code with an argument", &connectWithArgument{}),
	unread("no message", &connectWithoutText{}),
	unread("a nil pointer", (*connectError)(nil)),
}

// twirpErrors are errors of Twirp: https://twitchtv.github.io/twirp/docs/spec_v7.html#error-codes. Its clients wrap
// the cause of a call without a response.
var twirpErrors = []foreign{
	{name: "a code", err: &twirpError{code: "already_exists", msg: "taken"}, status: 409, code: codes.AlreadyExists,
		message: "taken"},
	{name: "malformed", err: &twirpError{code: "malformed", msg: "m"}, status: 400, code: codes.InvalidArgument,
		message: "m"},
	{name: "bad_route", err: &twirpError{code: "bad_route", msg: "m"}, status: 404, code: codes.NotFound,
		message: "m"},
	{name: "dataloss", err: &twirpError{code: "dataloss", msg: "secret"}, status: 500, code: codes.DataLoss,
		grpc: "secret"},
	{name: "internal", err: &twirpError{code: "internal", msg: "secret"}, status: 500, code: codes.Internal,
		grpc: "secret"},
	{name: "a cause that passed its deadline", err: twirpCall(context.DeadlineExceeded), status: 504,
		code: codes.DeadlineExceeded},
	{name: "a cause with a status", err: twirpCall(status.Error(codes.Aborted, "changed")), status: 409,
		code: codes.Aborted, message: "changed"},
	{name: "any other cause", err: twirpCall(errors.New("any")), status: 500, code: codes.Internal, grpc: "secret"},
	{name: "a cause that the server sent", err: &twirpError{code: "not_found", msg: "no hat",
		meta: map[string]string{"cause": "any"}}, status: 404, code: codes.NotFound, message: "no hat"},
	{name: "an error inside that is not the cause", err: &twirpError{code: "not_found", msg: "no hat",
		cause: context.DeadlineExceeded}, status: 404, code: codes.NotFound, message: "no hat"},
	unread("an unknown code", &twirpError{code: "teapot", msg: "secret"}),
	unread("no code", &twirpError{msg: "secret"}),
	unread("a number", &twirpNumber{}),
	unread("a code and an error", &twirpPair{}),
	unread("no method Code", &twirpWithoutCode{}),
	unread("a nil pointer", (*twirpWithoutCode)(nil)),
}

func twirpCall(cause error) error {
	return &twirpError{code: "internal", msg: "secret", meta: map[string]string{"cause": "*any"}, cause: cause}
}

// gaxErrors are errors of gax-go, which wraps a googleapi.Error or a gRPC status.
var gaxErrors = []foreign{
	{name: "over a response", err: &gaxError{status: status.New(codes.Unavailable, "secret"), http: 502,
		err: &googleError{Code: 502, Body: "<h1>secret</h1>"}}, status: 502, code: codes.Unavailable},
	{name: "over a status", err: &gaxError{status: status.New(codes.NotFound, "no list"), http: -1,
		err: status.Error(codes.NotFound, "no list")}, status: 404, code: codes.NotFound, message: "no list"},
	{name: "over nothing", err: &gaxError{status: status.New(codes.NotFound, "no list"), http: -1}, status: 404,
		code: codes.NotFound, message: "no list"},
	{name: "another type with its methods", err: similar{&gaxError{status: status.New(codes.NotFound, "no list"),
		err: &googleError{Code: 502}}}, status: 404, code: codes.NotFound, message: "no list"},
}

// gatewayErrors are errors with the name of runtime.HTTPStatusError and other fields.
var gatewayErrors = []foreign{
	unread("fields of other types", &gatewayWithoutTypes{HTTPStatus: "404", Err: "secret"}),
	unread("a nil pointer", (*gatewayWithoutTypes)(nil)),
}

// TestFromError_of_other_libraries reads the errors of each library: alone, wrapped and joined.
func TestFromError_of_other_libraries(t *testing.T) {
	for library, errs := range map[string][]foreign{
		"googleapi": googleErrors, "client-go": kubernetesErrors, "connect-go": connectErrors, "Twirp": twirpErrors,
		"gax-go": gaxErrors, "grpc-gateway": gatewayErrors,
	} {
		for _, test := range errs {
			t.Run(library+"/"+test.name, func(t *testing.T) {
				other := fmt.Errorf("a: %w", text{})
				for name, err := range map[string]error{
					"alone": test.err, "wrapped": fmt.Errorf("a: %w", fmt.Errorf("b: %w", test.err)),
					"joined first": errors.Join(test.err, other), "joined last": errors.Join(other, test.err),
					"joined and wrapped": fmt.Errorf("a: %w", fmt.Errorf("%w and %w", errors.Join(other), test.err)),
				} {
					checkForeign(t, name, err, test)
				}
			})
		}
	}
}

// checkForeign expects that FromError reads an error in this way, and that a gRPC caller receives the same.
func checkForeign(t *testing.T, name string, err error, want foreign) {
	t.Helper()
	message := want.message
	if message == "" {
		message = sentence(want.status)
	}
	e := mapping.FromError(err)
	if e.HTTPStatus != want.status || e.Message != message || e.Details != want.details {
		t.Errorf("%s: %d %q %q, want %d %q %q", name, e.HTTPStatus, e.Message, e.Details, want.status, message,
			want.details)
	}
	if !errors.Is(e, err) {
		t.Errorf("%s: the error is not in the chain of the result", name)
	}
	st := e.GRPCStatus()
	delay := retryOf(t, e)
	if st.Code() != want.code || delay.GetSeconds() != want.retry || (delay != nil) != (want.retry != 0) {
		t.Errorf("%s: sends %v, want %v and a delay of %d", name, st.Proto(), want.code, want.retry)
	}
	text := cmp.Or(want.grpc, message)
	if want.status < 500 {
		text = want.message // the gateway adds the sentence
	}
	if st.Message() != text {
		t.Errorf("%s: a gRPC caller reads %q, want %q", name, st.Message(), text)
	}
	received := mapping.FromError(st.Err())
	if received.HTTPStatus != want.status || received.Message != message || received.Details != want.details {
		t.Errorf("%s: over the network it is %d %q %q", name, received.HTTPStatus, received.Message, received.Details)
	}
}

// TestFromError_of_other_libraries_and_a_status reads the one that comes first in the chain.
func TestFromError_of_other_libraries_and_a_status(t *testing.T) {
	conflict := &googleError{Code: 409, Message: "changed"}
	missing := status.Error(codes.NotFound, "no such project")
	for name, test := range map[string]struct {
		err     error
		message string
	}{
		"before a status":         {errors.Join(conflict, missing), "changed"},
		"after a status":          {errors.Join(missing, conflict), "no such project"},
		"deep after a status":     {errors.Join(fmt.Errorf("%w", missing), errors.Join(conflict)), "no such project"},
		"inside an Error":         {mapping.Errorf(404, "no such project: %w", conflict), "no such project"},
		"around a status":         {&twirpError{code: "aborted", msg: "changed", cause: missing}, "changed"},
		"between other errors":    {errors.Join(errors.New("a"), conflict, missing), "changed"},
		"two of them, first":      {errors.Join(conflict, &connectError{code: 5, message: "no"}), "changed"},
		"a broken one and status": {errors.Join(&googleError{}, missing), "no such project"},
	} {
		if got := mapping.FromError(test.err); got.Message != test.message {
			t.Errorf("%s: read %d %q, want %q", name, got.HTTPStatus, got.Message, test.message)
		}
	}
}
