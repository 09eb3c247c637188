package gateway_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	codepb "google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/gateway"
	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// codeStatuses has the documented status of every error of google.rpc.Code, and the status of grpc-gateway without
// this library.
var codeStatuses = map[codepb.Code]struct{ status, without int }{
	codepb.Code_CANCELLED:           {503, 499},
	codepb.Code_UNKNOWN:             {500, 500},
	codepb.Code_INVALID_ARGUMENT:    {400, 400},
	codepb.Code_DEADLINE_EXCEEDED:   {504, 504},
	codepb.Code_NOT_FOUND:           {404, 404},
	codepb.Code_ALREADY_EXISTS:      {409, 409},
	codepb.Code_PERMISSION_DENIED:   {403, 403},
	codepb.Code_RESOURCE_EXHAUSTED:  {503, 429},
	codepb.Code_FAILED_PRECONDITION: {409, 400},
	codepb.Code_ABORTED:             {409, 409},
	codepb.Code_OUT_OF_RANGE:        {400, 400},
	codepb.Code_UNIMPLEMENTED:       {501, 501},
	codepb.Code_INTERNAL:            {500, 500},
	codepb.Code_UNAVAILABLE:         {503, 503},
	codepb.Code_DATA_LOSS:           {500, 500},
	codepb.Code_UNAUTHENTICATED:     {401, 401},
	// Codes that are not defined.
	17:            {500, 500},
	1001:          {500, 500},
	math.MaxInt32: {500, 500},
}

// TestErrorOfEachCode sends the documented status for every gRPC code. A message from the backend reaches the client
// under a 4xx only.
func TestErrorOfEachCode(t *testing.T) {
	t.Parallel()
	for code := range codepb.Code_name {
		if _, ok := codeStatuses[codepb.Code(code)]; !ok && codes.Code(code) != codes.OK {
			t.Errorf("no expectation for %v", codepb.Code(code))
		}
	}
	const text = "pq: no row of tenant 7 at 10.0.0.3:5432"
	var scenarios []scenario
	for code, answer := range codeStatuses {
		s := scenario{
			name:    code.String(),
			behave:  testkit.Fails(status.Error(codes.Code(code), text)),
			status:  answer.status,
			without: without(answer.without, text),
		}
		if answer.status < 500 {
			s.message = text
		}
		scenarios = append(scenarios, s)
	}
	run(t, scenarios)
}

// TestErrorOfEachStatus sends every documented error status exactly, with the message that the service meant for the
// client. grpc-gateway without this library knows only the gRPC code.
func TestErrorOfEachStatus(t *testing.T) {
	t.Parallel()
	bare := map[int]int{
		400: 400, 401: 401, 403: 403, 404: 404, 405: 501, 409: 409, 500: 500, 501: 501, 502: 503, 503: 503, 504: 504,
	}
	var scenarios []scenario
	for _, httpStatus := range testkit.ErrorStatuses {
		message := fmt.Sprintf("a project of %d", httpStatus)
		scenarios = append(scenarios,
			scenario{
				name:    fmt.Sprint(httpStatus),
				behave:  testkit.Fails(mapping.Errorf(httpStatus, "a project of %d", httpStatus)),
				status:  httpStatus,
				message: message,
				without: without(bare[httpStatus], message),
			},
			scenario{
				name: fmt.Sprintf("%d with details", httpStatus),
				behave: testkit.Fails(&mapping.Error{HTTPStatus: httpStatus, Message: message,
					Details: "name: taken"}),
				status:  httpStatus,
				message: message,
				details: "name: taken",
				without: without(bare[httpStatus], message),
			},
			scenario{
				name:    fmt.Sprintf("%d without a message", httpStatus),
				behave:  testkit.Fails(&mapping.Error{HTTPStatus: httpStatus}),
				status:  httpStatus,
				without: without(bare[httpStatus]),
			},
		)
	}
	for _, httpStatus := range []int{math.MinInt, -1, 0, 99, 100, 200, 204, 302, 399, 600, 1000, math.MaxInt} {
		scenarios = append(scenarios, scenario{
			name:    fmt.Sprintf("%d is no error", httpStatus),
			behave:  testkit.Fails(mapping.Errorf(httpStatus, "a mistake")),
			status:  500,
			message: "a mistake",
			without: without(500, "a mistake"),
		})
	}
	if len(bare) != len(testkit.ErrorStatuses) || !slices.IsSorted(testkit.ErrorStatuses) {
		t.Error("the documented errors are not all covered")
	}
	run(t, scenarios)
}

// TestErrorClaimedStatus has details name statuses that no error may have. The status table decides then, and an
// error stays an error.
func TestErrorClaimedStatus(t *testing.T) {
	t.Parallel()
	var scenarios []scenario
	for _, claimed := range []int32{200, 204, 302, 418, 0, -1, 70000, 100, 199, 399, 429, 600, 1 << 30, -1 << 31} {
		claim := &statusbridgev1.Error{Code: claimed}
		scenarios = append(scenarios, scenario{
			name:    fmt.Sprint(claimed),
			behave:  testkit.Fails(detailed(codes.NotFound, "no such thing", detail(t, claim))),
			status:  404,
			message: "no such thing",
			without: without(404, "no such thing"),
		}, scenario{
			name:    fmt.Sprint(claimed, " under a 5xx"),
			behave:  testkit.Fails(detailed(codes.Unavailable, "dial tcp 10.0.0.3:5432", detail(t, claim))),
			status:  503,
			without: without(503, "dial tcp 10.0.0.3:5432"),
		})
	}
	// A claim on an OK status arrives as an error over the network only if somebody made it one.
	scenarios = append(scenarios, scenario{
		name: "409 beside other details",
		behave: testkit.Fails(detailed(codes.Aborted, "", raw("x/y", "z"),
			detail(t, &statusbridgev1.Error{Code: 502, Message: "broken"}))),
		status:  502,
		message: "broken",
		without: without(500, "failed to marshal error message"),
	}, scenario{
		name: "the first of two",
		behave: testkit.Fails(detailed(codes.Aborted, "x",
			detail(t, &statusbridgev1.Error{Code: 403, Message: "first"}),
			detail(t, &statusbridgev1.Error{Code: 502, Message: "second"}))),
		status:  403,
		message: "first",
		without: without(409, "x"),
	}, scenario{
		name: "an unreadable one before a readable one",
		behave: testkit.Fails(detailed(codes.Aborted, "x", raw(errorURL, "\xff"),
			detail(t, &statusbridgev1.Error{Code: 502, Message: "second"}))),
		status:  502,
		message: "second",
		without: without(500, "failed to marshal error message"),
	})
	run(t, scenarios)
}

// TestErrorOptions sets statuses by options.
func TestErrorOptions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		options []gateway.Option
		err     error
		status  int
		message string
	}{
		{"a code of the user's choice", []gateway.Option{gateway.WithMapping(codes.ResourceExhausted, 429)},
			status.Error(codes.ResourceExhausted, "slow down"), 429, "slow down"},
		{"another code is as before", []gateway.Option{gateway.WithMapping(codes.ResourceExhausted, 429)},
			status.Error(codes.AlreadyExists, "taken"), 409, "taken"},
		{"an undefined code", []gateway.Option{gateway.WithMapping(1001, 400)},
			status.Error(1001, "no such plan"), 400, "no such plan"},
		{"the last one counts", []gateway.Option{gateway.WithMapping(codes.NotFound, 410),
			gateway.WithMapping(codes.NotFound, 403)},
			status.Error(codes.NotFound, "gone"), 403, "gone"},
		{"a detail still wins", []gateway.Option{gateway.WithMapping(codes.Aborted, 412)},
			&mapping.Error{HTTPStatus: 409, Message: "changed", Details: "etag"}, 409, "changed"},
		{"its status may be chosen too", []gateway.Option{gateway.WithMapping(codes.ResourceExhausted, 429)},
			mapping.Errorf(429, "slow down"), 429, "slow down"},
		{"a status allowed", []gateway.Option{gateway.WithExtraStatuses(418, 422, 599)},
			mapping.Errorf(418, "short and stout"), 418, "short and stout"},
		{"at the end of the range", []gateway.Option{gateway.WithExtraStatuses(400, 599)}, mapping.Errorf(599, "odd"),
			599, "odd"},
		{"a status not allowed", []gateway.Option{gateway.WithExtraStatuses(422)},
			mapping.Errorf(418, "short and stout"), 400, "short and stout"},
		{"no statuses", []gateway.Option{gateway.WithExtraStatuses()}, mapping.Errorf(418, "short and stout"), 400,
			"short and stout"},
		{"a 5xx of the user's choice", []gateway.Option{gateway.WithMapping(codes.DataLoss, 507)},
			status.Error(codes.DataLoss, testkit.Secret), 507, "Insufficient Storage"},
		{"no observer", []gateway.Option{gateway.WithServerMessages()}, status.Error(codes.DataLoss, testkit.Secret),
			500, testkit.Secret},
	} {
		for _, transport := range testkit.Transports {
			t.Run(fmt.Sprint(c.name, " ", transport), func(t *testing.T) {
				service := &testkit.Service{}
				service.Behave(testkit.Fails(c.err))
				r := call{}.To(t, bridged(t, transport, service, gateway.New(c.options...)))
				details := ""
				if e, ok := c.err.(*mapping.Error); ok { //nolint:errorlint // The table's own value, not a chain.
					details = e.Details
				}
				r.WantError(t, c.status, c.message, details)
			})
		}
	}
}

// TestErrorOptionsDoNotAffectRouting keeps 404 and 405 of routing, since WithMapping maps the codes of backends.
func TestErrorOptionsDoNotAffectRouting(t *testing.T) {
	t.Parallel()
	bridge := gateway.New(gateway.WithMapping(codes.NotFound, 410), gateway.WithMapping(codes.Unimplemented, 503),
		gateway.WithMapping(codes.InvalidArgument, 422))
	for _, transport := range testkit.Transports {
		base := bridged(t, transport, &testkit.Service{}, bridge)
		call{Path: "/nowhere"}.To(t, base).WantError(t, 404, "", "")
		call{Method: "POST"}.To(t, base).WantError(t, 405, "", "")
	}
}
