package mapping_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/mapping"
)

// TestFromResponse_details_of_a_status reads google.rpc.Status as grpc-gateway writes it.
func TestFromResponse_details_of_a_status(t *testing.T) {
	const badRequest = `{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[` +
		`{"field":"name","description":"is empty","reason":"EMPTY"},{"field":"quota"},{"description":"too many:"}]}`
	tests := []struct {
		name, list string
		details    string
		retry      int64
	}{
		{"none", ``, "", 0},
		{"field violations", badRequest, "name: is empty; quota; too many:", 0},
		{"field violations by their proto names",
			`{"@type":"x/google.rpc.BadRequest","field_violations":[{"field":"a","description":"b"}]}`, "a: b", 0},
		{"two lists of them", badRequest + "," + badRequest,
			"name: is empty; quota; too many:; name: is empty; quota; too many:", 0},
		{"a retry", `{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2.500s"},` + badRequest,
			"name: is empty; quota; too many:", 2},
		{"a retry that does not parse",
			`{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"soon"},` + badRequest,
			"name: is empty; quota; too many:", 0},
		{"a retry without a delay", `{"@type":"type.googleapis.com/google.rpc.RetryInfo"}`, "", 0},
		{"an unknown type",
			`{"@type":"type.googleapis.com/acme.Custom","fieldViolations":"none","retryDelay":7},` + badRequest,
			"name: is empty; quota; too many:", 0},
		{"another type of that name",
			`{"@type":"type.googleapis.com/acme.google.rpc.BadRequest","fieldViolations":[{"field":"a"}]}`, "", 0},
		{"a list that does not parse",
			`{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":"none"},` + badRequest,
			"name: is empty; quota; too many:", 0},
		{"elements that are not objects", `1,"a",null,[],true,{"@type":7},` + badRequest,
			"name: is empty; quota; too many:", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			body := `{"code":9,"message":"m","details":[` + test.list + `]}`
			e := read(t, answered(400, body, "Content-Type", jsonType))
			if e.Message != "m" || e.Details != test.details {
				t.Errorf("%q %q, want \"m\" %q", e.Message, e.Details, test.details)
			}
			if code := e.GRPCStatus().Code(); code != codes.FailedPrecondition {
				t.Errorf("sends %v, want the code of the body", code)
			}
			if delay := retryOf(t, e); delay.GetSeconds() != test.retry {
				t.Errorf("%v, want %d seconds", delay, test.retry)
			}
			header := read(t, answered(400, body, "Content-Type", jsonType, "Retry-After", "9"))
			if delay := retryOf(t, header); delay.GetSeconds() != 9 {
				t.Errorf("the header has 9 seconds, the status %v", delay)
			}
		})
	}
}

// rpcCodes are the HTTP statuses that google/rpc/code.proto names for the codes.
var rpcCodes = map[codes.Code]int{
	1: 499, 2: 500, 3: 400, 4: 504, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 10: 409, 11: 400, 12: 501, 13: 500, 14: 503,
	15: 500, 16: 401,
}

// TestFromResponse_code_of_the_body uses the gRPC code of a body only under the HTTP status of that code.
func TestFromResponse_code_of_the_body(t *testing.T) {
	got, want := map[codes.Code][]int{}, map[codes.Code][]int{}
	for code := codes.Code(1); code <= 16; code++ {
		for httpStatus := 400; httpStatus < 600; httpStatus++ {
			body := fmt.Sprintf(`{"code":%d,"message":"m","details":[]}`, code)
			e := read(t, answered(httpStatus, body, "Content-Type", jsonType))
			if httpStatus < 500 && e.Message != "m" || httpStatus >= 500 && e.Message == "m" {
				t.Fatalf("%d %s reads as %q", httpStatus, body, e.Message)
			}
			if sent := e.GRPCStatus().Code(); sent != mapping.GRPCCode(httpStatus) {
				got[sent] = append(got[sent], httpStatus)
			}
		}
		if httpStatus := rpcCodes[code]; code != mapping.GRPCCode(httpStatus) {
			want[code] = append(want[code], httpStatus)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("used codes (-want +got):\n%s", diff)
	}
}
