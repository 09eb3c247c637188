package mapping_test

import (
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"

	statusbridgev1 "github.com/statusbridge/statusbridge/gen/go/statusbridge/v1"
	"github.com/statusbridge/statusbridge/mapping"
)

// page lists the documented statuses, copied from the documentation and not from the code.
//
// https://docs.nvidia.com/run-ai/self-hosted/reference/rest-api/getting-started/using-the-rest-api/http-status-codes
var page = []struct {
	status  int
	phrase  string
	meaning string
}{
	{200, "OK", "The request succeeded."},
	{202, "Accepted", "The request was accepted but is still being processed."},
	{204, "No Content", "The request succeeded and no response body is returned."},
	{400, "Bad Request", "The request is invalid."},
	{401, "Unauthorized", "Authentication failed."},
	{403, "Forbidden", "The caller is authenticated but not authorized."},
	{404, "Not Found", "The requested resource does not exist."},
	{405, "Method Not Allowed", "The method is not allowed for this endpoint."},
	{409, "Conflict", "The request conflicts with the current resource state."},
	{500, "Internal Server Error", "An unexpected server error occurred."},
	{501, "Not Implemented", "The server does not support the requested functionality."},
	{502, "Bad Gateway", "The gateway received an invalid response from an upstream service."},
	{503, "Service Unavailable",
		"The service is temporarily unavailable or an internal service dependency is failing."},
	{504, "Gateway Timeout", "The gateway timed out waiting for an upstream service."},
}

// outgoing has the HTTP status of each gRPC code, by the names of google.rpc.Code.
var outgoing = map[string]int{
	"OK":                  200,
	"CANCELLED":           503,
	"UNKNOWN":             500,
	"INVALID_ARGUMENT":    400,
	"DEADLINE_EXCEEDED":   504,
	"NOT_FOUND":           404,
	"ALREADY_EXISTS":      409,
	"PERMISSION_DENIED":   403,
	"UNAUTHENTICATED":     401,
	"RESOURCE_EXHAUSTED":  503,
	"FAILED_PRECONDITION": 409,
	"ABORTED":             409,
	"OUT_OF_RANGE":        400,
	"UNIMPLEMENTED":       501,
	"INTERNAL":            500,
	"UNAVAILABLE":         503,
	"DATA_LOSS":           500,
}

// incoming has the gRPC codes of single HTTP statuses. For any other status, its class decides.
var incoming = map[int]codes.Code{
	401: codes.Unauthenticated,
	403: codes.PermissionDenied,
	404: codes.NotFound,
	405: codes.Unimplemented,
	408: codes.DeadlineExceeded,
	409: codes.Aborted,
	410: codes.NotFound,
	412: codes.FailedPrecondition,
	416: codes.OutOfRange,
	422: codes.InvalidArgument,
	429: codes.ResourceExhausted,
	499: codes.Canceled,
	501: codes.Unimplemented,
	502: codes.Unavailable,
	503: codes.Unavailable,
	504: codes.DeadlineExceeded,
}

func TestHTTPStatus(t *testing.T) {
	for number, name := range code.Code_name {
		want, ok := outgoing[name]
		if !ok {
			t.Errorf("google.rpc.Code has %s = %d, which the table does not know: add it to the proto", name, number)
			continue
		}
		if got := mapping.HTTPStatus(codes.Code(number)); got != want {
			t.Errorf("HTTPStatus(%s) = %d, want %d", name, got, want)
		}
	}
	for undefined := range uint32(math.MaxUint16) {
		if _, ok := code.Code_name[int32(undefined)]; ok {
			continue
		}
		if got := mapping.HTTPStatus(codes.Code(undefined)); got != http.StatusInternalServerError {
			t.Fatalf("HTTPStatus(%d) = %d, want 500 for a code that gRPC does not define", undefined, got)
		}
	}
	for _, undefined := range []uint32{math.MaxUint32, math.MaxInt32, math.MaxInt32 + 1} {
		if got := mapping.HTTPStatus(codes.Code(undefined)); got != http.StatusInternalServerError {
			t.Errorf("HTTPStatus(%d) = %d, want 500", undefined, got)
		}
	}
}

func TestGRPCCode(t *testing.T) {
	statuses := []int{math.MinInt, math.MinInt32, math.MaxInt32, math.MaxInt}
	for status := math.MinInt16; status <= math.MaxInt16; status++ {
		statuses = append(statuses, status)
	}
	for _, status := range statuses {
		want, ok := incoming[status]
		if !ok {
			// RFC 9110 section 15: an unknown status is read as the x00 status of its class. The API sends no 3xx
			// and no 1xx.
			switch {
			case status >= 200 && status <= 299:
				want = codes.OK
			case status >= 400 && status <= 499:
				want = codes.InvalidArgument
			case status >= 500 && status <= 599:
				want = codes.Internal
			default:
				want = codes.Unknown
			}
		}
		got := mapping.GRPCCode(status)
		if got != want {
			t.Errorf("GRPCCode(%d) = %v, want %v", status, got, want)
		}
		if got == codes.OK && (status < 200 || status > 299) {
			t.Errorf("GRPCCode(%d) is OK", status)
		}
	}
}

func TestRows(t *testing.T) {
	rows := mapping.Rows()
	if len(rows) != len(page) {
		t.Fatalf("%d rows, documented are %d", len(rows), len(page))
	}
	claimed := map[codes.Code]int{}
	for i, row := range rows {
		if row.HTTPStatus != page[i].status || row.Meaning != page[i].meaning {
			t.Errorf("row %d is %d %q, documented is %d %q",
				i, row.HTTPStatus, row.Meaning, page[i].status, page[i].meaning)
		}
		if got := mapping.GRPCCode(row.HTTPStatus); got != row.GRPCCode {
			t.Errorf("the row of %d says %v, GRPCCode says %v", row.HTTPStatus, row.GRPCCode, got)
		}
		for _, code := range row.MappedCodes {
			if other, twice := claimed[code]; twice {
				t.Errorf("%v maps to %d and to %d", code, other, row.HTTPStatus)
			}
			claimed[code] = row.HTTPStatus
			if got := mapping.HTTPStatus(code); got != row.HTTPStatus {
				t.Errorf("the row of %d claims %v, HTTPStatus says %d", row.HTTPStatus, code, got)
			}
		}
	}
	if len(claimed) != len(code.Code_name) {
		t.Errorf("%d codes are claimed by rows, google.rpc.Code has %d", len(claimed), len(code.Code_name))
	}
}

// TestRows_are_a_copy changes the result.
func TestRows_are_a_copy(t *testing.T) {
	rows := mapping.Rows()
	for i := range rows {
		rows[i].HTTPStatus = 0
		for j := range rows[i].MappedCodes {
			rows[i].MappedCodes[j] = codes.OK
		}
	}
	if got := mapping.Rows()[3]; got.HTTPStatus != 400 || got.MappedCodes[0] != codes.InvalidArgument {
		t.Errorf("a caller changed the table: %+v", got)
	}
}

// TestGrpcCode_names compares the enum with google.rpc.Code.
func TestGrpcCode_names(t *testing.T) {
	got := map[string]int32{}
	for name, number := range statusbridgev1.GrpcCode_value {
		got[strings.TrimPrefix(name, "GRPC_CODE_")] = number
	}
	if diff := cmp.Diff(code.Code_value, got); diff != "" {
		t.Errorf("enum GrpcCode is not google.rpc.Code (-want +got):\n%s", diff)
	}
}

// TestHttpStatus_names compares the enum with the phrases of the statuses.
func TestHttpStatus_names(t *testing.T) {
	for _, want := range page {
		name := statusbridgev1.HttpStatus(want.status).String()
		if expected := "HTTP_STATUS_" + strings.ToUpper(strings.ReplaceAll(want.phrase, " ", "_")); name != expected {
			t.Errorf("%d is named %s, want %s", want.status, name, expected)
		}
	}
}

// TestTableForReview compares the whole table with a golden file. After a change of the table, run
// `UPDATE_GOLDEN=1 go test ./mapping`, and commit the difference with its reason.
func TestTableForReview(t *testing.T) {
	var b strings.Builder
	for _, row := range mapping.Rows() {
		fmt.Fprintf(&b, "%d -> %v, <- %v  %s\n", row.HTTPStatus, row.GRPCCode, row.MappedCodes, row.Meaning)
	}
	for status := range 600 {
		if got, class := mapping.GRPCCode(status), mapping.GRPCCode(status/100*100); got != class {
			fmt.Fprintf(&b, "%d -> %v, not %v as its class\n", status, got, class)
		}
	}
	compareGolden(t, filepath.Join("testdata", "table.golden"), b.String())
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-recorded +now):\n%s", path, diff)
	}
}

func TestLookupsDoNotAllocate(t *testing.T) {
	mapping.Rows()
	if n := testing.AllocsPerRun(100, func() {
		mapping.HTTPStatus(codes.NotFound)
		mapping.GRPCCode(http.StatusTeapot)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestGRPCCode_shared_codes expects exactly the shared codes that the documentation of GRPCCode lists. An Error keeps
// its status even then.
func TestGRPCCode_shared_codes(t *testing.T) {
	shared := map[codes.Code][]int{
		codes.OK:               {200, 202, 204},
		codes.InvalidArgument:  {400, 422},
		codes.NotFound:         {404, 410},
		codes.Unimplemented:    {405, 501},
		codes.DeadlineExceeded: {408, 504},
		codes.Unavailable:      {502, 503},
	}
	named := []int{200, 202, 204, 400, 401, 403, 404, 405, 408, 409, 410, 412, 416, 422, 429, 499, 500, 501, 502, 503,
		504}
	got := map[codes.Code][]int{}
	for _, httpStatus := range named {
		got[mapping.GRPCCode(httpStatus)] = append(got[mapping.GRPCCode(httpStatus)], httpStatus)
	}
	for code, statuses := range got {
		if want := shared[code]; len(statuses) > 1 && fmt.Sprint(statuses) != fmt.Sprint(want) {
			t.Errorf("%v is %v, the documentation of GRPCCode lists %v", code, statuses, want)
		}
	}
	for code, statuses := range shared {
		for _, httpStatus := range statuses {
			if mapping.GRPCCode(httpStatus) != code {
				t.Errorf("%d is read as %v, the documentation lists %v", httpStatus, mapping.GRPCCode(httpStatus), code)
			}
			if httpStatus < 400 {
				continue
			}
			if e := mapping.FromError(read(t,
				answered(httpStatus, "")).GRPCStatus().Err()); e.HTTPStatus != httpStatus {
				t.Errorf("an Error of %d comes back as %d", httpStatus, e.HTTPStatus)
			}
		}
	}
}
