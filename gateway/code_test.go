package gateway_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	codepb "google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/statusbridge/statusbridge/internal/testkit"
	"github.com/statusbridge/statusbridge/mapping"
)

// codeAnswers says, for every error of google.rpc.Code, the status of the page, and the one of grpc-gateway.
var codeAnswers = map[codepb.Code]struct{ status, stock int }{
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

// TestCodes answers every error code there is by the table. What the backend wrote passes under a 4xx alone.
func TestCodes(t *testing.T) {
	for code := range codepb.Code_name {
		if _, ok := codeAnswers[codepb.Code(code)]; !ok && codes.Code(code) != codes.OK {
			t.Errorf("no expectation for %v", codepb.Code(code))
		}
	}
	const text = "pq: no row of tenant 7 at 10.0.0.3:5432"
	var scenarios []scenario
	for code, answer := range codeAnswers {
		s := scenario{
			name:   code.String(),
			behave: testkit.Fails(status.Error(codes.Code(code), text)),
			status: answer.status,
			stock:  stock(answer.stock, text),
		}
		if answer.status < 500 {
			s.message = text
		}
		scenarios = append(scenarios, s)
	}
	run(t, scenarios)
}

// TestErrorf answers every documented error status exactly, with the message that was meant for the client, also
// under a 5xx. grpc-gateway knows only the code that had to be chosen for it.
func TestErrorf(t *testing.T) {
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
				stock:   stock(bare[httpStatus], message),
			},
			scenario{
				name:    fmt.Sprintf("%d with details", httpStatus),
				behave:  testkit.Fails(&mapping.Error{HTTPStatus: httpStatus, Message: message, Details: "name: taken"}),
				status:  httpStatus,
				message: message,
				details: "name: taken",
				stock:   stock(bare[httpStatus], message),
			},
			scenario{
				name:   fmt.Sprintf("%d without a message", httpStatus),
				behave: testkit.Fails(&mapping.Error{HTTPStatus: httpStatus}),
				status: httpStatus,
				stock:  stock(bare[httpStatus]),
			},
		)
	}
	for _, httpStatus := range []int{math.MinInt, -1, 0, 99, 100, 200, 204, 302, 399, 600, 1000, math.MaxInt} {
		scenarios = append(scenarios, scenario{
			name:    fmt.Sprintf("%d is no error", httpStatus),
			behave:  testkit.Fails(mapping.Errorf(httpStatus, "a mistake")),
			status:  500,
			message: "a mistake",
			stock:   stock(500, "a mistake"),
		})
	}
	if len(bare) != len(testkit.ErrorStatuses) || !slices.IsSorted(testkit.ErrorStatuses) {
		t.Error("the page's errors are not all covered")
	}
	run(t, scenarios)
}
