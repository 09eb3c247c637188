package contract

import (
	"net/http"
	"strings"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
)

// rpcStatuses are the HTTP statuses that google/rpc/code.proto gives the codes, and that grpc-gateway, Google APIs and
// Connect send. A body with a code under another HTTP status has no exact code.
var rpcStatuses = [definedCodes]int{
	codes.Canceled: 499, codes.Unknown: 500, codes.InvalidArgument: 400, codes.DeadlineExceeded: 504,
	codes.NotFound: 404, codes.AlreadyExists: 409, codes.PermissionDenied: 403, codes.ResourceExhausted: 429,
	codes.FailedPrecondition: 400, codes.Aborted: 409, codes.OutOfRange: 400, codes.Unimplemented: 501,
	codes.Internal: 500, codes.Unavailable: 503, codes.DataLoss: 500, codes.Unauthenticated: 401,
}

// codeNames are the names of google.rpc.Code. Connect and Twirp write them in lower case, and CANCELLED with one L.
var codeNames = map[string]codes.Code{
	"CANCELLED": codes.Canceled, "CANCELED": codes.Canceled, "UNKNOWN": codes.Unknown,
	"INVALID_ARGUMENT": codes.InvalidArgument, "DEADLINE_EXCEEDED": codes.DeadlineExceeded,
	"NOT_FOUND": codes.NotFound, "ALREADY_EXISTS": codes.AlreadyExists, "PERMISSION_DENIED": codes.PermissionDenied,
	"RESOURCE_EXHAUSTED": codes.ResourceExhausted, "FAILED_PRECONDITION": codes.FailedPrecondition,
	"ABORTED": codes.Aborted, "OUT_OF_RANGE": codes.OutOfRange, "UNIMPLEMENTED": codes.Unimplemented,
	"INTERNAL": codes.Internal, "UNAVAILABLE": codes.Unavailable, "DATA_LOSS": codes.DataLoss,
	"UNAUTHENTICATED": codes.Unauthenticated,
}

// CodeOfName returns the gRPC code with a name of google.rpc.Code, in upper or lower case.
func CodeOfName(name string) (codes.Code, bool) {
	code, ok := codeNames[strings.ToUpper(name)]
	return code, ok
}

// isGRPCCode reports whether a number is a gRPC code of an error.
func isGRPCCode(code int) bool {
	return code > int(codes.OK) && code < definedCodes
}

// readStatus reads a google.rpc.Status in JSON. A Google API adds the name of the code, and Connect and Twirp have
// only that name.
func (r *bodyReader) readStatus(object members) bool {
	message := object.word("message", "msg")
	number, _ := object.number("code")
	code, hasCode := CodeOfName(object.word("status", "code"))
	if !hasCode && isGRPCCode(number) {
		code, hasCode = codes.Code(number), true
	}
	if !hasCode && message == "" {
		return false
	}
	if r.httpStatus == 0 {
		switch {
		case IsError(number):
			r.httpStatus = number
		case hasCode:
			r.httpStatus = HTTPStatus(code)
		}
		r.body.HTTPStatus = r.httpStatus
	} else if hasCode && rpcStatuses[code] != r.httpStatus {
		hasCode = false
	}
	if !hasCode {
		r.setTexts(message, object.word("details"))
		r.readList(object["details"])
		return message != ""
	}
	details := r.anys(object.list("details"))
	if text := object.word("details"); text != "" && r.httpStatus < http.StatusInternalServerError {
		details = append(details, (&ErrorDetail{Details: text}).Any())
	}
	r.setStatus(code, message, details)
	return true
}

// setStatus sets everything that a gRPC status contains.
func (r *bodyReader) setStatus(code codes.Code, message string, details []*anypb.Any) {
	st := status.FromProto(&spb.Status{Code: int32(code), Message: message, Details: details})
	reading := Read(st.Err())
	if reading.Claimed != 0 {
		r.httpStatus, r.body.HTTPStatus = reading.Claimed, reading.Claimed
	}
	r.body.Status, r.body.Code, r.body.Text = st, code, message
	r.body.RetryAfter = reading.RetryAfter
	r.body.Message = reading.ClientText
	if r.body.Message == "" && r.httpStatus < http.StatusInternalServerError {
		r.body.Message = message
	}
	r.body.Details = reading.Details(r.httpStatus)
}

// readList reads details that are a list beside a message without a gRPC code: texts, and details with a type.
func (r *bodyReader) readList(details any) {
	list, ok := details.([]any)
	if !ok {
		r.body.Partial = r.body.Partial || objectOf(details) != nil
		return
	}
	st := status.FromProto(&spb.Status{Code: int32(codes.Unknown), Details: r.anys(list)})
	reading := Read(st.Err())
	r.body.RetryAfter = reading.RetryAfter
	if r.httpStatus >= http.StatusInternalServerError {
		return
	}
	texts := make([]string, 0, len(list))
	for _, item := range list {
		if text, ok := item.(string); ok && text != "" {
			texts = append(texts, text)
		}
	}
	r.addDetails(strings.Join(texts, "; "))
	r.addDetails(reading.Details(r.httpStatus))
}

// anys returns the details of the list that this package knows. An object without a type is for programs.
func (r *bodyReader) anys(list []any) []*anypb.Any {
	var details []*anypb.Any
	for _, item := range list {
		object := objectOf(item)
		if object == nil {
			continue
		}
		if detail := jsonDetail(object); detail != nil {
			details = append(details, detail)
		} else if object.word("@type", "type") == "" {
			r.body.Partial = true
		}
	}
	return details
}
