package mapping

import (
	"errors"
	"net/http"
	"reflect"
	"slices"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/statusbridge/statusbridge/internal/contract"
)

// foreign is what an error of another library says.
type foreign struct {
	httpStatus int            // the exact status; 0 if that of the gRPC code counts
	status     *status.Status // nil if inner says more
	inner      error          // the error inside grpc-gateway's HTTPStatusError
	response   func() error   // reads a response that the error contains; nil without one
	retry      []*anypb.Any   // a RetryInfo that the status does not have
}

// ofGateway reports whether the error is an HTTPStatusError. A gRPC status beside it counts more.
func (f *foreign) ofGateway() bool { return f.status == nil && f.response == nil }

// foreignError finds an error of another library before any error with a gRPC status. The libraries are recognised
// by the names of their types and packages, and by exported fields and methods, so that no service has to import them.
func foreignError(err error) (found foreign, ok bool) {
	for err != nil {
		if found, ok = recognise(err); ok {
			return found, true
		}
		carrier, isCarrier := err.(contract.Carrier) //nolint:errorlint // this walks the chain
		if isCarrier && !hidesResponse(carrier) {
			return foreign{}, false
		}
		switch wrapper := err.(type) { //nolint:errorlint // this walks the chain
		case interface{ Unwrap() error }:
			err = wrapper.Unwrap()
		case interface{ Unwrap() []error }:
			i := slices.IndexFunc(wrapper.Unwrap(), func(err error) bool {
				found, ok = foreignError(err)
				return ok
			})
			return found, i >= 0
		default:
			return foreign{}, false
		}
	}
	return foreign{}, false
}

// hidesResponse reports whether an error with a gRPC status is one of gax. If it contains a googleapi.Error, the code is
// only near to the HTTP status, and the message may contain the body.
func hidesResponse(carrier contract.Carrier) bool {
	if _, ok := carrier.(interface{ HTTPCode() int }); !ok {
		return false
	}
	_, name := structOf(carrier)
	return name == "github.com/googleapis/gax-go/v2/apierror.APIError"
}

// recognise reads an error by its type.
func recognise(err error) (foreign, bool) {
	if value := reflect.ValueOf(err); value.Kind() == reflect.Pointer && value.IsNil() {
		return foreign{}, false
	}
	switch value, name := structOf(err); name {
	case "github.com/grpc-ecosystem/grpc-gateway/v2/runtime.HTTPStatusError":
		return gatewayError(value)
	case "google.golang.org/api/googleapi.Error":
		return googleError(value)
	case "k8s.io/apimachinery/pkg/api/errors.StatusError":
		return kubernetesError(value)
	case "connectrpc.com/connect.Error", "connectrpc.com/connect/v2.Error":
		return connectError(err)
	}
	return twirpError(err)
}

// structOf returns the struct that an error points to, and the name of its type with the package. The name is empty if
// the error is not a pointer to a struct, or nil.
func structOf(err error) (reflect.Value, string) {
	value := reflect.ValueOf(err)
	if value.Kind() != reflect.Pointer || value.Elem().Kind() != reflect.Struct {
		return reflect.Value{}, ""
	}
	kind := value.Elem().Type()
	return value.Elem(), kind.PkgPath() + "." + kind.Name()
}

// gatewayError reads a runtime.HTTPStatusError, with which services in the gateway's process choose a status.
func gatewayError(value reflect.Value) (foreign, bool) {
	inner, _ := fieldOf(value, "Err").(error)
	return foreign{httpStatus: intOf(value, "HTTPStatus"), inner: inner}, true
}

// googleError reads a googleapi.Error, which contains the response.
func googleError(value reflect.Value) (foreign, bool) {
	httpStatus := intOf(value, "Code")
	if !contract.IsError(httpStatus) {
		return foreign{}, false
	}
	header, _ := fieldOf(value, "Header").(http.Header)
	body, _ := fieldOf(value, "Body").(string)
	if _, ok := contract.ReadBody(httpStatus, header, []byte(body)); ok {
		return foreign{response: func() error { return FromHTTP(httpStatus, header, []byte(body)) }}, true
	}
	message, _ := fieldOf(value, "Message").(string)
	st := status.New(errorCode(httpStatus), message)
	return foreign{httpStatus: httpStatus, status: st, retry: carry(retryAfter(header))}, true
}

// kubernetesError reads an errors.StatusError of client-go.
func kubernetesError(value reflect.Value) (foreign, bool) {
	value = value.FieldByName("ErrStatus")
	if !value.IsValid() || value.Kind() != reflect.Struct {
		return foreign{}, false
	}
	httpStatus := intOf(value, "Code")
	if !contract.IsError(httpStatus) {
		return foreign{}, false
	}
	code := errorCode(httpStatus)
	if reason := value.FieldByName("Reason"); reason.Kind() == reflect.String && reason.String() == "AlreadyExists" {
		code = codes.AlreadyExists
	}
	message, _ := fieldOf(value, "Message").(string)
	found := foreign{httpStatus: httpStatus, status: status.New(code, message)}
	if details := value.FieldByName("Details"); details.Kind() == reflect.Pointer && !details.IsNil() {
		if seconds := intOf(details.Elem(), "RetryAfterSeconds"); seconds > 0 {
			found.retry = carry(secondsOf(int64(seconds)))
		}
	}
	return found, true
}

// connectError reads a connect.Error. Its code has the number of the gRPC code.
func connectError(err error) (foreign, bool) {
	value := reflect.ValueOf(err)
	code := callOf(value.MethodByName("Code"))
	text, ok := err.(interface{ Message() string })
	if !ok || !code.IsValid() || !code.CanUint() {
		return foreign{}, false
	}
	st := &spb.Status{Code: int32(code.Uint()), Message: text.Message()}
	if details := callOf(value.MethodByName("Details")); details.IsValid() && details.Kind() == reflect.Slice {
		for i := range details.Len() {
			if detail, ok := details.Index(i).Interface().(interface {
				Type() string
				Bytes() []byte
			}); ok {
				st.Details = append(st.Details, &anypb.Any{TypeUrl: "type.googleapis.com/" + detail.Type(), Value: detail.Bytes()})
			}
		}
	}
	return foreign{status: status.FromProto(st)}, st.GetCode() != int32(codes.OK)
}

// twirpCodes are the codes of Twirp that google.rpc.Code does not have, or spells in another way.
var twirpCodes = map[string]codes.Code{
	"malformed": codes.InvalidArgument, "bad_route": codes.NotFound, "dataloss": codes.DataLoss,
}

// twirpError reads an error with the methods of twirp.Error. Twirp's clients make every call without a response an
// internal error. Its cause says more then, for example that the deadline passed.
func twirpError(err error) (foreign, bool) {
	text, ok := err.(interface {
		Msg() string
		MetaMap() map[string]string
	})
	if !ok {
		return foreign{}, false
	}
	name := callOf(reflect.ValueOf(err).MethodByName("Code"))
	if !name.IsValid() || name.Kind() != reflect.String {
		return foreign{}, false
	}
	code, ok := contract.CodeOfName(name.String())
	if !ok {
		code, ok = twirpCodes[name.String()]
	}
	if cause := errors.Unwrap(err); cause != nil && text.MetaMap()["cause"] != "" {
		ok = ok && contract.Read(cause).Code == codes.Unknown
	}
	return foreign{status: status.New(code, text.Msg())}, ok
}

// read returns the Error for what an error of another library says.
func (f foreign) read(err error) *Error {
	switch {
	case f.response != nil:
		e := FromError(f.response())
		e.cause = err
		return e
	case f.status != nil:
		r := contract.Read(f.status.Err())
		if f.httpStatus == 0 || f.httpStatus == r.HTTPStatus() && len(f.retry) == 0 {
			return fromReading(r, err)
		}
		e := withStatus(r, f.httpStatus, err, f.retry...)
		e.explicit = true
		if f.httpStatus >= http.StatusInternalServerError && contract.HTTPStatus(r.Code) >= http.StatusInternalServerError {
			e.text = r.Text // for gRPC callers, as a status would have it
		}
		return e
	case !contract.IsError(f.httpStatus):
		inner := f.inner
		if inner == nil {
			inner = errors.New("mapping: an HTTPStatusError without an error")
		}
		return fromReading(contract.Read(inner), err)
	}
	if f.inner == nil {
		return withStatus(contract.Reading{Code: errorCode(f.httpStatus)}, f.httpStatus, err)
	}
	r := contract.Read(f.inner)
	r.Code = errorCode(f.httpStatus)
	var others []*anypb.Any
	if r.Status != nil {
		others = decode(r.Status).others
	}
	return withStatus(r, f.httpStatus, err, others...)
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
