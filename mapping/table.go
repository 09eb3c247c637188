package mapping

import (
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// Row is one documented status.
type Row struct {
	// HTTPStatus is the documented status.
	HTTPStatus int
	// GRPCCode is the code that the status is read as.
	GRPCCode codes.Code
	// MappedCodes lists the codes that map to this status. It is empty if a service or the gateway chooses the status.
	MappedCodes []codes.Code
	// Meaning is the documented sentence of the status.
	Meaning string
}

// Rows returns the status table, with one row for each documented status, in ascending order. The caller may change
// the result. The statuses are documented in
// https://docs.nvidia.com/run-ai/self-hosted/reference/rest-api/getting-started/using-the-rest-api/http-status-codes
func Rows() []Row {
	rows := contract.Rows()
	out := make([]Row, len(rows))
	for i, row := range rows {
		out[i] = Row(row)
	}
	return out
}

// HTTPStatus returns the documented HTTP status that a gRPC code maps to. A code that gRPC does not define maps to
// 500.
//
// It differs from grpc-gateway's runtime.HTTPStatusFromCode: FailedPrecondition is 409, and ResourceExhausted and
// Canceled are 503, because 429 and 499 are not documented.
func HTTPStatus(code codes.Code) int {
	return contract.HTTPStatus(code)
}

// GRPCCode returns the gRPC code that an HTTP status of the API is read as. An undocumented status is read as its
// nearest code if it has one (408, 410, 412, 416, 422, 429, 499), and otherwise as the x00 status of its class (RFC
// 9110 section 15). A status outside 2xx, 4xx and 5xx is Unknown. Only 2xx is OK.
//
// Several statuses share a code, so a code does not always lead back: every 2xx is OK; 400 and 422 are
// InvalidArgument, 404 and 410 NotFound, 405 and 501 Unimplemented, 408 and 504 DeadlineExceeded, 502 and 503
// Unavailable. An [Error] keeps the status.
//
// The result is the meaning of a status in the API. The table in gRPC's http-grpc-status-mapping document answers
// another question: what a gRPC client makes of a reply without a grpc-status. There, 404 is Unimplemented, because
// no gRPC service was found.
func GRPCCode(httpStatus int) codes.Code {
	return contract.GRPCCode(httpStatus)
}
