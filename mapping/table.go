package mapping

import (
	"google.golang.org/grpc/codes"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// Row is one status of the documented page.
type Row struct {
	// HTTPStatus is the documented status.
	HTTPStatus int
	// GRPCCode is the code that the status is read as.
	GRPCCode codes.Code
	// MappedCodes lists the codes that leave as this status. It is empty for a status that a service or the gateway
	// chooses.
	MappedCodes []codes.Code
	// Meaning is the page's sentence for the status.
	Meaning string
}

// Rows returns the table, one row for each documented status in ascending order. The slice is the caller's own.
//
// The page: https://docs.nvidia.com/run-ai/self-hosted/reference/rest-api/getting-started/using-the-rest-api/http-status-codes
func Rows() []Row {
	rows := contract.Rows()
	out := make([]Row, len(rows))
	for i, row := range rows {
		out[i] = Row(row)
	}
	return out
}

// HTTPStatus returns the documented HTTP status that a gRPC code leaves as. A code that gRPC does not define
// leaves as 500.
//
// It differs from grpc-gateway's runtime.HTTPStatusFromCode where that one gives a status that is not documented,
// or another one than the page's text: FailedPrecondition is 409, ResourceExhausted and Canceled are 503.
func HTTPStatus(code codes.Code) int {
	return contract.HTTPStatus(code)
}

// GRPCCode returns the gRPC code that an HTTP status of the API is read as. Statuses that the page does not list
// are read as their nearest code where there is one (408, 410, 412, 416, 422, 429, 499), and as the x00 status of
// their class otherwise, as RFC 9110 section 15 asks of a client; anything outside 2xx, 4xx and 5xx is Unknown.
// Only 2xx is OK.
//
// Several statuses share a code, so a code alone does not lead back: every 2xx is OK; 400 and 422 are InvalidArgument,
// 404 and 410 NotFound, 405 and 501 Unimplemented, 408 and 504 DeadlineExceeded, 502 and 503 Unavailable. An [Error]
// keeps the status.
//
// This is what a status means as an answer of the API, as its page says:
// https://docs.nvidia.com/run-ai/self-hosted/reference/rest-api/getting-started/using-the-rest-api/http-status-codes.
//
// It is not the table of gRPC's http-grpc-status-mapping document, which says what a gRPC client makes of a reply that
// carried no grpc-status at all: https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md. There, a 404
// is Unimplemented, because no gRPC service was found, and not a missing resource.
func GRPCCode(httpStatus int) codes.Code {
	return contract.GRPCCode(httpStatus)
}
