package contract_test

import (
	"math"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// TestMeaning_is_never_empty asks for documented, undocumented and invalid statuses.
func TestMeaning_is_never_empty(t *testing.T) {
	for status := 400; status < 600; status++ {
		if contract.Meaning(status) == "" {
			t.Errorf("%d has no sentence", status)
		}
	}
	for _, status := range []int{-1, 0, 99, 306, 600, 70000} {
		if contract.Meaning(status) == "" {
			t.Errorf("%d has no sentence", status)
		}
	}
}

// TestMeaning_of_a_class uses the x00 status of the class for a status without a phrase (RFC 9110 section 15).
func TestMeaning_of_a_class(t *testing.T) {
	for status, class := range map[int]int{419: 400, 452: 400, 499: 400, 512: 500, 599: 500} {
		if got, want := contract.Meaning(status), contract.Meaning(class); got != want {
			t.Errorf("%d says %q, want %q", status, got, want)
		}
	}
}

// TestTable_outside_the_classes looks up numbers that are not the status of a success or an error (RFC 9110 section
// 15), and codes that google.rpc.Code does not define.
func TestTable_outside_the_classes(t *testing.T) {
	for _, httpStatus := range []int{math.MinInt, -1, 0, 99, 100, 199, 300, 399, 600, 999, math.MaxInt} {
		if got := contract.GRPCCode(httpStatus); got != codes.Unknown {
			t.Errorf("%d is %v", httpStatus, got)
		}
		if contract.IsError(httpStatus) || contract.Documented(httpStatus) {
			t.Errorf("%d is the status of an error, or documented", httpStatus)
		}
	}
	for httpStatus, want := range map[int]codes.Code{200: codes.OK, 299: codes.OK, 400: codes.InvalidArgument,
		499: codes.Canceled, 500: codes.Internal, 599: codes.Internal} {
		if got := contract.GRPCCode(httpStatus); got != want {
			t.Errorf("%d is %v, want %v", httpStatus, got, want)
		}
		if contract.IsError(httpStatus) != (httpStatus >= 400) {
			t.Errorf("%d is an error: %t", httpStatus, contract.IsError(httpStatus))
		}
	}
	for _, code := range []codes.Code{17, 18, math.MaxUint32} {
		if got := contract.HTTPStatus(code); got != 500 {
			t.Errorf("code %d is %d, want 500", code, got)
		}
	}
	if got := contract.HTTPStatus(codes.Unauthenticated); got != 401 {
		t.Errorf("the last code is %d, want 401", got)
	}
}

// TestRows_returns_copies changes the result and expects that the table stays the same.
func TestRows_returns_copies(t *testing.T) {
	first := contract.Rows()
	for i := range first {
		for j := range first[i].MappedCodes {
			first[i].MappedCodes[j] = codes.OK
		}
		first[i].HTTPStatus = 0
	}
	for _, row := range contract.Rows() {
		if !contract.Documented(row.HTTPStatus) || row.Meaning != contract.Meaning(row.HTTPStatus) {
			t.Errorf("%+v", row)
		}
		for _, code := range row.MappedCodes {
			if contract.HTTPStatus(code) != row.HTTPStatus {
				t.Errorf("%d lists %v, which maps to %d", row.HTTPStatus, code, contract.HTTPStatus(code))
			}
		}
	}
}
