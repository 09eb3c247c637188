package mapping

import (
	"errors"
	"net/http"
	"reflect"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// library is one of the libraries whose errors have a type that this package knows.
type library int

const (
	other library = iota // also Twirp, whose error types are not exported
	grpcGateway
	googleAPI
	gax
	clientGo
	connectGo
)

// typeName is the name of a type with its package.
type typeName struct{ pkg, name string }

// libraries are the libraries of known error types. The types have names here, and their values are read by exported
// fields and methods, so that services do not have to import the libraries.
var libraries = map[typeName]library{
	{"github.com/grpc-ecosystem/grpc-gateway/v2/runtime", "HTTPStatusError"}: grpcGateway,
	{"google.golang.org/api/googleapi", "Error"}:                             googleAPI,
	{"github.com/googleapis/gax-go/v2/apierror", "APIError"}:                 gax,
	{"k8s.io/apimachinery/pkg/api/errors", "StatusError"}:                    clientGo,
	{"connectrpc.com/connect", "Error"}:                                      connectGo,
	{"connectrpc.com/connect/v2", "Error"}:                                   connectGo,
}

// foreignError reads the first error of another library or with a gRPC status in the chain of err. If a library's error
// comes first, e is that error with the cause whole. If a gRPC status comes first, e is nil. done reports whether there
// is either.
func foreignError(err, whole error, hasStatus bool) (e *Error, done bool) {
	for err != nil {
		if e := recognise(err, whole, hasStatus); e != nil {
			return e, true
		}
		carrier, ok := err.(contract.Carrier) //nolint:errorlint // this walks the chain
		if ok && !hidesResponse(carrier) {
			return nil, true
		}
		switch wrapper := err.(type) { //nolint:errorlint // this walks the chain
		case interface{ Unwrap() error }:
			err = wrapper.Unwrap()
		case interface{ Unwrap() []error }:
			for _, err := range wrapper.Unwrap() {
				if e, done := foreignError(err, whole, hasStatus); done {
					return e, true
				}
			}
			return nil, false
		default:
			return nil, false
		}
	}
	return nil, false
}

// hidesResponse reports whether an error with a gRPC status is one of gax. If it contains a googleapi.Error, the code
// is only near to the HTTP status, and the message may contain the body.
func hidesResponse(carrier contract.Carrier) bool {
	if _, ok := carrier.(interface{ HTTPCode() int }); !ok {
		return false
	}
	_, from := structOf(carrier)
	return from == gax
}

// recognise reads an error by its type. It returns nil for any other type.
func recognise(err, whole error, hasStatus bool) *Error {
	if value := reflect.ValueOf(err); value.Kind() == reflect.Pointer && value.IsNil() {
		return nil
	}
	switch value, from := structOf(err); from {
	case grpcGateway:
		if hasStatus {
			return nil // a gRPC status anywhere in the chain has precedence
		}
		return gatewayError(value, whole)
	case googleAPI:
		return googleError(value, whole)
	case clientGo:
		return kubernetesError(value, whole)
	case connectGo:
		return connectError(err, whole)
	default:
		return twirpError(err, whole)
	}
}

// structOf returns the struct that an error points to, and the library of its type.
func structOf(err error) (reflect.Value, library) {
	value := reflect.ValueOf(err)
	if value.Kind() != reflect.Pointer || value.Elem().Kind() != reflect.Struct {
		return reflect.Value{}, other
	}
	kind := value.Elem().Type()
	return value.Elem(), libraries[typeName{kind.PkgPath(), kind.Name()}]
}

// gatewayError reads a runtime.HTTPStatusError, with which services in the gateway's process choose a status.
func gatewayError(value reflect.Value, whole error) *Error {
	httpStatus := intOf(value, "HTTPStatus")
	inner, _ := fieldOf(value, "Err").(error)
	if inner == nil {
		inner = errors.New("mapping: an HTTPStatusError without an error")
	}
	r := contract.Read(inner)
	if !contract.IsError(httpStatus) {
		return fromReading(r, whole)
	}
	r.Code = errorCode(httpStatus)
	return withStatus(r, httpStatus, whole, decode(r.Status).others...)
}

// googleError reads a googleapi.Error, which contains the response.
func googleError(value reflect.Value, whole error) *Error {
	httpStatus := intOf(value, "Code")
	if !contract.IsError(httpStatus) {
		return nil
	}
	header, _ := fieldOf(value, "Header").(http.Header)
	body, _ := fieldOf(value, "Body").(string)
	if _, ok := contract.ReadBody(httpStatus, header, []byte(body)); ok {
		e := FromError(FromHTTP(httpStatus, header, []byte(body)))
		e.cause = whole
		return e
	}
	message, _ := fieldOf(value, "Message").(string)
	return clientError(httpStatus, status.New(errorCode(httpStatus), message), retryAfter(header), whole)
}

// kubernetesError reads an errors.StatusError of client-go.
func kubernetesError(value reflect.Value, whole error) *Error {
	value = value.FieldByName("ErrStatus")
	if !value.IsValid() || value.Kind() != reflect.Struct {
		return nil
	}
	httpStatus := intOf(value, "Code")
	if !contract.IsError(httpStatus) {
		return nil
	}
	code := errorCode(httpStatus)
	if reason := value.FieldByName("Reason"); reason.Kind() == reflect.String && reason.String() == "AlreadyExists" {
		code = codes.AlreadyExists
	}
	message, _ := fieldOf(value, "Message").(string)
	var delay *durationpb.Duration
	if details := value.FieldByName("Details"); details.Kind() == reflect.Pointer && !details.IsNil() {
		if seconds := intOf(details.Elem(), "RetryAfterSeconds"); seconds > 0 {
			delay = secondsOf(int64(seconds))
		}
	}
	return clientError(httpStatus, status.New(code, message), delay, whole)
}

// clientError returns the Error for what a client reads of a response: its status, a text and a delay.
func clientError(httpStatus int, st *status.Status, delay *durationpb.Duration, whole error) *Error {
	r := contract.Read(st.Err())
	if httpStatus == r.HTTPStatus() && delay == nil {
		return fromReading(r, whole)
	}
	e := withStatus(r, httpStatus, whole, retryInfo(delay)...)
	e.hidesCause = true
	if httpStatus >= 500 && contract.HTTPStatus(r.Code) >= 500 {
		e.grpcMessage = r.Text
	}
	return e
}

// connectError reads a connect.Error. Its code has the number of the gRPC code.
func connectError(err, whole error) *Error {
	value := reflect.ValueOf(err)
	code := callOf(value.MethodByName("Code"))
	text, ok := err.(interface{ Message() string })
	if !ok || !code.IsValid() || !code.CanUint() || code.IsZero() {
		return nil
	}
	st := &spb.Status{Code: int32(code.Uint()), Message: text.Message()}
	if details := callOf(value.MethodByName("Details")); details.IsValid() && details.Kind() == reflect.Slice {
		for i := range details.Len() {
			if detail, ok := details.Index(i).Interface().(interface {
				Type() string
				Bytes() []byte
			}); ok {
				url := "type.googleapis.com/" + detail.Type()
				st.Details = append(st.Details, &anypb.Any{TypeUrl: url, Value: detail.Bytes()})
			}
		}
	}
	return fromReading(contract.Read(status.ErrorProto(st)), whole)
}

// twirpCodes are the codes of Twirp that google.rpc.Code does not have, or spells in another way.
var twirpCodes = map[string]codes.Code{
	"malformed": codes.InvalidArgument, "bad_route": codes.NotFound, "dataloss": codes.DataLoss,
}

// twirpError reads an error with the methods of twirp.Error. Twirp's clients make every call without a response an
// internal error. Its cause says more then, for example that the deadline passed.
func twirpError(err, whole error) *Error {
	text, ok := err.(interface {
		Msg() string
		MetaMap() map[string]string
	})
	if !ok {
		return nil
	}
	name := callOf(reflect.ValueOf(err).MethodByName("Code"))
	if !name.IsValid() || name.Kind() != reflect.String {
		return nil
	}
	code, ok := contract.CodeOfName(name.String())
	if !ok {
		code, ok = twirpCodes[name.String()]
	}
	if cause := errors.Unwrap(err); cause != nil && text.MetaMap()["cause"] != "" {
		ok = ok && contract.Read(cause).Code == codes.Unknown
	}
	if !ok {
		return nil
	}
	return fromReading(contract.Read(status.Error(code, text.Msg())), whole)
}

// errorCode returns the gRPC code of the status of an error.
func errorCode(httpStatus int) codes.Code {
	return (&Error{HTTPStatus: httpStatus}).code()
}

// fieldOf returns the value of an exported field, or nil.
func fieldOf(value reflect.Value, name string) any {
	if field := value.FieldByName(name); field.IsValid() && field.CanInterface() {
		return field.Interface()
	}
	return nil
}

// intOf returns the value of an exported field of an integer type, or 0.
func intOf(value reflect.Value, name string) int {
	if field := value.FieldByName(name); field.IsValid() && field.CanInt() {
		return int(field.Int())
	}
	return 0
}

// callOf calls a method without arguments. It returns the zero Value if the method has another signature.
func callOf(method reflect.Value) reflect.Value {
	if !method.IsValid() || method.Type().NumIn() != 0 || method.Type().NumOut() != 1 {
		return reflect.Value{}
	}
	return method.Call(nil)[0]
}
