package mapping

import (
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// Row is one documented status.
type Row struct {
	// HTTPStatus is the documented status.
	HTTPStatus int
	// GRPCCode is the gRPC code of a response with this status.
	GRPCCode codes.Code
	// MappedCodes lists the codes that map to this status. It is empty if a service or the gateway chooses the status.
	MappedCodes []codes.Code
	// Meaning is the documented sentence of the status, such as "The requested resource does not exist."
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

// GRPCCode returns the gRPC code of a response with an HTTP status. The undocumented statuses 408, 410, 412, 416, 422,
// 429 and 499 have the nearest code. Any other undocumented status has the code of the x00 status of its class (RFC
// 9110 section 15). A status outside 2xx, 4xx and 5xx is Unknown. Only 2xx is OK.
//
// Several statuses have the same code, so HTTPStatus of the result may be another status. All 2xx are OK, 405 and 501
// are Unimplemented, 502 and 503 are Unavailable. An [Error] keeps the exact status.
//
// The result is the meaning of a status in the REST API. gRPC's http-grpc-status-mapping document has another table: it
// says how a gRPC client reads a reply that has no grpc-status. There, 404 is Unimplemented, because the server has no
// gRPC service.
func GRPCCode(httpStatus int) codes.Code {
	return contract.GRPCCode(httpStatus)
}
